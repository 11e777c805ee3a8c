"""Into a level of `vmap` and out of it, as operations: each is the transpose of the other."""

from .. import batch
from .record import linear
from .shape import shape_of

enter = linear("vmap_enter", batch.enter, lambda g, level, dim: leave(g, level=level, dim=dim), inputs=("array",))
enter_leaf = linear("vmap_enter_leaf", batch.enter, lambda g, level, dim: leave(g, level=level, dim=dim), inputs=("array",))
enter_leaf.node.leaf = True  # so that it is not written to, as the leaf itself
leave = linear("vmap_leave", batch.leave, lambda g, level, dim: enter(g, level=level, dim=dim), inputs=("array",))
total = linear("vmap_total", batch.total, lambda g: g, inputs=("array",))


def shared(gradient, shape):
    """The gradient of a value of `shape` that the samples of a batch share: the sum over those of every closed level."""
    for level in batch.levels_of(shape_of(gradient)):
        if not level.open and level not in batch.levels_of(shape):
            gradient = total(gradient, level=level)
    return gradient
