"""The graph behind a tensor, for people: as text, as a picture, as a page to click through."""

from pathlib import Path

import numpy as np

from ..graph import Leaf
from . import names
from .calls import calls, path_of
from .walk import bytes_by_node, edges_of, kept_by, nodes_behind, place_of, size, target


class Vertex:
    """One box of a drawing: an operation, a leaf, or a group of operations.

    `number` counts from the oldest, `inputs` are the numbers of the vertices it computes from. `line` is the `Line` of the
    program, `module` the path of the module whose forward ran it (known under `explain.track()`), `saved` what it keeps
    for backward, as dicts, and `nbytes` how much that is. `count` is how many operations a group stands for.
    """

    __slots__ = ("number", "kind", "name", "shape", "dtype", "line", "module", "inputs", "saved", "nbytes", "count")

    def __init__(self, **fields):
        for name, value in fields.items():
            setattr(self, name, value)

    @property
    def where(self):
        """`file.py:12`, without the folder; empty if the line is not known."""
        return "" if self.line is None else f"{Path(self.line.file).name}:{self.line.number}"

    @property
    def text(self):
        """The program's text there."""
        return "" if self.line is None else self.line.text

    @property
    def form(self):
        """Shape and dtype of the result: `(4, 3) float32`."""
        return "" if self.shape is None else f"{shape_text(self.shape)} {self.dtype}"

    def as_dict(self):
        """Everything that is known, for JSON."""
        line = self.line
        return {"number": self.number, "kind": self.kind, "name": self.name, "form": self.form, "inputs": self.inputs,
                "file": line and line.file, "line": line and line.number, "function": line and line.function,
                "text": self.text, "where": self.where, "module": self.module, "saved": self.saved, "bytes": self.nbytes,
                "kept": size(self.nbytes) if self.nbytes else "", "count": self.count}


def shape_text(shape):
    """A shape, or the shapes of several outputs: `(4, 3)`, `(4,) (4,)`."""
    return " ".join(map(str, shape)) if isinstance(shape, list) else str(tuple(shape))


class Graph:
    """The graph behind tensors, frozen at the time of the call. `print` it, or write it with `svg` or `html`."""

    FULL = 200  # a longer text is one line a source line

    def __init__(self, vertices):
        self.vertices = vertices

    @property
    def edges(self):
        """Pairs (from, to) of vertex numbers, from an input to what is computed from it; each pair once."""
        return list(dict.fromkeys((source, vertex.number) for vertex in self.vertices for source in vertex.inputs))

    def grouped(self, by):
        """The same graph with one vertex for all operations of a `"line"`, or of a `"module"` with its parameters.

        Raises ValueError for another `by`.
        """
        if by not in _KEYS:
            raise ValueError(f"a graph is grouped by 'line' or by 'module', not by {by!r}")
        return Graph(_merged(self.vertices, _KEYS[by](self.vertices)))

    def __str__(self):
        if len(self.vertices) > self.FULL:
            lines = self.grouped("line")
            return f"{self._summary()}; one line of the program each:\n\n{_table(lines.vertices[-self.FULL:])}"
        return f"{self._summary()}:\n\n{_table(self.vertices)}"

    def __repr__(self):
        return f"<{self._summary()}>"

    def _summary(self):
        leaves = sum(vertex.kind == "leaf" for vertex in self.vertices)
        operations = sum(vertex.count for vertex in self.vertices if vertex.kind != "leaf")
        kept = sum(vertex.nbytes for vertex in self.vertices)
        return f"graph: {_plural(operations, 'operation')}, {_plural(leaves, 'leaf', 'leaves')}, {size(kept)} kept for backward"

    def svg(self, path=None, *, engine=None):
        """The drawing as SVG: returned, or written to `path`.

        `engine`: "dot" to have graphviz lay it out, "own" for the layered layout of this package; by default graphviz
        where it is installed and the graph is small enough for it. The picture's description says which one it was.
        """
        from .svg import drawing

        return _written(drawing(self, engine), path)

    def html(self, path=None):
        """One page without anything from outside, to look around in: returned, or written to `path`.

        It has the operations, the lines and the modules as three views, with search, pan and zoom; a click shows a vertex's
        line, shape, dtype, saved values and bytes.
        """
        from .page import page

        return _written(page(self), path)

    def dot(self):
        """The graph in graphviz's language."""
        from .svg import dot_source

        return dot_source(self)


def _plural(count, one, many=None):
    return f"{count} {one if count == 1 else many or one + 's'}"


def _written(text, path):
    if path is None:
        return text
    Path(path).write_text(text, encoding="utf-8")
    return None


def graph(tensors, *, names=None):
    """The graph behind a tensor, or several: an object to `print`, or to write as `.svg(path)` or `.html(path)`.

    `names`: a module, or a dict from names to tensors, so that leaves are called what they are called there; without it,
    what their line of the program calls them. Raises ValueError if nothing was recorded for the tensors.
    """
    nodes = nodes_behind(edges_of(tensors))
    numbers = {node: number for number, node in enumerate(nodes)}
    known, nbytes = _known(names), bytes_by_node(nodes)
    return Graph([_vertex(node, numbers, known, nbytes[node]) for node in nodes])


def _known(names):
    """The names of leaves: id of the leaf -> name. Without `names`, those that the modules noted last give them."""
    if names is None:
        pairs = [(f"{call.path}.{name}", tensor) for call in calls if call.outer is None
                 for name, tensor in call.module.named_parameters()]
    else:
        pairs = names.items() if isinstance(names, dict) else names.named_parameters()
    return {id(tensor._edge): name for name, tensor in pairs}


def _vertex(node, numbers, known, nbytes):
    leaf = type(node) is Leaf
    line = place_of(node)
    return Vertex(
        number=numbers[node], kind="leaf" if leaf else "operation", name=_leaf_name(node, line, known) if leaf else node.name(),
        shape=node.shape, dtype=str(node.dtype), line=line, module="" if leaf else path_of(node.seq), count=1, nbytes=nbytes,
        inputs=[numbers[target(edge)] for edge in node.inputs if edge is not None],
        saved=[_saved(kept) for kept in kept_by(node)])


def _leaf_name(node, line, known):
    name = known.get(id(node))
    if name is None and line is not None:
        name = next(iter(names.assigned(line)), None)
    return name or "leaf"


def _saved(kept):
    return {"label": kept.label, "form": f"{shape_text(kept.array.shape)} {kept.array.dtype}", "bytes": kept.nbytes,
            "size": size(kept.nbytes), "values": _preview(kept.array)}


def _preview(array, limit=6):
    """The first few values, as text."""
    flat = array.flat[:limit] if array.size else []
    shown = ", ".join([f"{value:.4g}" if np.issubdtype(array.dtype, np.number) else str(value) for value in flat])
    return shown + (", …" if array.size > limit else "")


# ---- groups --------------------------------------------------------------------------------------------------------------

FEW = 3  # a module of fewer operations on the average is shown as part of the one around it


def _by_line(vertices):
    return {vertex.number: (vertex.line.file, vertex.line.number) for vertex in vertices
            if vertex.kind != "leaf" and vertex.line is not None}


def _by_module(vertices):
    """The modules at the greatest depth at which they still have a few operations each; with the leaves that only one uses."""
    paths = {vertex.number: vertex.module.split(".") for vertex in vertices if vertex.module}
    depths = range(max(map(len, paths.values()), default=0), 0, -1)
    levels = [{number: ".".join(path[:depth]) for number, path in paths.items() if len(path) >= depth} for depth in depths]
    keys = next((keys for keys in levels if len(keys) >= FEW * len(set(keys.values())) > FEW), levels[0] if levels else {})
    uses = {}
    for vertex in vertices:
        for source in vertex.inputs:
            uses.setdefault(source, set()).add(keys.get(vertex.number))
    leaves = {vertex.number: next(iter(uses[vertex.number])) for vertex in vertices
              if vertex.kind == "leaf" and len(uses.get(vertex.number, ())) == 1}
    return keys | {number: key for number, key in leaves.items() if key is not None}


_KEYS = {"line": _by_line, "module": _by_module}


def _merged(vertices, keys):
    """One vertex for all vertices with one key, in order of their first operation; what has no key stays single."""
    members = {}
    for vertex in vertices:
        key = keys.get(vertex.number)
        members.setdefault(("alone", vertex.number) if key is None else key, []).append(vertex)
    ordered = sorted(members.items(), key=lambda item: next((v.number for v in item[1] if v.kind != "leaf"), item[1][0].number))
    places = {vertex.number: place for place, (_, group) in enumerate(ordered) for vertex in group}
    return [_group(place, key, group, places) for place, (key, group) in enumerate(ordered)]


def _group(place, key, group, places):
    last = group[-1]
    inputs = dict.fromkeys(places[source] for vertex in group for source in vertex.inputs)
    inputs.pop(place, None)
    operations = [vertex for vertex in group if vertex.kind != "leaf"]
    alone, module = len(group) == 1, key if type(key) is str else ""
    return Vertex(
        number=place, kind=last.kind if alone else "group", shape=last.shape, dtype=last.dtype, line=last.line,
        name=module or (last.name if alone else _title(operations)), module=module or last.module,
        count=sum([vertex.count for vertex in operations]) or 1, nbytes=sum([vertex.nbytes for vertex in group]),
        inputs=list(inputs), saved=last.saved if alone else [])


def _title(group):
    counts = {}
    for vertex in group:
        name = vertex.name.removesuffix("Backward0")
        counts[name] = counts.get(name, 0) + 1
    said = [name if count == 1 else f"{name} ×{count}" for name, count in counts.items()]
    return ", ".join(said[:3]) + (f" and {len(said) - 3} more" if len(said) > 3 else "")


# ---- text ----------------------------------------------------------------------------------------------------------------


def _table(vertices):
    rows = [("", "operation", "from", "result", "kept", "line", "")]
    rows += [(f"#{vertex.number}", vertex.name, " ".join([f"#{source}" for source in vertex.inputs[:4]]) + (
        " …" if len(vertex.inputs) > 4 else ""), vertex.form, size(vertex.nbytes) if vertex.nbytes else "",
        vertex.where, vertex.text[:70]) for vertex in vertices]
    return aligned(rows, right=(0, 4))


def aligned(rows, right=()):
    """Rows of texts as columns; those numbered in `right` are aligned to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(["  ".join([cell.rjust(width) if place in right else cell.ljust(width) for place, (cell, width) in
                                 enumerate(zip(row, widths, strict=True))]).rstrip() for row in rows])


