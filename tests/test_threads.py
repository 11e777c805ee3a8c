"""Threads that share leaves and graphs: every gradient is added exactly once, and modes are each thread's own."""

import sys
import threading

import numpy as np
import pytest

import pullback as torch

COUNT, ROUNDS = 8, 50


@pytest.fixture(autouse=True)
def _switch_often():
    """Let Python change threads as often as it can, so that a race shows."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def together(task, count=COUNT):
    """Run `task(number)` in several threads that start at once. Raises the first error of any."""
    barrier, errors = threading.Barrier(count), []

    def run(number):
        barrier.wait()
        try:
            task(number)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


@pytest.mark.parametrize("size", [3, 3000])  # NumPy lets go of the interpreter lock for the larger one
def test_forward_and_backward_over_shared_leaves(size):
    x = torch.ones(size, requires_grad=True)

    def task(number):
        for _ in range(ROUNDS):
            (x * (number + 1)).sum().backward()

    together(task)
    np.testing.assert_array_equal(x.grad.numpy(), np.full(size, ROUNDS * sum(range(1, COUNT + 1)), np.float32))


@pytest.mark.parametrize("size", [3, 3000])
def test_backward_over_one_shared_graph(size):
    x, w = torch.ones(size, requires_grad=True), torch.full((size,), 2.0, requires_grad=True)
    middle = x * w
    middle.retain_grad()
    loss = (middle * middle).sum()

    def task(number):
        for _ in range(ROUNDS):
            loss.backward(retain_graph=True)

    together(task)
    total = COUNT * ROUNDS
    np.testing.assert_array_equal(middle.grad.numpy(), np.full(size, 4.0 * total, np.float32))
    np.testing.assert_array_equal(x.grad.numpy(), np.full(size, 8.0 * total, np.float32))
    np.testing.assert_array_equal(w.grad.numpy(), np.full(size, 4.0 * total, np.float32))


def test_the_first_gradients_of_many_leaves():
    """The moment in which `.grad` is made, over and over."""
    for _ in range(ROUNDS):
        x = torch.ones(2, requires_grad=True)
        together(lambda number, x=x: (x * 1).sum().backward())
        assert x.grad.tolist() == [COUNT, COUNT]


def test_gradients_on_request_do_not_mix():
    x = torch.ones(3, requires_grad=True)

    def task(number):
        for _ in range(ROUNDS):
            (gradient,) = torch.autograd.grad((x * number).sum(), x)
            assert gradient.tolist() == [number] * 3

    together(task)
    assert x.grad is None


def test_recorded_gradients_of_threads():
    x = torch.ones(3, requires_grad=True)

    def task(number):
        for _ in range(ROUNDS):
            (gradient,) = torch.autograd.grad((x * x * x).sum(), x, create_graph=True)
            gradient.sum().backward()

    together(task)
    assert x.grad.tolist() == [6.0 * COUNT * ROUNDS] * 3


def test_hooks_are_called_once_a_backward():
    x, calls, after = torch.ones(2, requires_grad=True), [], []
    x.register_hook(lambda gradient: calls.append(1))
    x.register_post_accumulate_grad_hook(lambda tensor: after.append(1))

    def task(number):
        for _ in range(ROUNDS):
            (x * 2).sum().backward()

    together(task)
    assert len(calls) == len(after) == COUNT * ROUNDS
    assert x.grad.tolist() == [2.0 * COUNT * ROUNDS] * 2


def test_modes_belong_to_their_threads():
    x = torch.ones(2, requires_grad=True)

    def task(number):
        for _ in range(ROUNDS):
            if number % 2:
                with torch.no_grad():
                    assert not (x * 2).requires_grad
            else:
                assert (x * 2).requires_grad
                (x * 2).sum().backward()

    together(task)
    assert x.grad.tolist() == [COUNT * ROUNDS] * 2


def test_an_error_in_one_thread_is_nobody_elses():
    x = torch.ones(2, requires_grad=True)

    def bad(gradient):
        raise KeyError("no")

    def task(number):
        for _ in range(ROUNDS):
            y = x * 1
            if number % 2:
                y.register_hook(bad)
                with pytest.raises(KeyError), torch.inference_mode(False), torch.enable_grad():
                    y.sum().backward()
            else:
                y.sum().backward()
            assert torch.is_grad_enabled()
            assert not torch.is_inference_mode_enabled()

    together(task)
    assert x.grad.tolist() == [COUNT // 2 * ROUNDS] * 2


def test_views_and_writes_of_threads_on_their_own_tensors():
    x = torch.ones(4, requires_grad=True)

    def task(number):
        for _ in range(ROUNDS):
            base = x * 1
            base[:2].mul_(3)
            base.add_(1)
            base.sum().backward()

    together(task)
    assert x.grad.tolist() == [3.0 * COUNT * ROUNDS] * 2 + [1.0 * COUNT * ROUNDS] * 2


def test_views_of_one_base_made_by_threads():
    """Every view learns of a later write, whichever thread made it."""
    base = torch.ones(4, requires_grad=True) * 1
    views = [None] * COUNT

    def task(number):
        for _ in range(ROUNDS):
            views[number] = base[number % 4 :]

    together(task)
    base.mul_(2)
    assert {type(view.grad_fn).__name__ for view in views} == {"AsStridedBackward0"}
