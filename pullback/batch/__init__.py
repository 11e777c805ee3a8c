"""Arrays with a hidden batch axis, for `vmap`: `array.py` is such an array, `rules.py` tells how NumPy works on one.

`crossing.py` leads in and out, `indexing.py` is for index arrays, `making.py` for what NumPy does not dispatch,
`random.py` for random numbers.
"""

from . import random
from .array import (
    MEMORY,
    Batched,
    Level,
    Unbatchable,
    at,
    batched,
    elementwise,
    innermost,
    levels_of,
    sample,
    samplewise,
)
from .crossing import enter, leave, total
from .making import copied, empty, everywhere, full, pick, row_major, take, whole, zeros
from .rules import RULES as _RULES

__all__ = ["MEMORY", "Batched", "Level", "Unbatchable", "at", "batched", "copied", "elementwise", "empty", "enter", "everywhere",
           "full", "innermost", "leave", "levels_of", "pick", "random", "row_major", "sample", "samplewise", "take", "total",
           "whole", "zeros"]

Batched.rules = _RULES
