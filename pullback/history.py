"""The side of a tensor that looks to the gradient system: its flags, its gradient, its hooks, its detached twins."""

import warnings
import weakref

from . import dtypes, errors
from .engine import backward as _backward
from .engine import ones, run_backward
from .graph import DETACHED, Leaf, Output, Tensor, is_leaf, make_leaf, storage_of, wrap
from .hooks import RemovableHandle
from .mode import current_mode, settled
from .nodes import shown
from .ops.inplace import relocate
from .runs import behind


def _read_only(name):
    def refuse(self, *value):
        raise AttributeError(f"attribute '{name}' of 'torch._C.TensorBase' objects is not writable")

    return refuse


def _get_requires_grad(self):
    """True if a gradient with respect to this tensor is (to be) computed. May be set on leaves."""
    return self._edge is not None


def _set_requires_grad(self, value):
    if not isinstance(value, bool):
        raise RuntimeError("requires_grad must be a bool")
    if value and not is_leaf(self):
        raise RuntimeError(errors.NOT_LEAF_FLAG.partition(" If you want")[0])
    _change(self, value, "only Tensors of floating point and complex dtype can require gradients")


def _change(self, value, not_floating):
    if not is_leaf(self):
        if not value:
            raise RuntimeError(errors.NOT_LEAF_FLAG)
    elif not value:
        _drop(self, settled(), "frozen")
    elif self._edge is None:
        if self._inference and not settled().inference:
            raise RuntimeError(errors.INFERENCE_GRAD)
        if dtypes.category(self._array.dtype) < dtypes.FLOATING:
            raise RuntimeError(not_floating)
        _thaw(self)


def _thaw(self):
    """Let the tensor require a gradient: as the leaf it was before, if it was one, for the graphs and hooks that know that."""
    if self._frozen is None or not self._frozen.connected:
        make_leaf(self)
    else:
        self._edge, self._frozen = self._frozen, None
        relocate(self, self._array)


def _drop(self, mode, how):
    """Forget the tensor's history. `how`: for those who track."""
    if mode.tracker is not None and self._edge is not None:
        mode.tracker.drops(self, how)
    if how == "frozen" and self._edge is not None:
        self._frozen = self._edge
    self._edge = None


def requires_grad_(self, requires_grad=True):
    """Set `requires_grad` and return the tensor.

    Raises RuntimeError on a tensor of integers or bool, and when switching it off on a tensor that is not a leaf.
    """
    if settled().transforms:
        raise RuntimeError(errors.INSIDE.format("requires_grad_", "(or perhaps using torch.autograd.functional.* APIs) "))
    if not isinstance(requires_grad, bool):
        raise TypeError(f"requires_grad_(): argument 'requires_grad' (position 1) must be bool, not "
                        f"{errors.type_name(requires_grad)}")
    _change(self, requires_grad, "only Tensors of floating point dtype can require gradients")
    return self


def _get_grad_fn(self):
    """The node of the operation that made this tensor; None for a leaf."""
    return None if is_leaf(self) else shown(self._edge.target()[0])


def _set_detached(self, value):
    if value is not None:
        raise RuntimeError("_grad_fn can be only set to None")
    _drop(self, settled(), "detach_")


def _get_grad(self):
    """The gradient that `backward` accumulated, None before. Reading it on a tensor that is not a leaf warns."""
    if self._grad is None and not is_leaf(self) and not _get_retains_grad(self):
        warnings.warn(errors.GRAD_NOT_LEAF, stacklevel=2)
    return self._grad


def _set_grad(self, value):
    if current_mode().special:
        _before_reset(self)
    if value is None:
        self._grad = None
        return
    if not isinstance(value, Tensor):
        raise TypeError(f"assigned grad expected to be a Tensor or None but got grad of type {type(value).__name__}")
    if value is self:
        raise RuntimeError("can't assign Variable as its own grad")
    if value._array.dtype != self._array.dtype:
        raise RuntimeError(errors.GRAD_DTYPE.format(errors.c_name(value._array.dtype), errors.title(self._array.dtype)))
    if value._array.shape != self._array.shape:
        raise RuntimeError(
            f"attempting to assign a gradient of size '{list(value._array.shape)}' to a tensor of size "
            f"'{list(self._array.shape)}'. Please ensure that the gradient and the tensor are the same size")
    self._grad = value


def _del_grad(self):
    _before_reset(self)
    self._grad = None


def _before_reset(self):
    mode = settled()
    _raw(self, mode)
    if mode.tracker is not None:
        mode.tracker.cleared(self)


def _get_is_leaf(self):
    """True for tensors the user created, and for all that do not require a gradient."""
    return is_leaf(self)


def _get_version(self):
    """How many in-place writes the tensor's memory has seen. Raises RuntimeError on an inference tensor."""
    if self._inference is True:
        raise RuntimeError(errors.INFERENCE_VERSION)
    return 0 if self._storage is None else self._storage.version


def _get_output_nr(self):
    """Which output of its `grad_fn` the tensor is."""
    return 0 if self._edge is None else self._edge.target()[1]


def _get_retains_grad(self):
    """True if `retain_grad` was called on a tensor that is not a leaf."""
    return self._edge is not None and self._edge.watch is not None and self._edge.watch.retain is not None


def retain_grad(self):
    """Let `backward` fill `.grad` of this tensor though it is not a leaf. Raises RuntimeError if it needs no gradient."""
    if self._edge is None:
        raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
    if settled().transforms:
        raise RuntimeError(errors.INSIDE.format("retain_grad", ""))
    if not is_leaf(self):
        self._edge.watched().retain = weakref.ref(self)


def backward(self, gradient=None, retain_graph=None, create_graph=False, inputs=None):
    """Add to `.grad` of the leaves the gradient of this tensor; see `torch.autograd.backward`.

    `gradient`: the gradient of this tensor, in its shape; it may be left out for a scalar.
    """
    edge, mode = self._edge, current_mode()
    plain = gradient is None and inputs is None and not (create_graph or mode.special or mode.transforms)
    if plain and edge is not None:
        run_backward((edge,), (ones(self),), retain_graph=retain_graph, create_graph=False)
        return
    _backward((self,), gradient if gradient is None else (gradient,) if isinstance(gradient, Tensor) else gradient,
              retain_graph, create_graph, inputs=inputs)


def register_hook(self, hook):
    """Call `hook(grad)` when the gradient of this tensor was computed; what it returns replaces the gradient.

    Returns a handle with `remove()`. Raises RuntimeError if the tensor needs no gradient.
    """
    if self._volatile:
        raise RuntimeError("cannot register a hook on a volatile variable")
    if self._edge is None:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    return RemovableHandle.into(self._edge.watched().hooks, hook)


def register_post_accumulate_grad_hook(self, hook):
    """Call `hook(tensor)` after the gradient was added to `.grad` of this leaf. Returns a handle with `remove()`."""
    if self._edge is None:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    if type(self._edge) is not Leaf:
        raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
    if self._edge.after is None:
        self._edge.after = {}
    return RemovableHandle.into(self._edge.after, hook)


def detach(self):
    """The same values without history: shares the memory and the count of writes.

    The twin of an inference tensor has a count of its own, and may be written outside of inference mode.
    """
    mode = settled()
    twin = wrap(_raw(self, mode))
    if self._inference:
        twin._inference = mode.inference or DETACHED
    else:
        twin._storage = storage_of(self)
    twin._volatile = self._volatile
    if mode.tracker is not None:
        mode.tracker.operation("detach", (self,), (twin,), "detach")
    return twin


def _raw(self, mode):
    """The tensor's array; under a trace the value for it, so that the trace knows the tensor as it was before."""
    return self._array if mode.tracer is None else mode.tracer.lift(self)


def detach_(self):
    """Forget this tensor's history, in place. Raises RuntimeError on a view."""
    mode = settled()
    if mode.inference:  # there is no history to forget
        return self
    if self._base is not None:
        raise RuntimeError(errors.DETACH_VIEW)
    _drop(self, mode, "detach_")
    self._tangents = None
    return self


def unchain_backward(self):
    """Forget how this tensor came about, and free all that was kept for it: for truncated backpropagation through time.

    The tensor becomes as if detached. Every operation behind it lets go of its inputs and of what it kept, so that the past is
    freed as far as the program does not hold it. Other tensors computed on the way keep values, `.grad` and hooks; backward
    through them stops there, without an error. Leaves, parameters among them, stay what they are.
    """
    if is_leaf(self):
        return
    for node in behind((self._edge,)):
        if not isinstance(node, (Leaf, Output)):
            _cut(node)
    _drop(self, settled(), "unchain_backward")


def _cut(node):
    node.inputs, node.saved, node.params = (None,) * len(node.inputs), (), {}
    if hasattr(node, "__dict__"):  # what a custom function noted for its backward
        vars(node).clear()
    watch = node.watched()
    watch.metadata, watch.after, watch.before = {}, {}, {0: _stop}


def _stop(grad_outputs):
    """A hook of a node that lets no gradient through."""
    return (None,) * len(grad_outputs)


def _get_data(self):
    """The same memory as a tensor that autograd knows nothing of: writes to it are not noticed."""
    mode = settled()
    twin = wrap(_raw(self, mode))
    if self._inference:
        twin._inference = mode.inference or DETACHED
    if mode.tracker is not None:
        mode.tracker.operation("data", (self,), (twin,), "data")
    return twin


def _set_data(self, value):
    if not isinstance(value, Tensor):
        raise TypeError(f"Variable data has to be a tensor, but got {type(value).__name__}")
    if self._edge is not None and dtypes.category(value._array.dtype) < dtypes.FLOATING:
        raise RuntimeError("data set to a tensor that requires gradients must be floating point or complex dtype")
    mode = settled()
    self._inference = DETACHED if value._inference else False
    relocate(self, _raw(value, mode))
    if mode.tracker is not None and self._edge is None:
        mode.tracker.operation("data", (value,), (self,), "data")


def _get_volatile(self):
    """Always False since 0.4, with a warning; in the legacy era, whether the tensor is volatile."""
    if settled().era is not None:
        return self._volatile
    warnings.warn(errors.VOLATILE_READ, stacklevel=2)
    return False


def _set_volatile(self, value):
    era = settled().era
    if era is not None:
        era.set_volatile(self, value)
    else:
        warnings.warn(errors.VOLATILE_SET, stacklevel=2)


def _del_volatile(self):
    warnings.warn(errors.VOLATILE_SET, stacklevel=2)


PROPERTIES = {
    "requires_grad": property(_get_requires_grad, _set_requires_grad),
    "grad_fn": property(_get_grad_fn, _read_only("grad_fn"), _read_only("grad_fn")),
    "_grad_fn": property(_get_grad_fn, _set_detached),
    "grad": property(_get_grad, _set_grad, _del_grad),
    "is_leaf": property(_get_is_leaf, _read_only("is_leaf")),
    "_version": property(_get_version),
    "output_nr": property(_get_output_nr),
    "retains_grad": property(_get_retains_grad),
    "data": property(_get_data, _set_data),
    "volatile": property(_get_volatile, _set_volatile, _del_volatile, "Without effect since 0.4; see `torch.no_grad`."),
    "grad_dtype": property(lambda self: dtypes.of(self._array.dtype), doc="The dtype of this tensor's gradient: its own."),
}
METHODS = (requires_grad_, retain_grad, backward, register_hook, register_post_accumulate_grad_hook, detach, detach_,
           unchain_backward)
