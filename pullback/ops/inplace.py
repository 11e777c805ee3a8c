"""Writing to tensors: what it is allowed to, and what becomes of the graph.

A write to a tensor gives it the history of the operation that made the new values. If the tensor is a view, its base gets a
new history too: the old base outside of the view, the new values inside (`CopySlices`); and every other view of the base
then derives from the base's new history (`AsStrided`).
"""

import functools
import warnings

import numpy as np

from .. import blame, dtypes, errors, shapes
from ..batch import Unbatchable, levels_of
from ..graph import NOBODY, Leaf, Node, Tensor, is_leaf, storage_of, tick, wrap
from ..memory import overlaps, partly_shared
from ..mode import settled
from ..origin import here
from .apply import apply, attach
from .elementwise import OPERAND, promoted
from .place import Window, clear_window, take_window
from .public import function
from .record import NOTHING, Op
from .unary import real


def check_writable(tensor, recording, fill=False):
    """Raise torch's error if `tensor` must not be written to; `recording`: the write would be part of a graph.

    `fill`: all elements become the same, so they may lie at one place in memory.
    """
    mode = settled()
    if tensor._inference is True and not mode.inference:
        raise RuntimeError(errors.INFERENCE_WRITE)
    if mode.recording and (recording or in_graph(tensor)):
        check_history(tensor)
    if not fill and overlaps(tensor._array):
        raise RuntimeError(errors.OVERLAP)


def in_graph(tensor):
    """Whether the tensor requires a gradient, or the one it is a view of does."""
    return tensor._edge is not None or (tensor._base is not None and tensor._base._edge is not None)


def check_history(tensor):
    """Raise torch's error if what is known of `tensor` forbids writing to it as part of a graph."""
    base, made = tensor._base, tensor._made
    if base is None:
        if tensor._edge is not None and tensor._edge.leaf:
            raise blame.leaf_write(RuntimeError(errors.LEAF_WRITE), tensor)
        return
    if made in ("no_grad", "inference"):
        raise blame.view_write(RuntimeError(errors.ambiguous_view(made, *_source(tensor))), tensor)
    if made is not None:
        raise blame.view_write(RuntimeError(errors.fixed_view(made == "custom", *_source(tensor))), tensor)
    if is_leaf(base) and (base._edge is not None or tensor._edge is not None):
        raise blame.leaf_write(RuntimeError(errors.LEAF_VIEW_WRITE), tensor)


def check_first(tensor):
    """Raise torch's error if the history of `tensor` forbids writing to it, before anything else is looked at."""
    if isinstance(tensor, Tensor) and in_graph(tensor) and settled().recording:
        check_history(tensor)


def target_first(call):
    """Decorator of a function that writes to its first argument: `check_first`, as torch does."""

    @functools.wraps(call)
    def checked(input, *args, **kwargs):
        check_first(input)
        return call(input, *args, **kwargs)

    return checked


def _source(tensor):
    """The operation a tensor comes from, as messages name it, and which of its outputs it is."""
    if is_leaf(tensor):
        return None, 0
    if type(tensor._edge) is Spoilt:
        return tensor._edge.old
    node, output = tensor._edge.target()
    return errors.node_name(node.name()), output


# ---- what becomes of the graph -------------------------------------------------------------------------------------------


class CopySlices(Node):
    """The history of a base one of whose views was written: the old base outside of the view, the new values inside."""

    __slots__ = ("window",)
    __module__ = "builtins"

    def name(self):
        return "torch::autograd::CopySlices"

    def pull(self, g, as_tensors):
        """Gradients of the old base and of the new values."""
        return clear_window(g, window=self.window), take_window(g, window=self.window)


_AS_STRIDED = take_window.node


def _node(kind, inputs, tensor):
    node = kind()
    node.inputs, node.saved, node.watch, node.seq = inputs, (), None, tick()
    node.shape, node.dtype = tensor._array.shape, tensor._array.dtype
    node.code, node.place = here()
    if (anomaly := settled().anomaly) is not None:
        anomaly.recorded(node, (tensor,))
    return node


def rebase(tensor, edge, time=None):
    """Note that `tensor` was written, by an operation whose node is `edge` (None: nothing that needs a gradient)."""
    storage = storage_of(tensor)
    storage.write(time, here(3))
    mode = settled()
    if not mode.recording:
        return
    base = tensor._base
    if base is None:
        _turn_to(tensor, edge)
    elif edge is not None or base._edge is not None:
        node = _node(CopySlices, (base._edge, edge), base)
        node.window = Window(base._array, tensor._array)
        _turn_to(base, node)
    renew_views(tensor if base is None else base)


def renew_views(base, but=None):
    """Let all views of `base`, or all but one, derive from its new history."""
    if base._edge is None or base._storage is None:
        return
    for view in base._storage.live_views():
        if view._base is base and view is not but and view._made not in ("no_grad", "inference"):  # twins have their own views
            _turn_to(view, _spoilt(view, base) if view._made else _place_in(base, view))


def _place_in(base, view):
    """The history of a view as that of its place in `base`."""
    node = _node(_AS_STRIDED, (base._edge,), view)
    node.params = {"window": Window(base._array, view._array)}
    return node


class Spoilt(Node):
    """The history of a view that has none any more: made by a custom function or as one of several, and its base was written."""

    __slots__ = ("custom", "old")
    __module__ = "builtins"

    def target(self):
        return self, self.old[1]

    def pull(self, g, as_tensors):
        raise RuntimeError(errors.fixed_view(self.custom, *self.old, "its base or another view of its base"))


def _spoilt(view, base):
    node = _node(Spoilt, (base._edge,), view)
    node.custom, node.old = view._made == "custom", _source(view)
    return node


def relocate(tensor, array):
    """Let `tensor` hold another array, and its leaf know of it."""
    tensor._array = array
    edge = tensor._edge
    if type(edge) is Leaf:
        edge.array, edge.shape, edge.dtype = array, array.shape, array.dtype


def _turn_to(tensor, edge):
    """Give `tensor` another history. If its gradient is to be retained, it is that of its values from now on."""
    old = tensor._edge
    tensor._edge = edge
    if old is not None and old.watch is not None and edge is not None:
        watch = old.watch
        if watch is not NOBODY and watch.retain is not None and watch.retain() is tensor:
            edge.watched().retain, watch.retain = watch.retain, None


# ---- variants that write -------------------------------------------------------------------------------------------------


def requires_grad(values):
    """Whether one of `values` is a tensor that requires a gradient."""
    return any([isinstance(value, Tensor) and value._edge is not None for value in values])


def write(target, values, name=None):
    """Make `target` hold `values`, a tensor that broadcasts to it, with its history. Returns `target`. `name`: the operation's.

    Raises RuntimeError if torch forbids the write, or the dtype or shape does not fit.
    """
    array = values._array
    if not dtypes.can_cast_numpy(array.dtype, target._array.dtype):
        raise RuntimeError(f"result type {errors.title(array.dtype)} can't be cast to the desired output type "
                           f"{errors.title(target._array.dtype)}")
    if array.shape != target._array.shape:
        raise RuntimeError(f"output with shape {list(target._array.shape)} doesn't match the broadcast shape "
                           f"{list(array.shape)}")
    mode = settled()
    edge = values._edge
    if mode.packing is not None:
        mode.packing.before_write(target)
    if mode.duals:
        mode.duals[-1].rewrite(mode, target, values)
    if mode.tracer is not None:
        mode.tracer.lift(target)[...] = mode.tracer.lift(values)
    else:
        _assign(target._array, array, name)
    if edge is not None and array.dtype != target._array.dtype:
        edge = values.to(dtypes.of(target._array.dtype))._edge
    rebase(target, edge, _keep_instead(target, edge, array))
    if mode.era is not None:
        mode.era.spread_into(target, values)
    if mode.tracker is not None:
        mode.tracker.written(target, values)
    return target


def _keep_instead(target, edge, array):
    """If the node `edge` keeps its output, `array`, let it keep the target, so that later writes show. Returns when to write."""
    place = 0 if edge is None else len(edge.inputs)
    if edge is None or not edge.saved or len(edge.saved) <= place:
        return None
    kept = edge.saved[place]
    if not isinstance(kept, Tensor) or kept._array is not array:
        return None
    kept._array, kept._storage = target._array, storage_of(target)
    return edge.seq


def _assign(target, array, name):
    try:
        target[...] = array
    except Unbatchable:
        sizes = [level.size for level in levels_of(array.shape) if level not in levels_of(target.shape)]
        raise RuntimeError(errors.unbatched_write(name, target.shape, sizes)) from None


def inplace_elementwise(op, call):
    """The in-place variant of an element-wise operation: where it can, it computes into the tensor's own memory."""
    aside = inplace(call)

    def method(input, *others):
        mode = settled()
        values = (input, *others)
        recorded = mode.recording and requires_grad(values)
        if mode.special or not op.takes_out or (recorded and _needs_old(op, values)):
            return aside(input, *others)
        for value in others:
            if not isinstance(value, OPERAND):
                raise errors.not_tensor(f"{op.name}_", "other", 1, value)
        check_writable(input, recorded)
        target = input._array
        operands = promoted(op, [value._array if isinstance(value, Tensor) else value for value in values])
        _check_result(op, operands, target)
        if operands[0].dtype != target.dtype or op.kind == "compare":
            return aside(input, *others)
        try:
            op.forward(*operands, out=target)
        except (ValueError, TypeError):
            return aside(input, *others)
        if recorded:
            return _record_written(op, mode, values)
        rebase(input, None)
        return input

    return method


def _needs_old(op, values):
    inputs, _ = op.kept_for(tuple([isinstance(value, Tensor) and value._edge is not None for value in values]))
    return inputs[0]


def _check_result(op, operands, target):
    shape = shapes.broadcast_of(operands)
    if shape != target.shape:
        raise RuntimeError(f"output with shape {list(target.shape)} doesn't match the broadcast shape {list(shape)}")
    result = dtypes.B8 if op.kind == "compare" else operands[0].dtype
    if op.kind != "compare" and not dtypes.can_cast_numpy(result, target.dtype):
        raise RuntimeError(f"result type {errors.title(result)} can't be cast to the desired output type "
                           f"{errors.title(target.dtype)}")


def _record_written(op, mode, values):
    """Record what was just written to the first of `values`, whose old values no rule needs."""
    target = values[0]
    node = attach(op, mode, values, target._array, NOTHING)._edge
    if node is None:
        rebase(target, None)
        return target
    _keep_instead(target, node, target._array)
    rebase(target, node, node.seq)
    return target


def inplace(function):
    """The in-place variant of any function of a tensor: computed aside, then written."""

    def method(input, *args, **kwargs):
        mode = settled()
        recorded = mode.recording and requires_grad((input, *args))
        check_writable(input, recorded)
        old = input
        if recorded or mode.duals:  # the rule may need the values that are about to be overwritten
            old = wrap(input._array.copy(), input._edge)
            if mode.tracker is not None:
                old._origin = input._origin
        old._tangents = input._tangents and dict(input._tangents)
        return write(input, function(old, *args, **kwargs), getattr(function, "__name__", None))

    return method


# ---- filling and copying -------------------------------------------------------------------------------------------------
def _converted(x, y):
    return np.broadcast_to(y.real if y.dtype.kind == "c" and x.dtype.kind not in "cb" else y, x.shape).astype(x.dtype)


_fill = Op("fill", lambda x, y: np.full_like(x, y), (0, lambda g: g.sum()), node="FillBackward3",
           variants={"tn": "FillBackward2"}, linear=True)
_zero = Op("zero", lambda x, y: np.zeros_like(x), (0, None), linear=True)
_copy = Op("copy", _converted, (0, lambda g: g), inputs=("x", "y"), node="CopyBackwards", linear=True)


@function(namespace="tensor")
@target_first
def fill_(input, value):
    """Set every element to `value`, a number or a 0-dim tensor. Raises RuntimeError on a tensor with dimensions."""
    if isinstance(value, Tensor) and value._array.ndim:
        raise RuntimeError(f"fill_ only supports 0-dimension value tensor but got tensor with {value._array.ndim} dimensions.")
    if not isinstance(value, (Tensor, int, float, bool, complex, np.generic)):
        raise errors.not_tensor("fill_", "value", 1, value, "Number")
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        raise OverflowError("int too big to convert")
    return _overwrite_with(_fill, input, value)


@function(namespace="tensor")
def zero_(input):
    """Set every element to 0."""
    return _overwrite_with(_zero, input, 0)


@function(namespace="tensor")
def copy_(input, other, non_blocking=False):
    """Copy `other` into this tensor, broadcast and converted to its dtype; gradients flow to `other`.

    Raises RuntimeError if the shape does not broadcast to this tensor's.
    """
    if isinstance(other, (int, float, bool, complex)):
        other = wrap(np.asarray(other))
    if not isinstance(other, Tensor):
        raise errors.not_tensor("copy_", "other", 1, other)
    check_writable(input, settled().recording and requires_grad((input, other)))
    if shapes.broadcast(input._array.shape, other._array.shape) != input._array.shape:
        raise RuntimeError(f"output with shape {list(input._array.shape)} doesn't match the broadcast shape "
                           f"{list(shapes.broadcast(input._array.shape, other._array.shape))}")
    if input._storage is not None and input._storage is other._storage and partly_shared(input._array, other._array):
        raise RuntimeError(errors.PARTLY_SHARED)
    return _overwrite_with(_copy, input, without_imaginary(other, input._array.dtype))


def without_imaginary(tensor, dtype):
    """The tensor, or with a warning its real part where `dtype` cannot hold complex numbers."""
    if tensor._array.dtype.kind != "c" or dtype.kind in "cb":
        return tensor
    warnings.warn(errors.COMPLEX_CAST, stacklevel=4)
    return real(tensor)


def _overwrite_with(op, target, source):
    """Write `source` all over `target`: what was there gets no gradient any more."""
    mode = settled()
    recorded = mode.recording and requires_grad((target, source))
    check_writable(target, recorded, fill=op is not _copy)
    if recorded or mode.special:
        return write(target, apply(op, (target, source), NOTHING), op.name)
    target._array[...] = source._array if isinstance(source, Tensor) else source
    rebase(target, None)
    return target


def overwrite(target, source):
    """Write the tensor `source`, of the same shape, all over `target`."""
    return _overwrite_with(_copy, target, source)
