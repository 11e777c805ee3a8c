"""`once_differentiable`: for a custom backward that must not be differentiated itself."""

from ..graph import Node, Tensor, tick, wrap
from ..mode import no_grad, settled
from ..origin import here


def once_differentiable(backward):
    """Decorator for a backward that is not to be differentiated itself: doing so raises RuntimeError."""
    def once(ctx, *gradients):
        with no_grad():
            answers = backward(ctx, *gradients)
        if not settled().recording or not any(isinstance(g, Tensor) and g._edge is not None for g in gradients):
            return answers
        several = isinstance(answers, tuple)
        marked = tuple([_forbidden(a) if isinstance(a, Tensor) else a for a in (answers if several else (answers,))])
        return marked if several else marked[0]

    return once


class _Forbidden(Node):
    """The history of a gradient that must not be differentiated."""

    __slots__ = ()

    def pull(self, g, as_tensors):
        raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")


_Forbidden.__name__ = "Error"


def _forbidden(tensor):
    node = _Forbidden()
    node.inputs, node.saved, node.watch, node.seq = (), (), None, tick()
    node.shape, node.dtype = tensor._array.shape, tensor._array.dtype
    node.code, node.place = here()
    return wrap(tensor._array, node)
