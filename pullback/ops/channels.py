"""Sums by einsum, in one pass and without what lies between: over everything but the channels of (N, C, *), which is several
times as fast as a sum over the axes around them, and over the rows or the columns of a matrix."""

import math

import numpy as np

from .layer import layer
from .shape import expand_to, reshape, shape_of


def _flat(x):
    return x if x.ndim == 2 else x.reshape(*x.shape[:2], math.prod(x.shape[2:]))


def _sums(x):
    return np.einsum("nc->c" if x.ndim == 2 else "ncp->c", _flat(x))


def _dots(x, y):
    return np.einsum("nc,nc->c" if x.ndim == 2 else "ncp,ncp->c", _flat(x), _flat(y))


def by_channel(values, ndim):
    """A vector (C) shaped to multiply arrays (N, C, *) of `ndim` dimensions; None and numbers as they are."""
    return values if not hasattr(values, "shape") or ndim < 2 else reshape(values, (-1, *[1] * (ndim - 2)))


channel_sums = layer("channel_sums", _sums, (lambda g, x_shape: expand_to(by_channel(g, len(x_shape)), x_shape),), linear=True)
channel_dots = layer("channel_dots", _dots, (lambda g, y: by_channel(g, len(shape_of(y))) * y,
                                             lambda g, x: by_channel(g, len(shape_of(x))) * x),
                   multilinear=True)
# ---- products of two matrices of one shape, element by element, added up -----------------------------------------------------
row_dots = layer("row_dots", lambda x, y: np.einsum("rd,rd->r", x, y)[:, None], (lambda g, y: g * y, lambda g, x: g * x),
                   multilinear=True)
column_dots = layer("column_dots", lambda x, y: np.einsum("rd,rd->d", x, y), (lambda g, y: g * y, lambda g, x: g * x),
                   multilinear=True)
