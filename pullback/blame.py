"""Errors that name both sides: notes with the lines of the user's program that led to an error of the gradient system.

The error's own text stays torch's; the notes stand below it in a traceback. All of this runs only with an error on its way,
but for `Backward`, of which the engine makes one for every backward that it runs.
"""

import re

from . import origin
from .errors import FREED, STALE
from .graph import Leaf, clock, new
from .mode import current_mode
from .origin import line

TRACK = ("Where the gradient was lost is known if it is looked for: run the program with `pullback explain SCRIPT`, or the "
         "lines in question inside `with pullback.explain.track():`, and this note tells the line.")
_HERE = "This happened in the backward"


class Note(str):
    """A note of ours, by which `explain(error)` knows it."""


class Backward:
    """A backward that ran: when, and where it was called. Nodes have it in the place of the values it freed."""

    __slots__ = ("time", "code", "place")

    def __bool__(self):
        return False

    def __iter__(self):
        return iter(())

    line = property(lambda self: line(self.code, self.place), doc="The `Line` that called it.")


def backward(frame):
    """The mark of a backward that begins now, called from `frame` or around it."""
    this = new(Backward)
    this.time = next(clock)
    this.code = code = frame.f_code
    if code is not origin.code:
        frame = origin.caller(frame)
        this.code = frame.f_code
    this.place = frame.f_lasti
    return this


def is_freed(node):
    """Whether a backward freed what the node kept."""
    return type(node.saved) is Backward


def noted(error, *parts):
    """`error` with a note of the sentences and places in `parts`; those that are None are left out."""
    error.add_note(Note("\n".join([part for part in parts if part])))
    return error


def notes(error):
    """The notes of ours on an error."""
    return [note for note in getattr(error, "__notes__", ()) if isinstance(note, Note)]


# ---- words ---------------------------------------------------------------------------------------------------------------
def at(line):
    """A place in the program: file, line and function, and below it the text."""
    if line is None:
        return "at a place that is not known"
    return f"at {line}" + (f", in {line.function}" if line.function != "<module>" else "") + (
        f"\n    {line.text}" if line.text else "")


def kind(shaped):
    """The dtype and shape of a tensor, an array or a node."""
    array = getattr(shaped, "_array", shaped)
    return f"{array.dtype} {list(array.shape)}"


def operation(edge):
    """The name of the operation behind an edge, as users call it."""
    return called((edge.target()[0] or edge).name())


def called(node):
    """The operation that has a node of this name, as users call it; custom Functions and other names as they are."""
    name, ours = re.subn(r"Backward(\d+|s)$", "", node.rpartition("::")[2])
    if not ours:
        return name.removesuffix("Backward")
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])", "_", name).lower()


def made(edge):
    """Where the value behind an edge comes from: a leaf, or the operation that made it."""
    if edge is None:
        return "which needs no gradient itself"
    if type(edge) is Leaf:
        return f"a leaf, made to require a gradient {at(edge.line)}"
    return f"the result of `{operation(edge)}` {at(edge.line)}"


# ---- errors of the backward ----------------------------------------------------------------------------------------------
def stale(error, node, value, time, edge):
    """`value`, which `node` kept and `edge` made, was overwritten at or after `time`."""
    name = operation(node)
    return noted(
        error,
        f"The value: {kind(value)}, {made(edge)}",
        f"`{name}` kept it for the backward {at(node.line)}",
        f"It was overwritten, before the backward came to `{name}`, {at(value._storage.overwritten(time))}",
        f"What to do: compute a new tensor there instead of writing to this one, or give `{name}` a copy (`.clone()`), or "
        "write after the backward.")


def freed(error, node):
    """The values that `node` kept were freed by an earlier backward."""
    return noted(error, f"The operation whose values were freed: `{operation(node)}` {at(node.line)}",
                 f"They were freed by the backward {at(node.saved.line)}")


def failed(error, node, roots):
    """`error` came up while a backward from `roots` went back through `node`."""
    if str(error) == FREED:
        if is_freed(node):
            _tell_survivor(error, node, roots)
    elif not str(error).startswith(STALE.partition(":")[0]) and not any(_HERE in note for note in notes(error)):
        noted(error, f"{_HERE} of `{operation(node)}`, which was called {at(node.line)}")


def _tell_survivor(error, node, roots):
    """Say which tensor leads from what was computed since the first backward into the part that was freed then."""
    crossing = _crossing(node, roots, node.saved.time)
    if crossing is None:
        noted(error, "Nothing was computed in between: it is the same graph again.",
              "What to do: pass retain_graph=True to the first of the two, add the losses and call backward once, or compute "
              "the loss anew.")
        return
    inner, outer = crossing
    noted(error, f"What leads there: {kind(inner)}, {made(inner)}",
          f"It was used again, after that backward, by `{operation(outer)}` {at(outer.line)}",
          "What to do: cut its history where it is carried on (`.detach()` or `.unchain_backward()`), as in truncated "
          "backpropagation through time; or compute it anew; or keep the graph with retain_graph=True in the earlier backward.")


def _crossing(node, roots, time):
    """The first edge from a node made after `time` to one made before it, on a way from `roots` to `node`; None if none."""
    seen, waiting = set(roots), list(roots)
    while waiting:
        for edge in waiting.pop().inputs:
            if edge is not None and edge not in seen and edge.seq >= node.seq:
                seen.add(edge)
                waiting.append(edge)
    leading = {node}
    for outer in sorted(seen, key=lambda reached: reached.seq):
        for inner in outer.inputs:
            if inner in leading:
                leading.add(outer)
                if inner.seq < time < outer.seq:
                    return inner, outer
    return None


def no_graph(error, tensor):
    """Backward was called on a tensor that requires no gradient."""
    tracker = current_mode().tracker
    known = None if tracker is None else tracker.why_not(tensor)
    return noted(error, *(untracked(tensor) if known is None else [known]))


def untracked(tensor):
    """Why a tensor requires no gradient, as far as it shows without tracking."""
    dtype, mode = tensor._array.dtype, current_mode()
    return [f"The tensor: {kind(tensor)}; no operation was recorded for it.",
            f"{dtype} has no gradients: they exist for floating point and complex numbers." if dtype.kind in "biu" else None,
            f"It was {made(tensor._frozen)}\nand `requires_grad` was set to False since." if tensor._frozen else None,
            "It was made in inference mode, where nothing is recorded." if tensor._inference else None,
            "Gradients are switched off where this is called; what is computed here is not recorded."
            if not mode.recording else None,
            TRACK]


def unused(error, tensor, outputs):
    """`tensor` is not in the graph of `outputs`."""
    tracker = current_mode().tracker
    return noted(error, f"The tensor: {kind(tensor)}, {made(tensor._edge)}",
                 (tracker and tracker.why_unused(tensor, outputs)) or TRACK)


# ---- errors of writes ----------------------------------------------------------------------------------------------------
def leaf_write(error, tensor):
    """A leaf, or a view of one, was to be written to."""
    base = tensor._base
    leaf = tensor if base is None else base
    view = None if base is None or tensor._edge is None else f"The view of it: made {at(tensor._edge.line)}"
    return noted(error, f"The leaf: {kind(leaf)}, made to require a gradient {at(leaf._edge.line)}"
                 if leaf._edge is not None else None, view,
                 "What to do: update it inside `with torch.no_grad():`, as an optimizer does, or write to a `.clone()`.")


def view_write(error, view):
    """A view that may not be written to was."""
    return noted(error, view._edge and f"The view: {kind(view)}, made {at(view._edge.line)}")
