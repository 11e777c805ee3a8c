"""Second names of functions."""

from . import binary, numeric, unary  # noqa: F401 - they register the functions named here
from .record import FUNCTIONS, Function

ALIASES = {
    "true_divide": "div", "divide": "div", "multiply": "mul", "subtract": "sub", "negative": "neg", "absolute": "abs",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh", "arccosh": "acosh",
    "arctanh": "atanh", "clip": "clamp", "fix": "trunc", "greater": "gt", "greater_equal": "ge", "less": "lt",
    "less_equal": "le", "not_equal": "ne",
}


def _alias(name, of):
    function = FUNCTIONS[of]
    FUNCTIONS[name] = Function(function.call, name, function.method, function.inplace, function.out, function.namespace,
                               function.element)


for _name, _of in ALIASES.items():
    if _of in FUNCTIONS and _name not in FUNCTIONS:
        _alias(_name, _of)
