"""Batches for the library's own use: `is_grads_batched`, one backward for a whole batch of gradients, and plain maps.

Unlike `torch.func.vmap` they are no transforms: what user code may not do inside of those, it may do here.
"""

from contextlib import contextmanager

import numpy as np

from .batch import Level
from .graph import Tensor, wrap
from .mode import inside, settled
from .ops.batching import enter, leave


@contextmanager
def _opened(size):
    """A level of that size, open inside the block."""
    level = Level(size, outer=settled().batch)
    try:
        with inside(batch=level):
            yield level
    finally:
        level.open = False


def mapped(function):
    """`function`, from tensors to a tuple of tensors, for a batch of them: the first axis of each tensor is the batch."""
    def call(*tensors):
        with _opened(tensors[0]._array.shape[0]) as level:
            outputs = function(*[enter(tensor, level=level, dim=0) for tensor in tensors])
            return tuple([leave(output, level=level, dim=0) for output in outputs])

    return call


def gradients(grad, outputs, inputs, given, retain, create_graph, allow_unused, materialize):
    """What `grad` gives for a batch of gradients of each output, in one backward."""
    pairs = [*zip(outputs, given, strict=False)]
    sizes = [_check_batch(index, *pair) for index, pair in enumerate(pairs)]
    if len(set(sizes)) > 1:
        raise ValueError("vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
                         f"{sizes} for the mapped dimension")
    with _opened(sizes[0]) as level:
        found = grad([output for output, _ in pairs], inputs, [enter(g, level=level, dim=0) for _, g in pairs], retain,
                     create_graph, True, allow_unused or materialize)
        found = [None if g is None else leave(g, level=level, dim=0) for g in found]
    return tuple([wrap(np.zeros_like(value._array)) if g is None and materialize else g
                  for g, value in zip(found, inputs, strict=True)])


def _check_batch(index, output, gradient):
    """The size of the batch. Raises torch's errors on what is no batch of gradients for that output."""
    if gradient is None:
        raise ValueError("vmap(vjp, in_dims=0, ...)(<inputs>): Got in_dim=0 for some input, but that input is a Tensor of "
                         "dimensionality 0 so expected in_dim to satisfy 0 <= in_dim < 0.")
    if not isinstance(gradient, Tensor):
        raise TypeError(f"gradients can be either Tensors or None, but got {type(gradient).__name__}")
    if not gradient._array.ndim:
        raise IndexError("invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert "
                         "a 0-dim tensor to a number")
    size, *shape = gradient._array.shape
    if tuple(shape) != output._array.shape:
        raise RuntimeError(
            "If `is_grads_batched=True`, we interpret the first dimension of each grad_output as the batch dimension. The sizes "
            "of the remaining dimensions are expected to match the shape of corresponding output, but a mismatch was detected: "
            f"grad_output[{index}] has a shape of torch.Size({shape}) and output[{index}] has a shape of "
            f"torch.Size({list(output._array.shape)}). If you only want some tensors in `grad_output` to be considered batched, "
            "consider using vmap.")
    return size
