"""The short path of an element-wise operation: floating tensors of one dtype, or a tensor and a number, nothing unusual.

It is the code that runs most, so nothing is decided in it that the record has decided already: its source is put together
from the record, once for all records that keep the same things, and reads as if it had been written for that record.
Whatever it does not handle, every error included, it leaves to `slow`, which starts again from the arguments.
"""
# ruff: noqa: F401 - the imports are for the code below that is still text

import sys
from functools import cache
from types import FunctionType

from .. import origin
from ..dtypes import F32, F64
from ..errors import INFERENCE_SAVE
from ..graph import Tensor, clock, new
from ..mode import current_mode
from .apply import as_array, keep_output
from .record import NOTHING, names_of

getframe = sys._getframe

_UNARY = """
def call(input):
    mode = current_mode()
{first}
    try:
        a = input._array
        dtype = a.dtype
        if dtype is not F32 and dtype is not F64:
            return slow(input)
        array = forward(a)
    except Exception:
        return slow(input)
    shape = array.shape
    if not shape:
        array = as_array(array)
    tensor = new(Tensor)
    tensor._array = array
    edge = input._edge
    if edge is not None and mode.recording:
        tensor._inference = False
        tensor._edge = node = node_type()
        node.inputs = (edge,)
        node.dtype = array.dtype
"""

_BINARY = """
def call(input, other):
    mode = current_mode()
{first}
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
            array, edge, make = forward(a, b), other._edge, node_type
        else:
            array, edge, make = forward(a, other), None, number_node_type
    except Exception:
        return slow(input, other)
    shape = array.shape
    if not shape:
        array = as_array(array)
    tensor = new(Tensor)
    tensor._array = array
    first = input._edge
    if (first is not None or edge is not None) and mode.recording:
        tensor._inference = False
        tensor._edge = node = make()
        node.inputs = (first, edge)
        node.dtype = dtype
"""

_NODE = """
        node.shape = shape
        node.watch = None
        node.seq = next(clock)
        frame = getframe(depth)
        node.code = code = frame.f_code
        if code is not origin.code:
            frame = origin.caller(frame)
            node.code = frame.f_code
        node.place = frame.f_lasti
{keep}
        {told}
        return tensor
    tensor._inference = mode.inference
    tensor._edge = None
    {told}
    return tensor
"""
_FIRST = """
    if mode.special:
        return (tracked if mode.tracked else slow)({inputs})
"""


def short_path(op, slow, depth=1):
    """The short path of an operation on one or two inputs that takes no parameters; `slow` is the whole of it.

    `depth`: how far out the user's call is, 1 if users call it themselves. A mode that is special only because it tracks has
    a short path too, made when it is first needed.
    """

    def tracked(*inputs):
        call.__globals__["tracked"] = path = _path(op, slow, depth + 1, True)
        return path(*inputs)

    call = _path(op, slow, depth, False)
    call.__globals__["tracked"] = tracked
    return call


def _path(op, slow, depth, tracked):
    kept = tuple([tuple([name in names_of(rule) for name in "xyo"]) for rule in op.rules])
    own = {"op": op, "forward": op.forward, "node_type": op.node, "number_node_type": op.variants.get("tn", op.node),
           "slow": slow, "depth": depth}
    return FunctionType(_code(kept, tracked), {**globals(), **own})


@cache
def _code(kept, tracked):
    """The code for rules that keep these of x, y and o; that of the `tracked` twin tells the mode's tracker what it made."""
    template = (_UNARY, _BINARY)[len(kept) - 1] + _NODE
    inputs = ("input", "input, other")[len(kept) - 1]
    keep = f"        node.saved = {_tuple(kept[0], 1)}" if len(kept) == 1 else _binary_keep(*kept)
    first = "" if tracked else _FIRST.format(inputs=inputs)
    told = f"mode.tracker.ran(op, ({inputs},), (tensor,), NOTHING)" if tracked else ""
    source = template.format(keep=keep, first=first, told=told)
    scope = {}
    exec(compile(source, f"{__file__}<{kept}{' tracked' * tracked}>", "exec"), scope)
    return scope["call"].__code__


def _binary_keep(first, second):
    both = [a or b for a, b in zip(first, second, strict=True)]
    if not any(both):
        return "        node.saved = ()"
    return f"""
        if first is None:
            {"if input._inference: raise RuntimeError(INFERENCE_SAVE)" if second[0] else ""}
            node.saved = {_tuple(second, 2)}
        elif edge is None:
            {"if kind is Tensor and other._inference: raise RuntimeError(INFERENCE_SAVE)" if first[1] else ""}
            node.saved = {_tuple(first, 2)}
        else:
            node.saved = {_tuple(both, 2)}"""


def _tuple(kept, inputs):
    """The source of what is kept: x, y and o at their places; o only where a rule asks for it."""
    if not any(kept):
        return "()"
    names = [name if keep else "None" for name, keep in zip(("input", "other")[:inputs], kept, strict=False)]
    return f"({', '.join(names)},{' keep_output(tensor),' if kept[2] else ''})"
