"""Forward mode: every tensor may carry a tangent at each open level, and every operation's record tells how they go on.

An element-wise rule is the partial derivative itself. A linear operation treats the tangent as it treated its input, a
multilinear one each tangent in turn. Any other rule is a vector-Jacobian product, linear in the gradient it is given, so
its transpose is the product wanted: two backward passes make a forward one (J. Townsend, "A new trick for calculating
Jacobian vector products", 2017). Tangents are tensors, recorded like others, and at an inner level they have tangents of
the outer ones; they are never written to.
"""

import weakref

import numpy as np

from .dtypes import FLOATING, category, of
from .engine import grad
from .graph import Tensor, make_leaf, storage_of, wrap
from .mode import enter_backward, inside, leave_backward, pop, push, settled
from .ops.place import Window, put_window, take_window
from .ops.shape import alias, expand_to
from .ops.unary import clone, real


class DualLevel:
    """A level of forward mode. Inner levels are later in `mode.duals`."""

    def __init__(self):
        self.holders = []  # weak references to the tensors with a tangent at this level

    def __enter__(self):
        push(duals=(*settled().duals, self))
        return self

    def __exit__(self, *exception):
        pop()
        for holder in self.holders:
            tensor = holder()
            if tensor is not None and tensor._tangents:
                tensor._tangents.pop(self, None)

    def label(self, tensor):
        """How a tensor is called that has a tangent at this level; None for others."""
        return None if self.of(tensor) is None else "GradTrackingTensor(lvl={}, value="

    def set(self, tensor, tangent):
        """Let `tensor` have this tangent."""
        if tensor._tangents is None:
            tensor._tangents = {}
        tensor._tangents[self] = tangent
        self.holders.append(weakref.ref(tensor))

    def replace(self, tensor, tangent):
        """Let `tensor`, which was written to if it had a tangent before, have this tangent, and all that share its memory."""
        if self.of(tensor) is None:
            self.set(tensor, tangent)
        else:
            _rewrite(self, tensor, tangent)

    def of(self, value):
        """The tangent of a value at this level, None if it has none."""
        tangents = value._tangents if isinstance(value, Tensor) else None
        return tangents.get(self) if tangents else None

    def spread(self, op, mode, inputs, outputs, extras, params):
        """Give the outputs of an operation their tangents at this level and those outside of it, the outermost first."""
        for depth, level in enumerate(() if mode.inference else mode.duals):
            tangents = [level.of(value) for value in inputs]
            if any([tangent is not None for tangent in tangents]) and outputs and outputs[0]._array.dtype.kind in "fcV":
                with inside(duals=mode.duals[:depth]):
                    results = _pushed(op, inputs, tangents, outputs, extras, params)
                    for output, tangent in zip(outputs, results, strict=True):
                        if tangent is not None:
                            level.set(output, fitted(tangent, output))
        twin = _kept_output(op, outputs)
        if twin is not None:
            twin._tangents = outputs[0]._tangents

    def rewrite(self, mode, target, values):
        """`target` is about to hold `values`: its tangents become theirs, in its base and all views of that as well."""
        for depth, level in enumerate(mode.duals):
            new, old = level.of(values), level.of(target)
            if new is not None or old is not None:
                with inside(duals=mode.duals[:depth]):
                    new = _zeros(target) if new is None else fitted(new, target)
                    _rewrite(level, target, new)


def _kept_output(op, outputs):
    """The twin of the output that its node keeps."""
    edge = outputs[0]._edge if outputs else None
    if op.many or edge is None or edge.record is not op or not edge.saved or not op.keeps_output:
        return None
    return edge.saved[len(edge.inputs)]


def _zeros(tensor):
    return wrap(np.zeros_like(tensor._array))


def fitted(tangent, value):
    """A tangent in the shape and dtype of what it is the tangent of."""
    if tangent._array.shape != value._array.shape:
        tangent = expand_to(tangent, value._array.shape)
    if tangent._array.dtype != value._array.dtype:
        if tangent._array.dtype.kind == "c" != value._array.dtype.kind:
            tangent = real(tangent)
        tangent = clone(tangent, dtype=value._array.dtype)
    return tangent


def _rewrite(level, target, tangent):
    base = target._base
    if base is not None:
        window = Window(base._array, target._array)
        whole = level.of(base)
        whole = _zeros(base) if whole is None else whole
        tangent = _replaced(whole, tangent, window)
    owner = target if base is None else base
    level.set(owner, tangent)
    for view in storage_of(owner).live_views():
        if view._base is owner:
            level.set(view, take_window(tangent, window=Window(owner._array, view._array)))


def _replaced(whole, part, window):
    """`whole` with `part` in the window."""
    return whole - put_window(take_window(whole, window=window), window=window) + put_window(part, window=window)


# ---- one operation ------------------------------------------------------------------------------------------------------


class _Place:
    """Stands for the node at which a rule finds its parameters and its inputs' shapes."""

    def __init__(self, inputs, wanted, params, outputs):
        self.inputs = [_Edge(value) if want else None for value, want in zip(inputs, wanted, strict=True)]
        self.params, self.shape, self.dtype = params, outputs[0]._array.shape, outputs[0]._array.dtype


class _Edge:
    def __init__(self, value):
        self.shape = value._array.shape


def _pushed(op, inputs, tangents, outputs, extras, params):
    """The tangents of the outputs, one each; None where there is none."""
    if op.linear:
        tangents = [tangent if op.has_rule(i) else None for i, tangent in enumerate(tangents)]
        if not any([tangent is not None for tangent in tangents]):
            return [None] * len(outputs)
        given = [_still(op, i, value) if tangent is None else tangent
                 for i, (value, tangent) in enumerate(zip(inputs, tangents, strict=True))]
        result = op(*given, **params)
        return result if op.many else [result]
    if op.multilinear:
        parts = [op(*inputs[:i], tangent, *inputs[i + 1:], **params) for i, tangent in enumerate(tangents) if tangent is not None]
        return [_sum(parts)]
    values = [*inputs, outputs[0], *extras]
    place = _Place(inputs, [tangent is not None for tangent in tangents], params, outputs)
    if op.jvp:
        return [_sum([rule(tangent, values, place) for rule, tangent in zip(op.pushed(), tangents, strict=False)
                      if tangent is not None])]
    return [_by_partials(op, tangents, values, place)] if op.partial else _transposed(op, tangents, values, place, outputs)


def _still(op, index, value):
    """What a linear operation is given for an input that has no tangent: zero, or the input if it is no factor."""
    if not op.has_rule(index) or value is None:
        return value
    return _zeros(value) if isinstance(value, Tensor) else 0.0


def _sum(parts):
    parts = [part for part in parts if part is not None]
    return sum(parts[1:], parts[0]) if parts else None


def _by_partials(op, tangents, values, place):
    """The sum of partial derivative times tangent; where the output is real, Re(conj(partial) * tangent)."""
    parts = []
    for i, tangent in enumerate(tangents):
        if tangent is not None and op.rules[i] is not None:
            falls = place.dtype.kind != "c" == tangent._array.dtype.kind
            part = op.adapted(falls)[i](tangent, values, place)
            parts.append(real(part) if falls else part)
    return _sum(parts)


def _transposed(op, tangents, values, place, outputs):
    """The transpose of the rules, which are linear in the gradient they are given."""
    before = enter_backward(True)
    try:
        seeds = [make_leaf(wrap(np.ones_like(output._array))) for output in outputs]  # a rule may take a logarithm on its way
        g = seeds if op.many else seeds[0]
        rules = op.adapted(False)
        if op.together:
            gradients = rules[0](g, values, place)
        else:
            gradients = [rule and edge and rule(g, values, place) for rule, edge in zip(rules, place.inputs, strict=False)]
    finally:
        leave_backward(before)
    pairs = [(gradient, tangent) for gradient, tangent in zip(gradients, tangents, strict=False)
             if gradient is not None and tangent is not None and gradient._edge is not None]
    if not pairs:
        return [None] * len(outputs)
    results, tangents = [gradient for gradient, _ in pairs], [_like(tangent, gradient) for gradient, tangent in pairs]
    return grad(results, seeds, tangents, create_graph=before.recording, allow_unused=True, retain_graph=before.recording)


def _like(tangent, gradient):
    """A tangent as the gradient for a rule's result, which may be wider than the input it is for."""
    return expand_to(tangent, gradient._array.shape)


def make_dual(tensor, tangent, level):
    """A tensor with the values of `tensor`, and `tangent` at this level.

    Raises ValueError on integers and bool, RuntimeError on a tangent of another shape.
    """
    for what, value in (("primal", tensor), ("tangent", tangent)):
        if category(value._array.dtype) < FLOATING:
            raise ValueError(f"Expected {what} to be floating point or complex, but got: {of(value._array.dtype)}")
    check_shape(tensor, tangent)
    dual = alias(tensor)
    level.set(dual, tangent)
    return dual


def check_shape(tensor, tangent):
    """Raise RuntimeError unless the tangent has its tensor's shape."""
    if tangent._array.shape != tensor._array.shape:
        raise RuntimeError(
            "Trying to set a forward gradient that has a different size than that of the original Tensor, this is not supported. "
            f"Tensor is of size {list(tensor._array.shape)} while the given forward gradient is of size "
            f"{list(tangent._array.shape)}.")
