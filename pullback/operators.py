"""What Python's operators do with tensors: the operations of the same names; strangers are left to their own operators."""

import numpy as np

from . import ops
from .graph import Tensor
from .ops import binary, unary
from .ops.registry import FUNCTIONS


def _reflected(call):
    def method(self, other):
        if not isinstance(other, (Tensor, float, int, bool, complex, np.ndarray, np.generic)):
            return NotImplemented
        return call(other, self)

    return method


def _divides(other, self):
    return unary.reciprocal(self) * other


def _shifting(name, reflected=False):
    """The operator that shifts bits."""

    def method(self, other):
        if not isinstance(other, (Tensor, int, np.ndarray, np.generic)):
            return NotImplemented
        shift = getattr(ops, name)
        return shift(other, self) if reflected else shift(self, other)

    return method


def _product(self, other):
    return FUNCTIONS["matmul"].call(self, other) if isinstance(other, (Tensor, np.ndarray)) else NotImplemented


def _reflected_product(self, other):
    return FUNCTIONS["matmul"].call(other, self) if isinstance(other, (Tensor, np.ndarray)) else NotImplemented


def _inverted(self):
    if self._array.dtype.kind not in "iub":
        raise TypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors")
    return binary.bitwise_not(self)


def _assigning(name):
    """The in-place operator (`x += y`) of the in-place method `name`."""

    def method(self, other):
        if not isinstance(other, (Tensor, float, int, bool, complex, np.ndarray, np.generic)):
            return NotImplemented
        return getattr(self, name)(other)

    return method


def _operator(name):
    return FUNCTIONS[name].element.operator


OPERATORS = {
    "__add__": _operator("add"), "__radd__": _operator("add"), "__iadd__": _assigning("add_"),
    "__sub__": _operator("sub"), "__rsub__": _operator("rsub"), "__isub__": _assigning("sub_"),
    "__mul__": _operator("mul"), "__rmul__": _operator("mul"), "__imul__": _assigning("mul_"),
    "__truediv__": _operator("div"), "__rtruediv__": _reflected(_divides), "__itruediv__": _assigning("div_"),
    "__floordiv__": _operator("floor_divide"), "__rfloordiv__": _reflected(binary.floor_divide),
    "__ifloordiv__": _assigning("floor_divide_"),
    "__mod__": _operator("remainder"), "__rmod__": _reflected(binary.remainder), "__imod__": _assigning("remainder_"),
    "__pow__": _operator("pow"), "__rpow__": _reflected(binary.pow), "__ipow__": _assigning("pow_"),
    "__eq__": _operator("eq"), "__ne__": _operator("ne"), "__lt__": _operator("lt"), "__le__": _operator("le"),
    "__gt__": _operator("gt"), "__ge__": _operator("ge"),
    "__and__": _operator("bitwise_and"), "__rand__": _operator("bitwise_and"), "__iand__": _assigning("bitwise_and_"),
    "__or__": _operator("bitwise_or"), "__ror__": _operator("bitwise_or"), "__ior__": _assigning("bitwise_or_"),
    "__xor__": _operator("bitwise_xor"), "__rxor__": _operator("bitwise_xor"), "__ixor__": _assigning("bitwise_xor_"),
    "__neg__": unary.neg, "__pos__": lambda self: self, "__abs__": FUNCTIONS["abs"].call,
    "__invert__": _inverted,
    "__lshift__": _shifting("bitwise_left_shift"), "__rlshift__": _shifting("bitwise_left_shift", reflected=True),
    "__rshift__": _shifting("bitwise_right_shift"), "__rrshift__": _shifting("bitwise_right_shift", reflected=True),
    "__ilshift__": _assigning("bitwise_left_shift_"), "__irshift__": _assigning("bitwise_right_shift_"),
    "__matmul__": _product, "__rmatmul__": _reflected_product,
    "__hash__": object.__hash__,
}
