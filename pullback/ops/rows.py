"""Adding up at places that may repeat: what the backward of every kind of picking comes down to. Works on arrays."""

import math

import numpy as np

from ..batch import pick, zeros
from ..batch import whole as whole_of
from ..dtypes import B8

ALL = slice(None)
BLOCK = 1 << 16  # elements whose positions are spelt out at a time


def picker(indices, at):
    """The NumPy key of index arrays at the dimensions that `at` marks."""
    if len(at) == 1:
        return indices[0]
    rest = iter(indices)
    return tuple([next(rest) if marked else ALL for marked in at])


def add_rows(whole, rows, values):
    """Add to the matrix `whole`, which is contiguous, a row of `values` at each row number in `rows`; numbers may repeat.

    NumPy adds at flat positions several times faster than at rows, which is why the rows are spelt out as positions.
    """
    count, width = whole.shape
    values, flat = values.reshape(len(rows), width), whole.reshape(-1)
    if rows.size and whole_of(rows).min() < 0:
        rows = np.where(rows < 0, rows + count, rows)
    if width == 1:
        np.add.at(flat, rows, values.reshape(-1))
        return
    columns, step = np.arange(width), max(1, BLOCK // max(width, 1))
    for i in range(0, len(rows), step):
        positions = rows[i : i + step, None] * width + columns
        np.add.at(flat, positions.reshape(-1), values[i : i + step].reshape(-1))


def add_along(whole, dim, index, values):
    """Add `values` to `whole` at the entries `index` along `dim`, as often as they are named."""
    if dim == 0 and whole.flags.c_contiguous:
        add_rows(whole.reshape(len(whole), -1) if whole.size else whole.reshape(len(whole), 0), index, values)
        return
    moved = zeros((whole.shape[dim], *whole.shape[:dim], *whole.shape[dim + 1 :]), whole.dtype, whole)
    if moved.size:
        add_rows(moved.reshape(len(moved), -1), index, np.moveaxis(values, dim, 0))
        whole += np.moveaxis(moved, 0, dim)


def add_picked(whole, indices, at, values):
    """Add `values` to `whole`, which is contiguous, where index arrays point, as often as they point there."""
    key = picker(indices, at)
    if len(indices) == 1 and indices[0].dtype == B8:  # a mask points nowhere twice
        whole[key] += values
        return
    span = sum([indices_ndim(index) for index in indices]) + at.count(False)
    lead, inner = whole.shape[:span], whole.shape[span:]
    rows = indices[0] if span == 1 else pick(np.arange(math.prod(lead)).reshape(lead), key)
    values = np.broadcast_to(values, rows.shape + inner)
    add_rows(whole.reshape(math.prod(lead), math.prod(inner)), rows.reshape(-1), values)


def indices_ndim(index):
    """How many dimensions an index array picks from: a mask from all it has."""
    return index.ndim if index.dtype == B8 else 1


def positions(shape, index, dim):
    """Where in a flat row-major array of `shape` the elements lie that `index` names along `dim`.

    Element (i, j, k) of `index`, for dim 1, stands for (i, index[i, j, k], k).
    """
    step, others = 1, 0
    own = 1
    for d in range(len(shape) - 1, -1, -1):
        if d == dim:
            own = step
        elif index.shape[d] > 1:
            places = np.arange(0, index.shape[d] * step, step)
            others = others + places.reshape([-1 if i == d else 1 for i in range(index.ndim)])
        step *= shape[d]
    return (index * own if own != 1 else index) + others
