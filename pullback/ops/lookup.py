"""Rows of a table by their numbers: embedding, and one_hot."""

import math

import numpy as np

from .. import errors
from ..batch import Batched, Unbatchable, take, zeros
from ..batch import whole as whole_of
from ..dtypes import I64
from ..mode import no_grad
from .inplace import overwrite
from .layer import array_of, layer
from .public import function
from .record import Op


def _check_range(indices, rows):
    indices = whole_of(indices)
    if indices.size and not 0 <= indices.min() <= indices.max() < rows:
        raise IndexError("index out of range in self")


def _embedding(w, indices, *, padding_idx, by_frequency):
    _check_range(indices, len(w))
    return take(w, indices, 0)


def _weights(indices, rows, by_frequency):
    """1 / how often each index occurs."""
    return 1 / np.maximum(np.bincount(indices, minlength=rows), 1)[indices] if by_frequency else None


def _scattered(g, indices, *, shape, padding_idx, by_frequency):
    """The gradients of the rows that were taken, added up in a table of `shape`."""
    rows, width = shape
    indices, g = indices.reshape(-1), g.reshape(-1, width)
    if padding_idx >= 0:
        counts = indices != padding_idx
        if not counts.all():
            indices, g = indices[counts], g[counts]
    if by_frequency:
        g = g * _weights(indices, rows, True).astype(g.dtype)[:, None]
    table = zeros((rows * width,), g.dtype, g, indices)
    # On one flat index np.add.at is several times as fast as on rows, and faster than sorting.
    np.add.at(table, (indices.astype(I64)[:, None] * width + np.arange(width)).reshape(-1), g.reshape(-1))
    return table.reshape(shape)


def _gathered(w, indices, *, padding_idx, by_frequency):
    """The transpose of `_scattered`."""
    result = take(w, indices, 0)
    if by_frequency:
        result *= _weights(indices.reshape(-1), len(w), True).astype(w.dtype).reshape(*indices.shape, 1)
    if padding_idx >= 0:
        result[indices == padding_idx] = 0
    return result


def _table_rule(g, indices, w_shape, padding_idx, by_frequency):
    return _scatter_op(g, indices, shape=w_shape, padding_idx=padding_idx, by_frequency=by_frequency)


_embedding_op = Op("embedding", _embedding, (_table_rule, None), linear=True)
_gather_op = layer("embedding_gather", _gathered, (_table_rule, None), linear=True)
_scatter_op = layer("embedding_dense_backward", _scattered, (
    lambda g, indices, padding_idx, by_frequency: _gather_op(g, indices, padding_idx=padding_idx, by_frequency=by_frequency),
    None), linear=True)


def _renormed(w, indices, *, max_norm, norm_type):
    """w, with the rows in `indices` whose norm exceeds `max_norm` brought back to it."""
    _check_range(indices, len(w))
    rows = np.unique(indices)
    norms = np.linalg.norm(w[rows].astype(np.float64), norm_type, axis=1)
    long = norms > max_norm
    w = w.copy()
    w[rows[long]] *= (max_norm / (norms[long] + 1e-7)).astype(w.dtype)[:, None]
    return w


_renorm_op = Op("embedding_renorm", _renormed, (None, None))


@function(namespace="nn")
def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    """The rows of `weight` (V, D) with the numbers in `input` (*, int64 or int32): (*, D).

    `padding_idx`: a row that gets no gradient. `max_norm`: rows in use whose norm is larger are shortened first, in place.
    `scale_grad_by_freq` divides gradients by how often a row was used. `sparse` changes nothing: gradients are dense.
    Raises IndexError on a number that is no row.
    """
    w, indices = array_of(weight, "embedding", "weight", 1), array_of(input, "embedding", "indices", 2)
    if padding_idx is not None:
        if not -w.shape[0] <= padding_idx < w.shape[0]:
            raise AssertionError("Padding_idx must be within num_embeddings")
        padding_idx += w.shape[0] if padding_idx < 0 else 0
    if w.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    if indices.dtype not in (I64, np.int32):
        raise RuntimeError("Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but "
                           f"got torch.{errors.title(indices.dtype)}Tensor instead (while checking arguments for embedding)")
    if max_norm is not None:
        with no_grad():
            overwrite(weight, _renorm_op(weight, input, max_norm=max_norm, norm_type=norm_type))
    return _embedding_op(weight, input, padding_idx=-1 if padding_idx is None else padding_idx, by_frequency=scale_grad_by_freq)


def _one_hot(indices, *, classes):
    if not indices.size and classes <= 0:
        raise RuntimeError("Can not infer total number of classes from empty tensor." if classes == -1 else
                           "Class values must be smaller than num_classes.")
    if indices.size:
        numbers = whole_of(indices)
        if numbers.min() < 0:
            raise RuntimeError("Class values must be non-negative.")
        largest = int(numbers.max())
        if classes == -1:
            if type(indices) is Batched:
                raise Unbatchable("")
            classes = largest + 1
        if largest >= classes:
            raise RuntimeError("Class values must be smaller than num_classes.")
    result = zeros((math.prod(indices.shape), classes), I64, indices)
    result[np.arange(len(result)), indices.reshape(-1)] = 1
    return result.reshape(*indices.shape, classes)


_one_hot_op = Op("one_hot", _one_hot, (None,))
_one_hot_counted = Op("one_hot_counted", _one_hot, (None,), dynamic=(
    "When vmap-ing torch.nn.functional.one_hot, please provide an explicit positive num_classes argument."))


@function(namespace="nn")
def one_hot(tensor, num_classes=-1):
    """For class numbers (*) of int64, vectors (*, num_classes) that are 1 at that place and 0 elsewhere, of int64.

    By default there are as many classes as the largest number needs. Raises RuntimeError on other dtypes and classes.
    """
    if array_of(tensor, "one_hot", "tensor").dtype != I64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
    return (_one_hot_counted if num_classes == -1 else _one_hot_op)(tensor, classes=num_classes)
