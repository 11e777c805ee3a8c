"""Checkpoints: less memory, the same gradients to the last bit, selective policies, errors that explain."""

import gc
import tracemalloc
import weakref

import pytest

import pullback as torch
from pullback.utils.checkpoint import (
    CheckpointError,
    CheckpointPolicy,
    checkpoint,
    checkpoint_sequential,
    create_selective_checkpoint_contexts,
    set_checkpoint_debug_enabled,
    set_checkpoint_early_stop,
)

SAVE, AGAIN = CheckpointPolicy.MUST_SAVE, CheckpointPolicy.PREFER_RECOMPUTE


def block(x):
    for _ in range(10):
        x = x.sin()
    return x


def kept_bytes(run):
    """Bytes that are alive because of what `run()` returned, which is returned too."""
    gc.collect()
    tracemalloc.start()
    try:
        result = run()
        return tracemalloc.get_traced_memory()[0], result
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("use_reentrant", [False, True])
def test_memory_falls(use_reentrant):
    x = torch.ones(50_000, requires_grad=True)

    def plain():
        return block(block(block(x)))

    def checkpointed():
        y = x
        for _ in range(3):
            y = checkpoint(block, y, use_reentrant=use_reentrant)
        return y

    (much, _), (little, y) = kept_bytes(plain), kept_bytes(checkpointed)
    one = 4 * 50_000
    assert much > 29 * one and little < 4 * one
    y.sum().backward()
    expected = torch.ones(50_000, requires_grad=True)
    block(block(block(expected))).sum().backward()
    assert torch.equal(x.grad, expected.grad)


def test_memory_of_nested_checkpoints():
    """An inner checkpoint's inputs are computed again too."""
    x = torch.ones(50_000, requires_grad=True)

    def outer(x):
        for _ in range(5):
            x = checkpoint(block, x, use_reentrant=False)
        return x

    little, y = kept_bytes(lambda: checkpoint(outer, x, use_reentrant=False))
    assert little < 2 * 4 * 50_000
    y.sum().backward()


def test_what_was_computed_again_is_let_go():
    x = torch.ones(50_000, requires_grad=True)
    y = checkpoint(block, x, use_reentrant=False).sum()
    held, _ = kept_bytes(lambda: y.backward(retain_graph=True))
    assert held < 2 * 4 * 50_000  # the gradient


def test_values_that_nobody_needs_any_more_are_not_kept():
    results = []

    def function(x):
        a, b = x.sin().exp(), x.cos().exp()
        results.append(weakref.ref(b._array))
        return a, b, a.sum().exp()

    x = torch.ones(3, requires_grad=True)
    a, b, _ = checkpoint(function, x, use_reentrant=False)
    alive = []
    x.register_hook(lambda g: alive.append([result() is not None for result in results]))
    a.sum().backward(retain_graph=True)
    assert alive.pop() == [True, True]
    results.clear()
    del b
    a.sum().backward()
    assert alive.pop() == [False]


@pytest.mark.parametrize("use_reentrant", [False, True])
def test_dropout_is_the_same_bit_for_bit(use_reentrant):
    model = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 8), torch.nn.Dropout(0.3))
    x, answers = torch.ones(4, 8), []
    for run in (model, lambda t: checkpoint(model, t, use_reentrant=use_reentrant)):
        t = x.clone().requires_grad_()
        model.zero_grad()
        torch.manual_seed(3)
        y = run(t)
        between = torch.rand(2)
        y.sum().backward()
        answers.append([y, t.grad, between, torch.rand(5), *[p.grad for p in model.parameters()]])
    assert all(torch.equal(one, other) for one, other in zip(*answers, strict=True))


def test_each_backward_computes_again():
    runs = []

    def function(x):
        runs.append(1)
        return x.exp().sin()

    x = torch.ones(3, requires_grad=True)
    y = checkpoint(function, x, use_reentrant=False).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert len(runs) == 3


def test_packing_hooks_around_a_checkpoint_see_its_inputs_only():
    packed = []
    x = torch.ones(3, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: packed.append(t.shape) or t, lambda t: t):
        y = checkpoint(block, x * 1, use_reentrant=False)
    assert packed == [(3,)]
    y.sum().backward()
    assert packed == [(3,)]


def test_errors_leave_no_mode_behind():
    x, first = torch.ones(3, requires_grad=True), []

    def function(x):
        if first:
            raise ZeroDivisionError
        first.append(1)
        return x.exp()

    y = checkpoint(function, x, use_reentrant=False)
    with pytest.raises(ZeroDivisionError):
        y.sum().backward()
    assert torch.is_grad_enabled()
    (x.exp() * 2).sum().backward()


def test_debug_tells_the_operations_of_both_runs():
    runs = []

    def function(x):
        runs.append(1)
        return x.exp().cos() if len(runs) % 2 else x.exp()

    x = torch.ones(3, requires_grad=True)
    with pytest.raises(CheckpointError, match="different number of tensors") as error:
        checkpoint(function, x, use_reentrant=False, debug=True).sum().backward()
    first, second = str(error.value).split("2. Operators")
    assert "cos -> [3]" in first and "test_checkpoint.py" in first and "cos -> [3]" not in second
    with set_checkpoint_debug_enabled(True), pytest.raises(CheckpointError, match="exp -> "):
        checkpoint(function, x, use_reentrant=False).sum().backward()
    with set_checkpoint_debug_enabled(False), pytest.raises(CheckpointError) as error:
        checkpoint(function, x, use_reentrant=False, debug=True).sum().backward()
    assert "exp -> " not in str(error.value)


def test_early_stop_of_the_context_counts_more():
    ends = []

    def function(x):
        y = x.exp()
        z = y * 1
        ends.append(1)
        return z

    for stop, count in ((True, 1), (False, 2)):
        ends.clear()
        with set_checkpoint_early_stop(stop):
            checkpoint(function, torch.ones(3, requires_grad=True), use_reentrant=False).sum().backward()
        assert len(ends) == count


# ---- selective checkpoints -----------------------------------------------------------------------------------------------
def selective(policy, function, x, **options):
    return checkpoint(function, x, use_reentrant=False,
                      context_fn=lambda: create_selective_checkpoint_contexts(policy, **options))


@pytest.fixture
def matrices():
    return [torch.rand(3, 3).requires_grad_() for _ in range(2)]


def test_policies_are_asked_by_public_function(matrices):
    x, w = matrices
    asked = []

    def policy(ctx, op, *args, **kwargs):
        asked.append((op, len(args), ctx.is_recompute, tuple(ctx.op_output.shape)))
        return AGAIN

    def function(x):
        return torch.nn.functional.linear(torch.mm(x, w).sin(), w).sum(1)

    selective(policy, function, x).sum().backward()
    assert asked == [(torch.mm, 2, False, (3, 3)), (torch.sin, 1, False, (3, 3)),
                     (torch.nn.functional.linear, 2, False, (3, 3)), (torch.sum, 1, False, (3,))]


def test_kept_results_are_not_computed_again(matrices, monkeypatch):
    x, w = matrices
    from pullback.ops.record import RECORDS

    runs, forward = [], RECORDS["mm"].forward
    monkeypatch.setattr(RECORDS["mm"], "forward", lambda *arrays: runs.append(1) or forward(*arrays))

    def function(x):
        return torch.mm(x, w).sin().exp()

    function(x).sum().backward()
    expected = x.grad, w.grad
    for policy, count in (([torch.mm], 0), ([torch.sin], 1)):
        x.grad = w.grad = None
        y = selective(policy, function, x)
        runs.clear()
        gradients = torch.autograd.grad(y.sum(), (x, w))
        assert len(runs) == count
        assert all(torch.equal(one, other) for one, other in zip(gradients, expected, strict=True))


@pytest.mark.parametrize("function, op", [
    (lambda x: x.max(1)[0].exp(), torch.max), (lambda x: x.split(1)[1].exp() * x, torch.exp),
    (lambda x: torch.nn.functional.dropout(x, 0.5).exp(), torch.nn.functional.dropout),
    (lambda x: x.softmax(1).sin(), torch.softmax),
])
def test_kept_results_of_every_kind(function, op):
    torch.manual_seed(0)
    x = torch.rand(3, 3).requires_grad_()
    torch.manual_seed(1)
    (expected,) = torch.autograd.grad(function(x).sum(), x)
    torch.manual_seed(1)
    y = selective([op], function, x)
    assert torch.equal(torch.autograd.grad(y.sum(), x)[0], expected)


def test_kept_results_must_not_be_written(matrices):
    x, w = matrices

    def function(x):
        return torch.mm(x, w).mul_(2).sin().exp()

    with pytest.raises(RuntimeError, match="Tensor cached during selective activation checkpoint has been mutated"):
        selective([torch.mm], function, x).sum().backward()
    selective([torch.mm], function, x, allow_cache_entry_mutation=True).sum().backward()


def test_one_backward_only(matrices):
    x, w = matrices
    y = selective([torch.mm], lambda x: torch.mm(x, w).sin().exp(), x).sum()
    y.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="Trying to backward an extra time"):
        y.backward()


def test_policies_that_are_none():
    with pytest.raises(TypeError, match="either a function or a list of ops"):
        create_selective_checkpoint_contexts(3)
    with pytest.raises(ValueError, match="Expected op in `op_list`"):
        create_selective_checkpoint_contexts(["mm"])


def test_sequential_of_modules():
    model = torch.nn.Sequential(*[torch.nn.Linear(3, 3) for _ in range(5)])
    x = torch.ones(2, 3, requires_grad=True)
    model(x).sum().backward()
    expected, x.grad = x.grad, None
    checkpoint_sequential(model, 2, x, use_reentrant=False).sum().backward()
    assert torch.equal(x.grad, expected)
