"""Python numbers that are to become elements of a tensor."""

import numbers

import numpy as np

from .. import dtypes

_C_NAMES = {"float64": "double", "float32": "float", "float16": "at::Half", "bfloat16": "at::BFloat16", "bool": "bool",
            "complex64": "c10::complex<float>", "complex128": "c10::complex<double>"}


def is_number(value):
    """Whether `value` is a Python or NumPy number."""
    return isinstance(value, (numbers.Number, np.bool_))


def as_element(value, dtype):
    """`value`, a number, as one that the NumPy dtype can hold: floats lose their fraction in integers, negative integers
    wrap around in unsigned ones. Raises torch's RuntimeError where it cannot.
    """
    kind = dtype.kind
    if kind == "c":
        return value
    if not isinstance(value, (numbers.Real, np.bool_)):
        if value.imag:
            raise _overflow(dtype)
        value = value.real
    if kind == "f" or kind == "V":
        return value
    if kind == "b":
        return bool(value)
    if value != value or value in (float("inf"), float("-inf")):
        raise _overflow(dtype)
    whole, limits = int(value), np.iinfo(dtype)
    if limits.min <= value <= limits.max:
        return whole
    if kind == "u" and -limits.max <= whole < 0 and isinstance(value, numbers.Integral):
        return whole % (limits.max + 1)
    raise _overflow(dtype)


def _overflow(dtype):
    name = dtypes.of(dtype).name
    return RuntimeError(f"value cannot be converted to type {_C_NAMES.get(name, name + '_t')} without overflow")
