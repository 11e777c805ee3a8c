"""`torch.serialization`: objects with tensors to files and back, in torch's own layout."""

from .reading import add_safe_globals, clear_safe_globals, get_safe_globals, load, safe_globals
from .writing import save

__all__ = ["add_safe_globals", "clear_safe_globals", "get_safe_globals", "load", "safe_globals", "save"]
