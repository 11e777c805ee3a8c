"""What is inside a transform and what is outside: opening a level, and a function's way in and out of differentiation.

There is one graph for all levels of reverse mode. A tensor enters with an edge of its own, an `Entry`, so that every call
has its own inputs to differentiate by; whatever else it meets keeps its history. Nodes are numbered, so those made inside
are the ones numbered while the level was open. On the way out a result whose history does not lead out of the level loses it.
"""

from contextlib import contextmanager

import numpy as np

from ..dtypes import FLOATING, category
from ..engine import grad
from ..graph import Entry, Tensor, storage_of, tick, wrap
from ..mode import inside, settled
from ..trees import tree_map
from .arguments import check_aux


def opened(level, **changes):
    """Context manager: inside it `level` is the innermost transform, and the mode has these `changes`."""
    return inside(transforms=(*settled().transforms, level), **changes)


def _twin(tensor, edge):
    """The same values with another history; in forward mode they have the same tangents."""
    twin = wrap(tensor._array, edge)
    twin._storage, twin._tangents = storage_of(tensor), tensor._tangents
    return twin


class GradLevel:
    """A call of a transform of reverse mode, as a context manager that may be entered again to differentiate further."""

    def __init__(self):
        self.recording = settled().recording  # whether derivatives of the results may be wanted outside
        self.spans = []  # the stretches of the clock in which the level was open
        self.enclosed = set()  # nodes known not to lead out
        self.twins = {}  # by id: (inner tensor, its entry, the tensor outside)

    def __enter__(self):
        self.frame = opened(self, grad=True, inference=False)
        self.frame.__enter__()
        self.spans.append([tick(), None])
        return self

    def __exit__(self, *exception):
        self.spans[-1][1] = tick()
        self.frame.__exit__()
        for twin, _, outside in self.twins.values():
            twin._edge = outside._edge

    @contextmanager
    def again(self, recording):
        """Context manager: what is recorded inside belongs to the level, too. `recording`: the results may be differentiated."""
        self.recording = recording
        self.spans.append([tick(), None])
        try:
            yield
        finally:
            self.spans[-1][1] = tick()

    def enter(self, tree):
        """`tree` with its tensors as leaves of this level. Raises ValueError on what is no tensor, RuntimeError on integers."""
        return tree_map(self._enter, tree)

    def _enter(self, tensor):
        if not isinstance(tensor, Tensor):
            raise ValueError(f"Thing passed to transform API must be Tensor, got {type(tensor)}")
        array = tensor._array
        if category(array.dtype) < FLOATING:
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        entry = Entry(array, tensor._edge)
        twin = _twin(tensor, entry)
        self.twins[id(twin)] = twin, entry, tensor
        return twin

    def gradients(self, outputs, cotangents, retain_graph, create_graph):
        """The gradients by all inputs in order; zeros where an output does not depend on one."""
        inputs = [wrap(twin._array, entry) for twin, entry, _ in self.twins.values()]
        pairs = [(output, g) for output, g in zip(outputs, cotangents, strict=True) if output._edge is not None]
        if not pairs or not inputs:
            return [wrap(np.zeros_like(value._array)) for value in inputs]
        outputs, cotangents = zip(*pairs, strict=True)
        return grad(outputs, inputs, cotangents, retain_graph, create_graph, materialize_grads=True)

    def wanted(self, tensors):
        """Whether derivatives of these results may be wanted outside."""
        return self.recording and self._leads_out([tensor._edge for tensor in tensors if tensor._edge is not None])

    def label(self, tensor):
        """How a tensor is called that depends on an input of this level; None for others."""
        entries = {entry for _, entry, _ in self.twins.values()}
        seen, waiting = set(), [tensor._edge]
        while waiting:
            node = waiting.pop()
            if node in entries:
                return "GradTrackingTensor(lvl={}, value="
            if node is not None and node not in seen and self._owns(node):
                seen.add(node)
                waiting.extend(node.inputs)
        return None

    def _owns(self, node):
        return any([start < node.seq and (end is None or node.seq < end) for start, end in self.spans])

    def _leads_out(self, edges):
        seen = set(edges)
        waiting = list(seen - self.enclosed)
        while waiting:
            node = waiting.pop()
            if not self._owns(node):
                return True
            for edge in node.inputs:
                if edge is not None and edge not in seen and edge not in self.enclosed:
                    seen.add(edge)
                    waiting.append(edge)
        self.enclosed |= seen
        return False

    def leave(self, tree):
        """`tree` with its tensors as they are outside: without a history, unless it leads out."""
        return tree_map(self._leave, tree)

    def _leave(self, tensor):
        if id(tensor) in self.twins:
            return self.twins[id(tensor)][2]
        return tensor if tensor._edge is None or self.wanted([tensor]) else _twin(tensor, None)

    def leave_aux(self, aux):
        """`leave` for what a function returned beside its output. Raises RuntimeError on anything but tensors."""
        check_aux(aux)
        return self.leave(aux)
