"""How a tensor came about, remembered while tracking is on: records without arrays, which outlive tensors and graphs."""

from ..blame import called
from ..graph import Leaf
from ..origin import line

DEPTH = 10_000  # operations that an origin remembers before it; older ones are forgotten


class Origin:
    """How one tensor was made, and from which others; keeps no tensor and no array.

    `node`: the name of the operation, or of its node. `inputs`: the origins of its inputs. `needs`: whether the result
    required a gradient. `cut`: what it did to the history, where it is no operation (see `causes.CUTS`). `block`: the block
    that switched gradients off around it. `sure`: whether the inputs are certain. `cleared`: where `.grad` was last set to None.
    `after`: the last number that had left a tensor with a gradient when this was made of a number nobody knows.
    """

    __slots__ = ("node", "inputs", "needs", "cut", "block", "dtype", "shape", "code", "place", "depth", "sure", "cleared",
                 "after")

    def __init__(self, node, inputs, tensor, place, cut=None, block=None, sure=True):
        array = tensor._array
        self.node, self.inputs, self.cut, self.block, self.sure = node, inputs, cut, block, sure
        self.needs, self.dtype, self.shape = tensor._edge is not None, array.dtype, array.shape
        self.code, self.place = place
        self.depth, self.cleared, self.after = 0, None, None
        for origin in inputs:
            if origin.depth >= self.depth:
                self.depth = origin.depth + 1
        if self.depth > DEPTH:
            self.inputs = tuple([_forgetful(origin) if origin.depth == DEPTH else origin for origin in inputs])
            self.depth = max([origin.depth for origin in self.inputs]) + 1

    line = property(lambda self: line(self.code, self.place), doc="The `Line` where it was made.")
    name = property(lambda self: called(self.node), doc="The operation, as users call it.")

    @property
    def is_leaf(self):
        """Whether it is a tensor that a gradient ends at."""
        return self.needs and self.cut not in (None, "before", "forgotten")

    @property
    def cuts(self):
        """Whether gradients could come to an input, but not through here."""
        return not self.needs and any([origin.needs for origin in self.inputs])


def _forgetful(origin):
    """A copy of an origin that does not know what came before it."""
    copy = Origin.__new__(Origin)
    for name in Origin.__slots__:
        setattr(copy, name, getattr(origin, name))
    copy.inputs, copy.depth, copy.cut = (), 0, "forgotten"
    return copy


def origin_of(tensor):
    """The origin of a tensor; if none was noted, or its flag was set since, a new one with what the graph knows."""
    origin, edge = tensor._origin, tensor._edge
    if origin is not None and origin.needs is (edge is not None):
        return origin
    before = () if origin is None else (origin,)
    if edge is None:
        name, place, cut = "", (None, None), "frozen" if before else "before"
    else:
        name, place, cut = edge.name(), (edge.code, edge.place), "leaf" if type(edge) is Leaf else "before"
    tensor._origin = origin = Origin(name, before, tensor, place, cut)
    return origin


class Block:
    """A block that switched gradients off: the manager's name, where it was entered, and the blocks around it.

    `function`: the code of the function that the manager decorates; `inside`: what part of this package entered it.
    """

    __slots__ = ("manager", "code", "place", "outer", "function", "inside")

    def __init__(self, manager, place, outer=None, function=None, inside=None):
        self.manager, self.outer, self.function, self.inside = manager, outer, function, inside
        self.code, self.place = place

    line = property(lambda self: line(self.code, self.place), doc="The `Line` where it was entered.")

    def all(self):
        """This block and those around it, inner first, each line once."""
        found, block = {}, self
        while block is not None:
            found.setdefault(block.line, block)
            block = block.outer
        return list(found.values())
