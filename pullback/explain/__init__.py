"""Why a tensor has a gradient or has none: `pullback.explain(tensor)`, and `with pullback.explain.track():` for the whole story.

The package is callable, so that `import pullback.explain`, `from pullback import explain` and `pullback.explain(t)` all work.
"""

import sys
from importlib import import_module
from types import ModuleType

from ..blame import notes
from ..graph import Tensor
from .gradient import explanation
from .tracking import off, on, track
from .words import Explanation, Reason, Step

__all__ = ["Explanation", "Reason", "Step", "off", "on", "track"]

_LAZY = {  # public name: the module of this package that has it
    "graph": "picture", "memory": "usage", "MemoryReport": "usage", "modules": "calls",
    "watch": "growth", "GraphWarning": "growth",
    "check": "verify", "CheckReport": "verify", "DerivativeError": "verify", "DerivativeWarning": "verify",
}


def explain(subject):
    """Why a tensor requires a gradient or not, and why its `.grad` is None; of an error, the lines that led to it.

    Returns an `Explanation`: print it, or read its fields. Raises TypeError on anything but a tensor or an exception.
    """
    if isinstance(subject, Tensor):
        return explanation(subject)
    if isinstance(subject, BaseException):
        return Explanation("\n".join([str(subject), *notes(subject)]))
    raise TypeError(f"explain() takes a tensor or an exception, not {type(subject).__name__}")


def __getattr__(name):
    if name not in _LAZY:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'", name=name, obj=sys.modules[__name__])
    value = globals()[name] = getattr(import_module(f".{_LAZY[name]}", __name__), name)
    return value


def __dir__():
    return sorted({*globals(), *_LAZY})


class _Callable(ModuleType):
    """The class of this module, which makes `pullback.explain(tensor)` a call of `explain`."""

    def __call__(self, subject):
        return explain(subject)


sys.modules[__name__].__class__ = _Callable
