"""Samples of the element-wise functions of one tensor."""

import numpy as np

from .sample import Sample

rng = np.random.default_rng(0)
ANY = rng.standard_normal((3, 4)) * 1.5
POSITIVE = rng.uniform(0.2, 3.0, (3, 4))
INSIDE = rng.uniform(-0.9, 0.9, (2, 5))
ABOVE = rng.uniform(1.1, 4.0, (2, 5))
COMPLEX = rng.standard_normal((2, 3)) + 1j * rng.standard_normal((2, 3))


def _samples(ref, *arrays, **options):
    return [Sample((array,), ref=ref, **options) for array in arrays]


SAMPLES = {
    "neg": _samples(np.negative, ANY, COMPLEX),
    "reciprocal": _samples(np.reciprocal, POSITIVE, COMPLEX),
    "sqrt": _samples(np.sqrt, POSITIVE, COMPLEX),
    "rsqrt": _samples(lambda x: x**-0.5, POSITIVE),
    "exp": _samples(np.exp, ANY, COMPLEX),
    "exp2": _samples(np.exp2, ANY),
    "expm1": _samples(np.expm1, ANY),
    "log": _samples(np.log, POSITIVE, COMPLEX),
    "log2": _samples(np.log2, POSITIVE),
    "log10": _samples(np.log10, POSITIVE),
    "log1p": _samples(np.log1p, POSITIVE),
    "sin": _samples(np.sin, ANY, COMPLEX),
    "cos": _samples(np.cos, ANY, COMPLEX),
    "tan": _samples(np.tan, INSIDE),
    "asin": _samples(np.arcsin, INSIDE),
    "acos": _samples(np.arccos, INSIDE),
    "atan": _samples(np.arctan, ANY),
    "sinh": _samples(np.sinh, ANY),
    "cosh": _samples(np.cosh, ANY),
    "tanh": _samples(np.tanh, ANY, COMPLEX),
    "asinh": _samples(np.arcsinh, ANY),
    "acosh": _samples(np.arccosh, ABOVE),
    "atanh": _samples(np.arctanh, INSIDE),
    "floor": _samples(np.floor, ANY),
    "ceil": _samples(np.ceil, ANY),
    "trunc": _samples(np.trunc, ANY),
    "sign": _samples(np.sign, ANY),
    "sgn": _samples(lambda x: x / np.abs(x), ANY, COMPLEX),
    "abs": _samples(np.abs, ANY, COMPLEX),
    "sigmoid": _samples(lambda x: 1 / (1 + np.exp(-x)), ANY),
    "relu": _samples(lambda x: np.maximum(x, 0), ANY),
    "clone": _samples(np.copy, ANY, COMPLEX),
    "real": _samples(np.real, ANY, COMPLEX),
    "imag": _samples(np.imag, COMPLEX),
    "conj": _samples(np.conj, ANY, COMPLEX),
    "isnan": _samples(np.isnan, np.array([1.0, np.nan, np.inf])),
    "isinf": _samples(np.isinf, np.array([1.0, np.nan, -np.inf])),
    "isfinite": _samples(np.isfinite, np.array([1.0, np.nan, np.inf])),
    "logical_not": _samples(np.logical_not, np.array([0.0, 1.5, -2.0]), np.array([True, False])),
    "bitwise_not": _samples(np.invert, np.array([0, 5, -3]), np.array([True, False])),
}
