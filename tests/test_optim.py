"""Optimizers and schedules on their own: formulas by hand, groups, state, hooks."""

import copy
import math
import pickle

import numpy as np
import pytest

import pullback as torch
from pullback import nn, optim
from pullback.optim import lr_scheduler


def _param(values, grad):
    p = torch.tensor(values, requires_grad=True)
    p.grad = torch.tensor(grad)
    return p


def test_sgd_by_hand():
    p = _param([1.0, 2.0], [0.5, -1.0])
    optim.SGD([p], lr=0.1).step()
    np.testing.assert_allclose(p.detach().numpy(), [0.95, 2.1], rtol=1e-6)
    p = _param([1.0], [1.0])
    optimizer = optim.SGD([p], lr=0.1, momentum=0.9)
    for _ in range(3):
        optimizer.step()
    assert p.item() == pytest.approx(1 - 0.1 * (1 + 1.9 + 2.71))


def test_adam_by_hand():
    p = _param([1.0, -1.0], [0.3, -4.0])
    optimizer = optim.Adam([p], lr=0.1, eps=0.0)
    optimizer.step()
    # The first step is lr in the direction of the gradient's sign, whatever its size.
    np.testing.assert_allclose(p.detach().numpy(), [0.9, -0.9], rtol=1e-5)
    q = _param([1.0], [0.0])
    optim.AdamW([q], lr=0.1, weight_decay=0.5).step()
    assert q.item() == pytest.approx(0.95)


@pytest.mark.parametrize(
    "make",
    [
        lambda p: optim.SGD(p, lr=0.1),
        lambda p: optim.SGD(p, lr=0.02, momentum=0.9, nesterov=True),
        lambda p: optim.Adam(p, lr=0.1),
        lambda p: optim.AdamW(p, lr=0.1, amsgrad=True),
        lambda p: optim.Adam(p, lr=0.1, foreach=True, capturable=True),
    ],
)
def test_they_find_the_minimum(make):
    torch.manual_seed(0)
    p = torch.randn(5, requires_grad=True)
    target = torch.arange(5.0)
    optimizer = make([p])

    def closure():
        optimizer.zero_grad()
        loss = ((p - target) ** 2).sum()
        loss.backward()
        return loss

    first = closure().item()
    with torch.no_grad():
        for _ in range(300):
            last = optimizer.step(closure)
    assert last.item() < 1e-3 * first


def test_writes_are_seen_by_the_graph():
    p = torch.ones(2, requires_grad=True)
    y = (p * p).sum()
    p.grad = torch.ones(2)
    optim.SGD([p], lr=0.1).step()
    assert p._version == 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.backward()


def test_parameters_without_gradient_are_left_alone():
    p, q = _param([1.0], [1.0]), torch.ones(1, requires_grad=True)
    optimizer = optim.Adam([p, q], lr=0.1)
    optimizer.step()
    assert q.item() == 1.0 and list(optimizer.state) == [p] and q._version == 0


def test_groups():
    p, q = _param([1.0], [1.0]), _param([1.0], [1.0])
    optimizer = optim.SGD([{"params": [p]}, {"params": q, "lr": 0.5}], lr=0.1)
    optimizer.step()
    assert p.item() == pytest.approx(0.9) and q.item() == pytest.approx(0.5)
    r = _param([1.0], [1.0])
    optimizer.add_param_group({"params": r, "lr": 1.0})
    optimizer.step()
    assert r.item() == 0.0 and len(optimizer.param_groups) == 3
    named = optim.SGD(nn.Linear(1, 1).named_parameters())
    assert named.param_groups[0]["param_names"] == ["weight", "bias"]
    assert named.state_dict()["param_groups"][0]["param_names"] == ["weight", "bias"]


def test_zero_grad():
    p = _param([1.0], [1.0])
    optimizer = optim.SGD([p])
    grad = p.grad
    optimizer.zero_grad(set_to_none=False)
    assert p.grad is grad and grad.item() == 0.0
    optimizer.zero_grad()
    assert p.grad is None


def test_state_dict_layout():
    p = _param([1.0, 2.0], [1.0, 1.0])
    optimizer = optim.Adam([p], lr=0.1)
    assert optimizer.state_dict()["state"] == {}
    optimizer.step()
    state = optimizer.state_dict()
    assert list(state) == ["state", "param_groups"] and list(state["state"][0]) == ["step", "exp_avg", "exp_avg_sq"]
    assert state["state"][0]["step"].item() == 1.0 and state["state"][0]["step"].dtype == torch.float32
    assert state["param_groups"][0]["params"] == [0] and state["param_groups"][0]["betas"] == (0.9, 0.999)
    assert state["state"][0]["exp_avg"] is optimizer.state[p]["exp_avg"]


def test_loading_continues_the_run():
    def run(optimizer, p, steps):
        for i in range(steps):
            p.grad = torch.tensor([1.0 + i, -0.5])
            optimizer.step()

    p = torch.ones(2, requires_grad=True)
    optimizer = optim.AdamW([p], lr=0.1, amsgrad=True)
    run(optimizer, p, 3)
    q = p.detach().clone().requires_grad_()
    other = optim.AdamW([q], lr=5.0)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    run(optimizer, p, 2)
    run(other, q, 2)
    assert p.tolist() == q.tolist() and other.param_groups[0]["lr"] == 0.1


def test_loading_casts_to_the_parameter():
    p = _param([1.0], [1.0])
    optimizer = optim.Adam([p])
    optimizer.step()
    q = torch.ones(1, dtype=torch.float64, requires_grad=True)
    other = optim.Adam([q])
    other.load_state_dict(optimizer.state_dict())
    assert other.state[q]["exp_avg"].dtype == torch.float64 and other.state[q]["step"].dtype == torch.float32


def test_loading_old_state():
    p = _param([1.0], [1.0])
    optimizer = optim.Adam([p])
    optimizer.step()
    state = optimizer.state_dict()
    state["state"][0]["step"] = 7
    del state["param_groups"][0]["amsgrad"]
    optimizer.load_state_dict(state)
    assert optimizer.state[p]["step"].item() == 7.0 and optimizer.param_groups[0]["amsgrad"] is False
    optimizer.step()


def test_copying_and_pickling():
    p = _param([1.0], [1.0])
    optimizer = optim.Adam([p], lr=0.1)
    lr_scheduler.StepLR(optimizer, 1)
    optimizer.step()
    for other in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        (q,) = other.param_groups[0]["params"]
        assert other.state[q]["step"].item() == 1.0
        q.grad = torch.ones(1)
        other.step()
        assert q.item() != p.item()


def test_hooks():
    p, calls = _param([1.0], [1.0]), []
    optimizer = optim.SGD([p], lr=0.1)
    handle = optimizer.register_step_pre_hook(lambda o, args, kwargs: calls.append("pre"))
    optimizer.register_step_post_hook(lambda o, args, kwargs: calls.append(p.item()))
    optimizer.step()
    assert calls == ["pre", pytest.approx(0.9)]
    handle.remove()
    optimizer.step()
    assert len(calls) == 3
    optimizer.register_state_dict_post_hook(lambda o, state: {**state, "extra": 1})
    assert optimizer.state_dict()["extra"] == 1
    optimizer.register_load_state_dict_pre_hook(lambda o, state: calls.append(sorted(state)))
    optimizer.load_state_dict(optimizer.state_dict())
    assert calls[-1] == ["extra", "param_groups", "state"]
    optimizer.register_step_pre_hook(lambda o, args, kwargs: 3)
    with pytest.raises(RuntimeError, match="must return None or a tuple of"):
        optimizer.step()


def test_own_optimizers():
    class Sign(optim.Optimizer):
        def __init__(self, params, lr=0.1):
            super().__init__(params, {"lr": lr})

        @torch.no_grad()
        def step(self, closure=None):
            for group in self.param_groups:
                for p in group["params"]:
                    p.add_(p.grad.sign(), alpha=-group["lr"])

    p, calls = _param([1.0], [-3.0]), []
    optimizer = Sign([p])
    optimizer.register_step_post_hook(lambda *args: calls.append(1))
    lr_scheduler.ExponentialLR(optimizer, 0.5)
    optimizer.step()
    assert p.item() == pytest.approx(1.1) and calls == [1]


ERRORS = [
    (lambda p: optim.SGD([], lr=0.1), ValueError, "optimizer got an empty parameter list"),
    (lambda p: optim.SGD(p, lr=0.1), TypeError, "params argument given to the optimizer should be an iterable of Tensors"),
    (lambda p: optim.SGD([p * 2], lr=0.1), ValueError, "can't optimize a non-leaf Tensor"),
    (lambda p: optim.SGD([1], lr=0.1), TypeError, "optimizer can only optimize Tensors, but one of the params is int"),
    (
        lambda p: optim.SGD([{"params": p}, {"params": p}]),
        ValueError,
        "some parameters appear in more than one parameter group",
    ),
    (lambda p: optim.Adam([p], lr=-1.0), ValueError, "Invalid learning rate: -1.0"),
    (lambda p: optim.Adam([p], differentiable=True), RuntimeError, "differentiable=True asks for updates"),
    (lambda p: optim.Optimizer([p], {}).step(), NotImplementedError, "Optimizer does not define step()"),
]


@pytest.mark.parametrize(("call", "kind", "text"), ERRORS)
def test_errors(call, kind, text):
    with pytest.raises(kind) as caught:
        call(torch.ones(2, requires_grad=True))
    assert text in str(caught.value)


def test_a_refused_group_changes_nothing():
    p = torch.ones(1, requires_grad=True)
    optimizer = optim.SGD([p])
    with pytest.raises(ValueError, match="some parameters appear"):
        optimizer.add_param_group({"params": [p]})
    assert len(optimizer.param_groups) == 1


def test_duplicates_warn():
    p = torch.ones(1, requires_grad=True)
    with pytest.warns(UserWarning, match="optimizer contains a parameter group with duplicate parameters"):
        optim.SGD([p, p])


def _rates(make, steps, lr=1.0):
    optimizer = optim.SGD([_param([1.0], [1.0])], lr=lr)
    schedule = make(optimizer)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


FORMULAS = [
    (lambda o: lr_scheduler.StepLR(o, 2, 0.5), lambda t: 0.5 ** (t // 2)),
    (lambda o: lr_scheduler.MultiStepLR(o, [1, 4], 0.1), lambda t: 0.1 ** ((t >= 1) + (t >= 4))),
    (lambda o: lr_scheduler.LambdaLR(o, lambda t: 1 / (1 + t)), lambda t: 1 / (1 + t)),
    (lambda o: lr_scheduler.ExponentialLR(o, 0.9), lambda t: 0.9**t),
    (lambda o: lr_scheduler.ConstantLR(o, 0.5, 3), lambda t: 0.5 if t < 3 else 1.0),
    (lambda o: lr_scheduler.LinearLR(o, 0.5, 1.0, 4), lambda t: 0.5 + 0.5 * min(t, 4) / 4),
    (lambda o: lr_scheduler.CosineAnnealingLR(o, 4, 0.1), lambda t: 0.1 + 0.9 * (1 + math.cos(math.pi * t / 4)) / 2),
    (lambda o: lr_scheduler.PolynomialLR(o, 5, 2.0), lambda t: (1 - min(t, 5) / 5) ** 2),
]


@pytest.mark.parametrize(("make", "formula"), FORMULAS)
def test_schedules_follow_their_formulas(make, formula):
    assert _rates(make, 10) == pytest.approx([formula(t) for t in range(10)], abs=1e-12)


def test_schedules_warn_of_the_wrong_order():
    optimizer = optim.SGD([_param([1.0], [1.0])])
    schedule = lr_scheduler.StepLR(optimizer, 1)
    with pytest.warns(UserWarning, match="Detected call of `lr_scheduler.step\\(\\)` before `optimizer.step\\(\\)`"):
        schedule.step()


def test_schedules_are_saved():
    optimizer = optim.SGD([_param([1.0], [1.0])], lr=1.0)
    schedule = lr_scheduler.SequentialLR(
        optimizer, [lr_scheduler.LinearLR(optimizer, 0.1, 1.0, 3), lr_scheduler.ExponentialLR(optimizer, 0.5)], [3]
    )
    for _ in range(5):
        optimizer.step()
        schedule.step()
    other_optimizer = optim.SGD([_param([1.0], [1.0])], lr=1.0)
    other = lr_scheduler.SequentialLR(
        other_optimizer,
        [lr_scheduler.LinearLR(other_optimizer, 0.1, 1.0, 3), lr_scheduler.ExponentialLR(other_optimizer, 0.5)],
        [3],
    )
    other.load_state_dict(schedule.state_dict())
    other_optimizer.load_state_dict(optimizer.state_dict())
    for o, s in ((optimizer, schedule), (other_optimizer, other)):
        o.step()
        s.step()
    assert optimizer.param_groups[0]["lr"] == other_optimizer.param_groups[0]["lr"] == 0.125


def test_a_learning_rate_that_is_a_tensor():
    lr = torch.tensor(1.0)
    optimizer = optim.SGD([_param([1.0], [1.0])], lr=lr)
    schedule = lr_scheduler.ExponentialLR(optimizer, 0.5)
    optimizer.step()
    schedule.step()
    assert optimizer.param_groups[0]["lr"] is lr and lr.item() == 0.5


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
def test_compiled_steps_are_the_same(name):
    def run(compiled):
        p = torch.tensor([1.0, -2.0, 3.0], requires_grad=True)
        optimizer = getattr(optim, name)([p], lr=0.1, weight_decay=0.01)

        def train(x):
            optimizer.zero_grad()
            ((p * x) ** 2).sum().backward()
            optimizer.step()

        step = torch.compile(train) if compiled else train
        for i in range(6):
            step(torch.tensor([1.0, 0.5, -i]))
        return p.tolist()

    assert run(True) == pytest.approx(run(False), rel=1e-6)


def test_clipping():
    p, q = _param([1.0, 1.0], [3.0, 0.0]), _param([1.0], [4.0])
    total = nn.utils.clip_grad_norm_([p, q], 1.0)
    assert total.item() == pytest.approx(5.0)
    assert p.grad.tolist() == pytest.approx([0.6, 0.0], rel=1e-5) and q.grad.item() == pytest.approx(0.8, rel=1e-5)
    assert nn.utils.clip_grad_norm_(p, 10.0, norm_type=math.inf).item() == pytest.approx(0.6, rel=1e-5)
    assert p.grad.tolist() == pytest.approx([0.6, 0.0], rel=1e-5)
    nn.utils.clip_grad_value_([p, q], 0.5)
    assert p.grad.tolist() == [0.5, 0.0] and q.grad.item() == 0.5
    assert nn.utils.clip_grad_norm_([], 1.0).item() == 0.0
    q.grad = torch.tensor([math.nan])
    with pytest.raises(RuntimeError, match="The total norm of order 2.0 for gradients from `parameters` is non-finite"):
        nn.utils.clip_grad_norm_([q], 1.0, error_if_nonfinite=True)
    with pytest.warns(FutureWarning, match="clip_grad_norm` is now deprecated"):
        nn.utils.clip_grad_norm([p], 1.0)


def test_parameters_as_a_vector():
    model = nn.Linear(2, 3)
    vector = nn.utils.parameters_to_vector(model.parameters())
    assert vector.shape == (9,) and vector.requires_grad
    nn.utils.vector_to_parameters(torch.arange(9.0), model.parameters())
    assert model.weight.tolist() == [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]] and model.bias.tolist() == [6.0, 7.0, 8.0]
    assert model.weight.requires_grad and model.weight.is_leaf
    with pytest.raises(TypeError, match="expected torch.Tensor, but got: int"):
        nn.utils.vector_to_parameters(3, model.parameters())
