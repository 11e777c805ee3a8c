"""`gradcheck` and `gradgradcheck`: derivatives compared with what central differences give.

A function of complex numbers is checked as two: where backward mode is checked, as the real and the imaginary part of its
complex outputs; where forward mode is, as a function of the real and of the imaginary part of its complex inputs.
"""

import warnings
from collections.abc import Callable, Sequence

from ... import ops
from ...dtypes import complex128, float64
from ...engine import grad
from ...factories import empty
from ...graph import Tensor
from . import reports, rules
from .comparison import Options, compare
from .jacobians import Case, as_tuple, floating
from .reports import GradcheckError

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]


def gradcheck(
    func: Callable[..., Tensor | Sequence[Tensor]],
    inputs: Tensor | Sequence[Tensor],
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """True if the derivatives of `func` at `inputs` are what central differences with step `eps` give.

    All outputs of floating point or complex numbers are checked against all tensors in `inputs` that require gradients and
    should be of double precision: numbers may differ by `atol` plus `rtol` times their size. `fast_mode` compares along one
    random direction instead of element by element. `check_backward_ad` and `check_forward_ad` say which modes are checked,
    the other flags which further rules; `nondet_tol` is how much two runs of the same backward may differ, and with
    `masked` gradients of zeros may give values that are only close to zero.

    Raises GradcheckError for a derivative that is wrong, or returns False if not `raise_exception`; ValueError if no input
    requires a gradient; RuntimeError if an input overlaps itself; AssertionError if the flags contradict each other, or if
    outputs change shape or dtype with the inputs' values.
    See https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html
    """
    _require(check_forward_ad or check_backward_ad,
             "Expected at least one of check_forward_ad or check_backward_ad to be True")
    _require(check_backward_ad or not check_batched_grad,
             "Setting check_batched_grad=True requires check_backward_ad to be True")
    _require(check_forward_ad or not check_batched_forward_grad,
             "Setting check_batched_forward_grad=True requires check_forward_ad to be True")
    inputs = as_tuple(inputs)
    options = Options(eps, atol, rtol, nondet_tol, check_grad_dtypes, fast_mode)
    try:
        variables = _checked(inputs)
        outputs = func(*inputs)
        results = rules.differentiable(outputs)
        if check_backward_ad:
            _check_backward(func, inputs, outputs, options)
        if check_forward_ad:
            _check_forward(func, inputs, outputs, options, check_undefined_grad)
        if check_batched_forward_grad:
            rules.check_batched_forward(func, inputs)
        if check_batched_grad:
            for position, result in enumerate(results):
                rules.check_batched(result, position, variables)
        if check_backward_ad:
            rules.check_scaling(results, variables, masked)
        if check_backward_ad and check_undefined_grad:
            rules.check_undefined(func, inputs, variables)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Callable[..., Tensor | Sequence[Tensor]],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """True if the second derivatives of `func` are what central differences of its gradients give.

    `gradcheck` of the gradients as a function of the inputs and of `grad_outputs`, the gradients of the outputs, which are
    drawn from [-1, 1) where they are not given; `gen_non_contig_grad_outputs` makes them non-contiguous. The modes that are
    checked are backward over backward (`check_rev_over_rev`) and forward over backward (`check_fwd_over_rev`).

    Raises what `gradcheck` raises.
    See https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradgradcheck.html
    """
    _require(check_fwd_over_rev or check_rev_over_rev,
             "Expected at least one of check_fwd_over_rev or check_rev_over_rev to be True")
    _require(check_rev_over_rev or not check_undefined_grad,
             "Setting check_undefined_grad=True requires check_rev_over_rev to be True")
    _require(check_rev_over_rev or not check_batched_grad,
             "Setting check_batched_grad=True requires check_rev_over_rev to be True")
    inputs = as_tuple(inputs)
    if grad_outputs is None:
        grad_outputs = [_drawn_like(output, gen_non_contig_grad_outputs) for output in rules.differentiable(func(*inputs))]
    everything = inputs + as_tuple(grad_outputs)
    needed = [isinstance(value, Tensor) and value.requires_grad for value in everything]

    def gradients(*values):
        values = [value.requires_grad_() if need else value for value, need in zip(values, needed, strict=True)]
        outputs = rules.differentiable(func(*values[:len(inputs)]))
        variables = [value for value, need in zip(values[:len(inputs)], needed, strict=False) if need]
        found = grad(outputs, variables, values[len(inputs):], create_graph=True, allow_unused=True)
        return tuple([gradient for gradient in found if gradient is not None])

    return gradcheck(
        gradients, everything, eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception, nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad, check_grad_dtypes=check_grad_dtypes, check_batched_grad=check_batched_grad,
        fast_mode=fast_mode, check_forward_ad=check_fwd_over_rev, check_backward_ad=check_rev_over_rev, masked=masked,
    )


def _require(condition, text):
    if not condition:
        raise AssertionError(text)


def _drawn_like(output, scattered):
    """A tensor of the output's shape and dtype that requires a gradient, uniform in [-1, 1), a complex one in both parts."""
    shape = list(output.shape)
    if scattered := scattered and output.numel() > 1:
        shape[-1] *= 2
    drawn = empty(*shape, *[2] * output.is_complex(), dtype=output.dtype.to_real()).uniform_(-1, 1)
    drawn = ops.view_as_complex(drawn) if output.is_complex() else drawn
    return (drawn[..., 1::2] if scattered else drawn).requires_grad_()


def _checked(inputs):
    """The tensors among the inputs that require gradients. Raises an error if central differences cannot work on them."""
    for position, value in enumerate(inputs):
        if not (isinstance(value, Tensor) and value.requires_grad):
            continue
        if value.dtype not in (float64, complex128):
            warnings.warn(reports.IMPRECISE.format(position), stacklevel=3)
        if any([step <= 0 and size > 1 for step, size in zip(value.stride(), value.shape, strict=True)]):
            raise RuntimeError(reports.OVERLAP.format(position))
    variables = [value for value in inputs if isinstance(value, Tensor) and value.requires_grad]
    if not variables:
        raise ValueError(reports.NOTHING_TO_CHECK)
    return variables


# ---- functions of complex numbers as functions of real ones --------------------------------------------------------------
_PARTS = {"imaginary": "imag", "real": "real"}


def _check_backward(func, inputs, outputs, options):
    outputs = floating(outputs)
    results = [output for output in outputs if output.requires_grad]
    halves = tuple([position for position, output in enumerate(results) if output.is_complex()])
    if not any([output.is_complex() for output in outputs]):
        compare(Case(func, inputs, outputs), options)
        return
    for part, attribute in _PARTS.items():
        def half(*values, attribute=attribute):
            return [getattr(o, attribute) if o.is_complex() else o for o in floating(func(*values))]

        compare(Case(half, inputs, floating(half(*inputs)), complex=halves, part=part), options)


def _check_forward(func, inputs, outputs, options, check_undefined_grad):
    halves = tuple([i for i, value in enumerate(inputs) if isinstance(value, Tensor) and value.is_complex()])
    if halves:
        cases = [_with_half(func, inputs, halves, part) for part in _PARTS]
    else:
        cases = [Case(func, inputs, floating(outputs), True)]
    for case in cases:
        compare(case, options)
    if check_undefined_grad:
        for case in cases:
            rules.check_undefined_forward(case)


def _with_half(func, inputs, halves, part):
    """`func` as a function of one part of its complex inputs, the other part held where it is."""
    def whole(i, value):
        return inputs[i].real + value * 1j if part == "imaginary" else value + inputs[i].imag * 1j

    def of_half(*values):
        return func(*[whole(i, value) if i in halves else value for i, value in enumerate(values)])

    values = tuple([getattr(value, _PARTS[part]) if i in halves else value for i, value in enumerate(inputs)])
    return Case(of_half, values, floating(of_half(*values)), True, halves, part)
