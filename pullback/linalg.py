"""torch.linalg: products, cross products and norms."""

from .missing import missing_names as _missing_names
from .ops import FUNCTIONS as _FUNCTIONS

_NAMES = {"matmul": "matmul"} | {name.removeprefix("linalg_"): name for name in _FUNCTIONS if name.startswith("linalg_")}
__all__ = sorted(_NAMES)
globals().update({name: _FUNCTIONS[of].call for name, of in _NAMES.items()})
__getattr__ = _missing_names(__name__)
