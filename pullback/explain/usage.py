"""How much memory a graph keeps for its backward: by line, by module, and what would save it.

What would be saved is found by leaving nodes out of the graph and asking the records of the others what they would keep
then: without a node the operations behind it have one input less that needs a gradient.
"""

import gc
from pathlib import Path

from ..graph import Output, Tensor
from .calls import calls, path_of
from .walk import buffer_of, edges_of, held_by, kept_by, leaf_buffers, nodes_behind, place_of, size, target


class Share:
    """What one line or one module keeps, and the bytes that would go away there.

    `no_grad`: if it ran under `no_grad`; `checkpoint`: if its module were checkpointed; `in_place`: if its activations wrote
    over their inputs, of which the program holds on to the old values. None where this is not possible.
    """

    __slots__ = ("name", "text", "nbytes", "no_grad", "checkpoint", "in_place", "operations")

    def __init__(self, name, text):
        self.name, self.text, self.nbytes, self.operations = name, text, 0, []
        self.no_grad = self.checkpoint = self.in_place = None

    def as_dict(self):
        """The figures, without the nodes."""
        return {"name": self.name, "text": self.text, "bytes": self.nbytes, "no_grad": self.no_grad,
                "checkpoint": self.checkpoint, "in_place": self.in_place, "operations": len(self.operations)}


class MemoryReport:
    """What `memory` found. `total`: the bytes kept for backward; `leaves`: those of the leaves that are kept too, which live
    anyway. `lines` and `modules`: lists of `Share`, the largest first."""

    def __init__(self, total, leaves, lines, modules):
        self.total, self.leaves, self.lines, self.modules = total, leaves, lines, modules

    def as_dict(self):
        """Everything as numbers, strings, lists and dicts."""
        return {"total": self.total, "leaves": self.leaves, "lines": [share.as_dict() for share in self.lines],
                "modules": [share.as_dict() for share in self.modules]}

    def __str__(self):
        from .picture import aligned

        parts = [f"{size(self.total)} kept for backward, and {size(self.leaves)} of parameters and other leaves, "
                 "which live anyway"]
        for title, shares in (("line", self.lines), ("module", self.modules)):
            if shares:
                rows = [("kept", "", title, "", "no_grad saves", "checkpoint saves", "in place saves")]
                rows += [_row(share, self.total) for share in shares]
                parts.append(aligned(rows, right=(0, 1, 4, 5, 6)))
        if not self.modules:
            parts.append("(by module as well: run the forward inside `with pullback.explain.modules():`)")
        return "\n\n".join(parts)

    def __repr__(self):
        return f"<memory: {size(self.total)} kept for backward>"

    def picture(self, path=None):
        """A bar chart of the lines and modules as SVG: returned, or written to `path`."""
        from .chart import bars

        text = bars(self)
        if path is None:
            return text
        Path(path).write_text(text, encoding="utf-8")
        return None


def _row(share, total):
    savings = ["" if count is None else size(count) for count in (share.no_grad, share.checkpoint, share.in_place)]
    return (size(share.nbytes), f"{100 * share.nbytes / max(total, 1):.0f} %", share.name, share.text[:60], *savings)


def memory(tensors):
    """The memory that the graph of a tensor (a loss), or of several, keeps for backward, by source line and by module.

    Every memory counts once, with the first operation that keeps it, and whole, also if only a view of it is kept. That of
    leaves that require a gradient is listed apart: it lives anyway. Modules are known for what ran inside
    `with explain.modules():`. Call it before the backward, which frees what is kept. Raises ValueError if nothing was
    recorded for the tensors.
    """
    graph = _Kept(edges_of(tensors))
    lines, modules = {}, {}
    for node in graph.nodes:
        nbytes, line, path = graph.own[node], place_of(node), path_of(node.seq)
        if node.inputs and line is not None:
            _add(lines, (line.file, line.number), f"{Path(line.file).name}:{line.number}", line.text, node, nbytes)
        for outer in _outer_paths(path):
            _add(modules, outer, outer, "", node, nbytes)
    for share in (*lines.values(), *modules.values()):
        share.no_grad = graph.total - graph.without(share.operations) or None
        share.in_place = sum([graph.in_place(node) for node in share.operations]) or None
    for path, share in modules.items():
        saved = graph.total - graph.checkpointed(share.operations, _inputs_of(path))
        share.checkpoint = saved if saved > 0 else None
    return MemoryReport(graph.total, graph.leaves, _largest(lines), _largest(modules))


def _add(shares, key, name, text, node, nbytes):
    share = shares.get(key)
    if share is None:
        share = shares[key] = Share(name, text)
    share.nbytes += nbytes
    share.operations.append(node)


def _outer_paths(path):
    parts = path.split(".") if path else []
    return [".".join(parts[: count + 1]) for count in range(len(parts))]


def _largest(shares):
    kept = [share for share in shares.values() if share.nbytes or share.in_place]
    return sorted(kept, key=lambda share: -share.nbytes)


def _inputs_of(path):
    """The memory of the arguments with which the module at `path` was called, as far as it is alive."""
    return [buffer for call in calls if call.path == path for ref in call.inputs if (buffer := ref()) is not None]


class _Kept:
    """What the nodes of a graph keep, and would keep if it were another."""

    def __init__(self, roots):
        self.roots, self.nodes = [target(edge) for edge in roots], nodes_behind(roots)
        self.leaf, nodes = leaf_buffers(self.nodes), self.nodes
        self.kept = {node: kept_by(node) for node in nodes}
        self.own, counted, leaves = {}, set(), {}
        for node in nodes:
            new = {id(kept.buffer): kept.nbytes for kept in self.kept[node]}
            leaves |= {key: nbytes for key, nbytes in new.items() if key in self.leaf}
            new = {key: nbytes for key, nbytes in new.items() if key not in counted and key not in self.leaf}
            counted |= new.keys()
            self.own[node] = sum(new.values())
        self.total, self.leaves, self.buffers = sum(self.own.values()), sum(leaves.values()), counted
        self._holders = None

    def _sum(self, values):
        """The bytes of the memory of these values, each memory once, leaves' not at all."""
        return sum({id(kept.buffer): kept.nbytes for kept in values if id(kept.buffer) not in self.leaf}.values())

    def without(self, gone):
        """The bytes that would be kept if the operations of `gone` had not been recorded."""
        gone = set(gone)
        for node in self.nodes:  # the oldest first, so that what becomes of the inputs is known
            if node.inputs and all(edge is None or target(edge) in gone for edge in node.inputs):
                gone.add(node)
        reached = set(self.roots)
        for node in reversed(self.nodes):
            if node in reached and node not in gone:
                reached.update([target(edge) for edge in node.inputs if edge is not None])
        return self._sum([kept for node in self.nodes if node in reached and node not in gone
                          for kept in self._still_kept(node, gone)])

    def _still_kept(self, node, gone):
        """What `node` would keep if no gradient went on to the nodes of `gone`."""
        op = node.record
        if op is None or not any(edge is not None and target(edge) in gone for edge in node.inputs):
            return self.kept[node]
        needs = tuple([edge is not None and target(edge) not in gone for edge in node.inputs])
        inputs, output = op.kept_for(needs)
        names = [name for name, keep in zip(op.inputs, inputs, strict=False) if keep] + (["result"] if output else [])
        plain = {*op.inputs, "result"}
        return [kept for kept in self.kept[node] if kept.label in names or kept.label not in plain]

    def checkpointed(self, inside, inputs):
        """The bytes that would be kept if the operations of `inside` ran again in backward, from `inputs`."""
        inside = set(inside)
        values = [kept for node in self.nodes for kept in (held_by(node) if node in inside else self.kept[node])]
        found = {id(buffer): buffer.nbytes for buffer in inputs if id(buffer) not in self.leaf}
        found |= {id(kept.buffer): kept.nbytes for kept in values if id(kept.buffer) not in self.leaf}
        return sum(found.values())

    def in_place(self, node):
        """The bytes of this activation's input, if it could be written over and only the program holds on to it."""
        op, source = node.record, node.inputs[0] if len(node.inputs) == 1 else None
        if source is None or op is None or not (op.partial and op.takes_out) or not source.inputs:
            return 0
        if type(source) is Output or source.shape != node.shape or source.dtype != node.dtype:
            return 0
        tensor = self._holder(source)
        buffer = None if tensor is None or tensor._base is not None else buffer_of(tensor._array)
        return 0 if buffer is None or id(buffer) in self.buffers or id(buffer) in self.leaf else buffer.nbytes

    def _holder(self, edge):
        """The living tensor whose history is `edge`, if there is one."""
        if self._holders is None:
            self._holders = {id(thing._edge): thing for thing in gc.get_objects() if issubclass(type(thing), Tensor)}
        return self._holders.get(id(edge))
