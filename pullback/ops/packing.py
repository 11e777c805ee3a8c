"""What becomes of values on their way into a node and back: hooks that pack what is kept for backward, and unpack it."""

from .. import blame, errors, shapes
from ..graph import Tensor, storage_of, wrap
from ..mode import no_grad

OWN = "own"  # in place of the edge of a node's own output, which would be a cycle


class Hooks:
    """What `mode.packing` is under a pair of hooks: every value a new node keeps goes through `pack`."""

    def __init__(self, pack, unpack):
        self.pack, self.unpack = pack, unpack

    def recorded(self, node, outputs):
        """Pack what `node`, the operation behind `outputs`, keeps."""
        if node.saved:
            node.saved = tuple([self._packed(node, place, value, outputs) for place, value in enumerate(node.saved)])
            node.watched()  # unpacking is the user's code, and runs in the mode of the backward

    def _packed(self, node, place, value, outputs):
        if isinstance(value, Tensor) and node.is_own(place):  # a twin: the hook is given the output itself
            return self.packed(next(output for output in outputs if output._array is value._array), OWN)
        if isinstance(value, Tensor):
            return self.packed(value)
        return value if value is None or place < len(node.inputs) else self.packed(wrap(value))  # an extra output's array

    def packed(self, tensor, edge=None):
        """`tensor` as the pack hook would have it kept. `edge`: OWN if it is an output of the node that keeps it."""
        return Packed(self.pack, self.unpack, tensor, edge or tensor._edge)

    def before_write(self, target):
        """`target` is about to be written: it may be among what was packed."""


class Disabled:
    """What `mode.packing` is where hooks are forbidden; `message` says why."""

    def __init__(self, message):
        self.message = message

    def recorded(self, node, outputs):
        """Values are kept as they are."""

    def before_write(self, target):
        """Nothing was packed."""


class Packed:
    """A kept value in the form the pack hook gave it, `content`. Raises RuntimeError if the hook writes to the value."""

    __slots__ = ("content", "unpack", "edge", "shape")

    def __init__(self, pack, unpack, tensor, edge):
        before = storage_of(tensor).version
        with no_grad():
            self.content = pack(tensor)
        if storage_of(tensor).version != before:
            raise RuntimeError(errors.PACK_WRITES)
        self.unpack, self.edge, self.shape = unpack, edge, tensor._array.shape

    def opened(self):
        """What the unpack hook makes of it. Raises TypeError if that is no tensor."""
        tensor = self.unpack(self.content)
        if not isinstance(tensor, Tensor):
            raise TypeError("Output of saved tensor unpack_hook expected to be a Tensor but got result of type "
                            f"{type(tensor).__name__}")
        if tensor._array.shape != self.shape:
            shapes.broadcast(self.shape, tensor._array.shape)  # raises where the operation's rule could do nothing with it
        return tensor

    def restored(self, node):
        """The tensor with the history that the value had; `node` is the one that keeps it."""
        tensor = self.opened()
        edge = node if self.edge is OWN else self.edge
        return tensor if tensor._edge is edge is None else with_edge(tensor, edge)


def with_edge(tensor, edge):
    """The values of `tensor`, memory and count of writes shared, with another history."""
    twin = wrap(tensor._array, edge)
    twin._storage, twin._tangents = storage_of(tensor), tensor._tangents
    return twin


class SavedTensor:
    """A value kept by a node, not unpacked: what the node's `_raw_saved_*` attributes are."""

    __module__ = "pullback._C._autograd"

    def __init__(self, node, place):
        self._node, self._place = node, place

    def _value(self):
        return None if blame.is_freed(self._node) else self._node.saved[self._place]

    def register_hooks(self, pack_hook, unpack_hook):
        """Let `pack_hook` pack this value now and `unpack_hook` bring it back when it is needed.

        Raises RuntimeError if the value has hooks, is None or was freed, or if the hook writes to it.
        """
        if not (callable(pack_hook) and callable(unpack_hook)):
            raise TypeError("register_hooks(): incompatible function arguments. The following argument types are supported:\n"
                            "    1. (self: torch._C._autograd.SavedTensor, arg0: collections.abc.Callable, arg1: "
                            "collections.abc.Callable) -> None")
        node, value = self._node, self._value()
        if blame.is_freed(node):
            raise blame.freed(RuntimeError(errors.HOOKS_FREED), node)
        if value is None:
            raise RuntimeError("Calling register_hooks on a saved tensor with value None is forbidden")
        if isinstance(value, Packed):
            raise RuntimeError(errors.HOOKS_TWICE)
        tensor = value if isinstance(value, Tensor) else wrap(value)
        edge = OWN if node.is_own(self._place) else tensor._edge
        packed = Packed(pack_hook, unpack_hook, with_edge(tensor, None), edge)
        node.saved = (*node.saved[:self._place], packed, *node.saved[self._place + 1:])
        node.watched()

    @property
    def data(self):
        """What the pack hook returned; without hooks, the value itself."""
        value = self._value()
        return value.content if isinstance(value, Packed) else value

    @property
    def unpack_hook(self):
        """The hook that brings the value back; None if it has none."""
        value = self._value()
        return value.unpack if isinstance(value, Packed) else None

    def unpack(self):
        """The value as a tensor. Raises RuntimeError once it was freed, or if it was written since."""
        return self._node.kept(self._place)
