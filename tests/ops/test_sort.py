"""Sorting, searching, counting: wrong input, NaN, order among equals."""

import math

import pytest

import pullback as torch

NAN = math.nan
T = torch.tensor

ERRORS = [
    (lambda: torch.randn(2, 5).topk(6), RuntimeError, "selected index k out of range"),
    (
        lambda: torch.randn(2, 5).topk(2, 3),
        IndexError,
        "Dimension out of range (expected to be in range of [-2, 1], but got 3)",
    ),
    (lambda: torch.randn(2, 5).kthvalue(0), RuntimeError, "kthvalue(): selected number k out of range for dimension 1"),
    (lambda: T([1 + 1j]).sort(), RuntimeError, " Sort does not support complex dtypes on CPU"),
    (
        lambda: torch.randn(3).sort(2),
        IndexError,
        "Dimension out of range (expected to be in range of [-1, 0], but got 2)",
    ),
    (lambda: torch.bincount(T([-1])), RuntimeError, "bincount only supports 1-d non-negative integral inputs."),
    (lambda: torch.bincount(T([1.5])), NotImplementedError, "\"bincount_cpu\" not implemented for 'Float'"),
    (
        lambda: torch.bincount(T([1]), torch.ones(3)),
        RuntimeError,
        "weights should be 1-d and have the same length as input",
    ),
    (lambda: torch.histc(T([1.0, 2.0]), 3, 5, 1), RuntimeError, "torch.histc: max must be larger than min"),
    (lambda: torch.histc(T([1.0, NAN]), 3), RuntimeError, "torch.histc: range of [-nan, -nan] is not finite"),
    (
        lambda: torch.searchsorted(T([[1.0], [2.0]]), T([1.0])),
        RuntimeError,
        "torch.searchsorted(): boundaries tensor should be 1",
    ),
    (
        lambda: torch.searchsorted(T([1.0]), T([1.0]), side="foo"),
        RuntimeError,
        "torch.searchsorted(): side can only be 'left' or",
    ),
    (
        lambda: torch.bucketize(T([0.5]), torch.ones(2, 2)),
        RuntimeError,
        "boundaries tensor must be 1 dimension, but got dim(2)",
    ),
    (lambda: torch.isin(T([True]), T([True])), RuntimeError, "Unsupported input type encountered for isin(): Bool"),
]


@pytest.mark.parametrize(("call", "kind", "text"), ERRORS, ids=[text[:40] for *_, text in ERRORS])
def test_wrong_input(call, kind, text):
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value).startswith(text)


def test_nan_sorts_last_and_first():
    x = T([1.0, NAN, 0.0])
    assert x.sort().indices.tolist() == [2, 0, 1]
    assert x.sort(descending=True).indices.tolist() == [1, 0, 2]
    assert x.topk(2).indices.tolist() == [1, 0] and x.topk(2, largest=False).indices.tolist() == [2, 0]


def test_equals_keep_their_order():
    x = T([2, 1, 2, 1, 1])
    assert x.sort(descending=True).indices.tolist() == [0, 2, 1, 3, 4]
    assert x.argsort().tolist() == [1, 3, 4, 0, 2]


def test_gradients_go_where_the_values_came_from():
    x = T([3.0, 1.0, 2.0], requires_grad=True)
    (x.sort().values * T([1.0, 10.0, 100.0])).sum().backward()
    assert x.grad.tolist() == [100, 1, 10]
    x.grad = None
    x.topk(2)[0].sum().backward()
    assert x.grad.tolist() == [1, 0, 1]


def test_unique():
    values, inverse, counts = T([3, 1, 2, 1]).unique(return_inverse=True, return_counts=True)
    assert (values.tolist(), inverse.tolist(), counts.tolist()) == ([1, 2, 3], [2, 0, 1, 0], [2, 1, 1])
    assert len(T([NAN, NAN]).unique()) == 2
    with pytest.raises(NotImplementedError, match="the derivative for '_unique2' is not implemented"):
        T([1.0, 2.0], requires_grad=True).unique().sum().backward()


def test_histogram_of_equal_values():
    assert torch.histc(T([2.0, 2.0]), 3).tolist() == [0, 2, 0]


def test_bincount_dtypes():
    x = T([1, 1, 3])
    assert torch.bincount(x, T([0.5, 1.0, 2.0])).dtype == torch.float32
    assert torch.bincount(x, T([1, 2, 3])).dtype == torch.float64
