"""Element-wise operations: the short path of the usual case, and the whole of it, promotion, numbers, modes and errors."""

import sys

import numpy as np

from .. import dtypes, errors, origin, shapes
from ..batch import Unbatchable, samplewise
from ..dtypes import F32, F64
from ..graph import Tensor, clock, new
from ..mode import current_mode, settled
from .apply import apply, as_array, attach, keep_output
from .out import store
from .record import NOTHING, Op, names_of
from .registry import Function, register

ndarray = np.ndarray
getframe = sys._getframe


def elementwise(name, forward, *partials, kind="same", lower=None, inplace=True, method=True, node=None, doc="",
                public=True, out=True, variants=(), refuses="",
                check=None):
    """An element-wise operation, and its public function.

    `partials`: one rule an input, the partial derivative by it; a number where it is constant. None: no gradient.
    `kind`: how dtypes go: "same" promotes the inputs, "float" also makes integers floating, "compare" returns bool.
    `lower`: the name of the instruction a compiler may use.
    """
    op = Op(name, forward, partials, partial=True, kind=kind, lower=lower, node=node, variants=variants,
            refuses=refuses, check=check)
    build = (short_unary, _binary)[len(op.inputs) - 1] if len(op.inputs) < 3 and partials else _any_arity
    call = build(op, False)
    call.op, call.operator = op, build(op, True)
    function = _with_out(op, call)
    for form in (call, function):
        form.__name__ = form.__qualname__ = name
        form.__doc__ = doc
    if public:
        family = sys._getframe(1).f_globals["__name__"]
        register(Function(function, name, method, inplace, out, "torch", call, family, bound=call))
    return call


def _with_out(op, call):
    """The form that takes `out`. It is one of its own because a keyword-only argument costs every call of a function."""
    if len(op.inputs) == 1:
        return lambda input, *, out=None: call(input) if out is None else elementwise_general(op, (input,), out)
    if len(op.inputs) == 2:
        return lambda input, other, *, out=None: (
            call(input, other) if out is None else elementwise_general(op, (input, other), out))
    return lambda *inputs, out=None: elementwise_general(op, inputs, out)


def short_unary(op, operator=False):
    """The short path of an operation on one tensor that takes no parameters."""
    forward, node_type, keep_x, keep_o = op.forward, op.node, "x" in op.keeps, op.keeps_output
    slow = _any_arity(op, operator)

    def call(input):
        mode = current_mode()
        if mode.special:
            return slow(input)
        try:
            a = input._array
            dtype = a.dtype
            if dtype is not F32 and dtype is not F64:
                return slow(input)
            array = forward(a)
        except Exception:
            return slow(input)
        if type(array) is not ndarray:
            array = as_array(array)
        tensor = new(Tensor)
        tensor._array = array
        tensor._inference = mode.inference
        edge = input._edge
        if edge is None or not mode.recording:
            tensor._edge = None
            return tensor
        tensor._edge = node = node_type()
        node.inputs = (edge,)
        node.watch = None
        node.seq = next(clock)
        frame = getframe(1)
        node.code = code = frame.f_code
        if code is not origin.code:
            frame = origin.caller(frame)
            node.code = frame.f_code
        node.place = frame.f_lasti
        node.shape = array.shape
        node.dtype = array.dtype
        if keep_o:
            node.saved = (input if keep_x else None, keep_output(tensor))
        else:
            node.saved = (input,) if keep_x else ()
        return tensor

    return call


def _binary(op, operator):
    forward, node_type, number_node_type = op.forward, op.node, op.variants.get("tn", op.node)
    (x_for_x, y_for_x), (x_for_y, y_for_y) = [["x" in names_of(rule), "y" in names_of(rule)] for rule in op.rules]
    keeps, keeps_output, slow = bool(op.keeps), op.keeps_output, _any_arity(op, operator)

    def call(input, other):
        mode = current_mode()
        if mode.special:
            return slow(input, other)
        try:
            a = input._array
            dtype = a.dtype
            if dtype is not F32 and dtype is not F64:
                return slow(input, other)
            kind = type(other)
            if kind is Tensor or (kind is not float and kind is not int):
                b = other._array
                if b.dtype is not dtype:
                    return slow(input, other)
                make, other_edge = node_type, other._edge
                array = forward(a, b)
            else:
                make, other_edge = number_node_type, None
                array = forward(a, other)
        except Exception:
            return slow(input, other)
        if type(array) is not ndarray:
            array = as_array(array)
        tensor = new(Tensor)
        tensor._array = array
        tensor._inference = mode.inference
        edge = input._edge
        if (edge is None and other_edge is None) or not mode.recording:
            tensor._edge = None
            return tensor
        tensor._edge = node = make()
        node.inputs = (edge, other_edge)
        node.watch = None
        node.seq = next(clock)
        frame = getframe(1)
        node.code = code = frame.f_code
        if code is not origin.code:
            frame = origin.caller(frame)
            node.code = frame.f_code
        node.place = frame.f_lasti
        node.shape = array.shape
        node.dtype = dtype
        if not keeps:
            node.saved = ()
            return tensor
        if edge is None:
            if x_for_y and input._inference:
                raise RuntimeError(errors.INFERENCE_SAVE)
            node.saved = (input if x_for_y else None, other if y_for_y else None)
        elif other_edge is None:
            if y_for_x and kind is Tensor and other._inference:
                raise RuntimeError(errors.INFERENCE_SAVE)
            node.saved = (input if x_for_x else None, other if y_for_x else None)
        else:
            node.saved = (input if x_for_x or x_for_y else None, other if y_for_x or y_for_y else None)
        if keeps_output and op.kept_for((edge is not None, other_edge is not None))[1]:
            node.saved += (keep_output(tensor),)
        return tensor

    return call


def _any_arity(op, operator):
    if len(op.inputs) == 1:
        return lambda input: elementwise_general(op, (input,), None, operator)
    if len(op.inputs) == 2:
        return lambda input, other: elementwise_general(op, (input, other), None, operator)
    return lambda *inputs: elementwise_general(op, inputs, None, operator)


_OPERAND = (Tensor, float, int, bool, complex, ndarray, np.generic)


def elementwise_general(op, inputs, out=None, operator=False):
    """The whole of an element-wise operation: any dtypes, any mode, Python numbers, `out`, and the errors."""
    if not any(isinstance(value, Tensor) for value in inputs):
        if any(isinstance(value, (ndarray, np.generic)) or hasattr(value, "__array_ufunc__") for value in inputs):
            return apply(op, inputs, NOTHING)  # a rule at work on arrays
        raise errors.not_tensor(op.name, "input", 1, inputs[0])
    for position, value in enumerate(inputs):
        if not isinstance(value, _OPERAND) and not hasattr(value, "__array_ufunc__"):
            if operator:
                return NotImplemented
            raise errors.not_tensor(op.name, ("input", "other", "weight")[position], position + 1, value)
    mode = settled()
    tracer = mode.tracer
    if tracer is None:
        arrays = [value._array if isinstance(value, Tensor) else value for value in inputs]
    else:
        arrays = [tracer.lift(value) if isinstance(value, Tensor) else value for value in inputs]
    arrays = promoted(op, arrays)
    result = run(op, mode, arrays)
    if out is not None:
        return store(op.name, mode, inputs, result, out)
    return attach(op, mode, inputs, result, NOTHING)


def run(op, mode, arrays):
    """The forward on promoted arrays, with the errors torch gives for shapes that do not match."""
    try:
        if mode.tracer is not None and not isinstance(op.forward, np.ufunc):
            return mode.tracer.call(op, arrays, NOTHING)
        return op.forward(*arrays)
    except Unbatchable:
        return samplewise(op.forward, arrays, NOTHING)
    except ValueError as error:
        shapes.broadcast_of(arrays)
        if "negative integer powers" in str(error):
            raise RuntimeError("Integers to negative integer powers are not allowed.") from None
        raise errors.from_numpy(op.name, error, arrays) from None
    except TypeError as error:
        raise unsupported(op, arrays) from error
    except MemoryError as error:
        raise errors.from_numpy(op.name, error, arrays) from None


def unsupported(op, arrays):
    """The error for a dtype the operation has no meaning for."""
    return errors.refused(op.name, next((a.dtype for a in arrays if isinstance(a, ndarray)), np.dtype(bool)))


def promoted(op, arrays):
    """The operands in the dtype torch computes in; Python numbers become that dtype's."""
    if op.check is not None:
        op.check(arrays)
    target = dtypes.result_numpy(arrays)
    if op.kind == "float" and dtypes.category(target) < dtypes.FLOATING:
        target = dtypes.get_default_dtype().numpy
    if target.kind in op.refuses:
        raise errors.refused(op.name, target)
    return [_converted(array, target) for array in arrays]


def _converted(value, target):
    if isinstance(value, (float, int, complex)):
        if isinstance(value, int) and not -(2**63) <= value < 2**64:
            raise OverflowError("int too big to convert")
        return np.asarray(value).astype(target)
    return value if value.dtype == target else value.astype(target)
