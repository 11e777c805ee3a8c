"""What users see of a node of the graph: its hooks, its metadata, and the values it keeps, under torch's names.

Bound to `graph.Node` where tensors get their methods.
"""

from functools import partial

from . import dtypes
from .devices import device
from .graph import Leaf
from .hooks import RemovableHandle
from .ops.packing import SavedTensor
from .ops.saved import Kept, saved_names


def register_hook(self, fn):
    """Call `fn(grad_inputs, grad_outputs)` after each backward through this node: tuples of tensors and None.

    A tuple that it returns replaces `grad_inputs`. Returns a handle with `remove()`.
    """
    return RemovableHandle.into(self.watched().after, fn)


def register_prehook(self, fn):
    """Call `fn(grad_outputs)` before each backward through this node; a tuple that it returns replaces `grad_outputs`.

    Returns a handle with `remove()`.
    """
    return RemovableHandle.into(self.watched().before, fn)


class InputMetadata:
    """What a node expects of the gradient of one of its outputs."""

    __module__ = "pullback._C._autograd"
    is_nested_tensor = is_cpp_nested_tensor = False

    def __init__(self, shape, dtype):
        self.shape, self.dtype, self.device = list(shape), dtypes.of(dtype), device("cpu")


def _input_metadata(self):
    """An `InputMetadata` for each of the node's outputs."""
    shapes = self.shape if isinstance(self.shape, list) else [self.shape]
    return tuple([InputMetadata(shape, self.dtype) for shape in shapes])


def metadata(self):
    """A dict for whatever is to be noted about the node; anomaly mode keeps the traceback of the forward in it."""
    return self.watched().metadata


def _sequence_nr(self):
    """The node's place in the order in which nodes were made; leaves have the highest there is."""
    return 2**64 - 1 if isinstance(self, Leaf) else self.seq


def shown(node):
    """The node as users get it: its type has the properties `_saved_*` and `_raw_saved_*` for what it keeps.

    They are made when first asked for, and no `__getattr__` stands in for them, which would slow every access to every node.
    """
    kind = type(node)
    for name in () if node is None else saved_names(node):
        if not hasattr(kind, f"_raw_saved_{name}"):
            setattr(kind, f"_saved_{name}", property(partial(_saved, name=name)))
            setattr(kind, f"_raw_saved_{name}", property(partial(_raw_saved, name=name)))
    return node


def _saved(node, name):
    """A value the node keeps, or a parameter. Raises RuntimeError if it was freed, or written since."""
    return _found(node, name, f"_saved_{name}").value()


def _raw_saved(node, name):
    """A value the node keeps, not unpacked."""
    return SavedTensor(node, _found(node, name, f"_raw_saved_{name}", Kept).place)


def _found(node, name, attribute, kind=object):
    found = saved_names(node).get(name)
    if found is None or not isinstance(found, kind):
        raise AttributeError(f"'{type(node).__name__}' object has no attribute '{attribute}'", name=attribute, obj=node)
    return found


def _next_functions(self):
    """Pairs (node, output number) the gradient goes on to; (None, 0) where an input needs none."""
    edges = [self.inputs[place] for place in self.places()]
    targets = [(None, 0) if edge is None else edge.target() for edge in edges]
    return tuple([(shown(node), number) for node, number in targets])


def __dir__(self):
    names = saved_names(self)
    raw = [f"_raw_saved_{name}" for name, found in names.items() if isinstance(found, Kept)]
    own = {name for name in object.__dir__(self) if not name.startswith(("_saved_", "_raw_saved_"))}
    return sorted({*own, *[f"_saved_{name}" for name in names], *raw} - _PRIVATE)


_PRIVATE = {"inputs", "saved", "params", "seq", "shape", "dtype", "watch", "code", "place", "array", "connected", "after",
            "tensor", "record", "pull", "places", "is_own", "kept", "target", "watched", "runs_user_code", "leaf"}


MEMBERS = {
    "register_hook": register_hook, "register_prehook": register_prehook, "_input_metadata": property(_input_metadata),
    "metadata": property(metadata), "_sequence_nr": _sequence_nr, "next_functions": property(_next_functions), "__dir__": __dir__,
}
