"""Arrays with a hidden batch axis, for `vmap`: `array.py` is such an array, `rules.py` tells how NumPy works on one."""

from .array import Batched, Level, Unbatchable, enter, leave, levels_of, samplewise, total
from .rules import RULES as _RULES

__all__ = ["Batched", "Level", "Unbatchable", "enter", "leave", "levels_of", "samplewise", "total"]

Batched.rules = _RULES
