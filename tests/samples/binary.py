"""Samples of the element-wise functions of several tensors, and of tensors and Python numbers."""

import numpy as np

from .sample import Sample

rng = np.random.default_rng(1)
X, Y = rng.standard_normal((3, 4)), rng.standard_normal((3, 4))
ROW, COLUMN = rng.standard_normal(4), rng.standard_normal((3, 1))
POSITIVE, OTHER = rng.uniform(0.3, 2.5, (3, 4)), rng.uniform(0.3, 2.5, (3, 4))
U, V = [rng.standard_normal((2, 3)) + 1j * rng.standard_normal((2, 3)) for _ in range(2)]
I, J = np.array([7, -7, 5, 12]), np.array([2, 2, -3, 5])
TIES = np.array([1.0, 2.0, 2.0, -1.0]), np.array([2.0, 2.0, 1.0, -1.0])
MASK = rng.random((3, 4)) < 0.5


def _on(ref, *pairs, grad=True):
    return [Sample(pair, ref=ref, grad=grad) for pair in pairs]


def _compared(ref):
    return _on(ref, TIES, (X, Y), (COLUMN, ROW), (I, J), (X, 0.0), grad=False)


SAMPLES = {
    "add": [*_on(np.add, (X, Y), (X, ROW), (COLUMN, ROW), (X, 2.5), (U, V), (U, X[:2, :3]), (I, J)),
            Sample((X, Y), {"alpha": 3}, lambda x, y, alpha: x + alpha * y)],
    "sub": [*_on(np.subtract, (X, Y), (X, ROW), (COLUMN, ROW), (X, 2.5), (U, V), (I, J)),
            Sample((X, Y), {"alpha": 3}, lambda x, y, alpha: x - alpha * y)],
    "rsub": _on(lambda x, y: y - x, (X, Y), (COLUMN, ROW)),
    "mul": _on(np.multiply, (X, Y), (X, ROW), (COLUMN, ROW), (X, -2.5), (U, 1j), (X, 2 - 1j), (U, V), (U, X[:2, :3]), (I, J)),
    "div": [*_on(np.true_divide, (X, POSITIVE), (COLUMN, POSITIVE[0]), (X, 2.5), (U, V), (I, J)),
            Sample((X, POSITIVE), {"rounding_mode": "floor"}, lambda x, y, rounding_mode: np.floor(x / y), grad=True),
            Sample((X, POSITIVE), {"rounding_mode": "trunc"}, lambda x, y, rounding_mode: np.trunc(x / y), grad=True),
            Sample((I, J), {"rounding_mode": "floor"}, lambda x, y, rounding_mode: x // y),
            Sample((I, J), {"rounding_mode": "trunc"}, lambda x, y, rounding_mode: np.trunc(x / y))],
    "floor_divide": _on(np.floor_divide, (X, POSITIVE), (I, J), (I, 3), grad=False),
    "remainder": _on(np.remainder, (X, POSITIVE), (X, ROW), (I, J), (X, 0.7)),
    "fmod": _on(np.fmod, (X, POSITIVE), (X, ROW), (I, J), (X, 0.7)),
    "pow": _on(np.power, (POSITIVE, Y), (POSITIVE, ROW), (X, 2), (X, 3), (POSITIVE, -1.5), (POSITIVE, 0.5), (2.0, X), (U, 2),
               (np.array([3, 4]), np.array([2, 0]))),
    "atan2": _on(np.arctan2, (X, Y), (COLUMN, ROW)),
    "maximum": _on(np.maximum, (X, Y), (COLUMN, ROW), (I, J)),
    "minimum": _on(np.minimum, (X, Y), (COLUMN, ROW), (I, J)),
    "eq": _compared(np.equal), "ne": _compared(np.not_equal), "lt": _compared(np.less),
    "le": _compared(np.less_equal), "gt": _compared(np.greater), "ge": _compared(np.greater_equal),
    "logical_and": _on(np.logical_and, (I, np.array([0, 1, 0, 2])), (MASK, ~MASK), grad=False),
    "logical_or": _on(np.logical_or, (I, np.array([0, 1, 0, 2])), (MASK, ~MASK), grad=False),
    "logical_xor": _on(np.logical_xor, (I, np.array([0, 1, 0, 2])), (MASK, ~MASK), grad=False),
    "bitwise_and": _on(np.bitwise_and, (I, J), (MASK, ~MASK), (I, 3)),
    "bitwise_or": _on(np.bitwise_or, (I, J), (MASK, ~MASK), (I, 3)),
    "bitwise_xor": _on(np.bitwise_xor, (I, J), (MASK, ~MASK), (I, 3)),
    "where": _on(np.where, (MASK, X, Y), (MASK, ROW, COLUMN), (MASK, X, 0.0), (MASK, 1.0, X), (MASK, I, 2)),
    "clamp": [Sample((X, -0.5, 0.5), ref=np.clip), Sample((X,), {"min": 0.1}, lambda x, min: np.maximum(x, min)),
              Sample((X,), {"max": 0.1}, lambda x, max: np.minimum(x, max)), Sample((X, -POSITIVE, POSITIVE), ref=np.clip),
              Sample((I, -3, 6), ref=np.clip)],
    "complex": _on(lambda x, y: x + 1j * y, (X, Y), (COLUMN, ROW)),
    "lerp": [Sample((X, Y, 0.3), ref=lambda x, y, w: x + w * (y - x)),
             Sample((X, Y, POSITIVE), ref=lambda x, y, w: x + w * (y - x)),
             Sample((X, ROW, 0.8), ref=lambda x, y, w: x + w * (y - x))],
}
