"""Samples of the element-wise functions of three tensors."""

import numpy as np

from .sample import Sample

rng = np.random.default_rng(7)
X, Y, Z = rng.standard_normal((3, 3, 4))
ROW, COLUMN, POSITIVE = rng.standard_normal(4), rng.standard_normal((3, 1)), rng.uniform(0.5, 2.0, (3, 4))
I, J = np.array([7, -7, 5]), np.array([2, 3, -1])


def _product(x, y, z, value=1):
    return x + value * y * z


def _quotient(x, y, z, value=1):
    return x + value * y / z


SAMPLES = {
    "addcmul": [Sample((X, Y, Z), ref=_product), Sample((X, ROW, COLUMN), {"value": -0.5}, _product),
                Sample((X, Y, Y), {"value": 3}, _product), Sample((I, I, J), {"value": 2}, _product)],
    "addcdiv": [Sample((X, Y, POSITIVE), ref=_quotient), Sample((X, COLUMN, POSITIVE), {"value": -0.5}, _quotient)],
}
