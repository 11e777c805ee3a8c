"""Contractions: products that sum over an index."""

import numpy as np

from ..graph import Tensor
from .public import function
from .record import Op
from .shape import transpose


def _mT(x):
    return x.swapaxes(-1, -2) if not isinstance(x, Tensor) else transpose(x, -1, -2)


_mm = Op("mm", lambda x, y: np.matmul(x, y), (lambda g, y: mm(g, _mT(y)), lambda g, x: mm(_mT(x), g)))


@function
def mm(input, mat2):
    """The product of two matrices."""
    return _mm(input, mat2)


@function
def matmul(input, other):
    """The matrix product."""
    return _mm(input, other)
