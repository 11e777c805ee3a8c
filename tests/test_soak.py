"""Ten thousand small training steps of every kind, and memory at the end as it was at the start."""

import gc
import sys
import tracemalloc

import numpy as np
import pytest

import pullback as torch
from pullback.graph import Node, Storage

STEPS, WARM = 10_000, 1000


class Scale(torch.autograd.Function):
    """A custom function that keeps what it needs."""

    @staticmethod
    def forward(ctx, x, factor):
        ctx.save_for_backward(x)
        ctx.factor = factor
        return x * factor

    @staticmethod
    def backward(ctx, gradient):
        assert ctx.saved_tensors[0].shape == gradient.shape
        return gradient * ctx.factor, None


class Trainer:
    """Fits a small model to noise; each step does the usual, and now and then something unusual."""

    def __init__(self):
        torch.manual_seed(0)
        self.weight, self.bias = torch.randn(4, 3, requires_grad=True), torch.zeros(3, requires_grad=True)
        self.optimizer = torch.optim.SGD([self.weight, self.bias], lr=1e-3, momentum=0.9)
        self.seen = 0
        self.bias.register_hook(self._look)

    def _look(self, gradient):
        self.seen += 1

    def step(self, number):
        x, target = torch.randn(2, 4), torch.zeros(2, 3)
        hidden = (x @ self.weight + self.bias).tanh()
        if number % 3 == 0:
            hidden = hidden + 0
            self._write(hidden, number)
        if number % 5 == 0:
            hidden.retain_grad()
        if number % 7 == 0:
            handle = hidden.register_hook(lambda gradient: gradient * 0.5)
        if number % 11 == 0:
            hidden = Scale.apply(hidden, 0.5)
        loss = ((hidden - target) ** 2).mean()
        if number % 13 == 0:
            (gradient,) = torch.autograd.grad(loss, self.weight, create_graph=True)
            loss = loss + (gradient * gradient).sum()
        self.optimizer.zero_grad()
        loss.backward()
        if number % 7 == 0:
            handle.remove()
        if number % 17 == 0:
            self._fail(hidden)
        self.optimizer.step()
        return loss.item()

    def _write(self, hidden, number):
        """Writes to views, recorded and not."""
        view = hidden.view(-1)
        view[1:3].mul_(0.5)
        hidden[:, 0] += 0.1
        with torch.no_grad():
            self.bias[number % 3].add_(1e-6)

    def _fail(self, hidden):
        """A backward over a freed graph."""
        with pytest.raises(RuntimeError, match="a second time"):
            hidden.tanh().sum().backward()


def tracked():
    """How many objects the collector knows of, and how many of them are tensors, nodes and storages."""
    found = gc.get_objects()
    return len(found), sum(issubclass(type(one), (torch.Tensor, Node, Storage)) for one in found)


def array_bytes():
    """The memory of all NumPy arrays made since tracing began."""
    arrays = tracemalloc.take_snapshot().filter_traces([tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)])
    return sum(statistic.size for statistic in arrays.statistics("filename"))


def test_memory_stays_flat():
    trainer = Trainer()
    for number in range(WARM):
        trainer.step(number)
    gc.collect()
    count, blocks = tracked(), sys.getallocatedblocks()
    for number in range(STEPS - WARM):
        loss = trainer.step(number)
    gc.collect()
    assert loss == loss
    assert trainer.seen >= STEPS
    assert tracked()[1] == count[1]
    assert tracked()[0] - count[0] < 100
    assert sys.getallocatedblocks() - blocks < 1000


def test_arrays_stay_flat():
    trainer = Trainer()
    tracemalloc.start()
    try:
        for number in range(300):
            trainer.step(number)
        gc.collect()
        before = array_bytes()
        for number in range(300):
            trainer.step(number)
        gc.collect()
        assert array_bytes() - before < 1000
    finally:
        tracemalloc.stop()


def test_nothing_is_left_to_the_collector():
    """Without double backward a step's tensors and nodes die by reference counting alone."""
    trainer = Trainer()
    numbers = [number for number in range(400) if number % 13 and number % 17]
    for number in numbers:
        trainer.step(number)
    gc.collect()
    gc.disable()
    try:
        before = tracked()[1]
        for number in numbers:
            trainer.step(number)
        assert tracked()[1] == before
    finally:
        gc.enable()
