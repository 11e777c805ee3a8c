"""After an error everything is as it was: modes, versions, gradients, graphs, hooks; also in other threads."""

import threading

import pytest

import pullback as torch


class Failing(torch.autograd.Function):
    """A custom function whose forward or backward raises when told to."""

    fail_forward = fail_backward = False

    @staticmethod
    def forward(ctx, x):
        if Failing.fail_forward:
            raise KeyError("forward")
        ctx.save_for_backward(x)
        return x * 2

    @staticmethod
    def backward(ctx, gradient):
        if Failing.fail_backward:
            raise KeyError("backward")
        return gradient * 2


@pytest.fixture
def failing():
    yield Failing
    Failing.fail_forward = Failing.fail_backward = False


def assert_normal():
    """The mode is that of a fresh start, and gradients work."""
    assert torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()
    x = torch.ones(2, requires_grad=True)
    (x * 3).sum().backward()
    assert x.grad.tolist() == [3, 3]


def raising(*args):
    raise KeyError("hook")


def test_a_forward_that_raises(failing):
    x = torch.ones(2, requires_grad=True)
    base = x * 1
    failing.fail_forward = True
    with pytest.raises(KeyError, match="forward"):
        failing.apply(base)
    assert base._version == 0
    base.sum().backward()
    assert x.grad.tolist() == [1, 1]
    assert_normal()


def test_a_backward_that_raises_may_be_run_again(failing):
    x = torch.ones(2, requires_grad=True)
    y = failing.apply(x).sum()
    failing.fail_backward = True
    with pytest.raises(KeyError, match="backward"):
        y.backward()
    assert x.grad is None
    failing.fail_backward = False
    y.backward()
    assert x.grad.tolist() == [2, 2]
    assert_normal()


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_hook_that_raises(create_graph):
    x = torch.ones(2, requires_grad=True)
    y = x * x
    handle = y.register_hook(raising)
    with pytest.raises(KeyError):
        torch.autograd.grad(y.sum(), x, create_graph=create_graph)
    assert x.grad is None
    handle.remove()
    assert_normal()


def test_a_post_accumulate_hook_that_raises_leaves_the_gradient():
    x = torch.ones(2, requires_grad=True)
    x.register_post_accumulate_grad_hook(raising)
    with pytest.raises(KeyError):
        (x * 2).sum().backward()
    assert x.grad.tolist() == [2, 2]
    assert_normal()


@pytest.mark.parametrize("manager", [torch.no_grad, torch.inference_mode, torch.enable_grad,
                                     lambda: torch.set_grad_enabled(False)])
def test_errors_inside_modes(manager):
    x = torch.ones(2, requires_grad=True)
    y = (x * x).sum()
    y.register_hook(raising)
    with pytest.raises(KeyError), manager():
        y.backward()
    with pytest.raises(KeyError), manager(), torch.enable_grad(), torch.no_grad():
        y.backward()
    assert_normal()


def test_errors_in_another_thread_are_its_own():
    seen = []

    def run():
        x = torch.ones(2, requires_grad=True)
        y = (x * x).sum()
        y.register_hook(raising)
        try:
            with torch.inference_mode():
                y.backward()
        except KeyError as error:
            seen.append((error, torch.is_grad_enabled(), torch.is_inference_mode_enabled()))

    thread = threading.Thread(target=run)
    with torch.no_grad():
        thread.start()
        thread.join()
        assert not torch.is_grad_enabled()
    assert isinstance(seen[0][0], KeyError)
    assert seen[0][1:] == (True, False)
    assert_normal()


WRITES = {
    "shape": (lambda x: x.add_(torch.ones(3, 5)), RuntimeError),
    "dtype": (lambda x: x.add_(1j), RuntimeError),
    "type": (lambda x: x.mul_("a"), TypeError),
    "index": (lambda x: x.__setitem__(7, 1.0), IndexError),
    "numbers": (lambda x: x.index_add_(0, torch.tensor([0, 9]), torch.ones(2, 2)), (IndexError, RuntimeError)),
    "places": (lambda x: x.__setitem__(torch.tensor([0, 9]), 1.0), IndexError),
    "mask": (lambda x: x.masked_fill_(torch.ones(5).bool(), 1.0), RuntimeError),
    "copy": (lambda x: x.copy_(torch.ones(5)), RuntimeError),
    "scatter": (lambda x: x.scatter_(0, torch.tensor([[9, 9]]), 1.0), (IndexError, RuntimeError)),
    "transpose": (lambda x: x.transpose_(0, 4), IndexError),
    "set": (lambda x: x.set_(torch.ones(2).long()), RuntimeError),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_refused_write_changes_nothing(name):
    write, error = WRITES[name]
    x = torch.ones(3, 2, requires_grad=True)
    base = x * 1
    view = base[1:]
    node, array = base.grad_fn, base.detach().clone()
    with pytest.raises(error):
        write(base)
    with pytest.raises(error):
        write(view)
    assert (base._version, base.grad_fn, base._is_view()) == (0, node, False)
    assert torch.equal(base, array)
    (base.sum() + view.sum()).backward()
    assert x.grad.tolist() == [[1, 1], [2, 2], [2, 2]]


def test_hooks_write_to_copies_of_their_own():
    """The gradient that a backward starts from is made for it alone, and that of one tensor is not that of another."""
    x = torch.ones(1, requires_grad=True)
    w = torch.ones(1, requires_grad=True)
    for _ in range(2):
        x.grad = w.grad = None
        y = x * 1
        y.register_hook(lambda gradient: gradient.mul_(5) and None)
        total = (y + w).sum()
        total.register_hook(lambda gradient: gradient.mul_(3) and None)
        total.backward()
        assert (x.grad.item(), w.grad.item()) == (15, 3)


def test_a_leaf_frozen_for_a_while_is_the_same_leaf():
    x, calls = torch.ones(2, requires_grad=True), []
    x.register_hook(lambda gradient: calls.append(1))
    y = (x * 2).sum()
    x.requires_grad_(False)
    assert not (x * 2).requires_grad
    x.requires_grad_(True)
    y.backward()
    assert x.grad.tolist() == [2, 2]
    assert calls == [1]


def test_a_gradient_that_does_not_fit_names_the_function():
    x = torch.ones(2, 3, requires_grad=True)
    y = x * 2
    with torch.no_grad():
        y.t_()
    with pytest.raises(RuntimeError, match=r"Function MulBackward0 returned an invalid gradient at index 0 - got \[3, 2\] but "
                                           r"expected shape compatible with \[2, 3\]"):
        (y * torch.ones(3, 2)).sum().backward()


def test_addcmul_is_not_for_bool():
    mask = torch.tensor([True])
    with pytest.raises(NotImplementedError, match='"addcmul_cpu_out" not implemented for \'Bool\''):
        torch.addcmul(mask, mask, mask)
