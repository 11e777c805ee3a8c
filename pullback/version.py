"""The versions: pullback's own, in the one place that all others read, and that of the PyTorch it behaves as."""

PULLBACK = "0.1.0"
TORCH = "2.13.0"

# What a program finds as `torch.__version__` and `torch.version.__version__`, and may compare with.
__version__ = f"{TORCH}+pullback{PULLBACK}"

cuda = None  # PyTorch's names for what it was built with
hip = None
debug = False
