"""What users see of a node of the graph: its hooks, its metadata, and the values it keeps, under torch's names.

Bound to `graph.Node` where tensors get their methods.
"""

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


def __getattr__(self, name):
    """`_saved_*`: the values kept for backward, and the operation's parameters. `_raw_saved_*`: the same, not unpacked.

    Raises RuntimeError on a value that was freed, or written since.
    """
    raw = name.startswith("_raw_saved_")
    found = saved_names(self).get(name[11 if raw else 7:]) if raw or name.startswith("_saved_") else None
    if found is None or (raw and not isinstance(found, Kept)):
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'", name=name, obj=self)
    return SavedTensor(self, found.place) if raw else found.value()


def __dir__(self):
    names = saved_names(self)
    raw = [f"_raw_saved_{name}" for name, found in names.items() if isinstance(found, Kept)]
    return sorted({*object.__dir__(self), *[f"_saved_{name}" for name in names], *raw} - _PRIVATE)


_PRIVATE = {"inputs", "saved", "params", "seq", "shape", "dtype", "watch", "code", "place", "array", "connected", "after",
            "tensor", "record", "pull", "places", "is_own", "kept", "target", "watched", "runs_user_code"}


MEMBERS = {
    "register_hook": register_hook, "register_prehook": register_prehook, "_input_metadata": property(_input_metadata),
    "metadata": property(metadata), "_sequence_nr": _sequence_nr, "__getattr__": __getattr__, "__dir__": __dir__,
}
