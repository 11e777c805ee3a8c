"""Second names of functions."""

from . import binary, numeric, unary  # noqa: F401 - they register the functions named here
from .registry import FUNCTIONS, Function, register

ALIASES = {
    "true_divide": "div", "divide": "div", "multiply": "mul", "subtract": "sub", "negative": "neg", "absolute": "abs",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh", "arccosh": "acosh",
    "arctanh": "atanh", "clip": "clamp", "fix": "trunc", "greater": "gt", "greater_equal": "ge", "less": "lt",
    "less_equal": "le", "not_equal": "ne",
}


def _alias(name, of):
    register(Function(of.call, name, of.method, of.inplace, of.out, of.namespace, of.element, family=__name__, bound=of.bound))


for _name, _of in ALIASES.items():
    _alias(_name, FUNCTIONS[_of])
