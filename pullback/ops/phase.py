"""Complex numbers: their angle, their conjugate, polar coordinates."""

import math

import numpy as np

from .. import dtypes, errors
from .binary import where
from .numeric import floating
from .public import function
from .record import Op
from .reduce import dtype_of
from .unary import abs as magnitude
from .unary import conj, real


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
_conj_physical = Op("conj_physical", np.conj, (lambda g: conj(g),), linear=True)
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
