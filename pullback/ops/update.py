"""Functions that write part of a tensor: each with its twin `name_` that writes in place.

The record's forward copies and then writes; in place the same writing goes to the tensor's own memory, so that changing
one row of a large tensor costs a row.
"""

import functools
import warnings

from .. import errors
from ..batch import copied
from ..graph import Tensor
from ..memory import overlaps
from ..mode import settled
from .apply import apply, attach
from .inplace import check_history, check_writable, in_graph, rebase, requires_grad, target_first, write
from .public import function
from .record import Op, input_names


def expanded_write(name, example="tensor[mask] = scalar"):
    """torch's warning where an operation writes to memory that several elements share."""
    return (f"Use of {name} on expanded tensors is deprecated. Please clone() the tensor before performing this operation. This "
            f"also applies to advanced indexing e.g. {example}")


def writing(name, change, rules, **options):
    """The record of an operation whose forward copies its first input and lets `change` write to the copy."""

    def forward(x, *others, **params):
        whole = copied(x, *others)
        change(whole, *others, **params)
        return whole

    op = Op(name, forward, rules, inputs=input_names(change.__code__), **options)
    op.change = change
    return op


def update(op, inputs, params, expanded=None):
    """Do to the memory of the first of `inputs` what `op`, made by `writing`, would do to a copy. Returns that tensor.

    `expanded`: memory that several elements share may be written to, with this warning.
    """
    target, mode = inputs[0], settled()
    recorded = mode.recording and requires_grad(inputs)
    _check(target, recorded, mode, expanded)
    if mode.special:
        return write(target, apply(op, inputs, params), op.name)
    arrays = [value._array if isinstance(value, Tensor) else value for value in inputs]
    op.change(*arrays, **params)
    edge = attach(op, mode, inputs, target._array, params)._edge if recorded else None
    rebase(target, edge, edge and edge.seq)
    return target


def _check(target, recorded, mode, expanded):
    if not expanded:
        check_writable(target, recorded)
        return
    if target._inference is True and not mode.inference:
        raise RuntimeError(errors.INFERENCE_WRITE)
    if mode.recording and (recorded or in_graph(target)):
        check_history(target)
    if overlaps(target._array):
        warnings.warn(expanded, stacklevel=5)


def both(prepare=None, *, method=True, expanded=None, out=False):
    """Decorator: make public a function that writes to a copy, and its twin that writes in place.

    `prepare`, with torch's signature, checks the arguments and returns the record, its inputs and its parameters.
    """
    if prepare is None:
        return lambda prepare: both(prepare, method=method, expanded=expanded, out=out)
    name = prepare.__name__

    @functools.wraps(prepare)
    def aside(*args, **kwargs):
        op, inputs, params = prepare(*args, **kwargs)
        return op(*inputs, **params)

    @target_first
    @functools.wraps(prepare)
    def in_place(*args, **kwargs):
        op, inputs, params = prepare(*args, **kwargs)
        return update(op, inputs, params, expanded)

    in_place.__name__ = f"{name}_"
    in_place.__doc__ = f"`{name}`, written to this tensor."
    function(aside, method=method, out=out)
    function(in_place, namespace="tensor", name=f"{name}_")
    return aside
