"""torch.autograd.graph: nodes, edges, hooks on what is kept for backward and on several gradients at once."""

import abc
from contextlib import contextmanager
from functools import partial
from weakref import WeakKeyDictionary

from .. import graph
from ..edges import GradientEdge, get_gradient_edge
from ..graph import Tensor, storage_of
from ..hooks import RemovableHandle
from ..mode import pop, push, settled
from ..ops.packing import Disabled, Hooks
from ..runs import current_run
from .mutation import allow_mutation_on_saved_tensors

__all__ = ["GradientEdge", "Node", "allow_mutation_on_saved_tensors", "disable_saved_tensors_hooks", "get_gradient_edge",
           "increment_version", "register_multi_grad_hook", "save_on_cpu", "saved_tensors_hooks"]


class Node(abc.ABC):
    """What every node of the graph is: `isinstance(tensor.grad_fn, Node)`. Nodes are made by operations only."""

    @abc.abstractmethod
    def name(self):
        """The node's name, for instance "MulBackward0"."""

    @property
    @abc.abstractmethod
    def next_functions(self):
        """Pairs (node, output number) that the gradient goes on to; (None, 0) where an input needs none."""

    @abc.abstractmethod
    def metadata(self):
        """A dict for notes about the node."""

    @property
    @abc.abstractmethod
    def _input_metadata(self):
        """Shape, dtype and device of each of the node's outputs."""

    @abc.abstractmethod
    def _sequence_nr(self):
        """The node's place in the order in which nodes were made."""

    @abc.abstractmethod
    def register_hook(self, fn):
        """Call `fn(grad_inputs, grad_outputs)` after each backward through the node; returns a handle with `remove()`."""

    @abc.abstractmethod
    def register_prehook(self, fn):
        """Call `fn(grad_outputs)` before each backward through the node; returns a handle with `remove()`."""


Node.register(graph.Node)


class saved_tensors_hooks:
    """Context manager: what operations keep for backward goes through `pack_hook`, and comes back through `unpack_hook`.

    `pack_hook(tensor)` may return anything, and must not write to the tensor; `unpack_hook` gets that and returns a tensor
    of the same values. Of several pairs the innermost counts. Values of `Function.save_for_backward` take part.
    Raises RuntimeError inside `disable_saved_tensors_hooks`.
    """

    def __init__(self, pack_hook, unpack_hook):
        self.pack_hook, self.unpack_hook = pack_hook, unpack_hook

    def __enter__(self):
        for hook in (self.pack_hook, self.unpack_hook):
            if not callable(hook):
                raise TypeError("_push_saved_tensors_default_hooks(): incompatible function arguments. The following argument "
                                "types are supported:\n    1. (arg0: collections.abc.Callable, arg1: "
                                "collections.abc.Callable) -> None")
        packing = settled().packing
        if isinstance(packing, Disabled):
            raise RuntimeError(packing.message)
        push(packing=Hooks(self.pack_hook, self.unpack_hook))

    def __exit__(self, *exception):
        pop()


class save_on_cpu(saved_tensors_hooks):
    """Context manager: what is kept for backward waits on the CPU, where it is anyway. `pin_memory` makes copies of it."""

    def __init__(self, pin_memory=False, device_type="cuda"):
        def pack(tensor):
            kept = tensor.detach()
            return kept.device, kept.clone() if pin_memory else kept.cpu()

        super().__init__(pack, lambda packed: packed[1].to(packed[0]))


@contextmanager
def disable_saved_tensors_hooks(error_message):
    """Context manager and decorator under which `saved_tensors_hooks` raises RuntimeError(error_message).

    Raises that error itself where hooks are in force already.
    """
    if isinstance(settled().packing, Hooks):
        raise RuntimeError(error_message)
    push(packing=Disabled(error_message))
    try:
        yield
    finally:
        pop()


def increment_version(tensor):
    """Count a write to `tensor`, or to each of an iterable of tensors: values kept of it are stale from now on.

    Raises RuntimeError on what is neither. Inference tensors have no version, and are passed over.
    """
    try:
        tensors = (tensor,) if isinstance(tensor, Tensor) else tuple(tensor)
    except TypeError:
        raise RuntimeError("increment_version expect a Iterable[Tensor] as input") from None
    if not all(isinstance(each, Tensor) for each in tensors):
        raise RuntimeError("increment_version expects each element of the iterable to be a tensor")
    for each in tensors:
        if each._inference is not True:
            storage_of(each).write()


class _Gradients:
    """The gradients of several tensors that have arrived in one backward."""

    def __init__(self, run, edges):
        self.gradients = [None] * len(edges)
        self.missing = sum(run.reaches(edge) for edge in edges)

    def arrived(self, place, gradient):
        """Note the gradient; whether it was the last."""
        self.gradients[place] = gradient
        self.missing -= 1
        return self.missing == 0


class _MultiHandle(RemovableHandle):
    """The handle of a hook on several tensors."""

    def __init__(self, handles):
        self.handles = tuple(handles)

    def remove(self):
        """Remove the hook from all tensors."""
        for handle in self.handles:
            handle.remove()

    def __getstate__(self):
        return self.handles

    def __setstate__(self, state):
        self.handles = state


def register_multi_grad_hook(tensors, fn, *, mode="all"):
    """Call `fn` once a backward, when the gradients of several tensors were computed.

    `mode="all"`: with the list of the gradients, None for tensors that the backward does not reach; "any": with the first
    gradient alone. What it returns is ignored. Returns a handle with `remove()`. Raises ValueError on another mode.
    """
    if mode not in ("all", "any"):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    if mode == "any":
        seen = WeakKeyDictionary()
        return _MultiHandle([t.register_hook(partial(_first, seen, fn)) for t in tensors if t.requires_grad])
    edges = [tensor._edge for tensor in tensors]
    if None in edges:
        raise AssertionError("Expected gradient function to be set")
    runs = WeakKeyDictionary()
    return _MultiHandle([t.register_hook(partial(_collected, runs, edges, fn, place)) for place, t in enumerate(tensors)])


def _first(seen, fn, gradient):
    run = current_run()
    if run not in seen:
        seen[run] = True
        fn(gradient)


def _collected(runs, edges, fn, place, gradient):
    run = current_run()
    if run not in runs:
        runs[run] = _Gradients(run, edges)
    if runs[run].arrived(place, gradient):
        fn(runs[run].gradients)
