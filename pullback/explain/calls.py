"""Which module ran which operation: `with explain.modules():` notes when every call of a module began and ended.

The clock that numbers nodes tells the rest: a node belongs to the innermost call during which it was made. While nobody
notes anything, calling a module and running an operation cost what they always cost: the note-taking call takes the place
of the usual one only for the time of the block.
"""

import weakref
from bisect import bisect_right
from contextlib import contextmanager

from ..graph import Tensor, tick
from ..nn.modules._calls import Calls
from .walk import buffer_of

_LIMIT = 200_000


class Call:
    """One call of a module: its `path` (`Net.blocks.0.fc1`), from when to when, and the memory of its arguments, weakly."""

    __slots__ = ("path", "module", "start", "end", "outer", "inputs")

    def __init__(self, module, outer, args):
        self.module, self.outer, self.start, self.end = module, outer, tick(), None
        self.path = _path(module, outer)
        self.inputs = [weakref.ref(buffer_of(value._array)) for value in args if isinstance(value, Tensor)]


def _path(module, outer):
    """The module's name within the call around it; modules that hold one another tell it, others are called by their class."""
    kind = type(module).__name__
    while outer is not None:
        name = next((name for name, inner in outer.module.named_modules() if inner is module), None)
        if name:
            return f"{outer.path}.{name}"
        outer = outer.outer
    return kind


calls = []  # those noted last, in the order in which they began
_open = []  # those that are running
_depth = 0


@contextmanager
def modules():
    """Context manager: note which module runs which operation, for `explain.memory` and `explain.graph`.

    Belongs around the forward. What was noted in the block before is forgotten; the blocks may be nested.
    """
    global _depth
    usual = Calls.__call__
    if _depth == 0:
        calls.clear()
        Calls.__call__ = Calls._call_impl = _noting(usual)
    _depth += 1
    try:
        yield
    finally:
        _depth -= 1
        if _depth == 0:
            Calls.__call__ = Calls._call_impl = usual


def _noting(usual):
    def __call__(self, *args, **kwargs):
        call = Call(self, _open[-1] if _open else None, (*args, *kwargs.values()))
        if len(calls) >= _LIMIT:
            del calls[: _LIMIT // 2]
        calls.append(call)
        _open.append(call)
        try:
            return usual(self, *args, **kwargs)
        finally:
            call.end = tick()
            _open.pop()

    return __call__


def call_of(seq):
    """The innermost call during which the node numbered `seq` was made; None outside of all, or where nobody noted."""
    place = bisect_right(calls, seq, key=lambda call: call.start) - 1
    call = calls[place] if place >= 0 else None
    while call is not None and call.end is not None and call.end < seq:
        call = call.outer
    return call


def path_of(seq):
    """The path of the module that ran the operation numbered `seq`; empty if no module did, or nobody noted."""
    call = call_of(seq)
    return "" if call is None else call.path
