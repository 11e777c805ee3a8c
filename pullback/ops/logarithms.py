"""Logarithms of sums and products, logit; and sinc."""

import math

import numpy as np

from .apply import apply
from .binary import ge, le, where
from .elementwise import elementwise
from .numeric import REAL, floating, like
from .public import function
from .record import Op
from .unary import cos, exp, log, sin


def _xlogy(x, y):
    y = like(x, y)
    return np.where((x == 0) & (y == y), x.dtype.type(0), x * np.log(y))


def _xlogy_slope(x, y):
    if not hasattr(y, "shape"):
        return where(x == 0, 0.0, log_number(y)) if y <= 0 else log_number(y)
    nothing = (x == 0) & le(y, 0)
    return where(nothing, 0.0, log(where(nothing, 1.0, y)))


def add_exponentials(x, y):
    """log(exp(x) + exp(y)) without overflow, of complex numbers too."""
    if x.dtype.kind != "c":
        return np.logaddexp(x, y)
    larger = np.where(x.real >= y.real, x, y)
    return np.where(larger.real == -np.inf, larger, larger + np.log(np.exp(x - larger) + np.exp(y - larger)))


def log_number(y):
    """The logarithm of a Python number, infinite or NaN where it is not positive."""
    return math.log(y) if y > 0 else -math.inf if y == 0 else math.nan


xlogy = elementwise(
    "xlogy",
    _xlogy,
    _xlogy_slope,
    lambda x, y: x / y,
    kind="float",
    refuses="c",
    variants={"tn": "XlogyBackward2", "nt": "XlogyBackward1"},
    doc="input * log(other), and 0 where `input` is 0.",
)
logaddexp = elementwise(
    "logaddexp",
    add_exponentials,
    lambda x, o: exp(x - o),
    lambda y, o: exp(y - o),
    inplace=False,
    refuses="biu",
    doc="log(exp(input) + exp(other)), without overflow.",
)
logaddexp2 = elementwise(
    "logaddexp2",
    np.logaddexp2,
    lambda x, o: 2 ** (x - o),
    lambda y, o: 2 ** (y - o),
    inplace=False,
    refuses=REAL,
    doc="log2(2^input + 2^other), without overflow.",
)


def _logit(x, *, eps):
    if eps is not None:
        x = np.clip(x, x.dtype.type(eps), x.dtype.type(1 - eps))
    return np.log(x / (1 - x))


def _logit_rule(g, x, eps):
    low, high = (0.0, 1.0) if eps is None else (eps, 1 - eps)
    inside = ge(x, low) & le(x, high)
    return where(inside, g / where(inside, x * (1 - x), 1.0), math.nan if eps is None else 0.0)


_logit_op = Op("logit", _logit, (_logit_rule,), symmetric=True)


@function(inplace=True, out=True)
def logit(input, eps=None):
    """log(input / (1 - input)), the inverse of sigmoid; with `eps`, of the input clamped to [eps, 1 - eps]."""
    return apply(_logit_op, (floating(input),), {"eps": eps})


# ---- sinc ------------------------------------------------------------------------------------------------------------------
def _sinc_slope(x):
    a = x * math.pi
    return where(x == 0, 0.0, (a * cos(a) - sin(a)) / (where(x == 0, 1.0, a) * x + (x == 0)))


sinc = elementwise(
    "sinc", lambda x: np.sinc(x), _sinc_slope, kind="float", doc="sin(pi input) / (pi input), and 1 at 0."
)
