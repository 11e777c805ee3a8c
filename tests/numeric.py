"""Derivatives by finite differences, along random directions: two calls a direction, whatever the size.

A function of arrays f has, for cotangents c, the scalar L = sum Re(conj(c) f). Its gradient g by an input x is right if
for a direction d the slope of L along d is Re sum(conj(g) d); for complex x, g = dL/dRe(x) + i dL/dIm(x), as in torch.
"""

import numpy as np


def random_like(rng, array):
    """Standard normal numbers in the shape and dtype of `array`."""
    numbers = rng.standard_normal(array.shape)
    if array.dtype.kind == "c":
        numbers = numbers + 1j * rng.standard_normal(array.shape)
    return np.asarray(numbers).astype(array.dtype)


def inner(a, b):
    """Re sum(conj(a) b), summed in double precision."""
    wide = [np.asarray(v).astype(np.complex128 if np.asarray(v).dtype.kind == "c" else np.float64) for v in (a, b)]
    return float(np.sum(np.conj(wide[0]) * wide[1]).real)


def slope(function, arrays, index, direction, step=1e-6):
    """The central difference quotient of the scalar `function(*arrays)` as `arrays[index]` moves along `direction`."""
    moved = list(arrays)
    moved[index] = arrays[index] + step * direction
    above = function(*moved)
    moved[index] = arrays[index] - step * direction
    return (above - function(*moved)) / (2 * step)


def check_gradient(function, arrays, wanted, gradients, *, rng, step=1e-6, rtol=1e-5, atol=1e-6, directions=2, what="gradient"):
    """Raise AssertionError unless `gradients` are those of the scalar `function(*arrays)` by the arrays numbered `wanted`."""
    for index, gradient in zip(wanted, gradients, strict=True):
        array = arrays[index]
        if not array.size:
            continue
        for _ in range(directions):
            direction = random_like(rng, array)
            numerical = slope(function, arrays, index, direction, step)
            exact = inner(gradient, direction)
            scale = atol + rtol * max(abs(numerical), inner(np.abs(gradient), np.abs(direction)))
            if not abs(numerical - exact) <= scale:
                raise AssertionError(f"{what} by array {index} {array.shape}: along a random direction {exact:.9g}, by finite "
                                     f"differences {numerical:.9g}")
