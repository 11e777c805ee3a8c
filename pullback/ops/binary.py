"""Element-wise functions of several tensors, and of tensors and Python numbers."""

import math

import numpy as np

from .. import dtypes, errors, shapes
from ..graph import Tensor, wrap
from .apply import apply
from .choose import select
from .elementwise import elementwise
from .public import function
from .record import Op
from .unary import floor, log, trunc


def _no_rule(name):
    def rule(o):
        raise RuntimeError(f"derivative for aten::{name} is not implemented")

    return rule


def _floor_divide(x, y):
    if x.dtype.kind in "iu" and not np.all(y):
        raise RuntimeError("ZeroDivisionError")
    return np.floor_divide(x, y)


def _trunc_divide(x, y):
    if x.dtype.kind not in "iu":
        return np.trunc(x / y)
    down = _floor_divide(x, y)
    return down + ((down < 0) & (down * y != x))


def _remainder(x, y):
    if x.dtype.kind in "iu" and not np.all(y):
        raise RuntimeError("ZeroDivisionError")
    return np.remainder(x, y)


def _fmod(x, y):
    if x.dtype.kind in "iu" and not np.all(y):
        raise RuntimeError("ZeroDivisionError")
    return np.fmod(x, y)


def _power(x, y):
    if x.dtype.kind in "iu" and np.any(y < 0):  # 1 / x**-y rounded towards zero
        odd = np.where(y % 2 == 0, 1, -1).astype(x.dtype)
        return np.where(y >= 0, x ** np.maximum(y, 0), np.where(x == 1, 1, np.where(x == -1, odd, 0))).astype(x.dtype)
    if x.dtype == dtypes.B8:  # to the power of the number True or False
        return x | ~y
    return x**y  # the operator knows squares and roots; np.power does not


def _inverse(y):
    try:
        return 1 / y
    except ZeroDivisionError:  # of a Python number
        return math.copysign(math.inf, y)


def _no_reciprocal(operands):
    base, exponent = operands
    if getattr(exponent, "dtype", None) == dtypes.B8 and (type(base) is bool or getattr(base, "dtype", None) == dtypes.B8):
        raise errors.refused("pow", dtypes.B8)
    if type(exponent) is int and exponent < 0 and getattr(base, "dtype", None) is not None and base.dtype.kind in "iu":
        raise RuntimeError("Integers to negative integer powers are not allowed.")


def _no_bool(operands):
    bools = [type(v) is bool or getattr(v, "dtype", None) == dtypes.B8 for v in operands]
    if any(bools):
        raise RuntimeError(errors.BOOL_SUB if all(bools) else errors.BOOL_SUB_ONE)


_add = elementwise("add", np.add, 1, 1, lower="fadd", public=False)
_sub = elementwise("sub", np.subtract, 1, -1, lower="fsub", check=_no_bool, public=False)
mul = elementwise("mul", np.multiply, lambda y: y, lambda x: x, lower="fmul", doc="The product of the two.")
_rsub = elementwise("rsub", lambda x, y: np.subtract(y, x), -1, 1, variants={"tn": "RsubBackward1"}, check=_no_bool,
                    inplace=False, out=False, public=False)
_div = elementwise("div", np.true_divide, lambda y: _inverse(y), lambda x, y: -x / (y * y), kind="float", lower="fdiv",
                   public=False)
floor_divide = elementwise("floor_divide", _floor_divide, _no_rule("floor_divide"), _no_rule("floor_divide"), refuses="bc",
                           node="NotImplemented", doc="The quotient rounded down.")
_div_floor = elementwise("div_floor", _floor_divide, 0, 0, refuses="bc", node="DivBackward2", public=False)
_div_trunc = elementwise("div_trunc", _trunc_divide, 0, 0, refuses="bc", node="DivBackward2", public=False)
remainder = elementwise("remainder", _remainder, 1, lambda x, y: -floor(x / y), refuses="bc",
                        node="RemainderBackward1", variants={"tn": "RemainderBackward0"},
                        doc="The remainder of `floor_divide`: its sign is that of `other`.")
fmod = elementwise("fmod", _fmod, 1, lambda x, y: -trunc(x / y), refuses="bc", node="FmodBackward1",
                   variants={"tn": "FmodBackward0"}, doc="The remainder whose sign is that of `input`.")
pow = elementwise("pow", _power, lambda x, y: _pow_base(x, y), lambda x, y, o: _pow_exponent(x, y, o), lower="pow",
                  second="exponent", check=_no_reciprocal, node="PowBackward1",
                  variants={"tn": "PowBackward0", "nt": "PowBackward2"},
                  doc="`input` to the power of `exponent`. Raises RuntimeError for integers to a negative integer.")
atan2 = elementwise("atan2", np.arctan2, lambda x, y: y / (x * x + y * y), lambda x, y: -x / (x * x + y * y), kind="float",
                    doc="The angle of the point (other, input), in radians.")
maximum = elementwise("maximum", np.maximum, lambda x, y: _larger(x, y), lambda x, y: _larger(y, x), lower="fmax",
                      inplace=False, refuses="c", doc="The larger of the two; NaN if one is. A tie shares the gradient.")
minimum = elementwise("minimum", np.minimum, lambda x, y: _larger(y, x), lambda x, y: _larger(x, y), lower="fmin",
                      inplace=False, refuses="c", doc="The smaller of the two; NaN if one is. A tie shares the gradient.")


def _pow_base(x, y):
    """y x^(y-1), and 0 where y is 0 even if x is 0 too."""
    if type(y) in (int, float):
        return y * x ** (y - 1) if y != 2 else 2 * x
    return where(y == 0, 0.0, y * x ** (y - 1))


def _pow_exponent(x, y, o):
    """o ln x; where the base is 0 and the exponent not negative, 0."""
    return where((x == 0) & (y >= 0), 0.0, o * log(x)) if hasattr(x, "shape") else o * _log_number(x, o)


def _log_number(x, o):
    return float(np.log(np.float64(x))) if not isinstance(x, complex) else complex(np.log(x))


def _larger(x, y):
    return where(x == y, 0.5, where(x < y, 0.0, 1.0))


# ---- comparisons and logic: bool results, no gradients -------------------------------------------------------------------
def _compare(name, forward, doc, refuses="", check=None):
    return elementwise(name, forward, kind="compare", doc=doc, refuses=refuses, check=check)


def _logical(name):
    def check(operands):
        if isinstance(operands[1], (int, float, bool, complex)):
            raise errors.not_tensor(name, "other", 2, operands[1])

    return check


eq = _compare("eq", np.equal, "Whether the two are equal.")
ne = _compare("ne", np.not_equal, "Whether the two differ.")
lt = _compare("lt", np.less, "Whether `input` is smaller.", refuses="c")
le = _compare("le", np.less_equal, "Whether `input` is smaller or equal.", refuses="c")
gt = _compare("gt", np.greater, "Whether `input` is larger.", refuses="c")
ge = _compare("ge", np.greater_equal, "Whether `input` is larger or equal.", refuses="c")
logical_and = _compare("logical_and", np.logical_and, "Whether both are nonzero.",
                       check=_logical("logical_and"))
logical_or = _compare("logical_or", np.logical_or, "Whether one is nonzero.",
                       check=_logical("logical_or"))
logical_xor = _compare("logical_xor", np.logical_xor, "Whether exactly one is nonzero.",
                       check=_logical("logical_xor"))
logical_not = _compare("logical_not", np.logical_not, "Whether `input` is zero.")
bitwise_and = elementwise("bitwise_and", np.bitwise_and, doc="Bits set in both; integers and bool only.")
bitwise_or = elementwise("bitwise_or", np.bitwise_or, doc="Bits set in one; integers and bool only.")
bitwise_xor = elementwise("bitwise_xor", np.bitwise_xor, doc="Bits set in exactly one; integers and bool only.")
bitwise_not = elementwise("bitwise_not", np.invert, doc="Bits flipped; integers and bool only.")
isnan = elementwise("isnan", np.isnan, inplace=False, out=False, doc="Where `input` is NaN.")
isinf = elementwise("isinf", np.isinf, inplace=False, out=False, doc="Where `input` is infinite.")
isfinite = elementwise("isfinite", np.isfinite, inplace=False, out=False, doc="Where `input` is neither infinite nor NaN.")


# ---- with more arguments -------------------------------------------------------------------------------------------------
def _scaled(input, other, alpha):
    """`alpha * other` in other's own dtype. Raises torch's RuntimeError where alpha's type is above that of the result."""
    values = [v._array if isinstance(v, Tensor) else v for v in (input, other)]
    result = dtypes.category(dtypes.result_numpy(values))
    if isinstance(alpha, bool) and result != dtypes.BOOL:
        raise RuntimeError("Boolean alpha only supported for Boolean results.")
    if isinstance(alpha, float) and result < dtypes.FLOATING:
        raise RuntimeError("For integral input tensors, argument alpha must not be a floating point number.")
    if isinstance(alpha, complex) and result < dtypes.COMPLEX:
        raise RuntimeError("For non-complex input tensors, argument alpha must not be a complex number.")
    scaled = mul(other, alpha) if isinstance(other, Tensor) or hasattr(other, "shape") else other * alpha
    return scaled.to(other.dtype) if isinstance(other, Tensor) else scaled


@function(inplace=True, out=True, element=_add)
def add(input, other, *, alpha=1):
    """`input + alpha * other`. Raises RuntimeError on shapes that do not broadcast."""
    return _add(input, other if alpha == 1 and type(alpha) is int else _scaled(input, other, alpha))


@function(inplace=True, out=True, element=_sub)
def sub(input, other, *, alpha=1):
    """`input - alpha * other`. Raises RuntimeError on two bool tensors, and on shapes that do not broadcast."""
    return _sub(input, other if alpha == 1 and type(alpha) is int else _scaled(input, other, alpha))


@function(method=False, element=_rsub)
def rsub(input, other, *, alpha=1):
    """`other - alpha * input`. Raises RuntimeError on bool tensors."""
    return _rsub(input if alpha == 1 else mul(input, alpha), other)


@function(inplace=True, out=True, element=_div)
def div(input, other, *, rounding_mode=None):
    """The quotient; `rounding_mode` "trunc" or "floor" rounds it. Integers divide to floating numbers unless rounded."""
    if rounding_mode is None:
        return _div(input, other)
    if rounding_mode not in ("floor", "trunc"):
        raise RuntimeError(f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'")
    return _div_floor(input, other) if rounding_mode == "floor" else _div_trunc(input, other)


def _select(c, x, y):
    return select(c, x, y)


_where = Op("where", _select, (None, lambda g, c: where(c, g, 0.0), lambda g, c: where(c, 0.0, g)), linear=True)
_clamp = Op("clamp", lambda x, low, high: np.clip(x, low, high),
            (lambda g, x, low, high: where(_inside(x, low, high), g, 0.0),
             lambda g, x, low, high: where(x < low if high is None else (x < low) & (low < high), g, 0.0),
             lambda g, x, low, high: where(x > high if low is None else (x > high) | (high < low), g, 0.0)),
            variants={"tnn": "ClampBackward1"}, symmetric=True)


def _inside(x, low, high):
    if low is None or high is None:
        return x <= high if low is None else x >= low
    return (x >= low) & (x <= high)


def in_common_dtype(values):
    """The tensors among `values` converted to their common dtype, Python numbers left as they are."""
    given = [v._array if isinstance(v, Tensor) else v for v in values if v is not None]
    if not any(isinstance(v, Tensor) for v in values):
        return values
    target = dtypes.result_numpy(given)
    return [v.to(dtypes.of(target)) if isinstance(v, Tensor) and v._array.dtype != target else
            target.type(v) if type(v) in (int, float, bool, complex) else v for v in values]


@function(method=False)
def where(condition, input=None, other=None):
    """`input` where `condition` holds, else `other`, broadcast together. With `condition` alone: its nonzero indices.

    Raises RuntimeError unless the condition is bool.
    """
    if input is None:
        return condition.nonzero(as_tuple=True)
    if isinstance(condition, Tensor) and condition._array.dtype not in (dtypes.B8, np.uint8):
        raise RuntimeError(f"where expected condition to be a boolean tensor, but got a tensor with dtype "
                           f"{errors.title(condition._array.dtype)}")
    if isinstance(condition, Tensor) and not isinstance(input, Tensor) and not isinstance(other, Tensor):
        input = wrap(np.asarray(input, dtype=dtypes.result_numpy([input, other])))
    if isinstance(condition, Tensor):
        shapes.broadcast(condition._array.shape, *[v._array.shape for v in (input, other) if isinstance(v, Tensor)])
    return apply(_where, (condition, *in_common_dtype((input, other))), {})


_BOUND = (Tensor, int, float, complex, type(None), np.generic)


def _check_clamp(input, *limits):
    given = [v._array if isinstance(v, Tensor) else v for v in (input, *limits) if v is not None]
    if input._array.dtype.kind in "fV" and any(type(v) is complex for v in limits):
        raise RuntimeError("value cannot be converted to type double without overflow")
    result = dtypes.result_numpy(given)
    if result.kind == "c" or (result.kind == "b" and any(type(v) is bool for v in limits)):
        raise errors.refused("clamp", result)


@function(inplace=True, out=True)
def clamp(input, min=None, max=None):
    """`input` limited to [min, max], numbers or tensors, either of which may be None. Outside the gradient is zero.

    Raises RuntimeError if both are None.
    """
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    kinds = {isinstance(bound, Tensor) for bound in (min, max) if bound is not None}
    if isinstance(input, Tensor) and (len(kinds) > 1 or not all(isinstance(bound, _BOUND) for bound in (min, max))):
        names = ", ".join(errors.type_name(value) for value in (input, min, max) if value is not None)
        raise TypeError(f"clamp() received an invalid combination of arguments - got ({names}), but expected one of:\n"
                        " * (Tensor input, Tensor min = None, Tensor max = None, *, Tensor out = None)\n"
                        " * (Tensor input, Number min = None, Number max = None, *, Tensor out = None)\n")
    if isinstance(input, Tensor):
        _check_clamp(input, min, max)
    return apply(_clamp, tuple(in_common_dtype((input, min, max))), {})


def _interpolate(x, y, z):
    """x + z (y - x), reckoned from the nearer end, so that 0 and 1 give x and y exactly."""
    step = y - x
    return np.where(np.abs(z) < 0.5, x + z * step, y - step * (1 - z)).astype(x.dtype)


_lerp = elementwise("lerp", _interpolate, lambda z: 1 - z, lambda z: z, lambda x, y: y - x, node="LerpBackward1", public=False)
_lerp_number = Op("lerp_number", lambda x, y, *, weight: _interpolate(x, y, weight),
                  (lambda g, weight: g * (1 - weight), lambda g, weight: g * weight), node="LerpBackward0")


@function(inplace=True, out=True)
def lerp(input, end, weight):
    """`input + weight * (end - input)`: from `input` at weight 0 to `end` at 1. All of one floating dtype.

    Raises RuntimeError on other dtypes.
    """
    for name, value in (("end", end), ("weight", weight)):
        if isinstance(value, Tensor) and isinstance(input, Tensor) and value.dtype != input.dtype and (
                name == "end" or value._array.ndim):
            raise RuntimeError(f"expected dtype {_spelled(input)} for `{name}` but got dtype {_spelled(value)}")
    if isinstance(input, Tensor) and not isinstance(end, (Tensor, np.ndarray)):
        raise errors.not_tensor("lerp", "end", 2, end)
    if isinstance(input, Tensor) and dtypes.category(input._array.dtype) < dtypes.FLOATING:
        kernel = "tensor" if isinstance(weight, Tensor) else "scalar"
        raise NotImplementedError(f"\"lerp_kernel_{kernel}\" not implemented for '{errors.title(input._array.dtype)}'")
    if isinstance(weight, (int, float, complex)):
        shapes.broadcast(*[v.shape for v in (input, end) if hasattr(v, "shape")])
        return _lerp_number(input, end, weight=weight)
    return _lerp(input, end, weight)


def _spelled(tensor):
    """The name of a tensor's dtype in C: float, double, long, ..."""
    return errors.title(tensor._array.dtype).lower()

