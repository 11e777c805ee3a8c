"""What a mode's tracker is told, with nothing done about it: the base of those that care for a part, and two at once."""

from contextlib import contextmanager
from functools import reduce

from ..mode import pop, push, settled


class Listener:
    """A tracker that does nothing; subclasses override what they want to hear."""

    __slots__ = ()

    def under(self, mode):
        """The tracker of `mode`, which a manager is about to enter."""
        return self

    def ran(self, op, inputs, outputs, params):
        """An operation with the record `op` gave `outputs`, and was recorded if it had to be."""

    def operation(self, name, inputs, outputs, cut=None):
        """Something that has no record gave `outputs`."""

    def applies(self, function, args, kwargs):
        """A custom function is about to run."""

    def function(self, node, inputs, outputs, constant):
        """A custom function gave `outputs`."""

    def written(self, target, values):
        """`target` was overwritten with `values`."""

    def drops(self, tensor, how):
        """The history of `tensor` is about to be dropped."""

    def made(self, tensor, data):
        """`tensor` was made of `data`."""

    def left(self, tensor, value, how):
        """The numbers of `tensor` left it as `value`, which is returned."""
        return value

    def cleared(self, tensor):
        """`.grad` of `tensor` was set to None."""

    def backward(self, roots, into):
        """A backward from `roots` is about to run."""

    def why_not(self, tensor):
        """Why `tensor` requires no gradient, in words; None if that was not looked at."""

    def why_unused(self, tensor, outputs):
        """Why `tensor` is not in the graph of `outputs`, in words; None if that was not looked at."""


class _Both(Listener):
    """Two trackers at once: what one is told, the other is told too."""

    def __init__(self, first, second):
        self.first, self.second = first, second

    def under(self, mode):
        return _Both(self.first.under(mode), self.second.under(mode))

    def left(self, tensor, value, how):
        return self.second.left(tensor, self.first.left(tensor, value, how), how)


def _told_to_both(name):
    def tell(self, *args):
        first = getattr(self.first, name)(*args)
        second = getattr(self.second, name)(*args)
        return second if first is None else first

    tell.__name__, tell.__doc__ = name, getattr(Listener, name).__doc__
    return tell


for _name in ("ran", "operation", "applies", "function", "written", "drops", "made", "cleared", "backward", "why_not",
              "why_unused"):
    setattr(_Both, _name, _told_to_both(_name))


def others(kind):
    """What listens now, without those of a kind; None if that is nobody."""
    rest = [tracker for tracker in _parts(settled().tracker) if type(tracker) is not kind]
    return reduce(_Both, rest) if rest else None


def _parts(tracker):
    if tracker is None:
        return []
    return [*_parts(tracker.first), *_parts(tracker.second)] if type(tracker) is _Both else [tracker]


def beside(tracker):
    """`tracker` beside those that listen already; it takes the place of one of its own kind."""
    rest = others(type(tracker))
    return tracker if rest is None else _Both(rest, tracker)


@contextmanager
def listening(tracker):
    """Context manager: `tracker` hears what happens, beside one that does already."""
    push(tracker=beside(tracker))
    try:
        yield
    finally:
        pop()
