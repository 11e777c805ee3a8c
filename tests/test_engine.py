"""Backward and grad: accumulation, freeing, higher derivatives, stale values, arguments, threads."""

import gc
import threading
import warnings
import weakref

import pytest

import pullback as torch
from pullback.autograd import backward, grad
from pullback.graph import Node


def leaf(*values):
    return torch.tensor(values, requires_grad=True, dtype=torch.float64)


# ---- accumulation --------------------------------------------------------------------------------------------------------
def test_gradients_add_up_in_place():
    x = leaf(1.0, 2.0)
    (x * 3).sum().backward()
    first = x.grad
    assert first.tolist() == [3.0, 3.0] and not first.requires_grad
    (x * x).sum().backward()
    assert x.grad is first and first.tolist() == [5.0, 7.0]
    assert first._version == 1


def test_gradients_add_up_over_uses():
    x = leaf(2.0)
    y = x * x
    (y + y * x + x).sum().backward()
    assert x.grad.tolist() == [2 * 2 + 3 * 4 + 1.0]


def test_create_graph_accumulates_out_of_place():
    x = leaf(2.0)
    with pytest.warns(UserWarning, match="Using backward\\(\\) with create_graph=True will create a reference cycle"):
        (x * x).sum().backward(create_graph=True)
    first = x.grad
    assert first.requires_grad
    with warnings.catch_warnings():  # torch says it once a process
        warnings.simplefilter("ignore")
        (x * x).sum().backward(create_graph=True)
    assert x.grad is not first and x.grad.tolist() == [8.0] and first.tolist() == [4.0]


def test_the_gradient_is_nobody_elses_memory():
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    g = torch.ones(2, dtype=torch.float64)
    (x + y).backward(g)
    x.grad.add_(10)
    assert y.grad.tolist() == [1.0, 1.0] and g.tolist() == [1.0, 1.0]


def test_a_leaf_frozen_after_the_fact_gets_nothing():
    x, y = leaf(1.0), leaf(2.0)
    out = (x * y).sum()
    x.requires_grad_(False)
    out.backward()
    assert x.grad is None and y.grad.tolist() == [1.0]


def test_a_dead_leaf_does_not_matter():
    x, y = leaf(1.0), leaf(2.0)
    out = (x * y).sum()
    del x
    out.backward()
    assert y.grad.tolist() == [1.0]


def test_gradient_has_the_dtype_of_the_leaf():
    x = torch.ones(2, requires_grad=True)
    (x.double() * 2).sum().backward()
    assert x.grad.dtype == torch.float32


def test_backward_from_a_leaf():
    x = torch.tensor(2.0, requires_grad=True)
    x.backward()
    assert x.grad.item() == 1.0


def test_grads_of_broadcast_operands():
    x, y = torch.ones(2, 3, requires_grad=True), torch.ones(3, requires_grad=True)
    (x * y).sum().backward()
    assert x.grad.shape == (2, 3) and y.grad.tolist() == [2.0, 2.0, 2.0]


# ---- freeing and retaining -----------------------------------------------------------------------------------------------
def test_backward_twice():
    x = leaf(1.0)
    y = (x * x).sum()
    y.backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.backward()
    assert x.grad.tolist() == [2.0]


def test_a_graph_that_saved_nothing_runs_twice():
    x = leaf(1.0)
    y = x + 2
    y.backward(torch.ones_like(y))
    y.backward(torch.ones_like(y))
    assert x.grad.tolist() == [2.0]


def test_retain_graph():
    x = leaf(3.0)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [12.0]


def test_two_losses_on_one_trunk():
    x = leaf(1.0)
    trunk = x.exp()
    a, b = trunk.sum(), (trunk * 2).sum()
    a.backward()
    with pytest.raises(RuntimeError, match="a second time"):
        b.backward()


def test_a_failed_backward_leaves_gradients_alone():
    x, y = leaf(1.0), leaf(2.0)
    trunk = x.exp()
    trunk.sum().backward()
    before = x.grad.tolist()
    with pytest.raises(RuntimeError):
        (trunk.sum() * y).sum().backward()
    assert x.grad.tolist() == before
    assert torch.is_grad_enabled()


def test_saved_values_are_freed_by_backward():
    x = leaf(1.0, 2.0)
    y = x * 2
    kept = weakref.ref(y)
    z = (y * y).sum()
    del y
    assert kept() is not None
    z.backward()
    gc.collect()
    assert kept() is None


# ---- higher derivatives --------------------------------------------------------------------------------------------------
def test_derivatives_to_third_order():
    x = leaf(2.0)
    y = (x**4).sum()
    first, = grad(y, x, create_graph=True)
    second, = grad(first.sum(), x, create_graph=True)
    third, = grad(second.sum(), x)
    assert [v.tolist() for v in (first, second, third)] == [[32.0], [48.0], [48.0]]
    assert first.requires_grad and second.requires_grad and not third.requires_grad


def test_derivatives_of_functions_that_keep_their_output():
    x = leaf(0.5)
    y = x.tanh()
    t = y.item()
    first, = grad(y.sum(), x, create_graph=True)
    second, = grad(first.sum(), x, create_graph=True)
    third, = grad(second.sum(), x)
    assert second.item() == pytest.approx(-2 * t * (1 - t * t))
    assert third.item() == pytest.approx((1 - t * t) * (6 * t * t - 2))


def test_gradient_penalty():
    w, x = leaf(1.0, 2.0), leaf(3.0, 4.0)
    y = (w * x * x).sum()
    g, = grad(y, x, create_graph=True)
    (g * g).sum().backward()
    assert w.grad.tolist() == [8 * 9.0, 8 * 2 * 16.0]


def test_create_graph_keeps_the_graph():
    x = leaf(2.0)
    y = (x * x).sum()
    grad(y, x, create_graph=True)
    assert grad(y, x)[0].tolist() == [4.0]


def test_grad_mode_inside_backward_is_create_graph():
    x, seen = leaf(1.0), []
    y = x * 2
    y.register_hook(lambda g: seen.append(torch.is_grad_enabled()))
    y.sum().backward(retain_graph=True)
    grad(y.sum(), x, create_graph=True)
    assert seen == [False, True]


def test_gradient_with_respect_to_the_incoming_gradient():
    x, v = leaf(2.0), leaf(5.0)
    y = x * x
    g, = grad(y, x, v, create_graph=True)
    assert grad(g.sum(), v)[0].tolist() == [4.0]


# ---- versions ------------------------------------------------------------------------------------------------------------
STALE = r"one of the variables needed for gradient computation has been modified by an inplace operation"


def test_a_saved_output_that_was_written():
    x = torch.ones(3, requires_grad=True)
    y = x.exp()
    y.add_(1)
    with pytest.raises(RuntimeError, match=STALE + r": \[torch.FloatTensor \[3\]\], which is output 0 of ") as error:
        y.sum().backward()
    assert "is at version 1; expected version 0 instead. Hint: enable anomaly detection" in str(error.value)


def test_a_saved_leaf_that_was_written():
    x, w = torch.ones(3, requires_grad=True), torch.ones(3)
    y = x * w
    w.add_(1)
    with pytest.raises(RuntimeError, match=STALE + r": \[torch.FloatTensor \[3\]\] is at version 1; expected version 0"):
        y.sum().backward()


def test_a_saved_value_written_under_no_grad():
    x = torch.ones(3, requires_grad=True)
    y = (x * x).sum()
    with torch.no_grad():
        x.mul_(2)
    with pytest.raises(RuntimeError, match=STALE):
        y.backward()
    assert x.grad is None


def test_a_value_nobody_kept_may_be_written():
    x = torch.ones(3, requires_grad=True)
    y = x + 1
    y.mul_(2)
    y.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]


def test_a_saved_value_written_through_a_view_and_through_detach():
    for through in (lambda t: t.view(3), lambda t: t.detach(), lambda t: t.detach().view(3, 1)):
        x = torch.ones(3, requires_grad=True)
        y = x.exp()
        z = y.sum()
        through(y.detach()).zero_()
        with pytest.raises(RuntimeError, match=STALE):
            z.backward()


def test_data_is_not_watched():
    x = torch.ones(3, requires_grad=True)
    y = x.exp()
    y.data.zero_()
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 0.0]


def test_in_place_operations_in_a_row():
    x = leaf(0.5)
    y = x.clone()
    y.mul_(2).exp_().neg()
    y.sum().backward()
    assert x.grad.item() == pytest.approx(2 * 2.718281828459045)
    z = x.clone()
    z.exp_().add_(1)
    with pytest.raises(RuntimeError, match="which is output 0 of Exp, is at version 2; expected version 1 instead"):
        z.sum().backward()


@pytest.mark.parametrize("name", ["exp_", "tanh_", "sigmoid_", "rsqrt_", "relu_", "reciprocal_"])
def test_what_an_in_place_operation_keeps_is_the_tensor_itself(name):
    z = leaf(0.5).clone()
    getattr(z, name)()
    z.sum().backward(retain_graph=True)
    z.add_(1)
    with pytest.raises(RuntimeError, match="is at version 2; expected version 1 instead"):
        z.sum().backward()


def test_expected_version_counts_earlier_writes():
    x = torch.ones(2, requires_grad=True)
    w = torch.ones(2)
    w.add_(1)
    y = x * w
    w.add_(1)
    w.add_(1)
    with pytest.raises(RuntimeError, match="is at version 3; expected version 1 instead"):
        y.sum().backward()


# ---- views and in-place --------------------------------------------------------------------------------------------------
def test_writing_to_a_view_reaches_the_base():
    x = leaf(1.0, 2.0, 3.0)
    base = x.clone()
    base[1:].mul_(10)
    assert type(base.grad_fn).__name__ == "CopySlices" and base.grad_fn.name() == "torch::autograd::CopySlices"
    base.sum().backward()
    assert x.grad.tolist() == [1.0, 10.0, 10.0]


def test_infinite_gradients_do_not_spill_out_of_a_written_view():
    x = leaf(1.0, 2.0)
    base = x.clone()
    base[:1].zero_()
    base.backward(torch.tensor([float("inf"), 1.0], dtype=torch.float64))
    assert x.grad.tolist() == [0.0, 1.0]


def test_writing_to_the_base_reaches_the_views():
    x = leaf(1.0, 2.0, 3.0)
    base = x.clone()
    view = base[1:]
    base.mul_(5)
    assert view.tolist() == [10.0, 15.0]
    view.sum().backward()
    assert x.grad.tolist() == [0.0, 5.0, 5.0]


def test_writing_to_a_view_reaches_its_siblings():
    x = leaf(1.0, 2.0, 3.0, 4.0)
    base = x.clone()
    matrix, tail = base.view(2, 2), base[2:]
    matrix.mul_(3)
    assert tail.grad_fn.name() == "AsStridedBackward0"
    (tail * tail).sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 2 * 9 * 3.0, 2 * 9 * 4.0]


def test_a_detached_twin_and_the_views_are_no_family():
    x, w = leaf(1.0, 2.0), leaf(5.0, 6.0)
    base = x * 1
    view, twin = base.view(2), base.detach()
    twin.mul_(w)
    assert view.grad_fn.name() == "ViewBackward0" and twin.requires_grad
    view.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0] and w.grad is None


def test_views_of_views():
    x = leaf(1.0, 2.0, 3.0, 4.0)
    base = x.clone()
    inner = base.view(2, 2)[1][1:]
    inner.fill_(7)
    assert base.tolist() == [1.0, 2.0, 3.0, 7.0] and inner._base is base
    (base * base).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0, 6.0, 0.0]


def test_writing_a_tensor_with_history_into_a_plain_one():
    x = leaf(1.0, 2.0)
    target = torch.zeros(3, dtype=torch.float64)
    target[1:] = x * 2
    assert target.requires_grad and not target.is_leaf
    (target * target).sum().backward()
    assert x.grad.tolist() == [8.0, 16.0]


def test_writing_through_transposes_and_steps():
    x = leaf(*map(float, range(6)))
    base = x.clone()
    window = base.view(2, 3).t()[::2]
    window.mul_(torch.tensor([[2.0, 3.0], [4.0, 5.0]], dtype=torch.float64))
    base.sum().backward()
    assert x.grad.tolist() == [2.0, 1.0, 4.0, 3.0, 1.0, 5.0]


def test_writing_to_the_base_of_an_expanded_view():
    x = torch.ones(3, 1, requires_grad=True)
    base = x.clone()
    view = base.expand(3, 4)
    base.mul_(2)
    assert view.tolist() == [[2.0] * 4] * 3
    view.sum().backward()
    assert x.grad.tolist() == [[8.0]] * 3


@pytest.mark.parametrize("part, expected", [("real", 18 + 2j), ("imag", 2 + 18j)])
def test_writing_to_the_real_or_imaginary_part(part, expected):
    z = torch.tensor([1 + 1j, 1 + 1j], requires_grad=True)
    base = z * 1
    window = getattr(base, part)
    window.mul_(3)
    assert base.tolist() == [3 + 1j, 3 + 1j] if part == "real" else [1 + 3j, 1 + 3j]
    (base.real * base.real + base.imag * base.imag).sum().backward()
    assert z.grad.tolist() == [expected, expected]


def test_two_writes_to_two_views():
    x, y = leaf(1.0, 2.0), leaf(5.0, 6.0)
    base = torch.zeros(4, dtype=torch.float64)
    base[:2].copy_(x)
    base[2:].copy_(y * 2)
    (base * base).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0] and y.grad.tolist() == [40.0, 48.0]


def test_history_of_what_was_overwritten_is_gone():
    x = leaf(1.0, 2.0)
    y = x * 3
    y.zero_()
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0]


def test_a_leaf_and_its_views_may_not_be_written():
    x = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad is being used in an in-place operation."):
        x.add_(1)
    with pytest.raises(RuntimeError, match="a view of a leaf Variable that requires grad is being used in an in-place op"):
        x.view(2).add_(1)
    with pytest.raises(RuntimeError, match="a view of a leaf Variable"):
        x[0] = 3
    assert x.tolist() == [1.0, 1.0] and x._version == 0


def test_overlapping_memory_may_not_be_written():
    with pytest.raises(RuntimeError, match="more than one element of the written-to tensor refers to a single memory"):
        torch.ones(1).expand(3).add_(1)


def test_second_derivative_through_a_written_view():
    x = leaf(2.0, 3.0)
    base = x.clone()
    base[:1].mul_(base[1:].clone())
    first, = grad((base * base).sum(), x, create_graph=True)
    second, = grad(first[0], x)
    assert first.tolist() == [2 * 2 * 9.0, 2 * 4 * 3.0 + 2 * 3.0]
    assert second.tolist() == [18.0, 24.0]


# ---- hooks ---------------------------------------------------------------------------------------------------------------
def test_hooks_see_and_replace_gradients_in_order():
    x = leaf(1.0)
    y = x * 2
    seen = []
    y.register_hook(lambda g: seen.append(g.item()) or g * 10)
    y.register_hook(lambda g: seen.append(g.item()))
    y.sum().backward()
    assert seen == [1.0, 10.0] and x.grad.tolist() == [20.0]


def test_hook_on_a_leaf_and_its_removal():
    x, seen = leaf(1.0), []
    handle = x.register_hook(lambda g: seen.append(g.tolist()))
    (x * 2).sum().backward()
    handle.remove()
    (x * 2).sum().backward()
    assert seen == [[2.0]]
    handle.remove()


def test_hook_sees_the_whole_gradient_once():
    x, seen = leaf(3.0), []
    y = x * 1
    y.register_hook(lambda g: seen.append(g.item()))
    (y + y * 2 + y * y).sum().backward()
    assert seen == [1 + 2 + 6.0]


def test_hooks_with_wrong_answers():
    x = leaf(1.0, 2.0)
    handle = x.register_hook(lambda g: 3)
    with pytest.raises(TypeError, match="expected Variable, but hook returned 'int'"):
        (x * 2).sum().backward()
    handle.remove()
    x.register_hook(lambda g: g[:1])
    with pytest.raises(RuntimeError, match="hook '<lambda>' has changed the size of value"):
        (x * 2).sum().backward()
    assert x.grad is None


def test_hook_without_a_gradient():
    with pytest.raises(RuntimeError, match="cannot register a hook on a tensor that doesn't require gradient"):
        torch.ones(1).register_hook(print)


def test_post_accumulate_grad_hook():
    x, seen = leaf(1.0), []
    x.register_post_accumulate_grad_hook(lambda t: seen.append((t is x, t.grad.item())))
    (x * 2).sum().backward()
    (x * 3).sum().backward()
    grad((x * 4).sum(), x)
    assert seen == [(True, 2.0), (True, 5.0)]
    with pytest.raises(RuntimeError, match="post accumulate grad hooks cannot be registered on non-leaf tensors"):
        (x * 2).register_post_accumulate_grad_hook(print)


def test_grad_fires_tensor_hooks_of_inputs_and_leaves_grad_alone():
    x, seen = leaf(1.0), []
    x.register_hook(lambda g: seen.append(g.item()))
    assert grad((x * 2).sum(), x)[0].tolist() == [2.0]
    assert seen == [2.0] and x.grad is None


def test_retain_grad():
    x = leaf(1.0)
    y = x * 2
    y.retain_grad()
    assert y.retains_grad and not x.retains_grad
    (y * 3).sum().backward()
    assert y.grad.tolist() == [3.0]
    with pytest.raises(RuntimeError, match="can't retain_grad on Tensor that has requires_grad=False"):
        torch.ones(1).retain_grad()


def test_retain_grad_follows_a_write():
    x = leaf(1.0)
    y = x * 3
    y.retain_grad()
    y.mul_(2)
    assert y.retains_grad
    (y * 5).sum().backward()
    assert y.grad.tolist() == [5.0] and x.grad.tolist() == [30.0]


def test_hook_registered_before_a_write_sees_the_gradient_of_the_old_value():
    x, seen = leaf(1.0), []
    y = x * 1
    y.register_hook(lambda g: seen.append(g.item()))
    y.mul_(5)
    y.sum().backward()
    assert seen == [5.0]


# ---- long graphs and memory ----------------------------------------------------------------------------------------------
def live_nodes():
    """How many graph nodes are in memory."""
    return sum(issubclass(type(thing), Node) for thing in gc.get_objects())


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("step", [lambda t: t + 1, lambda t: t * 1.0, lambda t: t.view(1)], ids=["add", "mul", "view"])
def test_a_chain_of_100_000_operations(step, no_collector):
    x = torch.ones(1, requires_grad=True)
    before = live_nodes()
    y = x
    for _ in range(100_000):
        y = step(y)
    y.backward()
    assert x.grad.item() == 1.0
    del y
    assert live_nodes() == before


def test_a_long_chain_never_run_is_torn_down(no_collector):
    x = torch.ones(1, requires_grad=True)
    before = live_nodes()
    y = x
    for _ in range(100_000):
        y = y * 1.0
    del y
    assert live_nodes() == before


def test_graphs_die_without_the_cycle_collector(no_collector):
    x = leaf(1.0, 2.0)
    before = live_nodes()
    for function in (torch.exp, torch.tanh, torch.sqrt, lambda t: t * t, lambda t: t[0] * t[1], lambda t: t**t,
                     lambda t: t.exp().view(2).sum(), lambda t: t.softmax(0), lambda t: t.clone().exp_()):
        y = function(x)
        ref = weakref.ref(y)
        del y
        assert ref() is None and live_nodes() == before


def test_create_graph_does_not_leak(no_collector):
    x = leaf(0.5, 0.7)
    before = live_nodes()
    y = (x.exp() * x.tanh()).sum()
    first, = grad(y, x, create_graph=True)
    second, = grad(first.sum(), x, create_graph=True)
    refs = [weakref.ref(v) for v in (y, first, second)]
    del y, first, second
    assert [ref() for ref in refs] == [None] * 3 and live_nodes() == before


def test_backward_does_not_leak(no_collector):
    x = leaf(0.5, 0.7)
    before = live_nodes()
    base = x.clone()
    base[1:].mul_(2)
    y = (base * base).sum()
    refs = [weakref.ref(y), weakref.ref(base)]
    y.backward()
    del y, base
    assert [ref() for ref in refs] == [None] * 2 and live_nodes() == before


def test_failed_operations_do_not_leak(no_collector):
    x = leaf(0.5, 0.7)
    before = live_nodes()
    for _ in range(3):
        y = x.exp()
        y.add_(1)
        with pytest.raises(RuntimeError):
            y.sum().backward()
        del y
    gc.collect()  # the traceback of the error holds frames
    assert live_nodes() == before


# ---- arguments -----------------------------------------------------------------------------------------------------------
def test_no_graph():
    with pytest.raises(RuntimeError, match="element 0 of tensors does not require grad and does not have a grad_fn"):
        torch.ones(1).backward()
    x = leaf(1.0)
    with pytest.raises(RuntimeError, match="element 1 of tensors does not require grad and does not have a grad_fn"):
        backward([(x * 2).sum(), torch.ones(())])
    assert x.grad is None


def test_only_scalars_have_an_implicit_gradient():
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match="grad can be implicitly created only for scalar outputs"):
        (x * 2).backward()
    z = torch.ones(1, dtype=torch.complex64, requires_grad=True)
    with pytest.raises(RuntimeError, match="grad can be implicitly created only for real scalar outputs but got torch.complex64"):
        (z * 2).sum().backward()


def test_given_gradients_must_fit():
    x = leaf(1.0, 2.0, 3.0)
    with pytest.raises(RuntimeError, match=r"Mismatch in shape: grad_output\[0\] has a shape of torch.Size\(\[4\]\) and "
                                           r"output\[0\] has a shape of torch.Size\(\[3\]\)\."):
        (x * 2).backward(torch.ones(4))
    with pytest.raises(TypeError, match="gradients can be either Tensors or None, but got int"):
        (x * 2).backward([3])
    with pytest.raises(RuntimeError, match="got 2 tensors and 1 gradients"):
        grad([x * 2, x * 3], x, [torch.ones(3)])


def test_several_outputs_are_summed():
    x = leaf(1.0)
    assert grad([x * 2, x * 3], x, [torch.ones(1), torch.ones(1) * 10])[0].tolist() == [32.0]
    backward([(x * 2).sum(), (x * 3).sum()])
    assert x.grad.tolist() == [5.0]


def test_the_same_output_twice():
    x = leaf(1.0)
    y = (x * 2).sum()
    assert grad([y, y], x)[0].tolist() == [4.0]


def test_unused_inputs():
    x, y = leaf(1.0), leaf(2.0, 3.0)
    out = (x * 2).sum()
    with pytest.raises(RuntimeError, match="The differentiated Tensor at index 1 appears to not have been used in the graph."):
        grad(out, [x, y], retain_graph=True)
    assert grad(out, [x, y], retain_graph=True, allow_unused=True)[1] is None
    assert grad(out, [x, y], retain_graph=True, materialize_grads=True)[1].tolist() == [0.0, 0.0]
    with pytest.raises(ValueError, match="Expected allow_unused to be True or not passed when materialize_grads=True, but got"):
        grad(out, [x, y], allow_unused=False, materialize_grads=True)


def test_inputs_that_need_no_gradient():
    x = leaf(1.0)
    with pytest.raises(RuntimeError, match="One of the differentiated Tensors does not require grad"):
        grad((x * 2).sum(), torch.ones(1))
    with pytest.raises(RuntimeError, match=r"`inputs` argument to `grad\(\)` cannot be empty."):
        grad((x * 2).sum(), [])
    with pytest.raises(RuntimeError, match=r"`inputs` argument to `backward\(\)` cannot be empty."):
        (x * 2).sum().backward(inputs=[])


def test_gradients_of_things_in_the_middle():
    x = leaf(2.0)
    y = x * x
    z = y * 3
    gx, gy = grad(z.sum(), [x, y])
    assert gx.tolist() == [12.0] and gy.tolist() == [3.0]


def test_only_what_leads_to_the_inputs_runs():
    x, w = leaf(1.0), leaf(1.0)
    side = w.exp()
    y = x * 2 + side
    side.register_hook(lambda g: pytest.fail("this part of the graph is not asked for"))
    grad(y.sum(), x)
    side.sum()


def test_backward_with_inputs():
    x, y = leaf(1.0), leaf(2.0)
    z = x * y
    (z * 3).sum().backward(inputs=[x, z])
    assert x.grad.tolist() == [6.0] and y.grad is None and z.grad.tolist() == [3.0]
    x.grad = None
    (x * y).sum().backward(inputs=y)
    assert x.grad is None and y.grad.tolist() == [1.0]


def test_dict_inputs():
    x, y = leaf(1.0), leaf(2.0)
    found = grad((x * y).sum(), {"x": x, "y": y})
    assert {name: g.tolist() for name, g in found.items()} == {"x": [2.0], "y": [1.0]}


def test_batched_gradients():
    x = leaf(1.0, 2.0)
    y = x * x
    rows = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], dtype=torch.float64)
    found, = grad(y, x, rows, is_grads_batched=True)
    assert found.tolist() == [[2.0, 0.0], [0.0, 4.0], [2.0, 4.0]]


def test_old_arguments():
    x = leaf(1.0)
    with pytest.warns(FutureWarning, match="`grad_variables` is deprecated. Use `grad_tensors` instead."):
        backward(x * 2, grad_variables=torch.ones(1))
    with pytest.warns(FutureWarning, match="only_inputs argument is deprecated"):
        grad((x * 2).sum(), x, only_inputs=False)


def test_gradients_of_the_outputs_among_inputs():
    x = leaf(1.0)
    y = (x * 2).sum()
    assert [g.tolist() for g in grad(y, [y, x])] == [1.0, [2.0]]


def test_grad_of_a_leaf_by_itself():
    x = torch.tensor(1.0, requires_grad=True)
    assert grad(x, x)[0].item() == 1.0


# ---- graph nodes ---------------------------------------------------------------------------------------------------------
def test_nodes_know_their_names_and_neighbours():
    x = torch.ones(2, requires_grad=True)
    y = (x * 2).sum()
    node = y.grad_fn
    assert node.name() == "SumBackward0" and type(node).__name__ == "SumBackward0"
    (product, number), = node.next_functions
    assert product.name() == "MulBackward0" and number == 0
    (accumulate, _), nothing = product.next_functions
    assert type(accumulate).__name__ == "AccumulateGrad" and accumulate.variable is x
    assert nothing == (None, 0)


def test_flags_spread_as_or():
    a, b = torch.ones(1), torch.ones(1, requires_grad=True)
    assert not (a + a).requires_grad and (a + b).requires_grad and (b * a).requires_grad
    assert (a + a).is_leaf and not (a + b).is_leaf and b.is_leaf and b.grad_fn is None


# ---- threads -------------------------------------------------------------------------------------------------------------
def test_backward_in_threads():
    x = leaf(*[1.0] * 50)
    errors = []

    def work():
        try:
            for _ in range(50):
                y = (x * x).sum()
                assert grad(y, x)[0].tolist() == [2.0] * 50
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


def test_a_graph_built_in_one_thread_and_run_in_another():
    x = leaf(3.0)
    y = (x * x).sum()
    thread = threading.Thread(target=y.backward)
    thread.start()
    thread.join()
    assert x.grad.tolist() == [6.0]


def test_reading_grad_of_a_result_warns():
    y = leaf(1.0) * 2
    with pytest.warns(UserWarning, match="The .grad attribute of a Tensor that is not a leaf Tensor is being accessed."):
        assert y.grad is None
    y.retain_grad()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert y.grad is None
