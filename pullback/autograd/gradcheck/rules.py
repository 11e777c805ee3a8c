"""What else derivatives must do: give zeros for zeros, the same in batches as alone, and take what is undefined for zeros."""

import warnings

from ... import ops
from ...batchwise import mapped
from ...engine import grad
from ...factories import zeros_like
from ...random import Generator
from ...sampling import randn_like
from ..function import Function
from . import reports
from .jacobians import Case, as_tuple, pushed_forward, random_vector
from .reports import GradcheckError


def differentiable(values):
    """The tensors that require gradients among what a function returned."""
    return tuple([value for value in as_tuple(values) if value.requires_grad])


def check_scaling(outputs, inputs, masked):
    """A gradient of zeros must give zeros, exactly unless `masked`."""
    for gradient in grad(outputs, inputs, [zeros_like(output) for output in outputs], allow_unused=True):
        if gradient is not None and not (ops.allclose(gradient, zeros_like(gradient)) if masked else (gradient == 0).all()):
            raise GradcheckError("backward not multiplied by grad_output")


# ---- batches -------------------------------------------------------------------------------------------------------------
def check_batched(output, index, inputs):
    """Two gradients of `output` in a batch must give what they give one after the other."""
    def pulled_back(gradient, batched=False):
        found = grad(output, inputs, gradient, retain_graph=True, allow_unused=True, is_grads_batched=batched)
        return [zeros_like(input).expand(*[2] * batched, *input.shape) if g is None else g
                for g, input in zip(found, inputs, strict=True)]

    gradients = [randn_like(output) for _ in range(2)]
    _compare_batched([pulled_back(gradient) for gradient in gradients], lambda: pulled_back(ops.stack(gradients), True),
                     reports.BATCHED, lambda position: (index, position))


def check_batched_forward(func, inputs):
    """Two tangents of each input in a batch must give what they give one after the other."""
    case = Case(func, inputs, ())
    for position in case.variables:
        def pushed(tangent, position=position):
            return tuple(pushed_forward(case, {position: tangent}))

        tangents = [randn_like(inputs[position]) for _ in range(2)]
        _compare_batched([pushed(tangent) for tangent in tangents], lambda pushed=pushed, pair=tangents: mapped(pushed)(
            ops.stack(pair)), reports.BATCHED_FORWARD, lambda position: (position, position))


def _compare_batched(separately, together, advice, places):
    expected = [ops.stack(pair) for pair in zip(*separately, strict=True)]
    try:
        found = together()
    except RuntimeError as error:
        raise GradcheckError(f"While computing batched gradients, got: {error}\n\n{advice}") from error
    for position, (result, right) in enumerate(zip(found, expected, strict=True)):
        if not ops.allclose(result, right):
            raise GradcheckError(reports.batched_mismatch(advice, *places(position), result, right))


# ---- undefined gradients -------------------------------------------------------------------------------------------------
class _Undefined(Function):
    """The identity, through which no gradient comes back."""

    @staticmethod
    def forward(ctx, x):
        return x

    @staticmethod
    def backward(ctx, g):
        return None


def check_undefined(func, inputs, variables):
    """Backward must do with undefined gradients, of all outputs and of each of several alone, and take them for zeros."""
    outputs = differentiable(func(*inputs))
    _check_undefined([_Undefined.apply(output) for output in outputs], variables)
    if len(outputs) > 1:
        for undefined in range(len(outputs)):
            outputs = differentiable(func(*inputs))
            _check_undefined([_Undefined.apply(o) if j == undefined else o for j, o in enumerate(outputs)], variables)


def _check_undefined(outputs, variables):
    try:
        gradients = grad(outputs, variables, [zeros_like(output) for output in outputs], allow_unused=True)
    except RuntimeError as error:
        warnings.warn(reports.UNDEFINED_NEW, stacklevel=2)
        raise GradcheckError(reports.UNDEFINED_RAISES) from error
    if any([gradient is not None and not (gradient == 0).all() for gradient in gradients]):
        warnings.warn(reports.UNDEFINED_NEW, stacklevel=2)
        raise GradcheckError(reports.UNDEFINED_NOT_ZERO)


def check_undefined_forward(case):
    """An input without a tangent must count as one whose tangent is zero."""
    generator = Generator()
    tangents = {i: random_vector(case.inputs[i], generator).view_as(case.inputs[i]) for i in case.variables}
    for i in case.variables:
        others = {k: tangent for k, tangent in tangents.items() if k != i}
        zero = pushed_forward(case, {**others, i: zeros_like(case.inputs[i])})
        undefined = pushed_forward(case, others)
        for j, (first, second) in enumerate(zip(zero, undefined, strict=True)):
            if not ops.allclose(first, second):
                raise GradcheckError("Mismatch in tangent values for output with index: ", j, " when input: ", case.inputs[i],
                                     " has an undefined tangent value. ", " Got: ", first, " but expected: ", second)
