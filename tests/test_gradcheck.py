"""gradcheck: it passes what is right, and each kind of wrong derivative has its report."""

import itertools

import pytest

import pullback as torch
from pullback.autograd import Function, gradcheck, gradgradcheck
from pullback.autograd.gradcheck import GradcheckError

both_modes = pytest.mark.parametrize("fast_mode", [False, True])


def doubles(*values):
    return torch.tensor(values or (1.0, 2.0), dtype=torch.float64, requires_grad=True)


def operation(forward, backward):
    """A custom operation."""
    return type("Custom", (Function,), {"forward": staticmethod(forward), "backward": staticmethod(backward)}).apply


def doubled(backward):
    """Multiplication by two with a backward of its own."""
    return operation(lambda ctx, x: x * 2, backward)


def refused(text, func, *inputs, check=gradcheck, **options):
    """Check that GradcheckError says `text`, and that without exceptions the answer is False."""
    with pytest.raises(GradcheckError) as caught:
        check(func, inputs, **options)
    assert text in str(caught.value)
    assert check(func, inputs, raise_exception=False, **options) is False


def test_places():
    assert torch.autograd.gradcheck is gradcheck and torch.autograd.gradgradcheck is gradgradcheck
    assert issubclass(GradcheckError, RuntimeError) and GradcheckError.__module__ == "pullback.autograd.gradcheck"


@both_modes
def test_right_derivatives_pass(fast_mode):
    assert gradcheck(lambda x, y: (x @ y, y.exp()), (doubles(), doubles(0.5, 1.5)), fast_mode=fast_mode) is True
    assert gradcheck(lambda x, n: x * n, (doubles(), 3), fast_mode=fast_mode)
    z = torch.tensor([1 + 2j, 0.5 - 1j], dtype=torch.complex128, requires_grad=True)
    assert gradcheck(lambda z: (z * z.conj(), z.exp(), z.abs()), z, fast_mode=fast_mode)
    assert gradgradcheck(lambda x, y: x**3 * y, (doubles(), doubles()), fast_mode=fast_mode)


def test_the_report_of_slow_mode():
    with pytest.raises(GradcheckError) as caught:
        gradcheck(doubled(lambda ctx, g: g * 3), doubles())
    assert str(caught.value) == (
        "Jacobian mismatch for output 0 with respect to input 0,\n"
        "numerical:tensor([[2.0000, 0.0000],\n        [0.0000, 2.0000]], dtype=torch.float64)\n"
        "analytical:tensor([[3., 0.],\n        [0., 3.]], dtype=torch.float64)\n"
    )


def test_the_report_of_fast_mode():
    with pytest.raises(GradcheckError) as caught:
        gradcheck(doubled(lambda ctx, g: g * 3), doubles(), fast_mode=True)
    text = str(caught.value)
    assert text.startswith("Jacobian mismatch for output 0 with respect to input 0,\nnumerical:1.84471862")
    assert "jacobians in slow mode:\n\nNumerical:\n tensor([[2.0000, 0.0000],\n        [0.0000, 2.0000]]" in text
    assert "The max per-element difference (slow mode) is: 1.0" in text and "might've passed in slow_mode" not in text


def test_the_place_of_the_mismatch():
    wrong = doubled(lambda ctx, g: g * 3)
    refused("output 1 with respect to input 0", lambda x, y: (x * y, wrong(x)), doubles(), doubles())
    refused("output 0 with respect to input 1", lambda x, y: x * wrong(y), doubles(), doubles())
    refused("output 0 with respect to input 0", lambda n, x: n * wrong(x), 3, doubles())


def test_complex_numbers():
    z = torch.tensor([1 + 2j, 0.5 - 1j], dtype=torch.complex128, requires_grad=True)
    refused("While considering the imaginary part of complex outputs only, Jacobian mismatch",
            operation(lambda ctx, x: x * 1j, lambda ctx, g: g * 1j), z)
    refused("While considering the real part of complex outputs only, Jacobian mismatch",
            lambda x: torch.complex(doubled(lambda ctx, g: g * 3)(x), x), doubles())


@both_modes
def test_derivatives_that_depend_on_the_run(fast_mode):
    runs = itertools.count()
    noisy = doubled(lambda ctx, g: g * (2 + 1e-7 * next(runs)))
    refused("Backward is not reentrant", noisy, doubles(), fast_mode=fast_mode)
    assert gradcheck(noisy, doubles(), nondet_tol=1e-3, fast_mode=fast_mode)


@both_modes
def test_outputs_without_a_history(fast_mode):
    refused("Numerical gradient for function expected to be zero", lambda x: x.detach() * 2, doubles(), fast_mode=fast_mode)
    assert gradcheck(lambda x: torch.ones(2), doubles(), fast_mode=fast_mode)


@both_modes
def test_outputs_that_have_no_derivatives_are_passed_over(fast_mode):
    func = lambda x: (x.argmax(), x > 1, x.detach() * 2, x * 2)
    assert gradcheck(func, doubles(), fast_mode=fast_mode)


def test_gradients_of_zeros():
    refused("backward not multiplied by grad_output", doubled(lambda ctx, g: g * 2 + (g == 0).all() * 1.0), doubles())
    barely = doubled(lambda ctx, g: g * 2 + (g == 0).all() * 1e-12)
    refused("backward not multiplied by grad_output", barely, doubles())
    assert gradcheck(barely, doubles(), masked=True)


def test_undefined_gradients():
    def two(beside_undefined):
        def backward(ctx, a, b):
            if a is not None and b is not None:
                return a * 2 + b * 3
            g = b * 3 if a is None else a * 2
            return g if g.any() else beside_undefined(g)

        return operation(lambda ctx, x: (ctx.set_materialize_grads(False), (x * 2, x * 3))[1], backward)

    def refuse(g):
        raise RuntimeError("two, please")

    for wrong, text in ((refuse, "Expected backward function to handle undefined output grads"),
                        (lambda g: g + 1, "Expected all input grads to be undefined or zero")):
        with pytest.warns(UserWarning, match="New undefined gradient support checking"):
            refused(text, two(wrong), doubles())
        assert gradcheck(two(wrong), doubles(), check_undefined_grad=False)


def test_batches():
    assert gradcheck(lambda x, y: (x * y, y.exp()), (doubles(), doubles()), check_batched_grad=True)
    runs = itertools.count()
    refused("While computing batched gradients, got: vmap: It looks like you're calling .item()",
            doubled(lambda ctx, g: g * 2 if g.sum().item() < 9 else g * 2), doubles(), check_batched_grad=True)
    refused("For output 0 and input 0:", doubled(lambda ctx, g: g * (2 if next(runs) < 6 else 3)), doubles(),
            check_batched_grad=True)


def test_second_derivatives():
    lost = operation(lambda ctx, x: (ctx.save_for_backward(x), x**2)[1], lambda ctx, g: g * 2 * ctx.saved_tensors[0].detach())
    assert gradcheck(lost, doubles())
    refused("Jacobian mismatch", lost, doubles(), check=gradgradcheck)
    assert gradgradcheck(lambda x: x**3, doubles(), doubles(3.0, 4.0))
    assert gradgradcheck(lambda x: x**3, doubles(), gen_non_contig_grad_outputs=True, check_batched_grad=True)


def test_inputs_that_cannot_be_checked():
    with pytest.raises(ValueError, match="gradcheck expects at least one input tensor to require gradient"):
        gradcheck(lambda x: x, torch.ones(2))
    with pytest.raises(RuntimeError, match="The 0th input has a dimension with stride 0"):
        gradcheck(lambda x: x, torch.ones(1, dtype=torch.float64).expand(3).requires_grad_())
    with pytest.warns(UserWarning, match="Input #0 requires gradient and is not a double precision"):
        assert gradcheck(lambda x: x, torch.ones(2, requires_grad=True), eps=0.5)


def test_outputs_that_change_their_kind():
    with pytest.raises(AssertionError, match=r"outputs with the same shape when inputs are perturbed on index \(0,\) by 1e-06"):
        gradcheck(lambda x: x[: 1 + int(x[0] > 1)], doubles())
    with pytest.raises(AssertionError, match="outputs with the same dtype when inputs are perturbed by 1e-06"):
        gradcheck(lambda x: x if x[0] > 1 else x.float(), doubles(), fast_mode=True)


def test_flags_that_contradict_each_other():
    for check, options in ((gradcheck, {"check_backward_ad": False}), (gradcheck, {"check_batched_forward_grad": True}),
                           (gradcheck, {"check_backward_ad": False, "check_forward_ad": True, "check_batched_grad": True}),
                           (gradgradcheck, {"check_rev_over_rev": False}),
                           (gradgradcheck, {"check_rev_over_rev": False, "check_fwd_over_rev": True})):
        with pytest.raises(AssertionError):
            check(lambda x: x, doubles(), **options)


def test_inputs_are_put_back_even_if_the_function_fails():
    x = doubles()
    calls = itertools.count()
    with pytest.raises(ZeroDivisionError):
        gradcheck(lambda x: x * 2 if next(calls) < 1 else 1 / 0, x)
    assert x.tolist() == [1, 2] and x._version == 0 and x.grad is None


def test_the_generator_of_random_numbers_is_left_alone_by_fast_mode():
    torch.manual_seed(0)
    expected = torch.rand(1).item()
    torch.manual_seed(0)
    gradcheck(lambda x: x * 2, doubles(), fast_mode=True)
    assert torch.rand(1).item() == expected
