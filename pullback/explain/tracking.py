"""Tracking: every tensor made while it is on knows how it came about."""

import sys

from ..graph import Tensor, tick
from ..mode import _DecoratorContextManager, change, pop, push, settled, start_with
from ..origin import _ours, here
from .listening import Listener, beside, others
from .origin import Block, Origin, origin_of
from .session import Run, begin, latest


class Tracker(Listener):
    """What a mode that tracks notes: `session` is where, `block` what switched gradients off, if anything did."""

    __slots__ = ("session", "block")

    def __init__(self, session, block=None):
        self.session, self.block = session, block

    def under(self, mode):
        """The tracker of `mode`, which a manager is about to enter: it knows where gradients were switched off."""
        if mode.recording:
            return self if self.block is None else Tracker(self.session)
        return Tracker(self.session, _block(mode, self.block))

    def ran(self, op, inputs, outputs, params):
        """An operation with the record `op` gave `outputs`."""
        self.operation(op.node.__name__, inputs, outputs)

    def operation(self, name, inputs, outputs, cut=None):
        """An operation gave `outputs`; `name` is its own or that of its node."""
        origins = tuple([origin_of(value) for value in inputs if isinstance(value, Tensor)])
        edge = outputs[0]._edge if outputs else None
        place = here() if edge is None else (edge.code, edge.place)
        for output in outputs:
            output._origin = Origin(name, origins, output, place, cut, self.block)

    def written(self, target, values):
        """`target` was overwritten with `values`, the result of an operation; so were its base and the base's views."""
        if target._edge is not None and values._edge is None:  # unrecorded: the history stays
            return
        target._origin, place, base = origin_of(values), here(), target._base
        if base is not None:
            base._origin = Origin("a write to a view", (base._origin or origin_of(base), target._origin), base, place, None,
                                  self.block)
        owner = target if base is None else base
        for view in owner._storage.live_views():
            if view is not target and view._base is owner:
                view._origin = Origin("a view", (owner._origin,), view, place, None, self.block)

    def function(self, node, inputs, outputs, constant):
        """A custom function gave `outputs`, of which those in `constant` were marked as not differentiable."""
        outputs = [output for output in outputs if isinstance(output, Tensor)]
        self.operation(node.name(), inputs, outputs)
        for output in outputs:
            if any([output is one for one in constant]):
                output._origin.cut = "marked"

    def drops(self, tensor, how):
        """The history of `tensor` is about to be dropped, in place."""
        tensor._origin = origin = Origin(how, (origin_of(tensor),), tensor, here(), how, self.block)
        origin.needs = False

    def made(self, tensor, data):
        """`tensor` was made of `data`, which is no tensor or loses what history it had; None: of nothing."""
        inputs, sure = ((), True) if data is None else self.session.exits.sources(data)
        tensor._origin = origin = Origin("tensor", inputs, tensor, here(), "made", None, sure)
        if not inputs and isinstance(data, float):
            origin.after = self.session.number

    def left(self, tensor, value, how):
        """The numbers of `tensor` left it as `value`, which is returned."""
        origin = Origin(how, (origin_of(tensor),), tensor, here(), "left")
        origin.needs = False
        if isinstance(value, float) and origin.inputs[0].needs:
            self.session.number = origin
        self.session.exits.note(value, origin)
        return value

    def cleared(self, tensor):
        """`.grad` of `tensor` was set to None."""
        if tensor._grad is not None:
            origin_of(tensor).cleared = (tick(), *here())

    def backward(self, roots, into):
        """A backward from `roots` is about to run."""
        self.session.runs.append(Run([origin_of(root) for root in roots], into and [origin_of(tensor) for tensor in into]))

    def why_not(self, tensor):
        """Why a tensor requires no gradient, in words."""
        from .causes import of_flag

        return of_flag(tensor).text()

    def why_unused(self, tensor, outputs):
        """Why `tensor` is not in the graph of `outputs`, in words."""
        from .gradient import between

        return between(tensor, outputs).text()


def _block(mode, outer):
    """The block that is being entered: who entered it is read off the frames of this package."""
    frame, manager, function, inside = sys._getframe(2), "", None, None
    while frame is not None and _ours[frame.f_code.co_filename]:
        code, name = frame.f_code, frame.f_code.co_qualname
        if name.endswith((".__enter__", ".__init__")) and not manager:
            manager = name.partition(".")[0]
        elif "func" in code.co_freevars:
            function = function or getattr(frame.f_locals["func"], "__code__", None)
        elif not code.co_filename.endswith("mode.py"):
            inside = inside or name
        frame = frame.f_back
    return Block(manager or _manager(mode), here(), outer, function, inside)


def _manager(mode):
    return "inference_mode" if mode.inference else "no_grad"


# ---- on and off ----------------------------------------------------------------------------------------------------------
_open = 0  # how many have tracking on


def _begin():
    global _open
    if not _open:
        begin()
    _open += 1
    mode = settled()  # this context begins before the change, so that it ends as it was
    start_with(tracker=Tracker(latest()))
    return Tracker(latest(), None if mode.recording else Block(_manager(mode), (None, None)))


def _end():
    global _open
    _open -= 1
    if not _open:
        start_with(tracker=None)


def on():
    """Track from here on, in this context and in threads that start from now on, until `off`."""
    change(tracker=beside(_begin()))


def off():
    """End what `on` began. What was noted stays. Raises RuntimeError if tracking is not on."""
    if not _open:
        raise RuntimeError("explain.off() without explain.on()")
    _end()
    change(tracker=beside(Tracker(latest())) if _open else others(Tracker))


class track(_DecoratorContextManager):
    """Context manager and decorator: remember, of every tensor made inside, how it came about, for `explain` to tell.

    Threads that start inside are tracked too. Operations take up to twice as long.
    """

    __module__ = "pullback.explain"

    def __enter__(self):
        push(tracker=beside(_begin()))

    def __exit__(self, *exception):
        _end()
        pop()
