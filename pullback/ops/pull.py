"""Going back through one operation: what it kept, checked, and its rules."""

import numpy as np

from .. import blame, errors
from ..dtypes import F32
from ..graph import Tensor, is_leaf, wrap
from .packing import Packed, with_edge


def pull(node, g, as_tensors):
    """The gradients of `node`'s inputs, given the gradient `g` of its output: arrays, or tensors for `create_graph`."""
    values = node.saved
    op = node.record
    if values:
        values = _saved_tensors(node) if as_tensors else saved_arrays(values, node)
    elif type(values) is blame.Backward:
        raise blame.freed(RuntimeError(errors.FREED), node)
    rules = op.usual
    if rules is None or (op.partial and node.dtype is not F32 and node.dtype.kind == "c"):
        rules = op.adapted(op.partial and node.dtype.kind == "c")
    if op.many:
        g = _filled(node, g, as_tensors)
    if op.together:
        return rules[0](g, values, node)
    edges = node.inputs
    if len(edges) == 1:
        return (rules[0](g, values, node),)
    if len(edges) == 2:
        first, second = edges
        return (None if first is None else rules[0](g, values, node),
                None if second is None else rules[1](g, values, node))
    return [None if edge is None else rule(g, values, node) for edge, rule in zip(edges, rules, strict=False)]


def saved_arrays(saved, node):
    """The values a node kept, tensors as their arrays. Raises RuntimeError if one was written since."""
    seq = node.seq
    values = []
    for value in saved:
        if value is not None:
            if isinstance(value, Tensor):
                storage = value._storage
                if storage is not None and storage.written >= seq:
                    check_fresh(node, value, len(values))
                value = value._array
            elif type(value) is Packed:
                value = value.opened()._array
        values.append(value)
    return values


def _saved_tensors(node):
    """The saved values with their history; those of extra outputs, which have none, as arrays."""
    values = [restored(node, place) for place in range(len(node.saved))]
    extras = len(node.inputs) + 1
    return values[:extras] + [value._array if isinstance(value, Tensor) else value for value in values[extras:]]


def is_own(node, place):
    """Whether what `node` keeps at `place` is its own output."""
    return place == len(node.inputs)


def restored(node, place):
    """What `node` keeps at `place`, a tensor with its history. Raises RuntimeError if it was freed, or written since."""
    if blame.is_freed(node):
        raise blame.freed(RuntimeError(errors.FREED), node)
    value = node.saved[place]
    if type(value) is Packed:
        return value.restored(node)
    if not isinstance(value, Tensor):
        return value
    storage = value._storage
    if storage is not None and storage.written >= node.seq:
        check_fresh(node, value, place)
    return with_edge(value, node) if is_own(node, place) else value


def check_fresh(node, value, place):
    """Raise torch's error if `value`, kept by `node`, was written since; an output's own in-place write is no harm."""
    own = place >= len(node.inputs)
    storage = value._storage
    if own and storage.written == node.seq:
        return
    edge = node if own else value._edge
    owner = ""
    if edge is not None and (own or not is_leaf(value)):
        source, index = edge.target()
        owner = f", which is output {index} of {errors.node_name(source.name())},"
    since = node.seq + own
    error = errors.stale(value._array, owner, storage.version, storage.version_at(since))
    raise blame.stale(error, node, value, since, node if own else node.inputs[place])


def _filled(node, gradients, as_tensors):
    """The gradients of all outputs of a node, zeros where none arrived."""
    filled = []
    for gradient, shape in zip(gradients, node.shape, strict=True):
        if gradient is None:
            gradient = np.zeros(shape, node.dtype)
            gradient = wrap(gradient) if as_tensors else gradient
        filled.append(gradient)
    return filled
