"""`with explain.watch():` around a training loop: a graph that grows with every iteration, and values that lose their gradient.

Nodes are numbered by a clock, so the times of the iterations' ends tell which iteration a node is from. A loop that lets go
of its graphs has nodes of the last one or two; where nodes of every iteration are alive, something holds them. If old nodes
are inputs of new ones, it is the operation that joins them; else it is a container of tensors.
"""

import gc
import sys
import warnings
import weakref
from bisect import bisect_right
from contextlib import contextmanager
from time import perf_counter

from ..engine import run_backward
from ..graph import Leaf, Node, Tensor, tick
from ..origin import here, line
from .exits import Exits
from .holders import container_of, name_of
from .listening import Listener, listening
from .names import additions, assigned, carried
from .walk import target

ALWAYS = 32  # iterations whose ends are looked at in any case
SHARE = 0.2  # of the time at most goes into looking for nodes after that


class GraphWarning(UserWarning):
    """The graph grows with every iteration, or a value comes back into it without its gradient."""


@contextmanager
def watch(patience=3):
    """Context manager around a training loop: warn where the graph grows from iteration to iteration, and where a gradient
    is lost because a value leaves the graph and comes back.

    An iteration ends with every `backward()` that is not inside of another; call `step()` of what the manager gives to end
    them yourself. A `GraphWarning` is issued, once a line, when operations of each of the last `patience` iterations (3) are
    still alive at the next one's end; it names the line that joins the old graph to the new one, or adds to the container
    that holds it, and the variable. Also where a number or an array, taken out of a tensor that requires a gradient by
    `item`, `tolist` or `numpy`, takes part in a recorded operation again; a tensor's `detach` alone is taken as meant.
    """
    watcher = _Watcher(patience)
    with listening(watcher):
        yield watcher


class _Notes:
    """Something known of tensors, which it does not keep alive: by identity, since they compare element by element."""

    def __init__(self):
        self.known = {}

    def note(self, tensor, value):
        """Know `value` of `tensor` from now on."""
        key = id(tensor)
        self.known[key] = weakref.ref(tensor, lambda _: self.known.pop(key, None)), value

    def of(self, tensor):
        """What is known of `tensor`; None if nothing is."""
        return self.known.get(id(tensor), (None, None))[1]


class _Watcher(Listener):
    def __init__(self, patience):
        if patience < 1:
            raise ValueError(f"patience must be at least 1, not {patience}")
        self.patience, self.ends, self.by_hand = patience, [tick()], False
        self.warned, self.exits = set(), Exits()
        self.back, self.detached = _Notes(), _Notes()  # tensors made of what left; twins of tensors in the graph
        self.since, self.spent = perf_counter(), 0.0

    # ---- growth ----

    def step(self):
        """End an iteration here. From the first call on, only these count, and `backward` ends none."""
        self.by_hand = True
        self._end()

    def backward(self, roots, into):
        """A backward is about to run."""
        if not (self.by_hand or into == () or _inside_backward()):
            self._end()

    def _end(self):
        begin = perf_counter()
        if len(self.ends) > self.patience and (len(self.ends) < ALWAYS or self.spent <= SHARE * (begin - self.since)):
            if self._all_alive(_living()):
                gc.collect()
                living = _living()
                if self._all_alive(living):
                    self._explain(living)
            self.spent += perf_counter() - begin
        self.ends.append(tick())

    def _iteration(self, node):
        """Which iteration since the beginning a node is from; 0 is what was there before."""
        return bisect_right(self.ends, node.seq)

    def _all_alive(self, living):
        """Whether each of the last `patience` iterations before this one has living operations."""
        alive = {self._iteration(node) for node in living}
        return alive.issuperset(range(len(self.ends) - self.patience, len(self.ends)))

    def _explain(self, living):
        joins = {}
        for node in sorted(living, key=lambda node: node.seq):
            number = self._iteration(node)
            for edge in node.inputs:
                if edge is not None and type(edge) is not Leaf and 0 < self._iteration(target(edge)) < number:
                    joins.setdefault((node.code, node.place), {})[number] = (node, target(edge))
        lasting = [found[max(found)] for found in joins.values() if len(found) >= self.patience - 1]
        for node, source in lasting:
            self._joined(node, source)
        if not lasting:
            self._contained(living)

    def _joined(self, node, source):
        """Warn of the operation that computes on from what an earlier iteration computed."""
        where = line(node.code, node.place)
        name = next(iter(carried(where)), None) or name_of(source, _frames()) or next(iter(assigned(where)), None)
        held = f"`{name}` holds" if name else "it holds"
        self._warn(where, f"the graph grows with every iteration: {where.expression!r} computes on from earlier iterations, and "
                          f"{held} the operations of all of them; detach it (`.detach()`), or add up numbers (`.item()`)")

    def _contained(self, living):
        """Warn of the container that holds results of earlier iterations."""
        consumed = {target(edge) for node in living for edge in node.inputs if edge is not None}
        ends = {id(node): node for node in living if node not in consumed and self._iteration(node) < len(self.ends)}
        tensors = [thing for thing in gc.get_objects() if issubclass(type(thing), Tensor) and thing._edge is not None
                   and id(target(thing._edge)) in ends]
        name, frame = container_of(tensors, _frames()) or (None, None)
        where = max(ends.values(), key=lambda node: node.seq, default=None)
        if where is None:
            return
        where, place = where.line, None
        if name is not None:
            number = next(iter(additions(frame.f_code, name)), None)
            place = number and (frame.f_code.co_filename, number)
        held = f"`{name}` holds them" if name else "something holds them"
        self._warn(where, f"the graph grows with every iteration: results of {where.expression!r} are kept with their whole "
                          f"graph, {held}; keep `.detach()` or `.item()` of them", place)

    # ---- values that leave and come back ----

    def left(self, tensor, value, how):
        """The numbers of `tensor` left it as `value`."""
        if tensor._edge is not None or self.detached.of(tensor):
            self.exits.note(value, (line(*here()), how))
        return value

    def made(self, tensor, data):
        """`tensor` was made of `data`."""
        found = [] if data is None else self._sources(data)
        if found:
            self.back.note(tensor, found[0])

    def operation(self, name, inputs, outputs, cut=None):
        """Something that has no record gave `outputs`; a detached twin still is what is in the graph."""
        if cut in ("detach", "data") and inputs[0]._edge is not None:
            self.detached.note(outputs[0], True)

    def _sources(self, data):
        sources, _ = self.exits.sources(data)
        return [source for source in sources if isinstance(source, tuple)]

    def ran(self, op, inputs, outputs, params):
        """An operation gave `outputs`."""
        found = [source for value in inputs for source in self._returned(value)]
        if not found:
            return
        if outputs[0]._edge is None:
            for output in outputs:
                self.back.note(output, found[0])
            return
        where, (source, how) = line(*here()), found[0]
        self._warn(where, f"no gradient flows through a value here: it left the graph by `{how}` at {source} ({source.text}); "
                          "compute with tensors, or, if this is meant, with `.detach()`")

    def _returned(self, value):
        if isinstance(value, Tensor):
            source = self.back.of(value) if value._edge is None else None
            return [] if source is None else [source]
        return self._sources(value) if type(value) is float else []

    def _warn(self, where, text, place=None):
        file, number = place or (where.file, where.number)
        if (file, number) not in self.warned:
            self.warned.add((file, number))
            warnings.warn_explicit(text, GraphWarning, file, number)


def _living():
    """The living nodes of operations; those of the backward that is about to run included."""
    return [thing for thing in gc.get_objects() if issubclass(type(thing), Node) and thing.inputs]


def _frames():
    """The running frames, the innermost first."""
    frame = sys._getframe(1)
    while frame is not None:
        yield frame
        frame = frame.f_back


def _inside_backward():
    return any(frame.f_code is run_backward.__code__ for frame in _frames())
