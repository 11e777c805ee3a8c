"""compile: a whole training step as one program, when a program may be used again, and what it refuses."""

import numpy as np
import pytest

import pullback as torch
from pullback import nn


def network(dropout=0.0):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8, bias=False), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(dropout), nn.Linear(8, 3))


def training(model, optimizer):
    loss_of = nn.CrossEntropyLoss()

    def step(x, y):
        optimizer.zero_grad()
        loss = loss_of(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def batch(seed):
    torch.manual_seed(seed)
    return torch.randn(16, 6), torch.randint(0, 3, (16,))


def both(make):
    """The same training step twice: run as it is, and compiled."""
    found = []
    for _ in range(2):
        model = network(dropout=0.3)
        optimizer = make(model.parameters())
        found.append((model, optimizer, training(model, optimizer)))
    eager, (model, optimizer, step) = found
    return eager, (model, optimizer, torch.compile(step))


OPTIMIZERS = {
    "sgd": lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9, nesterov=True),
    "adam": lambda parameters: torch.optim.Adam(parameters, lr=1e-2),
    "adamw": lambda parameters: torch.optim.AdamW(parameters, lr=1e-2),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_training_step_gives_the_numbers_of_the_eager_one(name):
    (eager_model, _, eager), (model, _, compiled) = both(OPTIMIZERS[name])
    for seed in range(6):
        losses = []
        for step in (eager, compiled):
            x, y = batch(seed)
            torch.manual_seed(100 + seed)  # dropout draws the same numbers in both
            losses.append(step(x, y).item())
        assert losses[0] == pytest.approx(losses[1], rel=1e-6)
    assert compiled.traces == 2  # the first made the optimiser's state
    for (key, a), b in zip(eager_model.state_dict().items(), model.state_dict().values(), strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5, atol=1e-6, err_msg=key)
    for a, b in zip(eager_model.parameters(), model.parameters(), strict=True):
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-5, atol=1e-6)
        assert a._version == b._version


def test_it_is_one_program():
    _, (_, _, compiled) = both(OPTIMIZERS["adam"])
    for seed in range(3):
        compiled(*batch(seed))
    (recordings,) = compiled.programs.values()
    names = [equation.name for equation in recordings[0].program.equations]
    assert names.count("sqrt") == 5  # forward, backward and the update of each of the five parameters are in there
    assert "log_softmax" in names and "native_batch_norm" in " ".join(names)
    assert str(recordings[0].program).startswith("inputs   %0:float32[16,6], %1:int64[16]")


def test_other_options_shapes_and_flags_are_other_programs():
    _, (model, optimizer, compiled) = both(OPTIMIZERS["adam"])
    for seed in range(3):
        compiled(*batch(seed))
    assert compiled.traces == 2
    optimizer.param_groups[0]["lr"] = 0.5
    before = model[0].weight.detach().clone()
    compiled(*batch(3))
    assert compiled.traces == 3
    assert (model[0].weight - before).abs().max() > 0.1
    model.eval()
    compiled(*batch(4))
    assert compiled.traces == 4
    x, y = batch(5)
    compiled(x[:8], y[:8])
    assert compiled.traces == 5


def test_memory_that_was_replaced_is_seen():
    weight = torch.ones(3)
    double = torch.compile(lambda x: x * weight)
    assert double(torch.ones(3)).tolist() == [1, 1, 1]
    weight.fill_(2)
    assert double(torch.ones(3)).tolist() == [2, 2, 2] and double.traces == 1  # the same memory
    weight.data = torch.full((3,), 5.0)
    assert double(torch.ones(3)).tolist() == [5, 5, 5] and double.traces == 2  # other memory


def test_each_run_draws_anew():
    noise = torch.compile(lambda x: x + torch.rand(3))
    torch.manual_seed(1)
    eager = [torch.rand(3).tolist() for _ in range(3)]
    torch.manual_seed(1)
    assert [noise(torch.zeros(3)).tolist() for _ in range(3)] == eager
    assert noise.traces == 1


def test_constants_made_inside_are_fresh_each_time():
    @torch.compile
    def count(x):
        total = torch.zeros(2)
        total += x
        return total

    assert [count(torch.ones(2)).tolist() for _ in range(3)] == [[1, 1]] * 3
    assert count.traces == 1


def test_a_result_with_a_history_can_be_differentiated():
    w = torch.tensor([3.0], requires_grad=True)
    square = torch.compile(lambda x: (x * w) ** 2)
    for _ in range(3):
        w.grad = None
        square(torch.tensor([2.0])).backward()
        assert w.grad.item() == 24


def test_arguments_get_their_gradients_and_writes():
    @torch.compile
    def step(x, w):
        (x * w).sum().backward()
        with torch.no_grad():
            x.add_(1)
        return {"sum": x.sum(), "same": x, "number": 3}

    for _ in range(3):
        x, w = torch.ones(2), torch.full((2,), 2.0, requires_grad=True)
        answer = step(x, w)
        assert w.grad.tolist() == [1, 1] and x.tolist() == [2, 2] and x._version == 1
        assert answer["sum"].item() == 4 and answer["same"] is x and answer["number"] == 3


@pytest.mark.parametrize("ask", [lambda x: x.sum().item(), lambda x: 1 if x.sum() > 0 else 0, lambda x: float(x.sum()),
                                 lambda x: x.numpy(), lambda x: x.tolist(), lambda x: x[x > 0], lambda x: x.nonzero()])
def test_values_that_would_decide_are_refused_with_the_line(ask):
    with pytest.raises(RuntimeError, match=r"(?s)not known while compile\(\) records.*test_compile.py, line \d+: "):
        torch.compile(ask)(torch.ones(3))
    assert torch.ones(3).sum().item() == 3  # and the mode is left


def test_an_error_in_the_function_leaves_tensors_as_they_were():
    w = torch.ones(3, requires_grad=True)

    @torch.compile
    def wrong(x):
        return (x * w) @ torch.ones(5)

    with pytest.raises(RuntimeError):
        wrong(torch.ones(3))
    assert type(w.detach().numpy()) is np.ndarray and (w * 2).tolist() == [2, 2, 2]


def test_a_module_may_be_compiled():
    model = network()
    model.eval()
    compiled = torch.compile(model)
    x, _ = batch(0)
    with torch.no_grad():
        for _ in range(3):
            np.testing.assert_allclose(compiled(x).numpy(), model(x).numpy(), rtol=1e-6)
    assert compiled.traces == 1 and list(compiled.state_dict()) == list(model.state_dict())
