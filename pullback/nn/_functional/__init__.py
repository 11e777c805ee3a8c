"""The families of `nn.functional`, one a file: what is not an operation as it is."""
