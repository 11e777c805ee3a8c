"""Edges of the graph as users hold them: a node, and which of its outputs."""

from typing import NamedTuple

import numpy as np

from .graph import Node, Output, wrap
from .runs import behind


class GradientEdge(NamedTuple):
    """The `output_nr`-th output of `node`, where `autograd.grad` and `backward` take a tensor.

    `get_gradient_edge` makes it from a tensor; it does not keep the tensor's memory alive.
    """

    node: Node
    output_nr: int
    ownership_token: Node | None = None


GradientEdge.__module__ = "pullback.autograd.graph"


def get_gradient_edge(tensor):
    """The `GradientEdge` of `tensor`, a leaf or not. Raises RuntimeError if it requires no gradient."""
    if not tensor.requires_grad:
        raise RuntimeError("It is not possible to get the gradient edge for a Tensor that does not require gradients")
    return GradientEdge(*tensor._edge.target())


STAND_IN = "stand-in"


def stand_in(edge, outputs=()):
    """A tensor of the shape and dtype of a `GradientEdge`, without values of its own, that has this edge.

    Of an operation with several outputs, the edge is looked for in the graph of the tensors `outputs`.
    """
    node, index, _ = edge
    if isinstance(node.shape, list):
        known = behind([tensor._edge for tensor in outputs if tensor._edge is not None])
        node = next((found for found in known if type(found) is Output and found.target() == (node, index)),
                    None) or Output(node, index, _blank(node.shape[index], node.dtype))
    tensor = wrap(_blank(node.shape, node.dtype), node)
    tensor._made = STAND_IN
    return tensor


def _blank(shape, dtype):
    return np.broadcast_to(np.zeros((), dtype), shape)
