"""Why a tensor has a gradient or has none: `pullback.explain(tensor)`, and `with pullback.explain.track():` for the whole story.

The package is callable, so that `import pullback.explain`, `from pullback import explain` and `pullback.explain(t)` all work.
"""

import sys
from importlib import import_module
from types import ModuleType

_LAZY = {"graph": "picture", "memory": "usage", "modules": "calls", "watch": "growth", "check": "verify",
         "MemoryReport": "usage", "GraphGrows": "growth", "DerivativeError": "verify", "DerivativeWarning": "verify"}  # public name: the module of this package that has it


def __getattr__(name):
    if name not in _LAZY:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'", name=name, obj=sys.modules[__name__])
    value = globals()[name] = getattr(import_module(f".{_LAZY[name]}", __name__), name)
    return value


def __dir__():
    return sorted({*globals(), *_LAZY})


class _Callable(ModuleType):
    """This module's class: calling the module explains its argument."""

    def __call__(self, subject):
        """Explain a tensor or an error."""
        from .causes import explain

        return explain(subject)


sys.modules[__name__].__class__ = _Callable
