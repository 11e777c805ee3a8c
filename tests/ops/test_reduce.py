"""Reductions and scans: wrong input, ties, NaN, empty tensors, half precision."""

import math
import warnings

import numpy as np
import pytest

import pullback as torch

NAN, INF = math.nan, math.inf
R = torch.randn


def leaf(data):
    return torch.tensor(data, requires_grad=True)


def gradient(function, data):
    x = leaf(data)
    function(x).sum().backward()
    return x.grad.tolist()


ERRORS = [
    (lambda: R(2, 3).sum(2), IndexError, "Dimension out of range (expected to be in range of [-2, 1], but got 2)"),
    (lambda: R(2, 3).sum((0, 0)), RuntimeError, "dim 0 appears multiple times in the list of dims"),
    (
        lambda: torch.ones(3, dtype=torch.int64).mean(),
        RuntimeError,
        "mean(): could not infer output dtype. Input dtype must be",
    ),
    (
        lambda: torch.ones(0).amax(),
        RuntimeError,
        "amax(): Expected reduction dim to be specified for input.numel() == 0.",
    ),
    (lambda: torch.ones(0, 3).amax(0), IndexError, "amax(): Expected reduction dim 0 to have non-zero size."),
    (
        lambda: torch.ones(0).max(),
        RuntimeError,
        "max(): Expected reduction dim to be specified for input.numel() == 0.",
    ),
    (lambda: torch.ones(0, 3).max(0), IndexError, "max(): Expected reduction dim 0 to have non-zero size."),
    (
        lambda: torch.ones(0).argmax(),
        IndexError,
        "argmax(): Expected reduction dim to be specified for input.numel() == 0.",
    ),
    (lambda: torch.ones(2, dtype=torch.bool).argmax(), RuntimeError, "argmax(): does not support bool input"),
    (lambda: torch.ones(2, dtype=torch.complex64).max(0), RuntimeError, "max(): does not support complex input"),
    (lambda: torch.ones(0, 3).median(0), IndexError, "median(): Expected reduction dim 0 to have non-zero size."),
    (
        lambda: torch.ones(3, dtype=torch.int64).var(),
        RuntimeError,
        "std and var only support floating point and complex dtypes",
    ),
    (
        lambda: torch.ones(3, dtype=torch.int64).norm(),
        RuntimeError,
        "linalg.vector_norm: Expected a floating point or complex tensor",
    ),
    (lambda: torch.norm(R(2, 3), "foo"), RuntimeError, "linalg.matrix_norm: Order foo not supported."),
    (
        lambda: torch.ones(0).norm(INF),
        RuntimeError,
        "linalg.vector_norm cannot compute the inf norm on an empty tensor",
    ),
    (lambda: R(3).trace(), RuntimeError, "trace: expected a matrix, but got tensor with dim 1"),
    (lambda: torch.tensor(1.0).diff(), RuntimeError, "diff expects input to be at least one-dimensional"),
    (
        lambda: torch.ones(3, dtype=torch.complex64).nansum(),
        RuntimeError,
        "nansum on CPU does not support complex inputs",
    ),
    (
        lambda: torch.ones(3, dtype=torch.int64).logcumsumexp(0),
        NotImplementedError,
        '"logcumsumexp_out_cpu" not implemented',
    ),
    (lambda: leaf([1.0]).sum(dtype=torch.int64), RuntimeError, "Autograd not support dtype: Long"),
]


@pytest.mark.parametrize(("call", "kind", "text"), ERRORS, ids=[text[:40] for *_, text in ERRORS])
def test_wrong_input(call, kind, text):
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value).startswith(text)


def test_dtypes_of_sums():
    assert torch.ones(3, dtype=torch.bool).sum().dtype == torch.int64
    assert torch.ones(3, dtype=torch.uint8).prod().dtype == torch.int64
    assert torch.ones(3, dtype=torch.uint8).all().dtype == torch.uint8
    assert torch.ones(5000, dtype=torch.float16).sum().item() == 5000
    assert torch.ones(3, dtype=torch.int64).logsumexp(0).dtype == torch.float32


def test_sums_over_many_rows_stay_accurate():
    rows = np.random.default_rng(0).random((100_003, 2), np.float32)
    np.testing.assert_allclose(torch.from_numpy(rows).sum(0).numpy(), rows.astype(np.float64).sum(0), rtol=1e-6)


def test_ties():
    assert gradient(lambda x: x.amax(), [1.0, 3.0, 3.0]) == [0, 0.5, 0.5]
    assert gradient(lambda x: x.max(), [1.0, 3.0, 3.0]) == [0, 0.5, 0.5]
    assert gradient(lambda x: x.max(0).values, [1.0, 3.0, 3.0]) == [0, 1, 0]
    assert gradient(lambda x: x.norm(INF), [2.0, 1.0, -2.0]) == [0.5, 0, -0.5]


def test_nan_is_the_extreme():
    x = torch.tensor([1.0, NAN, 3.0, NAN])
    assert math.isnan(x.max()) and math.isnan(x.amin()) and x.argmax() == 1 and x.min(0).indices == 1
    assert gradient(lambda x: x.max(), [1.0, NAN, 3.0, NAN]) == [0, 0.5, 0, 0.5]
    assert math.isnan(x.median()) and x.nanmedian() == 1
    assert x.nansum() == 4 and x.nanmean() == 2


def test_products_of_zeros():
    assert gradient(lambda x: x.prod(), [2.0, 0.0, 3.0]) == [0, 6, 0]
    assert gradient(lambda x: x.prod(), [2.0, 0.0, 0.0]) == [0, 0, 0]
    assert gradient(lambda x: x.cumprod(0), [2.0, 0.0, 3.0]) == [1, 8, 0]


def test_gradient_zero_at_the_origin():
    for p in (1, 1.5, 2, 3, INF):
        assert gradient(lambda x, p=p: x.norm(p), [0.0, 0.0]) == [0, 0]
    assert gradient(lambda x: x.std(), [2.0, 2.0]) == [0, 0]


def test_infinities_in_logarithms_of_sums():
    assert torch.tensor([-INF, -INF]).logsumexp(0) == -INF
    assert torch.tensor([INF, 1.0]).logsumexp(0) == INF
    assert gradient(lambda x: x.logsumexp(0), [-INF, 1.0]) == [0, 1]


def test_running_extremes_name_the_last_of_equals():
    result = torch.tensor([1.0, 3.0, 3.0, 2.0]).cummax(0)
    assert result.values.tolist() == [1, 3, 3, 3] and result.indices.tolist() == [0, 1, 2, 2]
    assert gradient(lambda x: x.cummax(0)[0], [1.0, 3.0, 3.0, 2.0]) == [1, 1, 2, 0]


def test_named_tuples():
    result = torch.tensor([[1.0, 5.0], [2.0, 4.0]]).max(0)
    assert repr(result) == "torch.return_types.max(\nvalues=tensor([2., 5.]),\nindices=tensor([1, 0]))"
    values, indices = result
    assert values is result.values and indices is result[1]
    assert torch.return_types.max((1, 2)) == (1, 2)


def test_empty_reductions():
    assert torch.ones(0).sum() == 0 and torch.ones(0).prod() == 1 and math.isnan(torch.ones(0).mean())
    assert torch.ones(0).all() and not torch.ones(0).any()
    assert torch.ones(0, 3).amax(1).shape == (0,)


def test_too_few_degrees_of_freedom():
    with pytest.warns(UserWarning, match="degrees of freedom is <= 0"):
        assert math.isnan(torch.ones(1).std())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert torch.ones(1).var(correction=0) == 0


def test_forms_of_var():
    x = torch.tensor([[1.0, 2.0], [3.0, 5.0]])
    assert x.var(False).item() == x.var(unbiased=False).item() == x.var(correction=0).item()
    assert torch.var_mean(x, 0)[1].tolist() == [2, 3.5]
    assert torch.std(x, (0,), True, True).shape == (1, 2)
