"""`autograd.grad` with `is_grads_batched`: one backward for a whole batch of gradients."""

import numpy as np

from .batch import Level
from .graph import Tensor, wrap
from .mode import pop, push, settled
from .ops.batching import enter, leave


def gradients(grad, outputs, inputs, given, retain, create_graph, allow_unused, materialize):
    """What `grad` gives for a batch of gradients of each output, in one backward."""
    pairs = [*zip(outputs, given, strict=False)]
    sizes = [_check_batch(index, *pair) for index, pair in enumerate(pairs)]
    if len(set(sizes)) > 1:
        raise ValueError("vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
                         f"{sizes} for the mapped dimension")
    level = Level(sizes[0])
    push(batch=level, transforms=(*settled().transforms, level))
    try:
        found = grad([output for output, _ in pairs], inputs, [enter(g, level=level, dim=0) for _, g in pairs], retain,
                     create_graph, True, allow_unused or materialize)
        found = [None if g is None else leave(g, level=level, dim=0) for g in found]
    finally:
        level.open = False
        pop()
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
