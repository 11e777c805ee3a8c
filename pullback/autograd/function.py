"""`autograd.Function`: operations whose forward and backward the user writes.

The context that forward and backward are given is the node of the graph itself, as in torch.
"""

import warnings

import numpy as np

from .. import arguments, blame, errors
from ..graph import NOBODY, Leaf, Node, Output, Tensor, storage_of, tick, wrap
from ..mode import inside, no_grad, settled
from ..ops.apply import as_array, keep_output, tell
from ..ops.inplace import check_history, rebase
from ..ops.packing import Packed, SavedTensor, with_edge
from ..ops.shape import alias
from ..origin import here
from . import function_rules as rules
from .once import once_differentiable

__all__ = ["Function", "FunctionCtx", "once_differentiable"]

_INSTANCE = (
    "{} should not be instantiated. Methods on autograd functions are all static, so you should invoke them on the class "
    "itself. Instantiating an autograd function will raise an error in a future version of PyTorch."
)
_LEGACY = (
    "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd function with "
    "static forward method. (Example: https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
)
_NO_FORWARD = "You must implement the forward function for custom autograd.Function."
_NO_BACKWARD = (
    "You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD."
)
_NO_JVP = "You must implement the jvp function for custom autograd.Function to use it with forward mode AD."
_NO_VMAP = ("To use autograd.Function with vmap, you must either override the vmap staticmethod or set "
            "generate_vmap_rule=True.")
_DIRTY_LOST = (
    "Some elements marked as dirty during the forward method were not returned as output. The inputs that are modified "
    "inplace must all be outputs of the Function."
)


_DIRTY_VIEW = (
    "If your Function modifies inplace an input that is a view of another Tensor, your Function cannot return more than one "
    "Tensor. This is not supported by the current autograd engine. You should either make sure the input is not a view (using "
    ".clone() for example) or make your Function only return one Tensor (potentially splitting it into two Functions: one doing "
    "the inplace that returns a single Tensor and a second one that does the other operations)."
)


class FunctionCtx(Node):
    """What a custom function's forward and backward share: saved tensors, flags, any attribute set on it."""

    runs_user_code = True
    needs_input_grad = ()
    materialize_grads = True
    _to_save = _dirty = _constant = _own = _tensor_inputs = _tensor_outputs = saved_for_forward = ()
    _in_jvp = False

    def save_for_backward(self, *tensors):
        """Keep tensors (or None) for backward, where `saved_tensors` has them. Raises TypeError on anything else."""
        for position, value in enumerate(tensors):
            if value is not None and not isinstance(value, Tensor):
                raise TypeError(f"save_for_backward can only save variables, but argument {position} is of type "
                                f"{type(value).__name__}")
        self._to_save = tensors

    def save_for_forward(self, *tensors):
        """Keep tensors (or None) for `jvp`, where `saved_tensors` has them. Raises AssertionError on anything else."""
        if not all(value is None or isinstance(value, Tensor) for value in tensors):
            raise AssertionError("save_for_forward expects all arguments to be tensors; you should save non-tensors as "
                                 "attributes on ctx.")
        self.saved_for_forward = tensors

    @property
    def saved_tensors(self):
        """What was saved. Raises RuntimeError once it was freed, or if one was written since."""
        if self._in_jvp:
            return self.saved_for_forward
        return tuple([self.kept(place) for place in range(len(self._saved()))])

    @property
    def _raw_saved_tensors(self):
        """What was saved, not unpacked, as `SavedTensor`s. Raises RuntimeError once it was freed."""
        return tuple([SavedTensor(self, place) for place in range(len(self._saved()))])

    def _saved(self):
        if blame.is_freed(self):
            raise blame.freed(RuntimeError(errors.FREED), self)
        return self.saved

    def places(self):
        """Which of `inputs` are tensors."""
        return [place for place, tensor in enumerate(self._tensor_inputs) if tensor]

    def is_own(self, place):
        """Whether what was saved at `place` is an output of the function."""
        return place in self._own

    def kept(self, place):
        """What was saved at `place`, with its history. Raises RuntimeError once it was freed, or if it was written since."""
        value = self._saved()[place]
        if value is None:
            return None
        if isinstance(value, Packed):
            return value.restored(self)
        storage = value._storage
        if storage is not None and storage.written > self.seq:
            owner = f", which is output 0 of {errors.node_name(self.name())}," if place in self._own else ""
            error = errors.stale(value._array, owner, storage.version, storage.version_at(self.seq + 1))
            raise blame.stale(error, self, value, self.seq + 1, self if place in self._own else self._maker(value))
        return with_edge(value, self) if place in self._own else value

    def _maker(self, value):
        """The edge that a saved value had when it was saved, behind those of later writes, whose first input it is."""
        edge = value._edge
        while edge is not None and edge.seq > self.seq:
            edge = edge.inputs[0]
        return edge

    def mark_dirty(self, *tensors):
        """Say that forward wrote these inputs in place; they must be among its outputs. Raises RuntimeError on others."""
        for position, value in enumerate(tensors):
            if not isinstance(value, Tensor):
                raise RuntimeError(f"mark_dirty can only accept variables, but argument {position} is of type "
                                   f"{type(value).__name__}")
        self._dirty = tensors

    def mark_non_differentiable(self, *tensors):
        """Say that these outputs need no gradient. Raises RuntimeError on anything but tensors."""
        for value in tensors:
            if not isinstance(value, Tensor):
                raise RuntimeError(f"mark_non_differentiable only accepts variable arguments, but got {type(value).__name__}")
        self._constant = tensors

    def set_materialize_grads(self, value):
        """Whether outputs that got no gradient come to backward as zeros (default) or as None."""
        self.materialize_grads = value

    def pull(self, g, as_tensors):
        """Call the user's backward on gradients made tensors, and check what it returns."""
        gradients = [self._incoming(one, shape) for one, shape in zip(g, self.shape, strict=True)] if type(g) is list else [
            g if as_tensors else wrap(as_array(g))]
        if False in self._tensor_outputs:  # what is no tensor has no gradient
            waiting = iter(gradients)
            gradients = [next(waiting) if tensor else None for tensor in self._tensor_outputs]
        backward = _backward_of(self._function)
        answers = backward(*gradients) if isinstance(self._function, Function) else backward(self, *gradients)
        answers = answers if isinstance(answers, tuple) else (answers,)
        return [self._checked(place, answer, as_tensors) for place, answer in enumerate(self._counted(answers))]

    def _incoming(self, gradient, shape):
        if gradient is None:
            return wrap(np.zeros(shape, self.dtype)) if self.materialize_grads else None
        return gradient if isinstance(gradient, Tensor) else wrap(as_array(gradient))

    def _counted(self, answers):
        expected = len(self.inputs)
        if len(answers) < expected or any(extra is not None for extra in answers[expected:]):
            raise RuntimeError(f"function {self.name()} returned an incorrect number of gradients (expected {expected}, got "
                               f"{len(answers)})")
        return answers[:expected]

    def _checked(self, place, answer, as_tensors):
        if answer is None:
            return None
        if not isinstance(answer, Tensor):
            raise RuntimeError(f"expected Variable or None (got {type(answer).__name__})")
        if not self._tensor_inputs[place]:
            raise RuntimeError(f"function {self.name()} returned a gradient different than None at position {place + 1}, but "
                               "the corresponding forward input was not a Variable")
        if answer._array.dtype.kind == "c" and self.inputs[place] is not None and self.inputs[place].dtype.kind != "c":
            raise RuntimeError("Expected isFloatingType(grad.scalar_type()) || (input_is_complex == grad_is_complex) to be true, "
                               "but got false.")
        return answer if as_tensors else answer._array


class _FunctionMeta(type):
    def __init__(cls, name, bases, fields):
        super().__init__(name, bases, fields)
        module = "pullback.autograd.function"
        cls._backward_cls = type(name + "Backward", (FunctionCtx,), {"__module__": module, "_function": cls})


class Function(metaclass=_FunctionMeta):
    """Base of custom operations: subclasses define static `forward(ctx, ...)` (or `forward(...)` and
    `setup_context(ctx, inputs, output)`) and `backward(ctx, *grad_outputs)`; `apply` runs them."""

    def __init__(self, *args, **kwargs):
        if settled().era is None:
            warnings.warn(_INSTANCE.format(type(self)), DeprecationWarning, stacklevel=2)

    def __call__(self, *args, **kwargs):
        """In the legacy era, run the instance: its forward, backward and `save_for_backward` are methods of its own."""
        if settled().era is None:
            raise RuntimeError(_LEGACY)
        self._node = node = _node_of(type(self), args)
        node._function = self
        return _run(node, args, lambda: self.forward(*args, **kwargs))

    def save_for_backward(self, *tensors):
        """In the legacy era: keep tensors for the instance's backward."""
        self._node.save_for_backward(*tensors)

    def mark_dirty(self, *tensors):
        """In the legacy era: say that forward wrote these inputs in place."""
        self._node.mark_dirty(*tensors)

    def mark_non_differentiable(self, *tensors):
        """In the legacy era: say that these outputs need no gradient."""
        self._node.mark_non_differentiable(*tensors)

    saved_tensors = property(lambda self: self._node.saved_tensors, doc="In the legacy era: what the instance saved.")
    needs_input_grad = property(lambda self: self._node.needs_input_grad, doc="In the legacy era: which inputs need one.")

    @staticmethod
    def forward(*args, **kwargs):
        """The operation; to be overridden."""
        raise NotImplementedError(_NO_FORWARD)

    @staticmethod
    def backward(ctx, *grad_outputs):
        """The gradients of forward's arguments, given those of its outputs; to be overridden."""
        raise NotImplementedError(_NO_BACKWARD)

    vjp = backward
    generate_vmap_rule = False

    @staticmethod
    def setup_context(ctx, inputs, output):
        """What to keep for backward and jvp, where forward is not given the context; to be overridden."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def jvp(ctx, *grad_inputs):
        """The tangents of forward's outputs, given those of its arguments; to be overridden."""
        raise NotImplementedError(_NO_JVP)

    @staticmethod
    def vmap(info, in_dims, *args):
        """Forward for a batch: `in_dims` says which axis of each argument it is; returns (outputs, out_dims). To be overridden,
        unless `generate_vmap_rule` is True: then forward, backward and jvp are run for all samples at once."""
        raise NotImplementedError(_NO_VMAP)

    @classmethod
    def apply(cls, *args, **kwargs):
        """Run forward on the arguments and record the operation. Returns what forward returns."""
        mode = settled()
        if mode.tracker is not None:
            mode.tracker.applies(cls, args, kwargs)
        split = cls.setup_context is not Function.setup_context
        if kwargs or (split and getattr(cls.forward, "__defaults__", None)):
            args = arguments.positional(cls.forward, args, kwargs, skip=not split)
        forward, transforms = cls.forward, mode.transforms
        if transforms:
            if not split:
                raise RuntimeError(rules.NO_SETUP)
            forward, whole = rules.forward_inside(cls, Function, transforms)
            if whole:
                return forward(*args)
        node = _node_of(cls, args)
        if not split:
            return _run(node, args, lambda: forward(node, *args))

        def in_two():
            outputs = forward(*args)
            cls.setup_context(node, args, outputs)
            return outputs

        return _run(node, args, in_two)


def _backward_of(function):
    """The function's backward, which may also be called vjp. Raises RuntimeError if it has both."""
    kind = function if isinstance(function, type) else type(function)
    if kind.vjp is Function.vjp:
        return function.backward
    if kind.backward is not Function.backward:
        raise RuntimeError("Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only "
                           "implement one of them.")
    return function.vjp


def _node_of(function, args):
    """The node, which is the context too, of a call of `function` with these arguments."""
    node = function._backward_cls()
    node.seq, node.saved, node.watch = tick(), (), NOBODY
    node.code, node.place = here()
    node.inputs = tuple([arg._edge if isinstance(arg, Tensor) else None for arg in args])
    node._tensor_inputs = [isinstance(arg, Tensor) for arg in args]
    node.needs_input_grad = tuple([edge is not None for edge in node.inputs])
    return node


def _run(node, args, forward):
    with inside(grad=False, duals=()):
        outputs = forward()
    single = not isinstance(outputs, tuple)
    outputs = (outputs,) if single else outputs
    mode = settled()
    volatile = mode.era is not None and mode.era.spread(args, [out for out in outputs if isinstance(out, Tensor)])
    recorded = mode.recording and True in node.needs_input_grad and not volatile
    results = _outputs(node, args, outputs, recorded)
    if mode.duals and not mode.inference:
        rules.spread(node, mode, args, outputs, results)
    if mode.tracker is not None:
        mode.tracker.function(node, args, results, node._constant)
    return results[0] if single else results


def _outputs(node, args, outputs, recorded):
    """Give the outputs of forward their history, and keep what it asked to save."""
    _check_dirty(node, args, outputs)
    tensors = [out for out in outputs if isinstance(out, Tensor)]
    results = [_own_tensor(node, args, out, recorded) if isinstance(out, Tensor) else out for out in outputs]
    if recorded and tensors:
        node.seq = tick()
        node._tensor_outputs = [isinstance(out, Tensor) for out in outputs]
        several = len(tensors) > 1
        node.shape = [t._array.shape for t in tensors] if several else tensors[0]._array.shape
        node.dtype = tensors[0]._array.dtype
        for index, (given, result) in enumerate(
            (given, result) for given, result in zip(outputs, results, strict=True) if isinstance(given, Tensor)
        ):
            edge = Output(node, index, result._array) if several else node
            if _among(given, node._dirty):
                _check_written(result, several)
                rebase(result, edge, node.seq)
            elif _is_constant(node, given):
                result._edge = result._edge if result._base is not None else None
            else:
                result._edge = edge
        _save(node, outputs)
        tell(settled(), node, [result for result in results if isinstance(result, Tensor)])
    return tuple(results)


def _is_constant(node, output):
    return _among(output, node._constant) or output._array.dtype.kind not in "fcV"


def _check_written(result, several):
    """Raise torch's error where the history of what forward wrote to cannot be replaced."""
    if result._base is not None and several:
        raise RuntimeError(_DIRTY_VIEW)
    check_history(result)


def _save(node, outputs):
    node._own = {place for place, value in enumerate(node._to_save) if value is not None and _among(value, outputs)}
    node.saved = tuple([keep_output(value) if place in node._own else value for place, value in enumerate(node._to_save)])
    node._to_save = ()


def _check_dirty(node, args, outputs):
    for tensor in node._dirty:
        if not _among(tensor, outputs):
            raise RuntimeError(_DIRTY_LOST)
        if not _among(tensor, args):
            warnings.warn("ctx.mark_dirty() received a tensor that was not an input. Only input Tensors that have been mutated "
                          "should be passed to ctx.mark_dirty().", stacklevel=4)
        elif type(tensor._edge) is Leaf and settled().recording:
            raise RuntimeError("a leaf Variable that requires grad has been used in an in-place operation.")


def _own_tensor(node, args, output, recorded):
    """The tensor to return for an output of forward: another one for an input, so that the input keeps its own history.

    A view must not be written to later: that would put its place in its base in the place of the function's own backward.
    """
    given, dirty = _among(output, args), _among(output, node._dirty)
    if dirty and not recorded:
        storage_of(output).write()
    if given and output._edge is not None and (_is_constant(node, output) if recorded else not settled().recording):
        return output.detach()
    if given and not dirty:
        with no_grad():
            output = alias(output)
    if output._base is not None and not dirty:
        output._made = "custom"
    return output


def _among(tensor, tensors):
    return any(tensor is other for other in tensors)
