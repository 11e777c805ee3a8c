"""Gradients added up in `.grad` of leaves."""

from threading import Lock

import numpy as np

from .graph import Tensor, is_leaf, storage_of, wrap
from .mode import current_mode, settled
from .ops.unary import clone
from .shapes import broadcast

adding = Lock()  # threads that run backward at once may share leaves


def accumulate(leaf, gradient, as_tensors, sole):
    """Add the gradient to the leaf's `.grad`; the first one is taken over if nobody else holds it."""
    tensor = leaf.tensor()
    if tensor is None and leaf.after:
        tensor = leaf.variable
    if tensor is None or tensor._edge is not leaf or not leaf.connected:
        if tensor is not None and not is_leaf(tensor):
            raise RuntimeError("leaf variable has been moved into the graph interior")
        return
    with adding:
        before = tensor._grad
        if as_tensors:
            tensor._grad = clone(gradient) if before is None else before + gradient
        elif before is None:
            if not sole or type(gradient) is not np.ndarray or gradient.base is not None or (
                gradient.strides != tensor._array.strides):
                gradient = _copied(gradient, tensor._array)
            tensor._grad = grad = wrap(gradient)
            if current_mode().inference:
                grad._inference = True
        else:
            array = lifted(before)
            try:
                array += gradient
            except ValueError:
                broadcast(array.shape, gradient.shape)
                raise
            storage_of(before).write()
    if leaf.after:
        _after_accumulation(leaf, tensor)


def accumulated(leaf, gradient, as_tensors):
    """As a node's `pull`: there is nothing to hand on."""
    accumulate(leaf, gradient, as_tensors, False)
    return ()


def _copied(gradient, like):
    """A copy of `gradient` laid out as `like`."""
    copy = np.empty_like(like, dtype=gradient.dtype)
    copy[...] = gradient
    return copy


def _after_accumulation(leaf, tensor):
    for hook in list(leaf.after.values()):
        answer = hook(tensor)
        if answer is not None and not isinstance(answer, Tensor):
            raise TypeError(f"expected Variable, but hook returned '{type(answer).__name__}'")


def lifted(tensor):
    """The tensor's array; under a trace, the value that stands for it."""
    tracer = settled().tracer
    return tensor._array if tracer is None else tracer.lift(tensor)
