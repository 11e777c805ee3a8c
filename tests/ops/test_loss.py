"""Losses: errors, and the targets that do not count."""

import math

import numpy as np
import pytest

import pullback as torch
from pullback.ops import FUNCTIONS

RNG = np.random.default_rng(33)


def fn(name):
    return FUNCTIONS[name].call


def normal(*shape):
    return torch.from_numpy(RNG.normal(size=shape).astype(np.float32))


@pytest.mark.parametrize("target, kwargs, kind, text", [
    ([1, 2, 3, 0], {}, ValueError, "Expected input batch_size (3) to match target batch_size (4)."),
    ([0, 5, 1], {}, IndexError, "Target 5 is out of bounds."),
    ([0, -1, 1], {}, IndexError, "Target -1 is out of bounds."),
    ([[0, 1], [0, 1], [1, 0]], {}, RuntimeError, "0D or 1D target tensor expected, multi-target not supported"),
    ([0.0, 1.0, 2.0], {}, RuntimeError, "expected target dtype to be Long or Byte, but got Float"),
    ([0, 1, 2], {"weight": torch.ones(4)}, RuntimeError, "weight tensor should be defined either for all 5 classes or no "
     "classes but got weight tensor of shape: [4]"),
    ([0, 1, 2], {"reduction": "median"}, ValueError, "median is not a valid value for reduction"),
    ([0, 1, 2], {"label_smoothing": 1.5}, RuntimeError, "label_smoothing must be between 0.0 and 1.0. Got: 1.5"),
])
def test_cross_entropy_errors(target, kwargs, kind, text):
    with pytest.raises(kind) as caught:
        fn("cross_entropy")(normal(3, 5), torch.tensor(target), **kwargs)
    assert str(caught.value).startswith(text)


def test_spatial_errors():
    with pytest.raises(RuntimeError, match="only batches of spatial targets supported"):
        fn("nll_loss")(normal(2, 3, 4, 5), torch.zeros(2, 4, dtype=torch.int64))
    with pytest.raises(RuntimeError, match=r"Expected target size \[2, 4\], got \[2, 3\]"):
        fn("nll_loss")(normal(2, 3, 4), torch.zeros(2, 3, dtype=torch.int64))


def test_ignored_targets_count_for_nothing():
    scores = normal(4, 5).requires_grad_()
    target = torch.tensor([1, -100, 3, -100])
    loss = fn("cross_entropy")(scores, target)
    (gradient,) = torch.autograd.grad(loss, scores)
    rest = fn("cross_entropy")(scores[::2], target[::2])
    assert float(loss.detach()) == pytest.approx(float(rest.detach()))
    assert not gradient[1::2].any()
    nothing = torch.full((4,), -100)
    assert math.isnan(fn("cross_entropy")(scores.detach(), nothing))
    assert float(fn("cross_entropy")(scores.detach(), nothing, reduction="sum")) == 0


def test_ignored_scores_may_be_infinite():
    logs = torch.tensor([[0.0, float("-inf")], [-1.0, -2.0]])
    assert float(fn("nll_loss")(logs, torch.tensor([1, 0]), ignore_index=1)) == 1


def test_cross_entropy_is_two_nodes():
    loss = fn("cross_entropy")(normal(3, 5).requires_grad_(), torch.tensor([0, 1, 2]))
    assert loss.grad_fn.name() == "NllLossBackward0"
    assert loss.grad_fn.next_functions[0][0].name() == "LogSoftmaxBackward0"


def test_large_scores_stay_finite():
    scores = torch.tensor([[1e4, -1e4, 0.0]]).requires_grad_()
    loss = fn("cross_entropy")(scores, torch.tensor([1]))
    assert float(loss.detach()) == 2e4
    assert torch.autograd.grad(loss, scores)[0].tolist() == [[1, -1, 0]]
    logits = torch.tensor([1e4, -1e4]).requires_grad_()
    loss = fn("binary_cross_entropy_with_logits")(logits, torch.tensor([0.0, 1.0]))
    assert float(loss.detach()) == 1e4
    assert torch.autograd.grad(loss, logits)[0].tolist() == [0.5, -0.5]


def test_binary_cross_entropy_errors():
    half = torch.full((3,), 0.5)
    for args, kind, text in (
        ((half * 3, half), RuntimeError, "all elements of input should be between 0 and 1"),
        ((half, half * 3), RuntimeError, "all elements of target should be between 0 and 1"),
        ((half, half[:2]), ValueError,
         "Using a target size (torch.Size([2])) that is different to the input size (torch.Size([3]))"),
    ):
        with pytest.raises(kind) as caught:
            fn("binary_cross_entropy")(*args)
        assert str(caught.value).startswith(text)
    with pytest.raises(ValueError, match="must be the same as input size"):
        fn("binary_cross_entropy_with_logits")(half, half[:2])
    with pytest.raises(RuntimeError, match="is not differentiable with respect to argument 'pos_weight'"):
        fn("binary_cross_entropy_with_logits")(half, half, pos_weight=torch.ones(3, requires_grad=True))


def test_different_sizes_warn():
    with pytest.warns(UserWarning, match="Using a target size"):
        fn("mse_loss")(normal(3, 4), normal(4))


def test_old_arguments_warn():
    x, y = normal(3, 4), normal(3, 4)
    with pytest.warns(UserWarning, match="size_average and reduce args will be deprecated"):
        assert torch.equal(fn("mse_loss")(x, y, size_average=False), fn("mse_loss")(x, y, reduction="sum"))
