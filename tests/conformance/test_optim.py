"""Twenty steps of every optimizer and option, every schedule: the same numbers as torch's."""

import copy
import importlib
import warnings

import numpy as np
import pytest

import pullback
from pullback import optim as our_optim

torch = pytest.importorskip("torch", reason="torch is not installed, nothing to compare with")

SHAPES = [(4, 3), (5,), ()]

SGD_OPTIONS = [
    {},
    {"momentum": 0.9},
    {"momentum": 0.9, "dampening": 0.3},
    {"momentum": 0.9, "nesterov": True},
    {"weight_decay": 0.1},
    {"momentum": 0.9, "weight_decay": 0.1, "maximize": True},
    {"maximize": True},
]
ADAM_OPTIONS = [
    {},
    {"betas": (0.5, 0.7), "eps": 1e-3},
    {"weight_decay": 0.1},
    {"amsgrad": True},
    {"maximize": True},
    {"amsgrad": True, "weight_decay": 0.1, "maximize": True},
    {"lr": 0.0},
]
CASES = [("SGD", o) for o in SGD_OPTIONS] + [(name, o) for name in ("Adam", "AdamW") for o in ADAM_OPTIONS]
CASES.append(("Adam", {"decoupled_weight_decay": True, "weight_decay": 0.2}))


def _params(lib, dtype, seed=0):
    rng = np.random.default_rng(seed)
    arrays = [rng.standard_normal(shape).astype(dtype) for shape in SHAPES]
    return [lib.from_numpy(np.asarray(a)).requires_grad_() for a in arrays]


def _set_grads(lib, params, step, seed=1):
    rng = np.random.default_rng([seed, step])
    for p in params:
        g = np.asarray(rng.standard_normal(tuple(p.shape)))
        p.grad = None if step == 3 and p.dim() == 1 else lib.from_numpy(g).to(p.dtype)


def _run(lib, name, options, dtype, steps=20):
    params = _params(lib, dtype)
    optimizer = getattr(lib.optim, name)(params, **{"lr": 0.05, **options})
    for step in range(steps):
        _set_grads(lib, params, step)
        optimizer.step()
    return params, optimizer


def _assert_close(ours, theirs, dtype):
    tolerance = 1e-12 if dtype == "float64" else 2e-6
    np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "options"), CASES)
def test_twenty_steps(name, options, dtype):
    ours, our_optimizer = _run(pullback, name, options, dtype)
    theirs, their_optimizer = _run(torch, name, options, dtype)
    for a, b in zip(ours, theirs, strict=True):
        _assert_close(a, b, dtype)
    assert repr(our_optimizer) == repr(their_optimizer)
    ours, theirs = our_optimizer.state_dict(), their_optimizer.state_dict()
    assert ours["param_groups"] == theirs["param_groups"]
    assert ours["state"].keys() == theirs["state"].keys()
    for key, state in theirs["state"].items():
        assert list(ours["state"][key]) == list(state)
        for option, value in state.items():
            assert str(ours["state"][key][option].dtype) == str(value.dtype)
            _assert_close(ours["state"][key][option], value, dtype)


def _translated(state, lib):
    """A state dict of one library made one of the other."""
    if hasattr(state, "detach"):
        return lib.from_numpy(state.detach().numpy().copy())
    if isinstance(state, dict):
        return {key: _translated(value, lib) for key, value in state.items()}
    return [_translated(value, lib) for value in state] if isinstance(state, list) else state


@pytest.mark.parametrize(("name", "options"), CASES)
def test_state_dicts_go_over_both_ways(name, options):
    for source, target in ((pullback, torch), (torch, pullback)):
        params, optimizer = _run(source, name, options, "float32", steps=5)
        copied = [target.from_numpy(p.detach().numpy().copy()).requires_grad_() for p in params]
        other = getattr(target.optim, name)(copied, lr=1.0)
        other.load_state_dict(_translated(optimizer.state_dict(), target))
        for step in range(5, 10):
            for lib, members, stepper in ((source, params, optimizer), (target, copied, other)):
                _set_grads(lib, members, step)
                stepper.step()
        for a, b in zip(params, copied, strict=True):
            _assert_close(a, b, "float32")


def test_complex_parameters():
    def run(lib):
        p = lib.tensor([1 + 2j, 3 - 1j, 0.5j], dtype=lib.complex64).requires_grad_()
        optimizer = lib.optim.Adam([p], lr=0.1, amsgrad=True)
        for step in range(5):
            p.grad = lib.tensor([1j * step, 2 - 1j, 0.3], dtype=lib.complex64)
            optimizer.step()
        return p

    np.testing.assert_allclose(run(pullback).detach().numpy(), run(torch).detach().numpy(), rtol=1e-5)


def test_tensor_options():
    def run(lib):
        params = _params(lib, "float64")
        optimizer = lib.optim.Adam(params, lr=lib.tensor(0.1, dtype=lib.float64))
        for step in range(4):
            _set_grads(lib, params, step)
            optimizer.step()
            optimizer.param_groups[0]["lr"].mul_(0.5)
        return params

    for a, b in zip(run(pullback), run(torch), strict=True):
        _assert_close(a, b, "float64")


def _error(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            call()
        except Exception as error:
            return type(error).__name__, str(error).replace("pullback", "torch")
        return [str(warning.message) for warning in caught]


def _required(lib):
    return importlib.import_module(lib.__name__ + ".optim.optimizer").required


def _bad_calls(lib):
    p = lib.ones(2, requires_grad=True)
    q = lib.ones(3, requires_grad=True)
    optim = lib.optim
    return [
        lambda: optim.SGD(p, lr=0.1),
        lambda: optim.SGD([], lr=0.1),
        lambda: optim.SGD([p * 2], lr=0.1),
        lambda: optim.SGD([3], lr=0.1),
        lambda: optim.SGD([p, p], lr=0.1),
        lambda: optim.SGD([{"params": [p]}, {"params": [p]}], lr=0.1),
        lambda: optim.SGD([{"params": {p, q}}], lr=0.1),
        lambda: optim.SGD([p], lr=-1.0),
        lambda: optim.SGD([p], momentum=-1.0),
        lambda: optim.SGD([p], weight_decay=-1.0),
        lambda: optim.SGD([p], nesterov=True),
        lambda: optim.SGD([p], lr=lib.ones(2)),
        lambda: optim.SGD([("a", p), q]),
        lambda: optim.SGD([{"params": [("a", p)]}, {"params": [q]}]),
        lambda: optim.SGD([p]).add_param_group([q]),
        lambda: optim.SGD([p]).load_state_dict(optim.SGD([{"params": [p]}, {"params": [q]}]).state_dict()),
        lambda: optim.SGD([p]).load_state_dict(optim.SGD([p, q]).state_dict()),
        lambda: optim.Adam([p], lr=-1.0),
        lambda: optim.Adam([p], eps=-1.0),
        lambda: optim.Adam([p], betas=(1.0, 0.9)),
        lambda: optim.Adam([p], betas=(0.9, -0.1)),
        lambda: optim.Adam([p], weight_decay=-1.0),
        lambda: optim.Adam([p], betas=(0.9, lib.tensor(0.9))),
        lambda: optim.Adam([p], fused=True, foreach=True),
        lambda: optim.Optimizer([p], {"lr": _required(lib)}),
        lambda: optim.lr_scheduler.StepLR(p, 2),
        lambda: optim.lr_scheduler.StepLR(optim.SGD([p]), 2, last_epoch=3),
        lambda: optim.lr_scheduler.LambdaLR(optim.SGD([p]), [abs, abs]),
        lambda: optim.lr_scheduler.ConstantLR(optim.SGD([p]), 2.0),
        lambda: optim.lr_scheduler.LinearLR(optim.SGD([p]), 0.0),
        lambda: optim.lr_scheduler.LinearLR(optim.SGD([p]), 1.0, 2.0),
        lambda: optim.lr_scheduler.ReduceLROnPlateau(optim.SGD([p]), factor=1.0),
        lambda: optim.lr_scheduler.ReduceLROnPlateau(optim.SGD([p]), mode="x"),
        lambda: optim.lr_scheduler.ReduceLROnPlateau(optim.SGD([p]), min_lr=[1, 2]),
        lambda: optim.lr_scheduler.OneCycleLR(optim.SGD([p]), 0.1),
        lambda: optim.lr_scheduler.OneCycleLR(optim.SGD([p]), 0.1, total_steps=-3),
        lambda: optim.lr_scheduler.OneCycleLR(optim.SGD([p]), [0.1, 0.2], total_steps=3),
        lambda: optim.lr_scheduler.OneCycleLR(optim.SGD([p]), 0.1, total_steps=3, anneal_strategy="x"),
        lambda: optim.lr_scheduler.SequentialLR(optim.SGD([p]), [], []),
        lambda: optim.lr_scheduler.StepLR(optim.SGD([p]), 2).step(),
        lambda: optim.lr_scheduler.StepLR(optim.SGD([p]), 2).get_lr(),
        lambda: optim.lr_scheduler.StepLR(optim.SGD([p]), 2).step(3),
    ]


@pytest.mark.parametrize("case", range(42))
def test_errors_and_warnings(case):
    ours, theirs = _error(_bad_calls(pullback)[case]), _error(_bad_calls(torch)[case])
    assert ours == theirs


SCHEDULES = {
    "StepLR": lambda s, o: s.StepLR(o, 3, 0.5),
    "MultiStepLR": lambda s, o: s.MultiStepLR(o, [2, 5, 5, 9], 0.5),
    "LambdaLR": lambda s, o: s.LambdaLR(o, [lambda t: 1 / (t + 1), lambda t: t + 1]),
    "MultiplicativeLR": lambda s, o: s.MultiplicativeLR(o, lambda t: 1 - t / 20),
    "ConstantLR": lambda s, o: s.ConstantLR(o, 0.3, 4),
    "LinearLR": lambda s, o: s.LinearLR(o, 0.2, 0.9, 6),
    "ExponentialLR": lambda s, o: s.ExponentialLR(o, 0.9),
    "PolynomialLR": lambda s, o: s.PolynomialLR(o, 7, 2.0),
    "CosineAnnealingLR": lambda s, o: s.CosineAnnealingLR(o, 5, 0.01),
    "CosineAnnealingWarmRestarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 3, 2, 0.01),
    "OneCycleLR": lambda s, o: s.OneCycleLR(o, [0.3, 0.1], total_steps=20),
    "OneCycleLR linear": lambda s, o: s.OneCycleLR(o, 0.3, total_steps=20, anneal_strategy="linear", three_phase=True),
    "SequentialLR": lambda s, o: s.SequentialLR(o, [s.LinearLR(o, 0.1, 1.0, 4), s.CosineAnnealingLR(o, 8)], [4]),
    "SequentialLR of three": lambda s, o: s.SequentialLR(
        o, [s.ConstantLR(o, 0.1, 3), s.ExponentialLR(o, 0.9), s.StepLR(o, 2)], [3, 7]
    ),
    "ChainedScheduler": lambda s, o: s.ChainedScheduler([s.ConstantLR(o, 0.1, 3), s.ExponentialLR(o, 0.9)]),
}


def _scheduled(lib, make, algorithm, count=20):
    groups = [{"params": [lib.ones(1, requires_grad=True)]}, {"params": [lib.ones(1, requires_grad=True)], "lr": 0.5}]
    optimizer = getattr(lib.optim, algorithm)(groups, lr=0.1)
    schedule = make(lib.optim.lr_scheduler, optimizer)
    seen = []
    for _ in range(count):
        seen.append([{k: v for k, v in g.items() if k != "params"} for g in copy.deepcopy(optimizer.param_groups)])
        optimizer.step()
        schedule.step()
    return seen, schedule


@pytest.mark.parametrize("algorithm", ["SGD", "Adam"])
@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name, algorithm):
    ours, our_schedule = _scheduled(pullback, SCHEDULES[name], algorithm)
    theirs, their_schedule = _scheduled(torch, SCHEDULES[name], algorithm)
    for a, b in zip(ours, theirs, strict=True):
        for x, y in zip(a, b, strict=True):
            assert x.keys() == y.keys()
            for key, value in y.items():
                assert x[key] == (pytest.approx(value, rel=1e-12) if isinstance(value, float) else value), key
    assert our_schedule.state_dict().keys() == their_schedule.state_dict().keys()
    assert our_schedule.get_last_lr() == pytest.approx(their_schedule.get_last_lr())


@pytest.mark.parametrize("options", [{}, {"mode": "max", "threshold_mode": "abs"}, {"cooldown": 2, "min_lr": 0.02}])
def test_plateau(options):
    def run(lib):
        optimizer = lib.optim.SGD([lib.ones(1, requires_grad=True)], lr=0.1)
        schedule = lib.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1, **options)
        metrics = [3, 2, 2, 2, 2, 1, 1, 4, 5, 6, 7, 8, 1, 1, 1]
        rates = []
        for metric in metrics:
            schedule.step(metric)
            rates.append(optimizer.param_groups[0]["lr"])
        return rates, schedule.state_dict()

    assert run(pullback) == run(torch)


def test_closed_form_by_epoch():
    def run(lib, make):
        optimizer = lib.optim.SGD([lib.ones(1, requires_grad=True)], lr=0.1)
        schedule = make(lib.optim.lr_scheduler, optimizer)
        optimizer.step()
        with pytest.warns(UserWarning, match="epoch parameter"):
            schedule.step(4)
        return optimizer.param_groups[0]["lr"]

    closed = ("StepLR", "MultiStepLR", "ConstantLR", "LinearLR", "ExponentialLR", "PolynomialLR", "CosineAnnealingLR")
    for name in closed:
        assert run(pullback, SCHEDULES[name]) == pytest.approx(run(torch, SCHEDULES[name]), rel=1e-12), name


def test_same_names():
    assert set(our_optim.lr_scheduler.__all__) <= set(dir(torch.optim.lr_scheduler))
