"""What `pullback explain SCRIPT` tells in the end: one backward's graph and memory, and parameters without gradient."""

from contextlib import ExitStack, contextmanager

from ..origin import here, line
from .calls import calls, modules
from .gradient import explanation
from .growth import watch
from .listening import Listener, listening
from .picture import graph
from .tracking import track
from .usage import memory

UNREACHED = 10  # parameters without a gradient that are explained


class ProgramReport(Listener):
    """What was seen of a running program. `graph` and `memory` are those of the backward with the number `wanted`, the first
    being 1; None if there were not so many. `where` is its line."""

    def __init__(self, wanted):
        self.wanted, self.count = wanted, 0
        self.graph = self.memory = self.where = None

    def backward(self, roots, into):
        """A backward is about to run: its graph is still whole."""
        self.count += 1
        if self.count == self.wanted and any(root._edge is not None for root in roots):
            self.graph, self.memory, self.where = graph(roots), memory(roots), line(*here())

    def write(self, html=None, svg=None, chart=None):
        """Write the graph as a page and as a picture, and the memory as a chart, to the paths that are given."""
        if self.graph is None:
            return
        for target, write in ((html, self.graph.html), (svg, self.graph.svg), (chart, self.memory.picture)):
            if target is not None:
                write(target)

    def __str__(self):
        parts = ["no backward ran" if not self.count else f"{self.count} backward" + ("s" if self.count > 1 else "") + " ran"]
        if self.graph is not None:
            parts[0] += f"; number {self.wanted}, at {self.where}: {self.where.text}"
            parts += [str(self.graph), f"memory: {self.memory}"]
        return "\n\n".join(parts + _without_gradient() if self.count else parts)


def _without_gradient():
    """Why parameters of the modules that ran have no gradient, those that ask for one."""
    found = {}
    for call in calls:
        if call.outer is None:
            found |= {id(tensor): (f"{call.path}.{name}", tensor) for name, tensor in call.module.named_parameters()
                      if tensor.grad is None and tensor.requires_grad}
    told = [f"{name} has no gradient: {explanation(tensor)}" for name, tensor in list(found.values())[:UNREACHED]]
    return told + ([f"and {len(found) - UNREACHED} more parameters have none"] if len(found) > UNREACHED else [])


@contextmanager
def explained(wanted=1):
    """Context manager: look at what runs inside in every way, tracking and watching; gives a `ProgramReport`."""
    report = ProgramReport(wanted)
    with ExitStack() as stack:
        for manager in (track(), modules(), watch(), listening(report)):
            stack.enter_context(manager)
        yield report
