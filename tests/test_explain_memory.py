"""`explain.memory`: what is kept for backward, by line and by module; and that what it says would be saved is."""

import gc
import tracemalloc
import xml.etree.ElementTree as ET

import pytest

import pullback as torch
from pullback import explain, nn
from pullback.nn.modules._calls import Calls
from pullback.utils.checkpoint import checkpoint

KIB = 1024


def kept(loss):
    return explain.memory(loss).total


def line(report, script, mark):
    """The share of the marked line."""
    return next(share for share in report.lines if share.name == f"program.py:{script.line(mark)}")


LINES = """
w1 = torch.randn(64, 64, requires_grad=True)
w2 = torch.randn(64, 64, requires_grad=True)
x = torch.randn(128, 64)
h = x @ w1  # FIRST
a = torch.tanh(h)  # ACTIVATION
y = a @ w2  # SECOND
loss = (y ** 2).sum()  # LOSS
"""


def test_by_line(program):
    script = program(LINES)
    report = explain.memory(script.run()["loss"])
    x = 128 * 64 * 4
    assert report.total == 3 * x and report.leaves == 64 * 64 * 4, "x, tanh's result and y; and w2"
    assert {share.name: share.nbytes for share in report.lines} == {
        f"program.py:{script.line(mark)}": x for mark in ("FIRST", "ACTIVATION", "LOSS")}
    assert line(report, script, "ACTIVATION").text == "a = torch.tanh(h)  # ACTIVATION"
    assert report.modules == []
    assert f"program.py:{script.line('FIRST')}" in str(report) and "96.0 KiB kept for backward" in str(report)


def test_every_memory_counts_once_and_whole():
    base = torch.randn(100)
    w = torch.randn(10, requires_grad=True)
    assert kept((w * base[:10]).sum()) == 400, "a view keeps the memory it is a window on"
    assert kept((w * base[:10]).sum() + (w * base[10:20]).sum()) == 400
    y = w.exp()
    assert kept((y * y).sum() + y.sin().sum()) == 40
    assert kept((w * w).sum()) == 0, "leaves live anyway"
    assert explain.memory((w * w).sum()).leaves == 40


def test_indices_and_custom_functions():
    class Keeping(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x.exp())
            ctx.also = x.cos()
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g

    x = torch.randn(10, requires_grad=True)
    assert kept(Keeping.apply(x).sum()) == 80
    assert kept(x[torch.tensor([1, 2, 3])].sum()) == 24


def test_nothing_after_the_backward_and_nothing_without_a_graph():
    x = torch.randn(10, requires_grad=True)
    loss = x.exp().sum()
    assert kept(loss) == 40
    loss.backward()
    assert kept(loss) == 0
    with pytest.raises(ValueError, match="does not require a gradient"):
        explain.memory(torch.ones(2))


def test_packed_values():
    x = torch.randn(10, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t.to(torch.float16), lambda t: t.to(torch.float32)):
        loss = x.exp().sum()
    assert kept(loss) == 20


# ---- savings: said, and done ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["FIRST", "ACTIVATION"])
def test_no_grad_saves_what_is_said(program, mark):
    script = program(LINES)
    before = explain.memory(script.run()["loss"])
    statement = next(text for text in LINES.splitlines() if f"# {mark}" in text)
    without = program(LINES.replace(statement, f"with torch.no_grad():\n    {statement}"))
    assert line(before, script, mark).no_grad == before.total - kept(without.run()["loss"]) == 32 * KIB


def test_without_its_last_operation_nothing_is_recorded(program):
    script = program(LINES)
    report = explain.memory(script.run()["loss"])
    assert line(report, script, "LOSS").no_grad == report.total


def test_no_grad_spares_what_others_keep_for_it(program):
    script = program("""
        w, v = torch.randn(64, requires_grad=True), torch.randn(64, requires_grad=True)
        a = w.exp()  # A
        b = v * 2
        loss = (a * b).sum()
    """)
    report = explain.memory(script.run()["loss"])
    without = program(script.text.replace("a = w.exp()  # A", "with torch.no_grad(): a = w.exp()").partition("\n\n")[2])
    assert report.total == 512 and line(report, script, "A").no_grad == 512 - kept(without.run()["loss"]) == 256


class Checkpoint(torch.autograd.Function):
    """Runs a function again in backward instead of keeping what it computes."""

    @staticmethod
    def forward(ctx, run, x, *parameters):
        ctx.run = run
        ctx.save_for_backward(x)
        return run(x)

    @staticmethod
    def backward(ctx, g):
        x = ctx.saved_tensors[0].detach().requires_grad_()
        with torch.enable_grad():
            out = ctx.run(x)
        gradients = torch.autograd.grad(out, [x, *ctx.run.parameters()], g)
        return None, *gradients


class Checkpointed(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return Checkpoint.apply(self.inner, x, *self.inner.parameters())


class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.inward, self.gate = nn.Linear(32, 128), nn.Linear(32, 128)
        self.outward = nn.Linear(128, 32)

    def forward(self, x):
        return self.outward(torch.tanh(self.inward(x)) * torch.sigmoid(self.gate(x)))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_checkpointing_saves_what_is_said(place):
    torch.manual_seed(0)
    layers = [Gate(), nn.ReLU(), Gate()]
    x, names = torch.randn(64, 32), ["Sequential.0", "Sequential.1", "Sequential.2"]
    with explain.modules():
        loss = (nn.Sequential(*layers)(x) ** 2).sum()
    report = explain.memory(loss)
    share = next((share for share in report.modules if share.name == names[place]), None)
    again = list(layers)
    again[place] = Checkpointed(layers[place])
    after = kept((nn.Sequential(*again)(x) ** 2).sum())
    saved = report.total - after
    assert (share.checkpoint or 0 if share else 0) == max(saved, 0)
    if isinstance(layers[place], Gate):
        assert saved > report.total / 4


def test_checkpoints_of_the_library_save_what_is_said():
    class Again(Checkpointed):
        def forward(self, x):
            return checkpoint(self.inner, x, use_reentrant=False)

    torch.manual_seed(0)
    layers, x = [Gate(), nn.ReLU(), Gate(), nn.Tanh()], torch.randn(256, 32)

    def count(*layers):
        for _ in range(2):  # the first run loads modules
            gc.collect()
            tracemalloc.start()
            loss = (nn.Sequential(*layers)(x) ** 2).sum()
            living = tracemalloc.get_traced_memory()[0]
            tracemalloc.stop()
        return living, kept(loss)

    with explain.modules():
        loss = (nn.Sequential(*layers)(x) ** 2).sum()
    said = next(share for share in explain.memory(loss).modules if share.name == "Sequential.2").checkpoint
    (before, kept_before), (after, kept_after) = count(*layers), count(*layers[:2], Again(layers[2]), layers[3])
    assert kept_before - kept_after == said
    assert before - after == pytest.approx(said, abs=32 * KIB), "besides, a checkpoint keeps the state of the random numbers"


IN_PLACE = """
w1 = torch.randn(64, 64, requires_grad=True)
w2 = torch.randn(64, 64, requires_grad=True)
x = torch.randn(512, 64)
h = x @ w1
a = h.{}()  # ACTIVATION
loss = (a @ w2).sum()
"""


@pytest.mark.parametrize("name", ["relu", "tanh", "sqrt", "exp"])
def test_writing_in_place_saves_what_is_said(program, name):
    script = program(IN_PLACE.format(name))
    variables = script.run()
    share = line(explain.memory(variables["loss"]), script, "ACTIVATION")
    assert share.in_place == 512 * 64 * 4
    program(IN_PLACE.format(name + "_")).run()  # the first run loads modules
    assert living(program(IN_PLACE.format(name))) - living(program(IN_PLACE.format(name + "_"))) == pytest.approx(
        share.in_place, abs=4 * KIB)


def living(script):
    """The bytes that a program's variables, and the graph behind them, occupy."""
    gc.collect()
    tracemalloc.start()
    variables = script.run()
    count = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del variables
    return count


@pytest.mark.parametrize("statement", [
    "a = h.sin()",  # keeps its input
    "a = (x @ w1).relu()",  # nobody holds the input
    "a = h.relu() * h",  # the input is kept for another
    "a = w1.relu()",  # a leaf must not be written to
])
def test_where_writing_in_place_saves_nothing(program, statement):
    script = program(IN_PLACE.replace("a = h.{}()", statement))
    variables = script.run()
    assert [share.in_place for share in explain.memory(variables["loss"]).lines
            if share.name.endswith(f":{script.line('ACTIVATION')}")] in ([None], [])


# ---- modules -------------------------------------------------------------------------------------------------------------


def test_by_module():
    net = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Sequential(nn.Linear(16, 4), nn.Sigmoid()))
    x = torch.randn(32, 8)
    with explain.modules():
        loss = (net(x) ** 2).sum()
    report = explain.memory(loss)
    assert {share.name: share.nbytes for share in report.modules} == {
        "Sequential": 32 * (8 + 16 + 4) * 4, "Sequential.0": 32 * 8 * 4, "Sequential.1": 32 * 16 * 4,
        "Sequential.2": 32 * 4 * 4, "Sequential.2.1": 32 * 4 * 4}
    assert [share.name for share in report.modules][0] == "Sequential"


def test_a_module_that_runs_twice_and_one_that_is_nobodys_part():
    shared, alone = nn.Linear(4, 4), nn.Tanh()

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = shared

        def forward(self, x):
            return alone(self.layer(self.layer(x)))

    with explain.modules():
        loss = Net()(torch.randn(2, 4)).sum()
    paths = [v.module for v in explain.graph(loss).vertices if v.kind == "operation"]
    assert paths == ["Net.layer", "Net.layer", "Tanh", ""]


def test_noting_modules_leaves_nothing_behind():
    usual = Calls.__call__
    with explain.modules():
        with explain.modules():
            assert Calls.__call__ is not usual
        assert Calls.__call__ is not usual
        with pytest.raises(RuntimeError):
            nn.Linear(2, 2)(torch.ones(3))
        nn.Linear(2, 2)(torch.ones(2))
    assert Calls.__call__ is usual and Calls._call_impl is usual
    from pullback.explain import calls
    assert [call.path for call in calls.calls] == ["Linear", "Linear"] and not calls._open


def test_dict_and_picture(program, tmp_path):
    script = program(LINES)
    report = explain.memory(script.run()["loss"])
    found = report.as_dict()
    assert found["total"] == 96 * KIB and found["lines"][0] == {
        "name": f"program.py:{script.line('FIRST')}", "text": "h = x @ w1  # FIRST", "bytes": 32 * KIB,
        "no_grad": 32 * KIB, "checkpoint": None, "in_place": None, "operations": 1}
    report.picture(tmp_path / "memory.svg")
    root = ET.parse(tmp_path / "memory.svg").getroot()
    bars = [float(r.get("width")) for r in root.iter("{http://www.w3.org/2000/svg}rect") if r.get("class") == "bar"]
    assert len(bars) == 3 and bars == sorted(bars, reverse=True) and bars[0] == pytest.approx(bars[2])
    assert ET.fromstring(report.picture()) is not None
