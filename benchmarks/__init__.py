"""How fast and how small pullback is, next to PyTorch, in the same run: `python -m benchmarks`."""
