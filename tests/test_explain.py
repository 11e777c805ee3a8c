"""`pullback.explain`: for every way to lose a gradient, the line it was lost in.

A case is a function that returns a tensor without a gradient; the comments in it mark the lines that the answer must name.
"""

import asyncio
import gc
import importlib.util
import inspect
import pickle
import re
import subprocess
import sys
import threading
import weakref
from copy import deepcopy

import numpy as np
import pytest

import pullback as torch
import pullback.explain
from pullback import errors, explain, nn
from pullback.explain import causes, origin
from pullback.explain import gradient as gradient_of

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture(autouse=True)
def warnings_of_its_own(monkeypatch):
    """Warnings that are given once are left for the tests of them."""
    monkeypatch.setattr(errors, "_GIVEN", set())


def marked(function, mark):
    """The numbers of the lines of a function that end in the comment `mark`."""
    lines, first = inspect.getsourcelines(function)
    found = [first + i for i, text in enumerate(lines) if text.rstrip().endswith(f"# {mark}")]
    assert found, f"no line is marked {mark}"
    return found


def tracked(function):
    """What `explain` says of the tensor a function returns."""
    with explain.track():
        tensor = function()
    return explain(tensor)


def leaf(*values):
    return torch.tensor(values or (0.3, 1.7, 2.2), requires_grad=True)


# ---- the cuts ------------------------------------------------------------------------------------------------------------
def detached():
    x = leaf()
    y = x.exp()  # source
    z = y.detach()  # cut
    w = z * 2  # way
    return w.sum()  # way


def detached_in_place():
    y = leaf() * 2  # source
    y.detach_()  # cut
    return y + 1  # way


def unchained():
    y = leaf() * 2  # source
    y.unchain_backward()  # cut
    return y + 1  # way


def data():
    y = leaf() * 2  # source
    return (y.data  # cut
            + 1)


def item():
    y = leaf().sum()  # source
    number = y.item()  # left
    return torch.tensor(number)  # way


def float_of():
    y = leaf().sum()  # source
    number = float(y)  # left
    return torch.tensor([1.0, number])  # way


def several_items():
    losses = [x * 2 for x in leaf()]
    values = [loss.item() for loss in losses]  # left
    return torch.tensor(values).mean()


def listed():
    y = leaf() * 2  # source
    values = y.tolist()  # left
    return torch.tensor(values)  # way


def array():
    y = leaf() * 2  # source
    values = y.numpy(force=True)  # left
    return torch.from_numpy(values)  # way


def part_of_array():
    y = leaf() * 2  # source
    values = y.numpy(force=True)[1:]  # left
    return torch.from_numpy(values)  # way


def through_dlpack():
    y = (leaf() * 2).detach()  # detach
    return torch.from_dlpack(np.from_dlpack(y))


def copied_array():
    y = leaf() * 1.3  # source
    values = y.numpy(force=True).copy()  # left
    return torch.tensor(values)  # way


def copied():
    y = leaf() * 2  # source
    return torch.tensor(y)  # made


def tensors_in_list():
    y = leaf() * 2
    return torch.tensor([y[0], y[1]])  # made


def bytes_read():
    y = leaf() * 2  # source
    return y.view(torch.int32)  # bytes


def without_grad():
    y = leaf() * 2  # source
    with torch.no_grad():  # block
        z = y + 1  # cut
    return z * 3  # way


def inference():
    y = leaf() * 2  # source
    with torch.inference_mode():  # block
        return y + 1  # cut


def nested_blocks():
    y = leaf() * 2
    with torch.no_grad():  # block
        with torch.enable_grad():
            y = y * 1  # source
        with torch.inference_mode():  # block
            return y + 1  # cut


def switched_off():
    y = leaf() * 2  # source
    torch.set_grad_enabled(False)  # block
    try:
        return y + 1  # cut
    finally:
        torch.set_grad_enabled(True)


def switched_off_for_a_block():
    y = leaf() * 2  # source
    with torch.set_grad_enabled(False):  # block
        return y + 1  # cut


@torch.no_grad()
def evaluated(y):
    return y + 1


def decorated():
    y = leaf() * 2  # source
    return evaluated(y)  # block


def cast():
    y = leaf() * 2  # source
    return y.long().float()  # cut


def to_bool():
    y = leaf() * 2  # source
    return y.bool()  # cut


def comparison():
    y = leaf() * 2  # source
    right = y > 1  # cut
    return right.float().mean()


def argmax():
    y = leaf() * 2  # source
    return y.argmax() * 1.0  # cut


def nonzero():
    y = leaf() * 2  # source
    return y.nonzero()  # cut


def indices():
    y = leaf() * 2  # source
    _, places = y.sort()  # cut
    return places


class Marked(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x * 2
        ctx.mark_non_differentiable(y)
        return y


def marked_output():
    y = leaf() * 2  # source
    return Marked.apply(y) + 1  # cut


def written():
    y = leaf() * 2  # source
    z = torch.zeros(3)
    z[:2] = y.detach()[:2]  # cut
    return z.sum()


def written_unrecorded():
    y = leaf() * 2  # source
    z = torch.zeros(3)
    with torch.no_grad():  # block
        z += y  # cut
    return z.sum()


def into_out():
    y = leaf() * 2  # source
    z = torch.empty(3)
    with torch.no_grad():  # block
        torch.mul(y, 2, out=z)  # cut
    return z.sum()  # way


def data_set():
    y = leaf() * 2  # source
    z = torch.empty(3)
    z.data = y  # cut
    return z.sum()  # way


def in_a_loop():
    h = leaf()
    for step in range(3):
        h = torch.tanh(h)  # source
        if step == 1:
            h = h.detach()  # cut
    return h.sum()


def over_lines():
    return (
        leaf()
        .exp()
        .detach()  # cut
        .sum()
    )


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(3, 4), nn.Linear(4, 1)

    def forward(self, x):
        h = torch.relu(self.first(x))  # source
        h = h.data  # cut
        self.second.requires_grad_(False)
        return self.second(h).sum()


def in_a_module():
    return Net()(torch.ones(2, 3))


def parameter_of_data():
    net = nn.Linear(3, 1)
    y = net(torch.ones(1, 3))  # source
    return nn.Parameter(y, requires_grad=False) * 2  # cut


CUTS = {
    detached: "detach", detached_in_place: "detach_", data: "data",
    unchained: "unchain_backward", item: "left", float_of: "left", several_items: "left",
    listed: "left", array: "left", part_of_array: "left", copied_array: "left", copied: "made", tensors_in_list: "made",
    bytes_read: "bytes", without_grad: "no_grad", inference: "inference_mode",
    nested_blocks: "inference_mode", switched_off: "set_grad_enabled", switched_off_for_a_block: "set_grad_enabled",
    decorated: "no_grad", cast: "integer", to_bool: "integer", comparison: "argument", argmax: "argument",
    nonzero: "argument", indices: "argument", marked_output: "marked", written: "detach", into_out: "no_grad",
    data_set: "data", written_unrecorded: "no_grad",
    in_a_loop: "detach", over_lines: "detach", in_a_module: "data", parameter_of_data: "subclass", through_dlpack: "detach",
}


@pytest.mark.parametrize("case", CUTS, ids=lambda case: case.__name__)
def test_cut(case):
    answer = tracked(case)
    reason = answer.reasons[0]
    assert answer.requires_grad is False
    assert reason.kind == CUTS[case]
    place = {"made": "made", "left": "left", "bytes": "bytes"}.get(reason.kind, "cut")
    place = {decorated: None, through_dlpack: "detach"}.get(case, place)
    body = Net.forward if case is in_a_module else case
    if place:
        assert reason.line.number in marked(body, place), str(answer)
        assert reason.line.text in str(answer)
    assert reason.line.file == __file__
    lines = {line.number for line in answer.lines}
    text = str(answer)
    source, _ = inspect.getsourcelines(body)
    for mark in ("source", "way", "block"):
        if any(line.rstrip().endswith(f"# {mark}") for line in source):
            for number in marked(body, mark):
                assert f"{__file__}:{number}" in text or number in lines, (mark, text)


def test_the_decorated_function_is_named():
    text = str(tracked(decorated))
    assert "`no_grad` decorates evaluated" in text
    assert "return y + 1" in text


def test_two_cuts_on_one_way_are_both_told():
    def chained():
        y = leaf().detach()  # cut
        with torch.no_grad():  # block
            z = y * 2  # besides
        return z.data + 1  # besides

    answer = tracked(chained)
    assert answer.reasons[0].line.number in marked(chained, "cut")
    text = "\n".join(answer.reasons[0].besides)
    for number in [*marked(chained, "besides"), *marked(chained, "block")]:
        assert f"{__file__}:{number}" in text


def test_two_ways_are_both_told():
    def forked():
        x = leaf()
        a = x.detach()  # cut
        with torch.no_grad():
            b = x * 2  # cut
        return (a + b).sum()

    assert sorted(reason.line.number for reason in tracked(forked).reasons) == marked(forked, "cut")


def test_a_cut_without_anything_behind_it_is_no_reason():
    def plain():
        x = torch.ones(3)  # leaf
        return x.detach() * 2

    (reason,) = tracked(plain).reasons
    assert reason.kind == "leaf"
    assert reason.line.number in marked(plain, "leaf")


def test_a_copy_is_recognised_by_its_values_and_told_as_probable():
    assert "probably" in str(tracked(copied_array))
    for sure in (array, item, listed):
        assert "probably" not in str(tracked(sure))


def test_round_numbers_prove_nothing():
    def unrelated():
        torch.zeros(3, requires_grad=True).tolist()
        return torch.tensor([0.0, 0.0, 0.0])

    assert tracked(unrelated).reasons[0].kind == "leaf"


@pytest.mark.filterwarnings("error")
def test_other_kinds_of_numbers_leave_quietly():
    with explain.track():
        torch.tensor([1 + 2j, 3j]).numpy()
        torch.tensor([True]).tolist()
        assert torch.tensor([2**40]).item() == 2**40


def test_frozen_parameters():
    def frozen():
        net = nn.Linear(3, 1)
        net.weight.requires_grad_(False)  # weight
        net.bias.requires_grad = False  # bias
        return net(torch.ones(1, 3)).sum()

    answer = tracked(frozen)
    assert [reason.kind for reason in answer.reasons] == ["frozen", "frozen"]
    assert {reason.line.number for reason in answer.reasons} == {*marked(frozen, "weight"), *marked(frozen, "bias")}


def test_the_forward_of_a_custom_function():
    seen = []

    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            seen.append(x * 2)
            return seen[0].clone()

    with explain.track():
        Double.apply(leaf())
    assert explain(seen[0]).reasons[0].kind == "function"


def test_in_a_thread():
    def threaded():
        found = []

        def work():
            with torch.no_grad():  # block
                found.append(leaf() * 2)  # cut

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return found[0]

    reason = tracked(threaded).reasons[0]
    assert reason.line.number in marked(threaded, "cut")
    assert reason.others[0].number in marked(threaded, "block")
    assert torch.ones(1)._origin is None, "tracking has ended"


def test_in_asyncio_tasks():
    def tasks():
        async def work():
            with torch.no_grad():
                y = leaf() * 2  # cut
                await asyncio.sleep(0)
            return y

        async def main():
            return await asyncio.create_task(work())

        return asyncio.run(main())

    assert tracked(tasks).reasons[0].line.number in marked(tasks, "cut")


def test_in_another_file(tmp_path):
    path = tmp_path / "model.py"
    path.write_text("def features(x):\n    h = x * 2\n    return h.detach()\n")
    spec = importlib.util.spec_from_file_location("model", path)
    model = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(model)
    reason = tracked(lambda: model.features(leaf()).sum()).reasons[0]
    assert (reason.line.file, reason.line.number, reason.line.function) == (str(path), 3, "features")


def test_a_script_tells_the_line_in_its_traceback(tmp_path):
    path = tmp_path / "script.py"
    path.write_text("import pullback as torch\n"
                    "torch.explain.on()\n"
                    "x = torch.ones(3, requires_grad=True)\n"
                    "y = x.detach()\n"
                    "y.sum().backward()\n")
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn\n" in done.stderr
    assert f"{path}:4\n    y = x.detach()\n" in done.stderr


# ---- a gradient that is there, or not yet --------------------------------------------------------------------------------
def test_why_a_gradient_is_required():
    def joined():
        x = leaf()  # leaf
        w = torch.ones(3)
        w.requires_grad_()  # leaf
        return (x * w).split(1)[1].sum()  # way

    tensor = joined()
    answer = explain(tensor)
    assert answer.requires_grad is True
    numbers = {reason.line.number for reason in answer.reasons}
    assert set(marked(joined, "leaf")) - numbers <= {leaf.__code__.co_firstlineno} | set(marked(joined, "leaf"))
    assert [step.operation for step in answer.chain] == ["mul", "split", "sum"]
    assert {step.line.number for step in answer.chain} == set(marked(joined, "way"))


def gradient(function):
    """The reason why `.grad` of the tensor a function returns is None."""
    answer = tracked(function).parts[0]
    assert "`.grad` is None" in str(answer)
    return answer.reasons[0]


def test_only_leaves_keep_their_gradient():
    def scaled():
        w = leaf() * 0.1  # made
        w.sum().backward()
        return w

    reason = gradient(scaled)
    assert (reason.kind, [reason.line.number]) == ("not_leaf", marked(scaled, "made"))
    assert explain(scaled()).parts[0].reasons[0].kind == "not_leaf", "known without tracking"


def test_no_backward_yet():
    answer = tracked(leaf)
    assert "no backward has run" in str(answer)


def test_not_used():
    def unused():
        x, y = leaf(), leaf()
        y.sum().backward()  # backward
        return x

    reason = gradient(unused)
    assert (reason.kind, [reason.line.number]) == ("unused", marked(unused, "backward"))


def test_stopped_between():
    def stopped():
        x, w = leaf(), leaf()
        h = (x * 2).detach()  # cut
        (h * w).sum().backward()  # backward
        return x

    reason = gradient(stopped)
    assert (reason.kind, [reason.line.number]) == ("detach", marked(stopped, "cut"))
    assert f"{__file__}:{marked(stopped, 'backward')[0]}" in str(reason)


def test_a_parameter_made_of_a_computed_tensor():
    def remade():
        x = leaf()
        p = nn.Parameter(x * 2)  # cut
        (p * 3).sum().backward()
        return x

    reason = gradient(remade)
    assert (reason.kind, [reason.line.number]) == ("subclass", marked(remade, "cut"))


def test_a_deep_copy_is_another_leaf():
    def copied():
        x = leaf()
        y = deepcopy(x)  # cut
        (y * 3).sum().backward()
        return x

    reason = gradient(copied)
    assert (reason.kind, [reason.line.number]) == ("copy", marked(copied, "cut"))


def test_set_to_none():
    def reset():
        net = nn.Linear(3, 1)
        net(torch.ones(1, 3)).sum().backward()  # backward
        net.zero_grad()  # cleared
        return net.weight

    reason = gradient(reset)
    assert (reason.kind, [reason.line.number]) == ("cleared", marked(reset, "cleared"))
    assert f"{__file__}:{marked(reset, 'backward')[0]}" in str(reason)


def test_gradients_that_are_returned():
    def returned():
        x = leaf()
        torch.autograd.grad((x * 2).sum(), x)  # backward
        return x

    reason = gradient(returned)
    assert (reason.kind, [reason.line.number]) == ("elsewhere", marked(returned, "backward"))


def test_inputs_of_the_backward():
    def other():
        x, y = leaf(), leaf()
        (x * y).sum().backward(inputs=[y])  # backward
        return x

    reason = gradient(other)
    assert (reason.kind, [reason.line.number]) == ("elsewhere", marked(other, "backward"))


def test_used_before_it_required_a_gradient():
    def late():
        x, w = torch.ones(3), leaf()
        y = (x * w).sum()  # used
        x.requires_grad_()  # late
        y.backward()
        return x

    reason = gradient(late)
    assert (reason.kind, [reason.line.number]) == ("late", marked(late, "used"))
    assert f"{__file__}:{marked(late, 'late')[0]}" in str(reason)


def recorded_write(y):
    y.mul_(3)


def unrecorded_write(y):
    with torch.no_grad():
        y.mul_(3)


@pytest.mark.parametrize("write", [recorded_write, unrecorded_write])
def test_a_write_does_not_hide_what_was_before(write):
    def rewritten():
        x, w = leaf(), leaf()
        y = x * 2
        write(y)
        (y.detach() * w).sum().backward()  # cut
        return x

    reason = gradient(rewritten)
    assert (reason.kind, [reason.line.number]) == ("detach", marked(rewritten, "cut"))


def test_a_view_of_what_is_written_later():
    def viewed():
        base = torch.zeros(3)
        view = base[:2]
        base += leaf().detach()  # cut
        return view.sum()

    reason = tracked(viewed).reasons[0]
    assert (reason.kind, [reason.line.number]) == ("detach", marked(viewed, "cut"))


class Stops(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, g):
        return None


def test_a_function_that_returns_none():
    def stopped():
        x = leaf()
        Stops.apply(x).sum().backward()  # backward
        return x

    reason = gradient(stopped)
    assert (reason.kind, [reason.line.number]) == ("stopped", marked(stopped, "backward"))
    assert "Stops" in str(reason)


def test_a_view_made_without_gradients():
    def view():
        x = leaf()
        with torch.no_grad():
            v = x[:2]  # view
        return v

    reason = gradient(view)
    assert (reason.kind, [reason.line.number]) == ("view", marked(view, "view"))


def test_a_gradient_that_is_there_needs_no_explanation():
    def fine():
        x = leaf()
        x.sum().backward()
        return x

    assert not tracked(fine).parts


# ---- tracking ------------------------------------------------------------------------------------------------------------
def test_without_tracking_it_says_how_to_learn_more():
    text = str(explain(detached()))
    assert "pullback explain SCRIPT" in text
    assert "with pullback.explain.track():" in text
    assert "int64" in str(explain(torch.tensor([1])))


def test_a_tensor_made_before_tracking_began():
    y = leaf().detach()
    with explain.track():
        z = y * 2
        assert "before tracking began" in note_of(error_of(lambda: z.sum().backward()))
        assert "before tracking began" in note_of(error_of(lambda: torch.autograd.backward(y.sum())))
    assert explain(z).reasons[0].kind == "before"


def test_a_frozen_leaf_is_known_without_tracking():
    def frozen():
        w = torch.ones(3, requires_grad=True)  # leaf
        w.requires_grad_(False)
        return w

    text = str(explain(frozen()))
    assert f"{__file__}:{marked(frozen, 'leaf')[0]}" in text
    assert "`requires_grad` was set to False since" in text


def test_the_package_is_callable():
    assert pullback.explain is explain
    assert str(pullback.explain(leaf())) == str(explain.explain(leaf()))
    with pytest.raises(TypeError, match="tensor or an exception"):
        explain(3)
    with pytest.raises(AttributeError, match="nonsense"):
        explain.nonsense


def test_on_and_off_nest():
    explain.on()
    with explain.track():
        pass
    y = leaf().detach()  # cut
    explain.off()
    assert explain(y).reasons[0].kind == "detach"
    assert (leaf() * 2)._origin is None
    with pytest.raises(RuntimeError, match="without explain.on"):
        explain.off()


def test_switching_on_inside_a_block_does_not_keep_the_block_open():
    with torch.no_grad():
        explain.on()
        y = leaf() * 2
    explain.off()
    assert torch.is_grad_enabled()
    assert explain(y).reasons[0].kind == "no_grad"
    assert "`no_grad` was entered at a place that is not known" in str(explain(y))


def test_tracking_keeps_no_tensor_alive():
    with explain.track():
        x = leaf()
        big = x.exp()
        ref = weakref.ref(big)
        array = weakref.ref(big._array)
        y = big.detach().sum()
        del big
        gc.collect()
        assert ref() is None
        assert array() is None
    assert explain(y).reasons[0].kind == "detach"


def test_old_operations_are_forgotten(monkeypatch):
    def length(one):
        count = 0
        while one.inputs:
            one, count = one.inputs[0], count + 1
        return count

    monkeypatch.setattr(origin, "DEPTH", 100)
    with explain.track():
        x, y = leaf(), leaf()
        state = z = torch.zeros(3)
        for _ in range(500):
            state = state * 0.9
            y = y * x
            z = z + x
        y.sum().backward()
        unused = leaf()
    assert length(state._origin) <= 101
    assert explain(state).reasons[0].kind == "forgotten"
    assert explain(unused).parts[0].reasons[0].kind == "forgotten"


def test_values_and_gradients_are_those_without_tracking():
    def run():
        torch.manual_seed(0)
        net = Net()
        x = torch.randn(2, 3, requires_grad=True)
        y = net.first(x)
        y[0] = 1.0
        y *= 2
        values, places = y.sort()
        (values.sum() + places.sum()).backward()
        return [x.grad, net.first.weight.grad, y, places]

    plain = run()
    with explain.track():
        seen = run()
    assert all(torch.equal(a, b) for a, b in zip(plain, seen, strict=True))


def test_a_tracked_tensor_is_copied_and_pickled_without_its_origin():
    with explain.track():
        x = leaf()
        assert pickle.loads(pickle.dumps(x))._origin is None
        assert "_origin" not in dir(x)
    assert deepcopy(x)._origin is None


# ---- errors name both sides ----------------------------------------------------------------------------------------------
def note_of(error):
    (text,) = ["\n".join(error.__notes__)]
    assert text in str(explain(error))
    return text


def error_of(function, kind=RuntimeError):
    with pytest.raises(kind) as caught:
        function()
    return caught.value


def assert_named(function, error, *marks):
    text = note_of(error)
    for mark in marks:
        for number in marked(function, mark):
            assert f"{__file__}:{number}" in text, (mark, text)


def test_overwritten():
    def overwritten():
        y = leaf().exp()  # made
        z = y * y  # kept
        y.add_(1)  # overwritten
        y.mul_(2)
        z.sum().backward()

    error = error_of(overwritten)
    assert str(error).startswith("one of the variables needed for gradient computation has been modified by an inplace ")
    assert str(error).endswith("check_nan=False).")
    assert_named(overwritten, error, "made", "kept", "overwritten")


def test_overwritten_through_a_view_and_over_lines():
    def overwritten():
        y = leaf().exp()  # made
        z = torch.mul(  # kept
            y,
            y,
        )
        y.detach()[0] = 5.0  # overwritten
        z.sum().backward()

    assert_named(overwritten, error_of(overwritten), "made", "kept", "overwritten")


class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        if x.shape == (1,):
            raise LookupError("mine")
        return 2 * x * g


def test_overwritten_what_a_function_saved():
    def overwritten():
        y = leaf() * 2  # made
        z = Square.apply(y)  # kept
        y += 1  # overwritten
        z.sum().backward()

    assert_named(overwritten, error_of(overwritten), "made", "kept", "overwritten")


def test_backward_twice():
    def twice():
        y = (leaf() ** 2).sum()  # made
        y.backward()  # first
        y.backward()

    error = error_of(twice)
    assert str(error).endswith("access saved tensors after calling backward.")
    assert_named(twice, error, "made", "first")
    assert "the same graph" in note_of(error)


def test_backward_through_what_outlived_the_graph():
    def recurrent():
        w, h = leaf(), torch.zeros(3)
        for _ in range(2):
            h = torch.tanh(h * w)  # survivor
            loss = h.sum()
            loss.backward()  # first

    error = error_of(recurrent)
    assert_named(recurrent, error, "survivor", "first")
    assert "What leads there: float32 [3], the result of `tanh`" in note_of(error)
    assert "by `mul`" in note_of(error)


def test_backward_twice_through_a_function():
    def twice():
        y = Square.apply(leaf())  # made
        y.sum().backward()  # first
        (y * 2).sum().backward()

    assert_named(twice, error_of(twice), "made", "first")


def test_saved_tensors_after_the_backward():
    def looked():
        y = Square.apply(leaf())  # made
        y.sum().backward()  # first
        return y.grad_fn.saved_tensors

    assert_named(looked, error_of(looked), "made", "first")


def test_no_graph():
    def untracked():
        torch.ones(3).sum().backward()

    error = error_of(untracked)
    assert str(error) == "element 0 of tensors does not require grad and does not have a grad_fn"
    assert "explain.track()" in note_of(error)
    with explain.track():
        error = error_of(lambda: detached().backward())
    assert_named(detached, error, "cut", "source")


def test_unused_in_grad():
    def unrelated():
        x, y = leaf(), leaf()
        torch.autograd.grad(y.sum(), x)

    def cut():
        x, y = leaf(), leaf()
        z = x.detach() * y  # cut
        torch.autograd.grad(z.sum(), x)

    assert f"{__file__}:{leaf.__code__.co_firstlineno + 1}" in note_of(error_of(unrelated))
    with explain.track():
        assert "not computed from it" in note_of(error_of(unrelated))
        assert_named(cut, error_of(cut), "cut")


def test_leaf_writes():
    def to_leaf():
        w = torch.ones(3, requires_grad=True)  # leaf
        w += 1

    def to_view():
        w = torch.ones(3, requires_grad=True)  # leaf
        v = w[:2]  # view
        v.zero_()

    assert_named(to_leaf, error_of(to_leaf), "leaf")
    assert_named(to_view, error_of(to_view), "leaf", "view")


def test_writes_to_views_that_forbid_it():
    def one_of_several():
        a, _ = (leaf(1.0, 2.0) * 2).split(1)  # view
        a += 1

    def made_without_gradients():
        y = leaf() * 2
        with torch.no_grad():
            v = y[:2]  # view
        v += 1

    for case in (one_of_several, made_without_gradients):
        assert_named(case, error_of(case), "view")


def test_errors_in_a_backward():
    def users():
        Square.apply(leaf(1.0)).sum().backward()  # forward

    error = error_of(users, LookupError)
    assert error.args == ("mine",)
    assert_named(users, error, "forward")


def test_errors_in_a_hook():
    def hooked():
        y = leaf() * 2  # forward
        y.register_hook(lambda g: 1 / 0)
        y.sum().backward()

    assert_named(hooked, error_of(hooked, ZeroDivisionError), "forward")


# ---- the page ------------------------------------------------------------------------------------------------------------
def test_the_page_tells_every_reason():
    from tools import pages

    page = pages.PAGES[0].read_text()
    kinds = {*causes.CUTS, *re.findall(r'Reason\("(\w+)"', inspect.getsource(gradient_of)), "required", "function",
             "inference_mode", "set_grad_enabled"}
    told = {kind for row in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE) for kind in re.findall(r"`(\w+)`", row)}
    assert told - {"kind"} == kinds


def summed_numbers():
    total = 0.0
    for _ in range(2):
        total = total + leaf().sum().item()  # left
    return torch.tensor(total)


def literal_after_a_number():
    leaf().sum().item()
    return torch.tensor(0.5)


def test_numbers_that_were_computed_with():
    text = str(tracked(summed_numbers))
    assert "is computed from numbers has no history" in text
    assert any(f"{__file__}:{number}" in text for number in marked(summed_numbers, "left"))
    assert "numbers" not in str(tracked(literal_after_a_number))
