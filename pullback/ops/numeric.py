"""More element-wise functions: of numbers as such, of degrees, of bits."""

import math

import numpy as np

from .. import dtypes, errors
from ..graph import Tensor
from .apply import apply
from .binary import _no_rule as no_rule
from .binary import ge, isfinite, le, pow, where
from .elementwise import elementwise
from .public import function
from .record import Op
from .reduce import dtype_of
from .unary import exp2

LN2 = math.log(2)
REAL = "biuc"  # refused: all kinds but real floating ones


def floating(input):
    """`input`, integers and bool converted to the default dtype."""
    if dtypes.category(dtype_of(input)) >= dtypes.FLOATING:
        return input
    return input.to(dtypes.get_default_dtype())


def like(x, y):
    """`y`, if it is a Python number in the dtype of `x`."""
    return y if hasattr(y, "dtype") else x.dtype.type(y)


# ---- numbers as such -----------------------------------------------------------------------------------------------------
def _square(x):
    return np.square(x.astype(np.int64) if x.dtype == dtypes.B8 else x)


def _copied_sign(x, y, o):
    """d copysign(x, y) / dx: 1 or -1, and 0 where x is 0."""
    return where(x == 0, 0.0, o / where(x == 0, 1.0, x))


def _same_dtype(operands):
    first, second = [getattr(value, "dtype", None) for value in operands]
    if first != second:
        raise RuntimeError("heaviside is not yet implemented for tensors with different dtypes.")


square = elementwise("square", _square, lambda x: 2 * x, node="PowBackward0", doc="input * input.")
frac = elementwise(
    "frac", lambda x: x - np.trunc(x), 1, refuses=REAL, doc="The part behind the point: input - trunc(input)."
)
copysign = elementwise(
    "copysign",
    np.copysign,
    _copied_sign,
    0,
    kind="float",
    refuses="c",
    variants={"tn": "CopysignBackward1"},
    doc="The magnitude of `input` with the sign of `other`.",
)
heaviside = elementwise(
    "heaviside",
    lambda x, y: np.heaviside(x, y).astype(x.dtype),
    no_rule("heaviside"),
    no_rule("heaviside"),
    node="NotImplemented",
    refuses="c",
    check=_same_dtype,
    second="values",
    doc="0 below zero, 1 above, `values` at zero. Raises RuntimeError on two dtypes.",
)
fmax = elementwise(
    "fmax",
    np.fmax,
    lambda x, y: where(ge(x, y) | (y != y), 1.0, 0.0),
    lambda x, y: where(ge(x, y) | (y != y), 0.0, 1.0),
    inplace=False,
    refuses="c",
    doc="The larger of the two; of a number and a NaN the number.",
)
fmin = elementwise(
    "fmin",
    np.fmin,
    lambda x, y: where(le(x, y) | (y != y), 1.0, 0.0),
    lambda x, y: where(le(x, y) | (y != y), 0.0, 1.0),
    inplace=False,
    refuses="c",
    doc="The smaller of the two; of a number and a NaN the number.",
)
nextafter = elementwise(
    "nextafter", np.nextafter, 1, 0, refuses=REAL, doc="The next number after `input` on the way to `other`."
)
ldexp = elementwise(
    "ldexp",
    lambda x, y: x * np.exp2(like(x, y)),
    lambda y: exp2(y) if hasattr(y, "shape") else 2.0**y,
    lambda o: o * LN2,
    kind="float",
    doc="input * 2 ** other.",
)
hypot = elementwise(
    "hypot",
    np.hypot,
    lambda x, o: x / o,
    lambda y, o: y / o,
    refuses=REAL,
    doc="sqrt(input^2 + other^2), without overflow.",
)


def _compared(name, forward, doc):
    return elementwise(name, forward, kind="compare", inplace=False, doc=doc)


signbit = _compared(
    "signbit", lambda x: np.signbit(x) if x.dtype.kind in "fV" else x < 0, "Whether the sign bit is set."
)
isposinf = _compared("isposinf", lambda x: x == np.inf, "Where `input` is positive infinity.")
isneginf = _compared("isneginf", lambda x: x == -np.inf, "Where `input` is negative infinity.")
isreal = _compared(
    "isreal", lambda x: x.imag == 0 if x.dtype.kind == "c" else np.ones(x.shape, bool), "Where the imaginary part is 0."
)


def _nan_to_num(x, *, nan, posinf, neginf):
    if x.dtype.kind not in "fVc":
        return x.copy()
    limits = np.finfo(x.real.dtype) if x.dtype.kind != "V" else dtypes.ml_dtypes.finfo(x.dtype)
    high = float(limits.max) if posinf is None else posinf
    low = float(limits.min) if neginf is None else neginf
    if x.dtype.kind == "V":
        return np.where(np.isnan(x), nan or 0, np.where(x == np.inf, high, np.where(x == -np.inf, low, x))).astype(
            x.dtype
        )
    return np.nan_to_num(x, nan=nan or 0.0, posinf=high, neginf=low)


_nan_to_num_op = Op("nan_to_num", _nan_to_num, (lambda g, x: g * isfinite(x),), symmetric=True)


@function(inplace=True, out=True)
def nan_to_num(input, nan=None, posinf=None, neginf=None):
    """NaN replaced by `nan` (0), infinities by `posinf` and `neginf` (the largest and the lowest number there is)."""
    return apply(_nan_to_num_op, (input,), {"nan": nan, "posinf": posinf, "neginf": neginf})


_round = elementwise("round", lambda x: np.round(x), 0, refuses="bc", public=False)
_round_to = Op(
    "round_decimals", lambda x, *, decimals: np.round(x, decimals), (lambda g: g * 0,), node="RoundBackward1"
)


@function(inplace=True, out=True, element=_round)
def round(input, *, decimals=0):
    """The nearest number of `decimals` places behind the point, of two the even one; the gradient is zero.

    Raises NotImplementedError on integers with `decimals`, and on bool and complex.
    """
    if decimals == 0:
        return _round(input)
    if dtype_of(input).kind not in "fV":
        raise NotImplementedError(f"\"round_cpu\" not implemented for '{errors.title(dtype_of(input))}'")
    return apply(_round_to, (input,), {"decimals": decimals})


@function
def positive(input):
    """The tensor itself. Raises RuntimeError on bool."""
    if dtype_of(input) == dtypes.B8:
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return input


def _widest(value):
    """A tensor or number in the precision float_power works in."""
    if not isinstance(value, Tensor):
        return value
    return value.to(dtypes.complex128 if dtype_of(value).kind == "c" else dtypes.float64)


@function(inplace=True, out=True)
def float_power(input, exponent):
    """`input` to the power of `exponent` in double precision."""
    return pow(_widest(input), _widest(exponent))


# ---- limits ----------------------------------------------------------------------------------------------------------------
def _bound(name, ufunc, kept, second):
    return elementwise(
        name,
        ufunc,
        lambda x, y: where(kept(x, y), 1.0, 0.0),
        lambda x, y: where(kept(x, y), 0.0, 1.0),
        node=f"{name.title().replace('_', '')}Backward1",
        refuses="c",
        variants={"tn": f"{name.title().replace('_', '')}Backward0"},
        second=second,
        doc=f"`input`, but no {'less' if kept is ge else 'more'} than the bound.",
    )


clamp_min = _bound("clamp_min", np.maximum, ge, "min")
clamp_max = _bound("clamp_max", np.minimum, le, "max")


# ---- angles ----------------------------------------------------------------------------------------------------------------
rad2deg = elementwise(
    "rad2deg",
    lambda x: x * x.dtype.type(180 / math.pi),
    180 / math.pi,
    kind="float",
    refuses="c",
    node="Rad2DegBackward0",
    doc="Radians to degrees.",
)
deg2rad = elementwise(
    "deg2rad",
    lambda x: x * x.dtype.type(math.pi / 180),
    math.pi / 180,
    kind="float",
    refuses="c",
    node="Deg2RadBackward0",
    doc="Degrees to radians.",
)


# ---- integers --------------------------------------------------------------------------------------------------------------
gcd = elementwise("gcd", np.gcd, refuses="bfcV", doc="The greatest common divisor of integers.")
lcm = elementwise("lcm", np.lcm, refuses="bfcV", doc="The least common multiple of integers.")
bitwise_left_shift = elementwise(
    "bitwise_left_shift", np.left_shift, refuses="bfcV", doc="input * 2 ** other, on the bits."
)
bitwise_right_shift = elementwise(
    "bitwise_right_shift", np.right_shift, refuses="bfcV", doc="input / 2 ** other, on the bits."
)
