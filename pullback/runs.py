"""Which backward is running: for what must tell one from another, such as hooks on several tensors and checkpoints."""

from contextvars import ContextVar

from .mode import enter_backward, leave_backward


class Run:
    """One backward: the edges it started from, and the nodes it goes through; `whole`: all that it comes to."""

    __slots__ = ("roots", "useful", "whole", "__weakref__")

    def __init__(self, roots, useful):
        self.roots, self.useful, self.whole = roots, useful, useful is None

    def reaches(self, edge):
        """Whether a gradient may arrive at `edge`."""
        if self.useful is None:
            self.useful = behind(self.roots)
        return edge in self.useful


def behind(roots):
    """All edges that are found going back from `roots`, these among them."""
    seen = set(roots)
    waiting = list(seen)
    while waiting:
        for edge in waiting.pop().inputs:
            if edge is not None and edge not in seen:
                seen.add(edge)
                waiting.append(edge)
    return seen


_run = ContextVar("pullback.run", default=None)
current_run = _run.get


def enter_run(grad, roots, useful):
    """Enter the mode of a backward, recording or not, and let `current_run` know it; returns what to go back to."""
    before = enter_backward(grad), current_run()
    _run.set(Run(roots, useful))
    return before


def leave_run(before):
    """Go back to what `enter_run` returned."""
    mode, run = before
    leave_backward(mode)
    _run.set(run)
