"""More element-wise functions: of numbers as such, of angles, of logarithms, of complex numbers, of bits."""

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
from .unary import abs as magnitude
from .unary import conj, cos, exp, exp2, log, real, sin

LN2 = math.log(2)
_REAL = "biuc"  # refused: all kinds but real floating ones


def floating(input):
    """`input`, integers and bool converted to the default dtype."""
    if dtypes.category(dtype_of(input)) >= dtypes.FLOATING:
        return input
    return input.to(dtypes.get_default_dtype())


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
    "frac", lambda x: x - np.trunc(x), 1, refuses=_REAL, doc="The part behind the point: input - trunc(input)."
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
    "nextafter", np.nextafter, 1, 0, refuses=_REAL, doc="The next number after `input` on the way to `other`."
)
ldexp = elementwise(
    "ldexp",
    lambda x, y: x * np.exp2(_like(x, y)),
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
    refuses=_REAL,
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


_nan_to_num_op = Op("nan_to_num", _nan_to_num, (lambda g, x: g * isfinite(x),))


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
def _bound(name, ufunc, kept):
    return elementwise(
        name,
        ufunc,
        lambda x, y: where(kept(x, y), 1.0, 0.0),
        lambda x, y: where(kept(x, y), 0.0, 1.0),
        node=f"{name.title().replace('_', '')}Backward1",
        refuses="c",
        variants={"tn": f"{name.title().replace('_', '')}Backward0"},
        doc=f"`input`, but no {'less' if kept is ge else 'more'} than the bound.",
    )


clamp_min = _bound("clamp_min", np.maximum, ge)
clamp_max = _bound("clamp_max", np.minimum, le)


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


def _sinc_slope(x):
    a = x * math.pi
    return where(x == 0, 0.0, (a * cos(a) - sin(a)) / (where(x == 0, 1.0, a) * x + (x == 0)))


sinc = elementwise(
    "sinc", lambda x: np.sinc(x), _sinc_slope, kind="float", doc="sin(pi input) / (pi input), and 1 at 0."
)


# ---- logarithms ------------------------------------------------------------------------------------------------------------
def _like(x, y):
    """`y`, if it is a Python number in the dtype of `x`."""
    return y if hasattr(y, "dtype") else x.dtype.type(y)


def _xlogy(x, y):
    y = _like(x, y)
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
    refuses=_REAL,
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


_logit_op = Op("logit", _logit, (_logit_rule,))


@function(inplace=True, out=True)
def logit(input, eps=None):
    """log(input / (1 - input)), the inverse of sigmoid; with `eps`, of the input clamped to [eps, 1 - eps]."""
    return apply(_logit_op, (floating(input),), {"eps": eps})


# ---- complex numbers -------------------------------------------------------------------------------------------------------
def _angle(x):
    if x.dtype.kind == "c":
        return np.angle(x)
    return np.where(np.isnan(x), x, np.where(x < 0, x.dtype.type(math.pi), x.dtype.type(0)))


def _angle_rule(g, x):
    if dtype_of(x).kind != "c":
        return g * 0
    size = magnitude(x)
    return where(size == 0, 0.0, g / where(size == 0, 1.0, size * size)) * (x * 1j)


_angle_op = Op("angle", _angle, (_angle_rule,))
_conj_physical = Op("conj_physical", np.conj, (lambda g: conj(g),))
_polar = Op(
    "polar",
    lambda x, y: x * np.exp(1j * y),
    (lambda g, y: real(conj(g) * _polar(y * 0 + 1, y)), lambda g, o: real(conj(g) * (o * 1j))),
)


@function(out=True)
def angle(input):
    """The angle of a complex number in radians; of a negative one pi."""
    return _angle_op(floating(input))


@function(inplace=True, out=True)
def conj_physical(input):
    """The complex conjugate, computed; a real tensor is returned as it is."""
    return _conj_physical(input) if dtype_of(input).kind == "c" else input


@function(method=False, out=True)
def polar(abs, angle):
    """The complex numbers of the given magnitudes and angles. Raises RuntimeError unless both are float32 or float64."""
    first, second = dtype_of(abs), dtype_of(angle)
    if first == second == np.float16:
        raise NotImplementedError("\"polar_cpu\" not implemented for 'Half'")
    if not {first, second} <= {dtypes.F32, dtypes.F64, np.dtype(np.float16)}:
        raise RuntimeError(
            "Expected both inputs to be Half, Float or Double tensors but got "
            f"{errors.title(first)} and {errors.title(second)}"
        )
    if first != second:
        raise RuntimeError(
            f"Expected object of scalar type {errors.title(first)} but got scalar type {errors.title(second)} for "
            "second argument"
        )
    return _polar(abs, angle)


# ---- integers --------------------------------------------------------------------------------------------------------------
gcd = elementwise("gcd", np.gcd, refuses="bfcV", doc="The greatest common divisor of integers.")
lcm = elementwise("lcm", np.lcm, refuses="bfcV", doc="The least common multiple of integers.")
bitwise_left_shift = elementwise(
    "bitwise_left_shift", np.left_shift, refuses="bfcV", doc="input * 2 ** other, on the bits."
)
bitwise_right_shift = elementwise(
    "bitwise_right_shift", np.right_shift, refuses="bfcV", doc="input / 2 ** other, on the bits."
)


# ---- whether two tensors are alike -----------------------------------------------------------------------------------------
def _isclose(x, y, *, rtol, atol, equal_nan):
    same = x == y
    if equal_nan and x.dtype.kind in "fVc":
        same |= (x != x) & (y != y)
    if x.dtype.kind in "biu":
        x, y = x.astype(dtypes.F64), y.astype(dtypes.F64)
    gap = np.abs(x - y)
    return np.asarray(same | (np.isfinite(gap) & (gap <= atol + np.abs(rtol * y))))


_isclose_op = Op("isclose", _isclose, ())
_equal = Op("equal", lambda x, y: np.asarray(np.array_equal(x, y)), ())


@function
def isclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Where |input - other| <= atol + rtol * |other|. Raises RuntimeError on different dtypes."""
    if dtype_of(input) != dtype_of(other):
        raise RuntimeError(f"{errors.title(dtype_of(input))} did not match {errors.title(dtype_of(other))}")
    if rtol < 0:
        raise RuntimeError(f"rtol must be greater than or equal to zero, but got {rtol:g}")
    if atol < 0:
        raise RuntimeError(f"atol must be greater than or equal to zero, but got {atol:g}")
    return apply(_isclose_op, (input, other), {"rtol": rtol, "atol": atol, "equal_nan": equal_nan})


@function
def allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether `isclose` holds everywhere, as a Python bool. Raises RuntimeError on different dtypes."""
    return bool(isclose(input, other, rtol, atol, equal_nan).all())


@function
def equal(input, other):
    """Whether the two have the same shape and elements, as a Python bool."""
    for position, (name, value) in enumerate((("input", input), ("other", other)), 1):
        if not isinstance(value, Tensor):
            raise errors.not_tensor("equal", name, position, value)
    return bool(_equal(input, other))
