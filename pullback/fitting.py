"""A gradient in the shape and dtype of the value it is the gradient of."""

from .batch import Batched
from .graph import Tensor, wrap
from .ops.apply import as_array
from .ops.batching import shared
from .ops.shape import sum_to_shape
from .ops.unary import clone, real


def fit_array(g, edge, node=None):
    """`g` in the shape and dtype of the value it is the gradient of: broadcast axes summed, precision as the value's.

    Raises torch's error, which names the `node` that gave the gradient, if the shape does not fit.
    """
    if type(g) is Batched:
        g = shared(g, edge.shape)
    if g.shape != edge.shape:
        g = _summed(g, g.shape, edge, node)
    if g.dtype is not edge.dtype and g.dtype != edge.dtype:
        g = (g.real if g.dtype.kind == "c" != edge.dtype.kind else g).astype(edge.dtype)
    return g


def _summed(g, shape, edge, node):
    try:
        return sum_to_shape(g, edge.shape)
    except (ValueError, RuntimeError):
        raise RuntimeError(f"Function {node.name()} returned an invalid gradient at index {node.inputs.index(edge)} - got "
                           f"{list(shape)} but expected shape compatible with {list(edge.shape)}") from None


def fit_tensor(g, edge, node=None):
    if not isinstance(g, Tensor):
        g = wrap(as_array(g))
    if type(g._array) is Batched:
        g = shared(g, edge.shape)
    if g._array.shape != edge.shape:
        g = _summed(g, g._array.shape, edge, node)
    if g._array.dtype != edge.dtype:
        g = real(g) if g._array.dtype.kind == "c" != edge.dtype.kind else g
        g = clone(g, dtype=edge.dtype)
    return g


def fit(g, edge):
    """The gradient, an array or a tensor, as that of the value behind `edge`."""
    return (fit_tensor if isinstance(g, Tensor) else fit_array)(g, edge)
