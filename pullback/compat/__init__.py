"""Running code that was written for something else: for `torch` itself, and for the `torch` of before 0.4."""
