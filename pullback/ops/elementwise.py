"""Element-wise operations: the short path of the usual case, and the whole of it, promotion, numbers, modes and errors."""

import functools
import sys

import numpy as np

from .. import dtypes, errors, shapes
from ..batch import Unbatchable
from ..batch import elementwise as over_batch
from ..graph import Tensor
from ..mode import settled
from .apply import apply, attach
from .out import store
from .record import NOTHING, Op
from .registry import Function, register
from .short import short_path

ndarray = np.ndarray


def elementwise(name, forward, *partials, kind="same", lower=None, inplace=True, method=True, node=None, doc="",
                public=True, out=True, variants=(), refuses="",
                check=None, second=None):
    """An element-wise operation, and its public function.

    `partials`: one rule an input, the partial derivative by it; a number where it is constant. None: no gradient.
    `kind`: how dtypes go: "same" promotes the inputs, "float" also makes integers floating, "compare" returns bool.
    `lower`: the name of the instruction a compiler may use. `second`: torch's name of the second input, if it is not "other".
    """
    op = Op(name, forward, partials, partial=True, kind=kind, lower=lower, node=node, variants=variants,
            refuses=refuses, check=check)
    call, operator = [_calling(op, as_operator) for as_operator in (False, True)]
    call.op, call.operator = op, operator
    function = _with_out(op, call)
    for form in (call, function):
        form.__name__ = form.__qualname__ = name
        form.__doc__ = doc
    bound = call
    if second is not None:
        bound, function = _naming(second, call), _naming(second, function)
    if public:
        family = sys._getframe(1).f_globals["__name__"]
        register(Function(function, name, method, inplace, out, "torch", call, family, bound=bound))
    return call


def _naming(second, call):
    """`call`, whose second argument may also be given by this name."""

    @functools.wraps(call)
    def function(input, *others, **keywords):
        if second in keywords:
            others = (keywords.pop(second),)
        return call(input, *others, **keywords)

    return function


def _with_out(op, call):
    """The form that takes `out`. It is one of its own because a keyword-only argument costs every call of a function."""
    if len(op.inputs) == 1:
        return lambda input, *, out=None: call(input) if out is None else elementwise_general(op, (input,), out)
    if len(op.inputs) == 2:
        return lambda input, other, *, out=None: (
            call(input, other) if out is None else elementwise_general(op, (input, other), out))
    return lambda *inputs, out=None: elementwise_general(op, inputs, out)


def _calling(op, operator=False, depth=1):
    slow = _any_arity(op, operator)
    return short_path(op, slow, depth) if len(op.inputs) < 3 and op.rules else slow


def short_unary(op):
    """The function for an operation on one tensor without parameters, for a public function to call."""
    return _calling(op, depth=3)


def _any_arity(op, operator):
    if len(op.inputs) == 1:
        return lambda input: elementwise_general(op, (input,), None, operator)
    if len(op.inputs) == 2:
        return lambda input, other: elementwise_general(op, (input, other), None, operator)
    return lambda *inputs: elementwise_general(op, inputs, None, operator)


OPERAND = (Tensor, float, int, bool, complex, ndarray, np.generic)


def elementwise_general(op, inputs, out=None, operator=False):
    """The whole of an element-wise operation: any dtypes, any mode, Python numbers, `out`, and the errors."""
    if not any(isinstance(value, Tensor) for value in inputs):
        if any(isinstance(value, (ndarray, np.generic)) or hasattr(value, "__array_ufunc__") for value in inputs):
            return apply(op, inputs, NOTHING)  # a rule at work on arrays
        raise errors.not_tensor(op.name, "input", 1, inputs[0])
    for position, value in enumerate(inputs):
        if not isinstance(value, OPERAND) and not hasattr(value, "__array_ufunc__"):
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
    result = run(op, mode, arrays, out is None)
    if out is not None:
        return store(op.name, mode, inputs, result, out)
    return attach(op, mode, inputs, result, NOTHING)


def run(op, mode, arrays, attached=True):
    """The forward on promoted arrays, with the errors torch gives for shapes that do not match."""
    try:
        if mode.tracer is not None and not isinstance(op.forward, np.ufunc):
            return mode.tracer.call(op, arrays, NOTHING)
        if mode.runner is not None and attached:
            return mode.runner.run(op, *arrays)
        return op.forward(*arrays)
    except Unbatchable:
        return over_batch(op.forward, arrays)
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
