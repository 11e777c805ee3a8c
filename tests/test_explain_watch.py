"""`explain.watch`: graphs that grow from iteration to iteration, values that leave the graph and come back; no false alarms."""

import textwrap

import pytest

import pullback as torch
from pullback import explain

LOOP = """
net = nn.Linear(4, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)

def loss_of():
    return ((net(torch.randn(8, 4)) - torch.randn(8, 1)) ** 2).mean()

with explain.watch() as watch:
"""


def watched(program, body):
    script = program(LOOP + textwrap.indent(textwrap.dedent(body), "    "))
    return script, script.warnings(explain.GraphWarning)


GROWING = {
    "a sum of losses": ("total", """
        total = 0
        for _ in range(8):
            loss = loss_of()
            loss.backward()
            total += loss  # HERE
    """),
    "a sum written out": ("total", """
        total = torch.zeros(())
        for _ in range(8):
            loss = loss_of()
            loss.backward()
            total = total + loss  # HERE
    """),
    "a list of losses": ("losses", """
        losses = []
        for _ in range(8):
            loss = loss_of()
            loss.backward()
            losses.append(loss)  # HERE
    """),
    "a list whose name others have too": ("losses", """
        def evaluate():
            losses = []
            losses.append(loss_of().item())
        def train():
            losses = []
            for _ in range(8):
                loss = loss_of()
                loss.backward()
                losses.append(loss)  # HERE
        evaluate()
        train()
    """),
    "a list in a dict": ("log['loss']", """
        log = {"loss": []}
        for _ in range(8):
            loss = loss_of()
            loss.backward()
            log["loss"].append(loss)  # HERE
    """),
    "a dict by step": ("history", """
        history = {}
        for step in range(8):
            loss = loss_of()
            loss.backward()
            history[step] = loss  # HERE
    """),
    "an attribute": ("self.sum", """
        class Meter:
            sum = 0
            def update(self, value):
                self.sum += value  # HERE
        meter = Meter()
        for _ in range(8):
            loss = loss_of()
            loss.backward()
            meter.update(loss)
    """),
    "a hidden state": ("h", """
        inward, onward = nn.Linear(4, 5), nn.Linear(5, 5)
        def cell(x, h):
            return torch.tanh(inward(x) + onward(h))  # HERE
        h = torch.zeros(8, 5)
        for _ in range(8):
            h = cell(torch.randn(8, 4), h)
            h.sum().backward(retain_graph=True)
    """),
    "steps that are said": ("total", """
        total = 0
        for _ in range(8):
            total += loss_of()  # HERE
            watch.step()
    """),
}


@pytest.mark.parametrize("name", GROWING)
def test_growth_is_found(program, name):
    variable, body = GROWING[name]
    script, found = watched(program, body)
    assert [entry[:2] for entry in found] == [(str(script.path), script.line())]
    assert f"`{variable}` holds" in found[0][2] and "grows with every iteration" in found[0][2]


ORDINARY = {
    "plain": """
        total, losses = 0, []
        for _ in range(10):
            optimizer.zero_grad()
            loss = loss_of()
            loss.backward()
            optimizer.step()
            total += loss.item()
            losses.append(loss.detach())
        mean = torch.tensor([loss.item() for loss in losses]).mean()
    """,
    "gradients added up": """
        for step in range(12):
            (loss_of() / 4).backward()
            if step % 4 == 3:
                optimizer.step()
                optimizer.zero_grad()
    """,
    "losses of several batches, one backward": """
        for _ in range(6):
            total = 0
            for _ in range(5):
                total = total + loss_of()
            total.backward()
    """,
    "a hidden state that is detached": """
        inward, onward = nn.Linear(4, 5), nn.Linear(5, 5)
        h = torch.zeros(8, 5)
        for _ in range(10):
            h = torch.tanh(inward(torch.randn(8, 4)) + onward(h.detach()))
            h.sum().backward()
    """,
    "the losses before this one": """
        first = second = None
        for _ in range(10):
            loss = loss_of()
            loss.backward()
            first, second = second, loss
    """,
    "one graph, retained": """
        y = torch.randn(4, requires_grad=True).exp()
        for step in range(10):
            (y * step).sum().backward(retain_graph=True)
    """,
    "two losses of one graph": """
        for _ in range(10):
            features = net(torch.randn(8, 4))
            features.sum().backward(retain_graph=True)
            (features ** 2).sum().backward()
    """,
    "steps inside of a step": """
        w = torch.randn(4, requires_grad=True)
        for _ in range(6):
            fast = w
            for _ in range(6):
                g, = torch.autograd.grad((fast ** 2).sum(), fast, create_graph=True)
                fast = fast - 0.1 * g
            (fast ** 2).sum().backward()
    """,
    "numbers that take part in no graph": """
        for _ in range(6):
            loss = loss_of()
            loss.backward()
            scaled = torch.ones(3) * loss.item()
    """,
    "a detached factor": """
        for _ in range(6):
            loss = loss_of()
            (loss / loss.detach()).backward()
    """,
}


@pytest.mark.parametrize("name", ORDINARY)
def test_no_false_alarm(program, name):
    assert watched(program, ORDINARY[name])[1] == []


RETURNING = {
    "item": "y = x * x.abs().max().item()  # HERE",
    "tensor": "y = x * torch.tensor(x.tolist())  # HERE",
    "numpy": "y = x * torch.from_numpy(x.detach().numpy())  # HERE",
    "a copy": "y = x * torch.tensor(x.detach().numpy().copy())  # HERE",
    "by way of others": "z = torch.tensor(x.exp().tolist()).sqrt()\ny = x * z  # HERE",
}


@pytest.mark.parametrize("name", RETURNING)
def test_values_that_leave_and_come_back(program, name):
    script, found = watched(program, f"x = torch.randn(3, requires_grad=True) * 1.5\n{RETURNING[name]}")
    assert [entry[:2] for entry in found] == [(str(script.path), script.line())]
    assert "no gradient flows through a value here: it left the graph by" in found[0][2]


def test_patience(program):
    body = GROWING["a sum of losses"][1]
    script = program(LOOP.replace("watch()", "watch(patience=20)") + textwrap.indent(textwrap.dedent(body), "    "))
    assert script.warnings(explain.GraphWarning) == []
    with pytest.raises(ValueError, match="at least 1"):
        explain.watch(0).__enter__()


def test_a_backward_inside_of_a_backward_ends_no_iteration():
    class Inner(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            with torch.enable_grad():
                torch.ones(2, requires_grad=True).exp().sum().backward()
            return g * 2

    x = torch.ones(2, requires_grad=True)
    with explain.watch() as watch:
        for _ in range(3):
            Inner.apply(x).sum().backward()
    assert len(watch.ends) == 1 + 3


def test_nothing_is_left_behind():
    from pullback.mode import current_mode

    with explain.watch():
        assert current_mode().tracker is not None
    assert current_mode().tracker is None
