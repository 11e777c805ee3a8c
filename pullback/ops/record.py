"""What an operation is: a record of its forward, its derivative rules, and what these need kept.

A rule's parameter names say what it needs, and nothing else is kept for backward:

    g            the gradient that arrives (in a general rule; an element-wise rule gives the partial derivative only)
    x, y, ...    an input, by the name the forward gives it (a ufunc's inputs are x, y, z); a forward that takes any number
                 of inputs (`*rest`) has one rule for all of them, which names the tuple `rest`
    o            the output
    x_shape ...  an input's shape, which costs nothing
    needs        which inputs need a gradient, a tuple of bools (for a rule that gives all gradients at once)
    other names  the operation's parameters (dim, keepdim, ...) and its extra outputs (indices, ...)

Rules run on whatever they are given: arrays in a plain backward, tensors under create_graph, trace values under compile.
So they are written with operators and with operations, and operations called on arrays return arrays. Broadcasting and
mixed dtypes are no concern of a rule: the engine fits each gradient to the input it is for.
"""

import sys
import warnings
from inspect import CO_VARARGS

import numpy as np

from .. import dtypes, errors, shapes
from ..dtypes import F32, F64
from ..graph import Leaf, Node, Output, Storage, Tensor, is_leaf, make_leaf, new, storage_of, tick, wrap
from ..mode import current_mode, settled
from .registry import Function, register

ndarray = np.ndarray
NOTHING = {}
RECORDS = {}  # every record by name
OF_UFUNC = {}  # the record whose forward is that NumPy ufunc


class Op:
    """An operation's record. Call it with inputs (tensors, or arrays only) and named parameters.

    `forward(*inputs, **params)` works on arrays; it returns the output, a tuple (output, *extras) if `extras` names some,
    or a list of outputs if `many`. `rules` is one rule an input (None: not differentiable), or one for all of them.
    `view`: the output shares the input's memory. `composite`: the forward is itself written with operations.
    `dynamic`: the output's shape depends on the values. `variants`: node names where some inputs are Python numbers, by a
    string with "t" for each tensor and "n" for each number: torch has overloads there, which it counts.
    `refuses`: the kinds of dtypes ("b" bool, "c" complex) an element-wise operation is not for, though NumPy's is.
    `check(operands)` raises on operands it is not for.
    """

    def __init__(self, name, forward, rules, *, inputs=None, extras=(), many=False, view=False, composite=False,
                 partial=False, kind=None, linear=False, lower=None, node=None, dynamic=False, variants=(), refuses="",
                 check=None):
        self.dynamic, self.refuses, self.check = dynamic, refuses, check
        self.name, self.forward, self.extras, self.many, self.view = name, forward, extras, many, view
        self.composite, self.partial, self.kind, self.linear, self.lower = composite, partial, kind, linear, lower
        inputs = _input_names(forward) if inputs is None else inputs
        self.inputs = tuple([name for name in inputs if name[0] != "*"])
        self.starred = next((name[1:] for name in inputs if name[0] == "*"), None)
        self.rules = rules
        self.together = callable(rules)
        named = frozenset().union(*map(_names, [rules] if self.together else rules))
        self.keeps = named & {*self.inputs, self.starred, "o", *extras}
        self.keeps_output = "o" in self.keeps
        self.keeps_extras = [name in self.keeps for name in extras]
        self.node = self._node(node or _camel(name) + "Backward0")
        self.variants = {pattern: self._node(variant) for pattern, variant in dict(variants).items()}
        self._adapted, self._kept = {}, {}
        self.usual = None  # the adapted rules for real numbers, once made
        self.plain = not (extras or many or view)
        RECORDS[name] = self
        if isinstance(forward, np.ufunc):
            OF_UFUNC.setdefault(forward, self)

    def _node(self, name):
        return type(name, (Node,), {"record": self, "pull": pull, "plain": not self.many, "__slots__": (),
                                    "__module__": "builtins"})

    def node_for(self, inputs):
        """The type of the node for these inputs."""
        return self.variants.get("".join(["t" if isinstance(value, Tensor) else "n" for value in inputs]), self.node)

    def __call__(self, *inputs, **params):
        return apply(self, inputs, params)

    def __repr__(self):
        return f"<op {self.name}>"

    def kept_for(self, needs):
        """Which inputs to keep when the inputs marked in `needs`, a tuple, need a gradient."""
        kept = self._kept.get(needs)
        if kept is None:
            kept = self._kept[needs] = self._to_keep(needs)
        return kept

    def _to_keep(self, needs):
        if self.together:
            keep = [name in self.keeps for name in self.inputs]
            return keep if self.starred is None else keep + [self.starred in self.keeps] * (len(needs) - len(keep))
        named = frozenset().union(*[_names(rule) for rule, need in zip(self.rules, needs, strict=False) if need])
        return [name in named for name in self.inputs]

    def adapted(self, conjugate):
        """The rules as functions of (gradient, saved values, node), made at first use."""
        rules = self._adapted.get(conjugate)
        if rules is None:
            rules = [self.rules] if self.together else self.rules
            rules = self._adapted[conjugate] = [rule if rule is None else self._adapt(rule, conjugate) for rule in rules]
            if not conjugate:
                self.usual = rules
        return rules

    def _adapt(self, rule, conjugate):
        if not callable(rule):
            return _CONSTANT.get(rule) or (lambda g, s, n: g * rule)
        places = ", ".join(map(self._locate, _parameters(rule)))
        call = places if _is_identity(rule) else f"rule({places})"
        if self.partial:
            call = f"g * conj({call})" if conjugate else f"g * {call}"
        return eval(f"lambda g, s, n: {call}", {"rule": rule, "conj": _conj})

    def _locate(self, name):
        """Where a rule's parameter of this name is found at the time of the backward."""
        if name == "g":
            return "g"
        if name == "needs":
            return "[edge is not None for edge in n.inputs]"
        if name in self.inputs:
            return f"s[{self.inputs.index(name)}]"
        behind = ["o", *self.extras]
        if name == self.starred:
            return f"s[{len(self.inputs)}:{-len(behind)}]"
        if name in behind:
            return f"s[{behind.index(name) - len(behind)}]"
        if name.endswith("_shape") and name[:-6] in self.inputs:
            return f"n.inputs[{self.inputs.index(name[:-6])}].shape"
        return f"n.params[{name!r}]"


def _zeros_like(g):
    return wrap(np.zeros_like(g._array)) if isinstance(g, Tensor) else np.zeros_like(g)


_CONSTANT = {1: lambda g, s, n: g, 0: lambda g, s, n: _zeros_like(g)}


def _input_names(forward):
    if isinstance(forward, np.ufunc):
        return ("x", "y", "z")[: forward.nin]
    return input_names(forward.__code__)


def input_names(code):
    """The names of a function's positional parameters; that of `*rest` begins with the star."""
    names = code.co_varnames[: code.co_argcount]
    return (*names, "*" + code.co_varnames[code.co_argcount + code.co_kwonlyargcount]) if code.co_flags & CO_VARARGS else names


def _parameters(rule):
    return rule.__code__.co_varnames[: rule.__code__.co_argcount]


def _is_identity(rule):
    """Whether the rule returns what it is given, so that it need not be called."""
    token = object()
    try:
        return len(_parameters(rule)) == 1 and rule(token) is token
    except (TypeError, AttributeError):
        return False


def _names(rule):
    return _parameters(rule) if callable(rule) else ()


def _camel(name):
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _conj(value):
    return value.conj() if hasattr(value, "conj") else value.conjugate()  # a Python number


# ---- the general path ------------------------------------------------------------------------------------------------


def apply(op, inputs, params):
    """Run `op` on `inputs` and record it if an input requires a gradient and the mode records.

    On arrays alone it returns arrays. Errors of NumPy's become torch's.
    """
    mode = current_mode()
    if mode.special:
        return _apply_special(op, inputs, params)
    arrays, raw = [], True
    for value in inputs:
        if isinstance(value, Tensor):
            raw = False
            value = value._array
        arrays.append(value)
    try:
        result = op.forward(*arrays, **params)
    except Exception as error:
        if raw or isinstance(error, RuntimeError):
            raise
        raise _explained(op, error, arrays) from None
    if raw:
        return result
    return attach(op, mode, inputs, result, params)


def _apply_special(op, inputs, params):
    """`apply` in a fresh context, under a trace or in another era."""
    mode = settled()
    if mode is not current_mode() or not mode.special:
        return apply(op, inputs, params)
    tracer = mode.tracer
    raw = not any([isinstance(value, Tensor) for value in inputs])
    if tracer is None:
        arrays = [value._array if isinstance(value, Tensor) else value for value in inputs]
        result = op.forward(*arrays, **params)
    else:
        arrays = [tracer.lift(value) if isinstance(value, Tensor) else value for value in inputs]
        result = op.forward(*arrays, **params) if op.composite else tracer.call(op, arrays, params)
    return result if raw else attach(op, mode, inputs, result, params)


def _explained(op, error, arrays):
    """torch's own errors are raised by the forwards as they are; what NumPy says is said in torch's words."""
    if isinstance(error, (IndexError, TypeError, AssertionError, KeyError, AttributeError)) and not _from_numpy(error):
        return error
    return errors.from_numpy(op.name, error, arrays)


def _from_numpy(error):
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    return not trace.tb_frame.f_globals.get("__name__", "").startswith(__package__.partition(".")[0]) or isinstance(
        error, np.exceptions.AxisError)


def attach(op, mode, inputs, result, params):
    """Wrap what the forward returned in tensors, with a node behind them where the mode and the inputs call for one."""
    if op.plain and mode.era is None:
        output = wrap(result if type(result) is ndarray else as_array(result))
        if mode.recording:
            _record(op, inputs, (output,), (), params)
        elif mode.inference:
            output._inference = True
        return output
    return _attach_any(op, mode, inputs, result, params)


def _attach_any(op, mode, inputs, result, params):
    extras = ()
    if op.extras:
        result, *extras = result
    outputs = [wrap(as_array(array)) for array in (result if op.many else (result,))]
    if op.view:
        for index, output in enumerate(outputs):
            _share(op, mode, inputs[0], output, index)
    if mode.era is not None and mode.era.spread(inputs, outputs):
        pass
    elif mode.recording:
        _record(op, inputs, outputs, extras, params)
    elif mode.inference and not op.view:
        for output in outputs:
            output._inference = True
    if op.many:
        return tuple(outputs)
    return (outputs[0], *[wrap(as_array(extra)) for extra in extras]) if op.extras else outputs[0]


def as_array(value):
    """NumPy returns scalars for 0-dim results: make them arrays again. Trace values stay."""
    return np.asarray(value) if isinstance(value, np.generic) or type(value) in (float, int, bool, complex) else value


def _record(op, inputs, outputs, extras, params):
    """Put a node behind `outputs` if one of `inputs` needs a gradient that a rule gives; integers and bool have none."""
    if not outputs:
        return
    rules = op.rules
    array = outputs[0]._array
    if len(inputs) == 1:
        edge = inputs[0]._edge
        if edge is None or rules == ():
            return
        edges, needs = (edge,), (True,)
    else:
        edges = tuple([value._edge if isinstance(value, Tensor) else None for value in inputs])
        if not op.together and (None in rules or len(rules) < len(edges)):
            edges = tuple([edge if rule is not None else None for edge, rule in zip(edges, rules, strict=False)])
        needs = tuple([edge is not None for edge in edges])
        if True not in needs:
            return
    if array.dtype.kind in "biu":
        return
    node = op.node_for(inputs)() if op.variants else op.node()
    node.inputs, node.params, node.seq, node.watch = edges, params, tick(), None
    node.saved = _kept(op, needs, inputs, outputs, extras) if op.keeps else ()
    if op.many:
        node.shape, node.dtype = [output._array.shape for output in outputs], outputs[0]._array.dtype
        for index, output in enumerate(outputs):
            output._edge = Output(node, index, output._array)
    else:
        outputs[0]._edge, node.shape, node.dtype = node, array.shape, array.dtype


def _kept(op, needs, inputs, outputs, extras):
    """What the rules for the inputs marked in `needs` ask for; empty if that is nothing."""
    saved = [value if keep else None for value, keep in zip(inputs, op.kept_for(needs), strict=False)]
    for value in saved:
        if value is not None and getattr(value, "_inference", False):
            raise RuntimeError(errors.INFERENCE_SAVE)
    saved.append(keep_output(outputs[0]) if op.keeps_output else None)
    saved.extend([extra if keep else None for extra, keep in zip(extras, op.keeps_extras, strict=True)])
    return tuple(saved) if any([value is not None for value in saved]) else ()


def keep_output(output):
    """A twin of `output` for its own node to keep: same array, same storage, but no edge back, which would be a cycle."""
    twin = wrap(output._array)
    twin._storage = storage_of(output)
    return twin


def _share(op, mode, source, view, index):
    """Make `view`, whose array is a window on `source`'s memory, share its storage and know its base."""
    if source._inference:  # nobody will ask what happened to it
        view._inference = True
        return
    base, edge = source._base, source._edge
    view._base = source if base is None or (type(edge) is Leaf and edge.connected) else base
    view._storage = storage_of(source)
    view._storage.add_view(view)
    if mode.recording:
        view._made = (op.name, index) if op.many else source._made
    else:
        view._made = "inference" if mode.inference else "no_grad"
        if source._edge is not None and mode.era is None:
            make_leaf(view, connected=False)


def pull(node, g, as_tensors):
    """The gradients of `node`'s inputs, given the gradient `g` of its output: arrays, or tensors for `create_graph`."""
    values = node.saved
    op = node.record
    if values is None:
        raise RuntimeError(errors.FREED)
    if values:
        values = _saved_tensors(node) if as_tensors else saved_arrays(node)
    rules = op.usual
    if rules is None or (op.partial and node.dtype is not F32 and node.dtype.kind == "c"):
        rules = op.adapted(op.partial and node.dtype.kind == "c")
    if op.together:
        return rules[0](g, values, node)
    edges = node.inputs
    if len(edges) == 1:
        return (rules[0](g, values, node),)
    if len(edges) == 2:
        first, second = edges
        return (None if first is None else rules[0](g, values, node),
                None if second is None else rules[1](g, values, node))
    return [None if edge is None else rule(g, values, node) for edge, rule in zip(edges, rules, strict=False)]


def saved_arrays(node):
    """The values a node kept, tensors as their arrays. Raises RuntimeError if one was written since."""
    seq = node.seq
    values = []
    for value in node.saved:
        if isinstance(value, Tensor):
            storage = value._storage
            if storage is not None and storage.written >= seq:
                check_fresh(node, value, len(values))
            value = value._array
        values.append(value)
    return values


def _saved_tensors(node):
    """The saved values as tensors with their history; the output's is the node itself."""
    saved_arrays(node)
    values = list(node.saved)
    place = len(node.inputs)
    if node.record.keeps_output:
        values[place] = wrap(values[place]._array, node)
    return values


def check_fresh(node, value, place):
    """Raise torch's error if `value`, kept by `node`, was written since; an output's own in-place write is no harm."""
    own = place >= len(node.inputs)
    storage = value._storage
    if own and storage.written == node.seq:
        return
    edge = node if own else value._edge
    owner = ""
    if edge is not None and (own or not is_leaf(value)):
        source, index = edge.target()
        owner = f", which is output {index} of {source.name().removesuffix('Backward0')},"
    expected = storage.version_at(node.seq + own)
    raise RuntimeError(errors.STALE.format(errors.title(value._array.dtype), list(value._array.shape), owner,
                                           storage.version, expected))


# ---- element-wise operations: the short path -------------------------------------------------------------------------

_SHORT = (F32, F64)


def elementwise(name, forward, *partials, kind="same", lower=None, inplace=True, method=True, node=None, doc="",
                public=True, out=True, variants=(), refuses="",
                check=None):
    """An element-wise operation, and its public function.

    `partials`: one rule an input, the partial derivative by it; a number where it is constant. None: no gradient.
    `kind`: how dtypes go: "same" promotes the inputs, "float" also makes integers floating, "compare" returns bool.
    `lower`: the name of the instruction a compiler may use.
    """
    op = Op(name, forward, partials, partial=True, kind=kind, lower=lower, node=node, variants=variants, refuses=refuses, check=check)
    build = (_unary, _binary)[len(op.inputs) - 1] if len(op.inputs) < 3 and partials else _any_arity
    call = build(op, False)
    call.__name__ = call.__qualname__ = name
    call.__doc__ = doc
    call.op, call.operator = op, build(op, True)
    if public:
        family = sys._getframe(1).f_globals["__name__"]
        register(Function(call, name, method, inplace, out, "torch", call, family))
    return call


def _unary(op, operator):
    forward, node_type, keep_x, keep_o = op.forward, op.node, "x" in op.keeps, op.keeps_output

    def call(input, *, out=None):
        mode = current_mode()
        if mode.special or out is not None:
            return elementwise_general(op, (input,), out, operator)
        try:
            a = input._array
            dtype = a.dtype
            if dtype is not F32 and dtype is not F64:
                return elementwise_general(op, (input,), None, operator)
            array = forward(a)
        except Exception:
            return elementwise_general(op, (input,), None, operator)
        if type(array) is not ndarray:
            array = as_array(array)
        tensor = new(Tensor)
        tensor._array = array
        if mode.recording:
            edge = input._edge
            if edge is not None:
                node = node_type()
                node.inputs = (edge,)
                node.watch = None
                node.seq = tick()
                node.shape = array.shape
                node.dtype = array.dtype
                if keep_o:
                    twin = new(Tensor)
                    twin._array = array
                    twin._storage = tensor._storage = new(Storage)
                    node.saved = (input if keep_x else None, twin)
                else:
                    node.saved = (input,) if keep_x else ()
                tensor._edge = node
                return tensor
        elif mode.inference:
            tensor._inference = True
        tensor._edge = None
        return tensor

    return call


def _binary(op, operator):
    forward, node_type, keep_o = op.forward, op.node, op.keeps_output
    number_node_type = op.variants.get("tn", node_type)
    x_for_x, x_for_y = ["x" in _names(rule) for rule in op.rules]
    y_for_x, y_for_y = ["y" in _names(rule) for rule in op.rules]
    keeps_none, keeps_both = not op.keeps, (x_for_x or x_for_y) and (y_for_x or y_for_y)

    def call(input, other, *, out=None):
        mode = current_mode()
        if mode.special or out is not None:
            return elementwise_general(op, (input, other), out, operator)
        try:
            a = input._array
            dtype = a.dtype
            if dtype is not F32 and dtype is not F64:
                return elementwise_general(op, (input, other), None, operator)
            kind = type(other)
            if kind is Tensor or (kind is not float and kind is not int):
                b = other._array
                if b.dtype is not dtype:
                    return elementwise_general(op, (input, other), None, operator)
                other_edge = other._edge
                array = forward(a, b)
            else:
                other_edge = None
                array = forward(a, other)
        except Exception:
            return elementwise_general(op, (input, other), None, operator)
        if type(array) is not ndarray:
            array = as_array(array)
        tensor = new(Tensor)
        tensor._array = array
        if mode.recording:
            edge = input._edge
            if edge is not None or other_edge is not None:
                tensor._edge = node = number_node_type() if kind is float or kind is int else node_type()
                node.inputs = (edge, other_edge)
                node.watch = None
                node.seq = tick()
                node.shape = array.shape
                node.dtype = dtype
                if keeps_none:
                    node.saved = ()
                elif keeps_both and edge is not None and other_edge is not None:
                    node.saved = (input, other)
                elif edge is None:
                    node.saved = (input if x_for_y else None, other if y_for_y else None)
                    if x_for_y and input._inference:
                        raise RuntimeError(errors.INFERENCE_SAVE)
                elif other_edge is None:
                    node.saved = (input if x_for_x else None, other if y_for_x else None)
                    if y_for_x and kind is not float and kind is not int and other._inference:
                        raise RuntimeError(errors.INFERENCE_SAVE)
                else:
                    node.saved = (input if x_for_x or x_for_y else None, other if y_for_x or y_for_y else None)
                if keep_o:
                    node.saved += (keep_output(tensor),)
                return tensor
        elif mode.inference:
            tensor._inference = True
        tensor._edge = None
        return tensor

    return call


def _any_arity(op, operator):
    def call(*inputs, out=None):
        return elementwise_general(op, inputs, out, operator)

    if len(op.inputs) == 1:
        return lambda input, *, out=None: call(input, out=out)
    if len(op.inputs) == 2:
        return lambda input, other, *, out=None: call(input, other, out=out)
    return call


_OPERAND = (Tensor, float, int, bool, complex)


def elementwise_general(op, inputs, out=None, operator=False):
    """The whole of an element-wise operation: any dtypes, any mode, Python numbers, `out`, and the errors."""
    if not any(isinstance(value, Tensor) for value in inputs):
        if any(isinstance(value, (ndarray, np.generic)) or hasattr(value, "__array_ufunc__") for value in inputs):
            return apply(op, inputs, NOTHING)  # a rule at work on arrays
        raise errors.not_tensor(op.name, "input", 1, inputs[0])
    for position, value in enumerate(inputs):
        if not isinstance(value, _OPERAND) and not isinstance(value, (ndarray, np.generic)) and not hasattr(value, "__array_ufunc__"):
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


def run(op, mode, arrays, **options):
    """The forward on promoted arrays, with the errors torch gives for shapes that do not match."""
    try:
        if mode.tracer is not None and not isinstance(op.forward, np.ufunc) and not op.composite:
            return mode.tracer.call(op, arrays, options)
        return op.forward(*arrays, **options)
    except ValueError as error:
        shapes_of(arrays)
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


def shapes_of(arrays):
    """The broadcast shape of the operands. Raises torch's RuntimeError where there is none."""
    return shapes.broadcast(*[a.shape for a in arrays if hasattr(a, "shape")])


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


def store(name, mode, inputs, result, out):
    """Put `result` into the tensor `out`, resized if need be, as torch's `out=` does."""
    if not isinstance(out, Tensor):
        raise TypeError(f"{name}(): argument 'out' must be Tensor, not {errors.type_name(out)}")
    if mode.recording and any(isinstance(t, Tensor) and t._edge is not None for t in (*inputs, out)):
        raise RuntimeError(errors.OUT_GRAD.format(name))
    return fill(out, as_array(result))


def fill(out, array):
    """Write `array` into `out` outside of any graph, as `out=` arguments do. Raises RuntimeError if the dtype cannot hold it."""
    if out._inference and not current_mode().inference:
        raise RuntimeError(errors.INFERENCE_WRITE)
    if not dtypes.can_cast_numpy(array.dtype, out._array.dtype):
        raise RuntimeError(f"result type {errors.title(array.dtype)} can't be cast to the desired output type "
                           f"{errors.title(out._array.dtype)}")
    if out._array.shape != array.shape:
        resize(out, array.shape)
    out._array[...] = array
    storage_of(out).write()
    return out


def resize(out, shape):
    """Give `out` new memory of `shape`; torch warns unless it was empty."""
    if out._array.size:
        warnings.warn(
            f"An output with one or more elements was resized since it had shape {list(out._array.shape)}, which does not "
            f"match the required output shape {list(shape)}. This behavior is deprecated, and in a future PyTorch release "
            "outputs will not be resized unless they have zero elements. You can explicitly reuse an out tensor t by "
            "resizing it, inplace, to zero elements with t.resize_(0).",
            stacklevel=4,
        )
    out._array = np.empty(shape, out._array.dtype)


# ---- the other kinds of records --------------------------------------------------------------------------------------


def linear(name, forward, transpose, **options):
    """An operation linear in its first input; `transpose` is the rule that carries a gradient back through it."""
    return Op(name, forward, (transpose,), linear=True, **options)


def view(name, forward, transpose, **options):
    """A linear operation whose output is a window on its input's memory."""
    return Op(name, forward, (transpose,), linear=True, view=True, **options)


def composite(name, forward, *rules, **options):
    """An operation whose forward is written with operations; its own rules save memory and time against theirs."""
    return Op(name, forward, rules[0] if len(rules) == 1 and options.pop("together", False) else rules, composite=True, **options)
