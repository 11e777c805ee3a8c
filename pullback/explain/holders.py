"""Which variable of the running program holds a tensor, or a container of tensors."""

import gc

from ..graph import Tensor
from ..origin import _ours
from .walk import target


def _users(frames):
    return [frame for frame in frames if not _ours[frame.f_code.co_filename]]


def _variables(frame):
    """The variables that a frame sees: local ones, then attributes of its objects, then global ones."""
    for space in (frame.f_locals, frame.f_globals):
        for name, value in list(space.items()):
            yield name, value
            if not name.startswith("__") and hasattr(value, "__dict__") and not isinstance(value, (type, type(gc), Tensor)):
                for inner, held in list(vars(value).items()):
                    yield f"{name}.{inner}", held


def name_of(node, frames):
    """The variable that has the tensor that was made where `node` was: what a loop calls it. None if there is none."""
    for frame in _users(frames):
        for name, value in _variables(frame):
            values = value if isinstance(value, tuple) else (value,)
            if any([isinstance(one, Tensor) and one._edge is not None and _alike(target(one._edge), node) for one in values]):
                return name
    return None


def _alike(one, other):
    return one.code is other.code and one.place == other.place


def container_of(tensors, frames):
    """The variable, and its frame, of the container that holds most of `tensors`: `losses`, `log['loss']`. None if unknown."""
    counts, wanted = {}, {id(tensor) for tensor in tensors}
    for holder in gc.get_referrers(*tensors) if tensors else ():
        if isinstance(holder, (list, dict, set)) or hasattr(holder, "append"):
            values = holder.values() if isinstance(holder, dict) else holder
            counts[id(holder)] = sum([id(value) in wanted for value in list(values)])
    counts = {key: count for key, count in counts.items() if count > 1}
    for frame in _users(frames):
        for name, value in _variables(frame):
            if id(value) in counts:
                return name, frame
            for key, inner in list(value.items()) if isinstance(value, dict) else ():
                if id(inner) in counts and value is not frame.f_globals:
                    return f"{name}[{key!r}]", frame
    return None
