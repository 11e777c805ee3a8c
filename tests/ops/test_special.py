"""Special functions: accuracy, special values; the rarer element-wise functions where they are peculiar."""

import math

import numpy as np
import pytest

import pullback as torch

NAN, INF = math.nan, math.inf
T = torch.tensor


def ulps(actual, exact):
    """The largest error in units of the last place of single precision."""
    single = np.abs(exact.astype(np.float32))
    return np.max(np.abs(actual.astype(np.float64) - exact) / np.spacing(single).astype(np.float64))


@pytest.mark.parametrize("name", ["erf", "erfc"])
def test_accuracy_of_error_functions(name):
    exact = np.vectorize(getattr(math, name))
    x = np.linspace(-6, 6, 20001)
    np.testing.assert_allclose(getattr(torch, name)(torch.from_numpy(x)).numpy(), exact(x), rtol=1e-15)
    x = x.astype(np.float32)
    assert ulps(getattr(torch, name)(torch.from_numpy(x)).numpy(), exact(x.astype(np.float64))) < 1


def test_erfc_in_the_tail():
    x = np.linspace(6, 26, 1001)
    np.testing.assert_allclose(torch.erfc(torch.from_numpy(x)).numpy(), np.vectorize(math.erfc)(x), rtol=2e-15)


def test_erfinv_inverts():
    x = np.linspace(-0.999, 0.999, 4001)
    np.testing.assert_allclose(torch.erf(torch.erfinv(torch.from_numpy(x))).numpy(), x, rtol=1e-15, atol=1e-17)


def test_lgamma_keeps_its_precision_at_its_zeros():
    d = 2.0**-30
    euler = 0.5772156649015329
    x = torch.tensor([1 + d, 2 - d], dtype=torch.float64)
    second = math.pi**2 / 6
    exact = [-euler * d + second / 2 * d * d, -(1 - euler) * d + (second - 1) / 2 * d * d]
    np.testing.assert_allclose(torch.lgamma(x).numpy(), exact, rtol=1e-15)


def test_lgamma_against_factorials():
    n = np.arange(2, 160)
    exact = [math.log(math.factorial(int(k) - 1)) for k in n[1:]]
    np.testing.assert_allclose(torch.lgamma(torch.from_numpy(n[1:].astype(float))).numpy(), exact, rtol=2e-15)


def test_digamma_recurrence():
    x = torch.from_numpy(np.linspace(-7.3, 30, 500))
    np.testing.assert_allclose((torch.digamma(x + 1) - 1 / x).numpy(), torch.digamma(x).numpy(), rtol=1e-12, atol=1e-12)


SPECIAL = [
    ("erf", [INF, -INF, NAN, -0.0], [1, -1, NAN, -0.0]),
    ("erfc", [INF, -INF, NAN, 0.0], [0, 2, NAN, 1]),
    ("erfinv", [1.0, -1.0, 1.5, NAN], [INF, -INF, NAN, NAN]),
    ("lgamma", [0.0, -1.0, INF, -INF, NAN, 1.0, 2.0], [INF, INF, INF, INF, NAN, 0, 0]),
    ("digamma", [0.0, -0.0, -1.0, INF, NAN], [-INF, INF, NAN, INF, NAN]),
    ("logit", [0.0, 1.0, 0.5, 2.0], [-INF, INF, 0, NAN]),
    ("sinc", [0.0], [1]),
    ("round", [0.5, 1.5, 2.5, -0.5], [0, 2, 2, -0.0]),
    ("frac", [1.5, -1.5], [0.5, -0.5]),
    ("nan_to_num", [NAN, INF, -INF], [0, float(np.finfo(np.float32).max), float(np.finfo(np.float32).min)]),
]


@pytest.mark.parametrize(("name", "values", "expected"), SPECIAL, ids=[name for name, *_ in SPECIAL])
@pytest.mark.parametrize("many", [1, 100])
def test_special_values(name, values, expected, many):
    """The same in the way of few elements and in that of many."""
    actual = getattr(torch, name)(T(values * many)).numpy()
    np.testing.assert_array_equal(actual, np.array(expected * many, np.float32))


def test_xlogy():
    assert torch.xlogy(T([0.0, 0.0, 0.0, 1.0]), T([0.0, NAN, -1.0, 0.0])).tolist()[2:] == [0, -INF]
    assert torch.xlogy(T([0.0]), T([0.0])).item() == 0 and math.isnan(torch.xlogy(T([0.0]), T([NAN])))


def test_clamp_of_crossed_bounds_and_nan():
    assert torch.clamp(T([0.0, 3.0]), 2, 1).tolist() == [1, 1]
    x = T([NAN, 0.5, 1.0, 7.0], requires_grad=True)
    x.clamp(0, 1).sum().backward()
    assert x.grad.tolist() == [0, 1, 1, 0]


def test_maximum_of_nan_passes_the_gradient_to_both():
    x, y = T([1.0, NAN, 2.0], requires_grad=True), T([2.0, 1.0, 2.0], requires_grad=True)
    torch.maximum(x, y).sum().backward()
    assert x.grad.tolist() == [0, 1, 0.5] and y.grad.tolist() == [1, 1, 0.5]


def test_division_by_the_number_zero():
    x = T([1.0, -2.0], requires_grad=True)
    (x / 0).sum().backward()
    assert x.grad.tolist() == [INF, INF]


ERRORS = [
    (lambda: torch.clamp(T([1.0])), RuntimeError, "torch.clamp: At least one of 'min' or 'max' must not be None"),
    (lambda: torch.clamp(T([1.0]), T([1.0]), 2), TypeError, "clamp() received an invalid combination of arguments"),
    (lambda: torch.isclose(T([1.0]), T([1])), RuntimeError, "Float did not match Long"),
    (
        lambda: torch.heaviside(T([1]), T([1.0])),
        RuntimeError,
        "heaviside is not yet implemented for tensors with different dtypes.",
    ),
    (lambda: torch.gcd(T([1.0]), T([1.0])), NotImplementedError, "\"gcd_cpu\" not implemented for 'Float'"),
    (lambda: torch.hypot(T([1]), T([1])), NotImplementedError, "\"hypot_cpu\" not implemented for 'Long'"),
    (lambda: torch.polygamma(-1, T([1.0])), RuntimeError, "polygamma(n, x) does not support negative n."),
    (lambda: torch.positive(T([True])), RuntimeError, "The `+` operator, on a bool tensor is not supported."),
    (lambda: torch.equal(3, T([1.0])), TypeError, "equal(): argument 'input' (position 1) must be Tensor, not int"),
    (lambda: T([1.0]) << 2, NotImplementedError, "\"lshift_cpu\" not implemented for 'Float'"),
    (lambda: torch.erf(T([1j])), NotImplementedError, "\"erf_vml_cpu\" not implemented for 'ComplexFloat'"),
]


@pytest.mark.parametrize(("call", "kind", "text"), ERRORS, ids=[text[:40] for *_, text in ERRORS])
def test_wrong_input(call, kind, text):
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value).startswith(text)


def test_methods_and_operators():
    assert T([2.0]).polygamma(1).item() == torch.polygamma(1, T([2.0])).item()
    assert (T([3]) << 2).tolist() == [12] and (T([12]) >> 2).tolist() == [3] and (1 << T([3])).tolist() == [8]
    assert torch.special.expit(T([0.0])).item() == 0.5 and torch.special.gammaln(T([3.0])).item() == pytest.approx(
        math.log(2)
    )
    x = T([1.0, 4.0])
    x.logical_and_(T([1.0, 0.0]))
    assert x.tolist() == [1, 0]
