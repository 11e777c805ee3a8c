"""`nn.init`: what is drawn has the distribution it should have."""

import math

import numpy as np
import pytest

import pullback as torch
from pullback import nn
from pullback.nn import init


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def _moments(t):
    values = t.detach().numpy().astype(np.float64)
    return values.mean(), values.std(), values.min(), values.max()


def test_plain_fills():
    t = nn.Parameter(torch.zeros(200, 300))
    assert init.uniform_(t, -1.0, 3.0) is t and t.requires_grad and t.grad_fn is None
    mean, std, low, high = _moments(t)
    assert abs(mean - 1) < 0.02 and abs(std - 4 / math.sqrt(12)) < 0.02 and low >= -1 and high < 3
    mean, std, _, _ = _moments(init.normal_(t, 2.0, 0.5))
    assert abs(mean - 2) < 0.02 and abs(std - 0.5) < 0.02
    assert set(init.constant_(t, 0.25).flatten().tolist()) == {0.25}
    assert set(init.ones_(t).flatten().tolist()) == {1.0}
    assert set(init.zeros_(t).flatten().tolist()) == {0.0}


def test_matrices():
    assert init.eye_(torch.ones(2, 3)).tolist() == [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    weight = init.dirac_(torch.ones(4, 2, 3), groups=2)
    assert weight.sum().item() == 4.0
    assert [weight[i, i % 2, 1].item() for i in range(4)] == [1.0, 1.0, 1.0, 1.0]
    sparse = init.sparse_(torch.ones(10, 5), 0.3)
    assert (sparse.numpy() == 0).sum(0).tolist() == [3] * 5


@pytest.mark.parametrize("shape", [(4, 9), (9, 4), (5, 5), (3, 2, 4)])
def test_orthogonal(shape):
    weight = init.orthogonal_(torch.empty(*shape), gain=2.0).numpy().reshape(shape[0], -1)
    product = weight @ weight.T if weight.shape[0] <= weight.shape[1] else weight.T @ weight
    np.testing.assert_allclose(product, 4 * np.eye(len(product)), atol=1e-5)


@pytest.mark.parametrize(
    ("mean", "std", "a", "b"),
    [(0.0, 1.0, -2.0, 2.0), (0.0, 1.0, 1.5, 3.0), (1.0, 2.0, -0.5, 0.5), (0.0, 0.02, -2.0, 2.0)],
)
def test_truncated_normal(mean, std, a, b):
    values = init.trunc_normal_(torch.empty(300, 300), mean, std, a, b).numpy().astype(np.float64)
    assert values.min() >= a and values.max() <= b
    grid = np.linspace(max(a, mean - 8 * std), min(b, mean + 8 * std), 20001)
    density = np.exp(-0.5 * ((grid - mean) / std) ** 2)
    expected = (grid * density).sum() / density.sum()
    spread = math.sqrt(((grid - expected) ** 2 * density).sum() / density.sum())
    assert abs(values.mean() - expected) < 0.02 * spread and abs(values.std() / spread - 1) < 0.02


def test_truncated_normal_far_from_the_mean_warns():
    with pytest.warns(UserWarning, match="mean is more than 2 std from"):
        init.trunc_normal_(torch.empty(3), mean=10.0)


@pytest.mark.parametrize(
    ("fill", "std"),
    [
        (lambda t: init.xavier_uniform_(t, gain=2.0), 2 * math.sqrt(2 / (600 + 1200))),
        (lambda t: init.xavier_normal_(t), math.sqrt(2 / (600 + 1200))),
        (lambda t: init.kaiming_uniform_(t), math.sqrt(2 / 600)),
        (lambda t: init.kaiming_uniform_(t, a=math.sqrt(5)), 1 / math.sqrt(3 * 600)),
        (lambda t: init.kaiming_normal_(t, mode="fan_out", nonlinearity="relu"), math.sqrt(2 / 1200)),
        (lambda t: init.kaiming_normal_(t, nonlinearity="tanh"), 5 / 3 / math.sqrt(600)),
    ],
)
def test_fans(fill, std):
    mean, spread, _, _ = _moments(fill(torch.empty(400, 200, 3)))
    assert abs(mean) < 0.02 * std and abs(spread / std - 1) < 0.01


def test_generators():
    a = init.normal_(torch.empty(5), generator=torch.Generator().manual_seed(3))
    b = init.normal_(torch.empty(5), generator=torch.Generator().manual_seed(3))
    assert a.tolist() == b.tolist()


GAINS = {"linear": 1, "conv2d": 1, "sigmoid": 1, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}


@pytest.mark.parametrize(("name", "gain"), GAINS.items())
def test_gains(name, gain):
    assert init.calculate_gain(name) == pytest.approx(gain)


ERRORS = [
    (lambda: init.calculate_gain("x"), "Unsupported nonlinearity x"),
    (lambda: init.calculate_gain("leaky_relu", True), "negative_slope True not a valid number"),
    (lambda: init.eye_(torch.ones(1)), "Only tensors with 2 dimensions are supported"),
    (lambda: init.dirac_(torch.ones(1, 1)), "Only tensors with 3, 4, or 5 dimensions are supported"),
    (lambda: init.dirac_(torch.ones(3, 1, 1), 2), "dim 0 must be divisible by groups"),
    (lambda: init.sparse_(torch.ones(1), 0.1), "Only tensors with 2 dimensions are supported"),
    (lambda: init.orthogonal_(torch.ones(1)), "Only tensors with 2 or more dimensions are supported"),
    (lambda: init.xavier_normal_(torch.ones(1)), "Fan in and fan out can not be computed for tensor with fewer than 2"),
    (lambda: init.kaiming_normal_(torch.ones(1, 1), mode="x"), "Mode x not supported, please use one of ['fan_in',"),
]


@pytest.mark.parametrize(("call", "text"), ERRORS)
def test_errors(call, text):
    with pytest.raises(ValueError) as caught:
        call()
    assert text in str(caught.value)


def test_nothing_to_fill():
    with pytest.warns(UserWarning, match="Initializing zero-element tensors is a no-op"):
        init.kaiming_uniform_(torch.empty(0, 3))


def test_old_names():
    with pytest.warns(FutureWarning, match="`nn.init.xavier_uniform` is now deprecated in favor of"):
        t = init.xavier_uniform(torch.zeros(3, 3))
    assert t.abs().sum().item() > 0


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Linear(20, 30),
        lambda: nn.Conv2d(4, 6, 3),
        lambda: nn.Conv1d(4, 6, 3, groups=2),
        lambda: nn.Bilinear(20, 3, 5),
        lambda: nn.Embedding(10, 4, padding_idx=2),
        lambda: nn.BatchNorm2d(3),
        lambda: nn.LayerNorm((2, 3)),
    ],
)
def test_layers_start_the_same_from_the_same_seed(make):
    torch.manual_seed(5)
    first = make().state_dict()
    torch.manual_seed(5)
    second = make().state_dict()
    assert [v.tolist() for v in first.values()] == [v.tolist() for v in second.values()]
