"""Samples of special functions and of the rarer element-wise ones."""

import math

import numpy as np

from . import binary, unary
from .sample import Sample

rng = np.random.default_rng(13)
ANY, OTHER = rng.standard_normal((3, 4)) * 1.5, rng.standard_normal((3, 4))
POSITIVE = rng.uniform(0.3, 4.0, (3, 4))
WIDE = np.linspace(-6.3, 6.3, 90)  # enough elements for the vectorised way
INSIDE = rng.uniform(-0.95, 0.95, (2, 5))
UNIT = rng.uniform(0.1, 0.9, (2, 5))
ROW = rng.standard_normal(4)
C = rng.standard_normal((2, 3)) + 1j * rng.standard_normal((2, 3))
I, J = np.array([12, -7, 5, 0]), np.array([8, 3, 2, 1])
MASK = rng.random((3, 4)) < 0.5
EXTREMES = np.array([np.nan, np.inf, -np.inf, 1.5])


def _on(ref, *args, **options):
    return [Sample(arrays if isinstance(arrays, tuple) else (arrays,), ref=ref, **options) for arrays in args]


def _erfinv(x):
    """By bisection of math.erf."""

    def inverse(y):
        low, high = -6.0, 6.0
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if math.erf(middle) < y else (low, middle)
        return (low + high) / 2

    return np.vectorize(inverse)(x)


def _polygamma(n):
    """By its series, the tail by Euler and Maclaurin."""

    def sum_of(x):
        s, N = n + 1, 2000
        head = math.fsum((x + k) ** -s for k in range(N))
        y = x + N
        return (
            (-1) ** (n + 1) * math.factorial(n) * (head + y ** (1 - s) / (s - 1) + y**-s / 2 + s * y ** (-s - 1) / 12)
        )

    return np.vectorize(sum_of)


def _digamma(x):
    """The limit of log(n) - sum 1 / (x + k), with the first terms of its error."""
    n = 2000
    total = np.log(x + n) - 0.5 / (x + n) - 1 / (12 * (x + n) ** 2)
    return total - sum(1 / (x + k) for k in range(n))


def _close(x, y, **options):
    return np.isclose(x, y, **{"rtol": 1e-5, "atol": 1e-8} | options)


SPECIAL = {
    "erf": _on(np.vectorize(math.erf), ANY, WIDE),
    "erfc": _on(np.vectorize(math.erfc), ANY, WIDE[10:]),
    "erfinv": _on(_erfinv, INSIDE, np.linspace(-0.99, 0.99, 80)),
    "lgamma": _on(np.vectorize(math.lgamma), POSITIVE, np.linspace(0.1, 25, 90), np.array([-0.5, -1.7, -3.2])),
    "digamma": _on(_digamma, POSITIVE, np.linspace(0.2, 15, 80), np.array([-0.5, -1.7])),
    "polygamma": [Sample((n, POSITIVE), ref=lambda n, x: _polygamma(n)(x), name=f"n={n}") for n in (1, 2, 3)]
    + [Sample((0, POSITIVE), ref=lambda n, x: _digamma(x))],
    "logit": [
        *_on(lambda x: np.log(x / (1 - x)), UNIT),
        Sample((INSIDE, 0.2), ref=lambda x, e: np.log(np.clip(x, e, 1 - e) / (1 - np.clip(x, e, 1 - e)))),
    ],
    "xlogy": _on(lambda x, y: x * np.log(y), (ANY, POSITIVE), (ROW, POSITIVE), (ANY, 2.5), (1.5, POSITIVE)),
    "sinc": _on(np.sinc, ANY),
    "logaddexp": _on(np.logaddexp, (ANY, OTHER), (ANY, ROW), (ANY + 900, OTHER + 900)),
    "logaddexp2": _on(np.logaddexp2, (ANY, OTHER), (ANY, ROW)),
}
NUMBERS = {
    "square": _on(np.square, ANY, C, I),
    "frac": _on(lambda x: x - np.trunc(x), ANY),
    "round": [
        *_on(np.round, ANY, I),
        Sample((ANY,), {"decimals": 2}, lambda x, decimals: np.round(x, decimals)),
        Sample((100 * ANY,), {"decimals": -1}, lambda x, decimals: np.round(x, decimals)),
    ],
    "copysign": _on(np.copysign, (ANY, OTHER), (ANY, -1.0), (ANY, ROW)),
    "heaviside": _on(np.heaviside, (ANY, OTHER), (I, J), grad=False),
    "fmax": _on(np.fmax, (ANY, OTHER), (I, J)) + _on(np.fmax, (EXTREMES, ROW), grad=False),
    "fmin": _on(np.fmin, (ANY, OTHER), (I, J)) + _on(np.fmin, (EXTREMES, ROW), grad=False),
    "nextafter": _on(np.nextafter, (ANY, OTHER), grad=False),
    "ldexp": _on(lambda x, y: x * 2.0**y, (ANY, OTHER), (ANY, I[:1] % 4)),
    "hypot": _on(np.hypot, (ANY, OTHER), (ANY, ROW)),
    "signbit": _on(np.signbit, ANY, np.array([-0.0, 0.0]), grad=False) + _on(lambda x: x < 0, I),
    "isposinf": _on(np.isposinf, EXTREMES, grad=False),
    "isneginf": _on(np.isneginf, EXTREMES, grad=False),
    "isreal": _on(np.isreal, C, C.real + 0j, I, grad=False),
    "nan_to_num": [
        *_on(lambda x: x, ANY),
        *_on(np.nan_to_num, EXTREMES, grad=False),
        Sample((EXTREMES, 2.0, 3.0, -4.0), ref=np.array([2.0, 3.0, -4.0, 1.5]), grad=False),
    ],
    "positive": _on(np.positive, ANY, I),
    "float_power": _on(
        np.float_power, (POSITIVE, OTHER), (ANY, 2), (2.0, ANY), (I, 2), grad=False
    ),  # double whatever comes in
    "clamp_min": _on(np.maximum, (ANY, 0.1), (ANY, OTHER), (I, 3)),
    "clamp_max": _on(np.minimum, (ANY, 0.1), (ANY, OTHER), (I, 3)),
    "rad2deg": _on(np.rad2deg, ANY),
    "deg2rad": _on(np.deg2rad, ANY),
    "angle": _on(np.angle, C, ANY),
    "conj_physical": _on(np.conj, C, ANY),
    "polar": _on(lambda r, a: r * np.exp(1j * a), (POSITIVE, OTHER), (POSITIVE, ROW)),
    "gcd": _on(np.gcd, (I, J)),
    "lcm": _on(np.lcm, (I, J)),
    "bitwise_left_shift": _on(np.left_shift, (I, np.abs(J)), (I, 2)),
    "bitwise_right_shift": _on(np.right_shift, (I, J), (I, 2)),
    "isclose": [
        *_on(_close, (ANY, ANY + 1e-7), (ANY, OTHER), (I, J), grad=False),
        Sample((EXTREMES, EXTREMES), {"equal_nan": True}, np.ones(4, bool), grad=False),
    ],
    "allclose": _on(
        lambda x, y: bool(_close(x, y).all()), (ANY, ANY + 1e-7), (ANY, OTHER), grad=False, name="not traced"
    ),
    "equal": _on(
        lambda x, y: bool(np.array_equal(x, y)), (ANY, ANY + 0), (ANY, OTHER), (ANY, ROW), grad=False, name="not traced"
    ),
}
_ALIASES = {
    "true_divide": "div",
    "divide": "div",
    "multiply": "mul",
    "subtract": "sub",
    "negative": "neg",
    "absolute": "abs",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "clip": "clamp",
    "fix": "trunc",
    "greater": "gt",
    "greater_equal": "ge",
    "less": "lt",
    "less_equal": "le",
    "not_equal": "ne",
}
SAMPLES = SPECIAL | NUMBERS | {name: (unary.SAMPLES.get(of) or binary.SAMPLES[of])[:2] for name, of in _ALIASES.items()}
