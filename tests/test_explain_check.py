"""`explain.check`: derivatives against differences, on the values that a program's operations see."""

import numpy as np
import pytest

import pullback as torch
from pullback import explain, nn
from pullback.ops import FUNCTIONS
from pullback.ops.record import RECORDS
from tests.ops.calls import call, tensors
from tests.samples import SAMPLES

WRONG = """
class Scaled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return x * w.exp()

    @staticmethod
    def backward(ctx, g):
        x, w = ctx.saved_tensors
        return g * w.exp(), g * x

x = torch.randn(3, requires_grad=True)
w = torch.randn(3, requires_grad=True)
y = x * 2
with explain.check(RAISE) as report:
    z = Scaled.apply(y, w)  # HERE
    done = True
"""


def test_a_wrong_backward_is_an_error(program):
    script = program(WRONG.replace("RAISE", ""))
    with pytest.raises(explain.DerivativeError) as caught:
        script.run()
    message = str(caught.value)
    assert message.startswith(f"{script.place()}: Scaled.backward gives a wrong gradient of argument 2: along a random direction")
    assert message.endswith("z = Scaled.apply(y, w)  # HERE")


def test_or_a_warning(program):
    script = program(WRONG.replace("RAISE", "raise_error=False"))
    (file, line, text), = script.warnings(explain.DerivativeWarning)
    assert (file, line) == (str(script.path), script.line()) and "Scaled.backward gives a wrong gradient of argument 2" in text
    with pytest.warns(explain.DerivativeWarning):
        found = script.run()
    assert found["done"] and found["report"].checked == 2 and len(found["report"].wrong) == 1
    assert str(found["report"]).startswith("2 derivatives checked, 1 wrong, 0 skipped\n")


def test_a_wrong_rule_of_the_library_is_found(monkeypatch):
    monkeypatch.setitem(vars(RECORDS["tanh"]), "usual", [lambda g, s, n: g * s[-1]])
    x = torch.randn(4, requires_grad=True)
    with pytest.raises(explain.DerivativeError, match="test_explain_check.py:[0-9]+: tanh gives a wrong gradient of x"):
        with explain.check():
            x.tanh()


def test_a_right_backward_is_none(program):
    script = program(WRONG.replace("g * x", "g * x * w.exp()").replace("RAISE", ""))
    assert script.run()["report"].checked == 2


def test_training_goes_on_as_it_would():
    def train():
        torch.manual_seed(0)
        np.random.seed(0)
        net = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.4), nn.Linear(8, 3))
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(3):
            x, y = torch.randn(10, 6), torch.tensor(np.random.randint(0, 3, 10))
            loss = nn.functional.cross_entropy(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return [p.tolist() for p in net.parameters()] + [net[1].running_mean.tolist()]

    plain = train()
    with explain.check() as report:
        checked = train()
    assert checked == plain
    assert report.checked > 30 and report.wrong == []


def test_random_numbers_of_a_custom_function():
    class Noisy(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.noise = torch.rand(3)
            return x * ctx.noise

        @staticmethod
        def backward(ctx, g):
            return g * ctx.noise

    torch.manual_seed(3)
    x = torch.randn(3, requires_grad=True)
    plain = Noisy.apply(x).tolist()
    torch.manual_seed(3)
    torch.randn(3)
    with explain.check() as report:
        checked = Noisy.apply(x).tolist()
    assert checked == plain and report.checked == 1


def test_in_place():
    class Doubled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            return x.mul_(2)

        @staticmethod
        def backward(ctx, g):
            return g * 2

    w = torch.randn(4, requires_grad=True)
    with explain.check() as report:
        x = w * 1
        x.mul_(w).relu_()
        x[1:] = x[:-1].clone() * 3
        Doubled.apply(x)
    assert report.wrong == report.skipped == [] and report.checked >= 7
    assert x.tolist() == pytest.approx([2 * v for v in [max(w[0].item() ** 2, 0), *[3 * max(v * v, 0) for v in w[:-1].tolist()]]])


def test_kinks_are_skipped(program):
    script = program("""
        x = torch.tensor([0.0, 0.0], requires_grad=True)
        with explain.check() as report:
            torch.relu(x)  # HERE
            torch.relu(torch.cat([x, x + 1]))
    """)
    report = script.run()["report"]
    assert report.skipped == [f"{script.place()}: relu: the values have a kink, a jump or no number here"]


def test_what_is_not_recorded_is_not_checked():
    x = torch.randn(3, requires_grad=True)
    with explain.check() as report:
        with torch.no_grad():
            x * 2
        x.detach() * 2
        torch.ones(2) * 2
    assert report.checked == 0


def test_second_derivatives_are_checked_as_they_are_recorded():
    x = torch.randn(3, requires_grad=True)
    with explain.check() as report:
        g, = torch.autograd.grad((x ** 3).sum(), x, create_graph=True)
    assert report.checked > 3 and report.wrong == []


def test_beside_tracking():
    x = torch.randn(3, requires_grad=True)
    with explain.check() as outer, explain.track():
        y = x.exp().detach()
    assert outer.checked == 1 and "detach" in str(explain(y))


@pytest.mark.parametrize("name", sorted(set(SAMPLES) & set(FUNCTIONS)))
def test_no_false_alarm(name):
    """Every operation of the library, on all its samples."""
    for sample in SAMPLES[name]:
        with explain.check(raise_error=False) as report:
            call(name, sample, tensors(sample, requires_grad=True))
        assert report.wrong == []
