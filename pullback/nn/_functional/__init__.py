"""The families of `nn.functional`, one a file."""
