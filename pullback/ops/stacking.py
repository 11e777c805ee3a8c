"""Joining tensors that are first given the dimensions they lack."""

import math

from .join import cat, checked_list
from .public import function
from .shape import reshape, shape_of, unsqueeze


def _joined(name, prepare, dim, doc):
    def call(tensors):
        tensors = checked_list(name, tensors)
        if not tensors:
            raise RuntimeError(f"{name} expects a non-empty TensorList")
        tensors = [prepare(value) for value in tensors]
        return cat(tensors, dim if dim is not None else min(1, len(shape_of(tensors[0])) - 1))

    call.__name__, call.__doc__ = name, doc
    return call


def _at_least(count):
    def prepare(value):
        ndim = len(shape_of(value))
        if ndim >= count:
            return value
        if not ndim:
            return reshape(value, (1,) * count)
        value = unsqueeze(value, 0) if ndim == 1 and count > 1 else value
        return unsqueeze(value, -1) if count == 3 else value

    return prepare


at_least_1, at_least_2, at_least_3 = _at_least(1), _at_least(2), _at_least(3)


def _as_column(value):
    shape = shape_of(value)
    return value if len(shape) > 1 else reshape(value, (math.prod(shape), 1))


hstack = function(_joined("hstack", at_least_1, None,
                          "The tensors joined along dimension 1; 0-dim and 1-dim ones along their only one."),
                  method=False, out=True)
vstack = function(_joined("vstack", at_least_2, 0,
                          "The tensors joined along dimension 0, each made at least 2-dim by adding rows."),
                  method=False, out=True)
row_stack = function(_joined("row_stack", at_least_2, 0,
                          "The tensors joined along dimension 0, each made at least 2-dim by adding rows."),
                  method=False, out=True)
dstack = function(_joined("dstack", at_least_3, 2,
                          "The tensors joined along dimension 2, each made at least 3-dim."),
                  method=False, out=True)
column_stack = function(_joined("column_stack", _as_column, 1,
                          "The tensors joined along dimension 1; those of fewer than two dimensions as columns."),
                  method=False, out=True)
