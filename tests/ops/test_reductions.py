"""Reductions of nothing, and of a single number without dimensions."""

import math

import numpy as np
import pytest

import pullback as torch

from .calls import flat, public

OF_NOTHING = {  # name: the answer for an empty tensor; an exception where there is none
    "sum": 0.0, "prod": 1.0, "mean": math.nan, "nansum": 0.0, "var": math.nan, "std": math.nan, "all": True, "any": False,
    "norm": 0.0, "count_nonzero": 0, "amax": (IndexError, RuntimeError), "amin": (IndexError, RuntimeError),
    "max": RuntimeError, "min": RuntimeError, "argmax": (IndexError, RuntimeError), "argmin": (IndexError, RuntimeError),
    "median": math.nan,
}
OF_ONE = ["sum", "prod", "mean", "nansum", "nanmean", "amax", "amin", "max", "min", "median", "all", "any", "norm", "argmax",
          "argmin", "count_nonzero"]
WITH_DIM = ["sum", "prod", "mean", "amax", "amin", "max", "min", "median", "all", "any", "argmax", "argmin", "logsumexp",
            "cumsum", "cumprod", "softmax", "log_softmax", "sort", "argsort", "norm"]
@pytest.mark.filterwarnings("ignore:.*degrees of freedom")
@pytest.mark.parametrize("name", OF_NOTHING)
def test_of_nothing(name):
    answer = OF_NOTHING[name]
    if not isinstance(answer, (float, int, bool)):
        with pytest.raises(answer):
            public(name)(torch.ones(0))
        return
    result = public(name)(torch.ones(0))
    assert result.shape == ()
    np.testing.assert_equal(result.item(), answer)


@pytest.mark.parametrize("name", ["sum", "prod", "mean", "all", "any"])
def test_over_an_empty_dimension(name):
    assert public(name)(torch.ones(0, 3), 0).shape == (3,)
    assert public(name)(torch.ones(3, 0), 0).shape == (0,)
    assert public(name)(torch.ones(3, 0), 0, True).shape == (1, 0)


@pytest.mark.parametrize("name", OF_ONE)
def test_of_one_number_without_dimensions(name):
    result = public(name)(torch.tensor(2.5))
    expected = {"argmax": 0, "argmin": 0, "count_nonzero": 1, "all": True, "any": True}.get(name, 2.5)
    assert result.shape == () and result.item() == expected


@pytest.mark.parametrize("name", WITH_DIM)
def test_without_dimensions_dim_is_zero_or_minus_one(name):
    results = []
    for dim in (0, -1):
        found = public(name)(torch.tensor(2.5), dim=dim)
        assert all(part.shape == () for part in flat(found))
        results.append([part.item() for part in flat(found)])
    assert results[0] == results[1]
    with pytest.raises(IndexError, match=r"Dimension out of range \(expected to be in range of \[-1, 0\], but got 1\)"):
        public(name)(torch.tensor(2.5), dim=1)


@pytest.mark.parametrize("name", WITH_DIM)
def test_dim_out_of_range(name):
    for dim in (2, -3):
        with pytest.raises(IndexError, match=rf"Dimension out of range \(expected to be in range of \[-2, 1\], but got {dim}\)"):
            public(name)(torch.ones(2, 3), dim=dim)


@pytest.mark.parametrize("name", ["sum", "mean", "prod", "amax", "amin", "logsumexp", "norm"])
def test_gradient_of_one_number_has_no_dimensions(name):
    x = torch.tensor(2.5, requires_grad=True)
    result = public(name)(x) if name != "logsumexp" else public(name)(x, 0)
    result.backward()
    assert x.grad.shape == () and x.grad.item() == 1.0


@pytest.mark.parametrize("name", ["sum", "prod", "mean"])
def test_gradient_of_nothing_is_nothing(name):
    x = torch.ones(0, 3, requires_grad=True)
    public(name)(x).backward()
    assert x.grad.shape == (0, 3)
