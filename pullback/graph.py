"""What a tensor is to the gradient system: an array, an edge into the graph, and a storage it may share.

A tensor's `_edge` is the node its gradient goes to: None if it needs none, its `Leaf` if the user created it, else the node
of the operation that made it. Nodes carry a growing number, so a node's inputs always have smaller numbers than the node.
The same clock stamps every write to a storage: a saved value is stale if its storage was written after the node was made.
"""

import weakref
from collections import deque
from itertools import count
from threading import Lock

from numpy import ndarray

from .origin import NOWHERE, here, line

clock = count(1)
tick = clock.__next__
new = object.__new__
_weak = weakref.ref


_forgetting = Lock()


class Storage:
    """What a tensor shares with its views and detached twins: the count, times and places of in-place writes, and the views."""

    version = 0
    written = 0
    writes = None  # when and where the last writes happened
    views = ()
    limit = 8

    def write(self, time=None, place=NOWHERE):
        """Note an in-place write at `time` on the clock, by default now, by the line at `place` of the user's program."""
        self.version += 1
        self.written = time or tick()
        if self.writes is None:
            self.writes = deque(maxlen=64)
        self.writes.append((self.written, *place))

    def version_at(self, time):
        """The version that a node made at `time` saw."""
        return self.version - sum(written >= time for written, *_ in self.writes or ())

    def overwritten(self, time):
        """The `Line` of the first write at or after `time`; None if there was none, or too many since."""
        return next((line(code, place) for written, code, place in self.writes or () if written >= time), None)

    def add_view(self, view):
        """Remember `view` without keeping it alive."""
        views = self.views or self.__dict__.setdefault("views", [])  # which threads do at once
        views.append(_weak(view))
        if len(views) > self.limit:
            self._forget()

    def _forget(self):
        """Take out the references to views that are gone. What other threads add at the same time stays."""
        with _forgetting:
            count = len(self.views)
            self.views[:count] = [ref for ref in self.views[:count] if ref() is not None]
            self.limit = 2 * len(self.views) + 8

    def live_views(self):
        """The views that are still alive."""
        return [view for ref in self.views if (view := ref()) is not None]


DETACHED = "detached"


class Tensor:
    """An array with a gradient history. `tensor.py` gives it its methods; see there for what users see.

    `_array`: the NumPy array. `_edge`: where its gradient goes. The rest is there when it is not the default:
    `_storage` once the memory was shared or written; `_base`, the tensor this one is a view of, and `_made`, how that view
    came about where this forbids writing to it; `_grad`, a leaf's gradient; `_frozen`, its leaf while it requires none;
    `_inference`, made in inference mode (`DETACHED`: the memory of such a tensor under another name, made outside, which may be
    written there); `_tangents`, its tangents by level of forward mode.
    """

    __slots__ = ("_array", "_edge", "_inference", "__dict__", "__weakref__")
    __module__ = "pullback"
    _storage = None
    _base = None
    _made = None
    _grad = None
    _frozen = None
    _volatile = False
    _origin = None  # how it came about, where that is tracked
    _tangents = None


def wrap(array, edge=None):
    """A tensor on `array`, which it takes over."""
    tensor = new(Tensor)
    tensor._array = array
    tensor._edge = edge
    tensor._inference = False
    if type(array) is not ndarray and hasattr(array, "tracer"):  # a value that only stands for an array must be replaced
        array.tracer.made(tensor)
    return tensor


def storage_of(tensor):
    """The tensor's storage, made when first asked for."""
    storage = tensor._storage
    if storage is None:
        storage = tensor._storage = Storage()
    return storage


class Watch:
    """Who looks at the gradient that arrives at a node, and at the node itself; and what is noted about it."""

    __slots__ = ("hooks", "retain", "before", "after", "metadata")

    def __init__(self):
        self.hooks = {}  # functions of the gradient, in order of registration
        self.retain = None  # weak reference to the tensor whose .grad is to be filled
        self.before, self.after = {}, {}  # the node's hooks, called before and after its own work
        self.metadata = {}

    @property
    def hooked(self):
        """Whether the node has hooks of its own."""
        return bool(self.before or self.after)


NOBODY = Watch()  # what nodes have that nobody watches but that are none of the usual ones, with one output and a record


class Node:
    """One recorded operation: where gradients go on to (`inputs`), and what its rule needs (`saved`, `params`).

    `saved` is None once it was freed. `shape` and `dtype` (NumPy's) are those of the output, and so of its gradient.
    `watch`, a `Watch`, is there where somebody looks at the gradient, or where the engine must look closer; else None.
    `code` and `place` say where the operation was called; `line` makes sense of them.
    """

    __slots__ = ("inputs", "saved", "params", "seq", "shape", "dtype", "watch", "code", "place")
    record = None
    leaf = False  # whether a tensor with this edge was made by the user, or is to look so
    runs_user_code = False  # so that the engine must be in the grad mode of the backward

    def name(self):
        """The node's name, as torch spells it."""
        return type(self).__name__

    def places(self):
        """Which of `inputs` are among torch's: not those that have no gradient whatever they are."""
        return range(len(self.inputs)) if self.record is None else self.record.differentiable(self)

    def watched(self):
        """The node's `Watch`, made when first asked for."""
        if self.watch is None or self.watch is NOBODY:
            self.watch = Watch()
        return self.watch

    def target(self):
        """How a consumer names this edge: the node, and which of its outputs it consumed."""
        return self, 0

    @property
    def line(self):
        """The `Line` of the user's program that called the operation."""
        return line(self.code, self.place)

    @property
    def requires_grad(self):
        """True: a node is there only if something asked for a gradient."""
        return True


class Output(Node):
    """One output of an operation that has several: hands its gradient on to its place in the operation's node."""

    __slots__ = ("index",)

    def __init__(self, node, index, array):
        self.inputs, self.saved, self.watch, self.index = (node,), (), NOBODY, index
        self.seq, self.shape, self.dtype = tick(), array.shape, array.dtype
        self.code, self.place = node.code, node.place

    def target(self):
        return self.inputs[0], self.index


class Leaf(Node):
    """The end of the road: adds the gradient up in its tensor's `.grad`. Knows the tensor weakly, its array strongly."""

    __slots__ = ("tensor", "array", "connected", "after")
    leaf = True

    def __init__(self, tensor, connected=True):
        self.inputs, self.saved, self.watch = (), (), NOBODY
        self.tensor, self.array, self.connected = weakref.ref(tensor), tensor._array, connected
        self.seq, self.shape, self.dtype = tick(), tensor._array.shape, tensor._array.dtype
        self.code, self.place = here()
        self.after = None  # hooks to call with the tensor once its gradient was accumulated

    def name(self):
        return "torch::autograd::AccumulateGrad"

    def target(self):
        return (self, 0) if self.connected else (None, 0)

    @property
    def runs_user_code(self):
        """Whether hooks wait for the gradient to be accumulated."""
        return self.after is not None

    @property
    def variable(self):
        """The tensor that accumulates here; one on the same memory if the original is gone."""
        tensor = self.tensor()
        if tensor is None:
            tensor = wrap(self.array, self)
            self.tensor = weakref.ref(tensor)
        return tensor


Leaf.__name__ = "AccumulateGrad"
Leaf.__module__ = "builtins"


class Entry(Node):
    """Where a tensor enters a function that is differentiated: a leaf inside, from which gradients go on to its history."""

    __slots__ = ()
    leaf = True

    def __init__(self, array, history):
        self.inputs, self.saved, self.watch = () if history is None else (history,), (), None
        self.seq, self.shape, self.dtype = tick(), array.shape, array.dtype
        self.code, self.place = here()

    def pull(self, g, as_tensors):
        """Hand the gradient on as it is."""
        return (g,)


def make_leaf(tensor, connected=True):
    """Let `tensor` require a gradient as a leaf. A view of it made under no_grad is not `connected` to anything."""
    tensor._edge = Leaf(tensor, connected)
    return tensor


def is_leaf(tensor):
    """True if the user created the tensor, or nothing recorded how it came about."""
    edge = tensor._edge
    return edge is None or edge.leaf
