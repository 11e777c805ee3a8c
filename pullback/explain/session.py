"""What is remembered from the first `track` on, until the next one."""

from collections import deque

from ..graph import tick
from ..origin import here
from .exits import Exits

RUNS = 64  # backwards that are remembered


class Run:
    """A backward that ran: where, from what, and into which tensors' `.grad` (None: all leaves'; empty: none)."""

    def __init__(self, roots, into):
        self.time, self.place = tick(), here()
        self.roots, self.into = roots, into


class Session:
    """What is remembered from the first `track` on: backwards, values that left tensors, the last `number` with a history."""

    def __init__(self):
        self.runs, self.exits, self.number = deque(maxlen=RUNS), Exits(), None


_latest = Session()


def latest():
    """The session that runs, or ran last."""
    return _latest


def begin():
    """Start a session."""
    global _latest
    _latest = Session()
