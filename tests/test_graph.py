"""Nodes, edges, packing and unchaining: what has no counterpart to compare with, and that memory is freed."""

import gc
import weakref

import pytest

import pullback as torch
from pullback.autograd import graph


@pytest.fixture
def x():
    return torch.tensor([1.0, 2.0, 3.0], requires_grad=True)


# ---- nodes ---------------------------------------------------------------------------------------------------------------
def test_node_cannot_be_made():
    with pytest.raises(TypeError, match="abstract class Node"):
        graph.Node()


def test_unwatched_nodes_stay_unwatched(x):
    y = (x * 2).sum()
    assert y.grad_fn.watch is None
    y.backward()
    assert y.grad_fn.watch is None


def test_hooks_do_not_keep_removed_functions(x):
    y = x * 2

    def hook(grad_inputs, grad_outputs):
        raise AssertionError("was removed")

    handle, kept = y.grad_fn.register_hook(hook), weakref.ref(hook)
    handle.remove()
    del hook
    y.sum().backward()
    assert kept() is None


def test_attributes_of_nodes_are_listed(x):
    names = dir((x * x).grad_fn)
    assert {"_saved_self", "_saved_other", "_raw_saved_self", "metadata", "register_hook"} <= set(names)
    assert not {"inputs", "saved", "pull"} & set(names)
    with pytest.raises(AttributeError, match="object has no attribute '_saved_foo'"):
        (x * x).grad_fn._saved_foo


def test_saved_values_of_a_packed_node_are_unpacked(x):
    with graph.saved_tensors_hooks(lambda t: t.tolist(), torch.tensor):
        y = x.exp()
    assert y.grad_fn._raw_saved_result.data == pytest.approx(y.tolist())
    assert y.grad_fn._saved_result.grad_fn is y.grad_fn


# ---- packing -------------------------------------------------------------------------------------------------------------
def test_packed_values_are_let_go(x):
    kept = []

    def pack(tensor):
        copy = tensor.detach().clone()
        kept.append(weakref.ref(copy))
        return copy

    with graph.saved_tensors_hooks(pack, lambda copy: copy):
        y = x.sin().exp().sum()
    assert [ref() is not None for ref in kept] == [True, True]
    y.backward()
    assert [ref() for ref in kept] == [None, None]


def test_results_kept_on_the_cpu_are_freed_without_the_collector(x):
    gc.disable()
    try:
        with graph.save_on_cpu():
            y = x.exp()
        node = weakref.ref(y)
        del y
        assert node() is None
    finally:
        gc.enable()


def test_extra_outputs_are_packed():
    packed = []
    with graph.saved_tensors_hooks(lambda t: packed.append(t.shape) or t, lambda t: t):
        x = torch.ones(2, 3, requires_grad=True)
        values, _ = x.max(1)
    values.sum().backward()
    assert packed == [(2,)]
    assert x.grad.sum().item() == 2


def test_packing_ends_with_the_block_even_in_one_that_is_left_early(x):
    with pytest.raises(ZeroDivisionError):
        with graph.saved_tensors_hooks(lambda t: 1 / 0, lambda t: t):
            x.exp()
    x.exp()


def test_packing_does_not_reach_other_threads(x):
    from threading import Thread

    seen = []
    with graph.saved_tensors_hooks(lambda t: seen.append(t) or t, lambda t: t):
        thread = Thread(target=lambda: x.exp())
        thread.start()
        thread.join()
    assert seen == []


def test_only_what_is_overwritten_is_copied(x):
    with graph.allow_mutation_on_saved_tensors():
        a, b = x * 1, x * 1
        y = (a**2).sum() + (b**2).sum()
        node = y.grad_fn.next_functions[0][0].next_functions[0][0]
        a.zero_()
        assert node._saved_self.tolist() == [1, 2, 3]
        y.backward()
    assert x.grad.tolist() == [4, 8, 12]


def test_mutation_through_out_and_views(x):
    with graph.allow_mutation_on_saved_tensors():
        a = (x * 1).detach()
        y = (x * a).sum()
        torch.add(a[:2], 5, out=a[:2])
        y.backward()
    assert x.grad.tolist() == [1, 2, 3]


def test_versions_can_be_preserved(x):
    a = x * 1
    y = a.exp()
    with torch.autograd.grad_mode._unsafe_preserve_version_counter(y), torch.no_grad():
        y.mul_(2)
    assert y._version == 0
    y.sum().backward()
    assert x.grad.tolist() == y.tolist()


# ---- edges and several gradients -----------------------------------------------------------------------------------------
def test_an_edge_does_not_keep_the_values(x):
    y = x * 2
    edge, tensor = graph.get_gradient_edge(y), weakref.ref(y)
    z = (y * y).sum()
    del y
    (gradient,) = torch.autograd.grad(z, edge)
    assert tensor() is None
    assert gradient.tolist() == [4, 8, 12]


def test_several_gradients_under_grad(x):
    """torch refuses leaves here."""
    w, seen = torch.ones(3, requires_grad=True), []
    graph.register_multi_grad_hook((x, w), seen.append)
    torch.autograd.grad((x * w).sum(), x)
    torch.autograd.grad((x * w).sum(), (x, w))
    assert [[g is not None for g in gradients] for gradients in seen] == [[True, False], [True, True]]


def test_gradients_of_a_backward_inside_a_hook(x):
    seen = []
    a, b = x * 2, x * 3
    graph.register_multi_grad_hook((a, b), lambda gradients: seen.append(len(gradients)))
    x2 = torch.ones(2, requires_grad=True)
    z = (x2 * x2).sum()
    a.register_hook(lambda g: z.backward())
    (a + b).sum().backward()
    assert seen == [2] and x2.grad.tolist() == [2, 2]


# ---- unchaining ----------------------------------------------------------------------------------------------------------
def test_unchaining_frees_the_past():
    gc.disable()
    try:
        w, h, past = torch.eye(3).requires_grad_(), torch.ones(3), []
        for _ in range(4):
            h = torch.tanh(w @ h)
            past.append(weakref.ref(h))
        loss = h.sum()
        loss.backward(retain_graph=True)
        before = w.grad.clone()
        loss.unchain_backward()
        assert [ref() is not None for ref in past] == [False, False, False, True]
    finally:
        gc.enable()
    assert not loss.requires_grad and h.requires_grad and torch.equal(w.grad, before)
    w.grad = None
    torch.tanh(w @ h).sum().backward()  # one step of the new stretch, and no error where the old one was cut off
    again = w.detach().clone().requires_grad_()
    torch.tanh(again @ h.detach()).sum().backward()
    assert torch.equal(w.grad, again.grad)


def test_unchaining_stops_gradients_at_what_was_on_the_way(x):
    y = x * 2
    y.retain_grad()
    z = (y * y).sum()
    z.unchain_backward()
    (y * 3).sum().backward()
    assert y.grad.tolist() == [3, 3, 3] and x.grad is None and x.is_leaf and x.requires_grad


@pytest.mark.parametrize("make", [
    lambda x: x.split(1)[1], lambda x: x.max(0)[0], lambda x: x.clone().mul_(2), lambda x: torch.cat([x, x]), lambda x: x[1:],
    lambda x: x.softmax(0), lambda x: torch.nn.functional.dropout(x), lambda x: _Twice.apply(x),
])
def test_unchaining_every_kind_of_node(x, make):
    y = make(x)
    (y * y).sum().unchain_backward()
    (y * 3).sum().backward()
    assert x.grad is None


class _Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.big = x * 1
        return x * 2

    @staticmethod
    def backward(ctx, g):
        return g * 2


def test_unchaining_frees_what_a_function_noted(x):
    y = _Twice.apply(x)
    noted = weakref.ref(y.grad_fn.big)
    y.sum().unchain_backward()
    assert noted() is None


def test_unchaining_a_leaf_changes_nothing(x):
    x.unchain_backward()
    assert x.requires_grad


def test_unchaining_a_long_past(x):
    y = x
    for _ in range(20000):
        y = y * 1
    y.unchain_backward()
    assert y.grad_fn is None
