"""What there is behind a tensor: its nodes, what each of them keeps for backward, and in which memory."""

from operator import attrgetter

import numpy as np

from ..graph import Leaf, Output, Tensor
from ..ops.packing import Packed
from ..origin import Line


def nodes_behind(edges):
    """Every node that gradients from `edges` reach, oldest first; without the small nodes of single outputs."""
    seen, waiting = set(), [target(edge) for edge in edges if edge is not None]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting.extend([target(edge) for edge in node.inputs if edge is not None])
    return sorted(seen, key=attrgetter("seq"))


def target(edge):
    """The node of the operation behind an edge."""
    return edge.inputs[0] if type(edge) is Output else edge


def edges_of(subject):
    """The edges of a tensor or of several. Raises TypeError for anything else, ValueError where there is no graph."""
    tensors = [subject] if isinstance(subject, Tensor) else list(subject)
    for tensor in tensors:
        if not isinstance(tensor, Tensor):
            raise TypeError(f"expected a tensor or several, but got {type(tensor).__name__}")
    edges = [tensor._edge for tensor in tensors if tensor._edge is not None]
    if not edges:
        raise ValueError("nothing was recorded for this tensor: it does not require a gradient (`explain(tensor)` says why)")
    return edges


class Kept:
    """A value that a node keeps: what the operation calls it (`label`), its `array`, and the `buffer` that lives with it."""

    __slots__ = ("label", "array", "buffer")

    def __init__(self, label, array):
        self.label, self.array, self.buffer = label, array, buffer_of(array)

    @property
    def nbytes(self):
        """The bytes that stay because of this value: those of the whole memory that it is a window on."""
        return self.buffer.nbytes


def buffer_of(array):
    """The array that owns the memory that `array` shows."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def kept_by(node):
    """What `node` keeps for its backward, as a list of `Kept`: saved values, array parameters, a custom function's own."""
    if type(node.saved) is not tuple or type(node) is Leaf:  # freed
        return []
    saved = [Kept(label, array) for label, value in zip(_labels(node), node.saved, strict=False) for array in _arrays(value)]
    return saved + held_by(node)


def held_by(node):
    """The arrays among the operation's parameters, or that a custom function put on its context."""
    return [Kept(label, array) for label, value in _attributes(node).items() for array in _arrays(value)]


def _labels(node):
    record = node.record
    if record is None:
        return [f"saved {place}" for place in range(len(node.saved))]
    rest = [f"{record.starred}[{place}]" for place in range(len(node.inputs) - len(record.inputs))]
    return [*record.inputs, *rest, "result", *record.extras]


def _attributes(node):
    if node.record is not None:
        return getattr(node, "params", None) or {}
    return {f"ctx.{name}": value for name, value in getattr(node, "__dict__", {}).items() if name[0] != "_"}


def _arrays(value):
    """The arrays that a kept value keeps alive, also if hooks packed it, or if it stands for a checkpoint's inputs."""
    if isinstance(value, Tensor):
        return [value._array]
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, (tuple, list)):
        return [array for inner in value for array in _arrays(inner)]
    if isinstance(value, dict):
        return _arrays(list(value.values()))
    if isinstance(value, Packed):
        return _arrays(value.content)
    return _arrays(value.frame.args) if hasattr(value, "frame") else []  # a checkpoint's place in its list


def bytes_by_node(nodes):
    """How many bytes each node keeps: every memory once, with the oldest node that keeps it.

    A leaf's own memory does not count: it is there anyway.
    """
    counted, found = set(leaf_buffers(nodes)), {}
    for node in nodes:
        new = {id(kept.buffer): kept.nbytes for kept in kept_by(node) if id(kept.buffer) not in counted}
        counted.update(new)
        found[node] = sum(new.values())
    return found


def leaf_buffers(nodes):
    """The memory of the leaves among `nodes`: id of the buffer -> the leaf."""
    return {id(buffer_of(node.array)): node for node in nodes if type(node) is Leaf}


def place_of(node):
    """The `Line` of a node, or None where the program's text is not at hand."""
    line = node.line
    return line if isinstance(line, Line) else None


def size(count):
    """A number of bytes for people: `12 B`, `3.4 KiB`."""
    if count < 1024:
        return f"{count} B"
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        count /= 1024
        if count < 1024 or unit == "TiB":
            break
    return f"{count:.1f} {unit}"
