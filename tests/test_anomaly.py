"""Anomaly mode: which lines it names, and that it ends."""

import re
import warnings

import pytest

import pullback as torch


def told(function):
    """The warnings of a call that raises RuntimeError."""
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        with pytest.raises(RuntimeError):
            function()
    return [str(warning.message) for warning in given]


def root(x):
    return x.sqrt()  # the line at fault


def test_the_forward_call_is_named():
    with torch.autograd.set_detect_anomaly(True):
        y = root(torch.zeros(2, requires_grad=True)) * 0
        (text,) = told(y.sum().backward)
    lines = text.splitlines()
    assert lines[0] == "Error detected in SqrtBackward0. Traceback of forward call that caused the error:"
    assert lines[-1] == "    return x.sqrt()  # the line at fault"
    assert re.search(r"test_anomaly.py\", line \d+, in root", lines[-2])
    assert "pullback/" not in lines[-2]


def test_the_line_is_known_without_anomaly_mode_in_the_forward():
    y = root(torch.zeros(2, requires_grad=True)) * 0
    with torch.autograd.set_detect_anomaly(True):
        (text,) = told(y.sum().backward)
    assert text.startswith("Error detected in SqrtBackward0. No forward pass information available. ")
    assert text.endswith("return x.sqrt()  # the line at fault")


def test_the_calculations_before_are_named():
    with torch.autograd.set_detect_anomaly(True):
        x = torch.zeros(2, requires_grad=True)
        (g,) = torch.autograd.grad((x**1.5).sum(), x, create_graph=True)
        (h,) = torch.autograd.grad(g.sum(), x, create_graph=True)
        texts = told((h * 0).sum().backward)
    assert len(texts) == 3
    assert texts[1].startswith("\n\nPrevious calculation was induced by PowBackward0. Traceback of forward call that induced")


def test_the_traceback_is_in_the_metadata_of_every_node():
    with torch.autograd.set_detect_anomaly(True):
        x = torch.ones(3, requires_grad=True)
        a = x * 1
        a[0] = 5.0
        for tensor in (x.exp(), x.split(1)[0], x.max(0)[0], torch.utils.checkpoint.checkpoint(root, x, use_reentrant=True), a):
            assert "test_anomaly.py" in tensor.grad_fn.metadata["traceback_"][-1]
    assert "traceback_" not in x.exp().grad_fn.metadata


def test_gradients_are_right_and_the_mode_ends():
    x = torch.ones(3, requires_grad=True)
    with pytest.raises(ZeroDivisionError):
        with torch.autograd.set_detect_anomaly(True):
            raise ZeroDivisionError
    assert not torch.is_anomaly_enabled()
    with torch.autograd.set_detect_anomaly(True):
        model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))
        model(x).sum().backward()
    with_mode, x.grad = x.grad, None
    model(x).sum().backward()
    assert torch.equal(with_mode, x.grad)


def test_a_complex_nan():
    with torch.autograd.set_detect_anomaly(True):
        z = torch.tensor([1 + 1j], requires_grad=True)
        with pytest.warns(UserWarning), pytest.raises(RuntimeError, match="'MulBackward0' returned nan values in its 0th output"):
            (z * complex("nan")).sum().backward(torch.tensor(1 + 0j))


def test_detect_anomaly_warns_that_it_is_slow():
    with pytest.warns(UserWarning, match="Anomaly Detection has been enabled"):
        with torch.autograd.detect_anomaly():
            assert torch.is_anomaly_enabled()
    assert not torch.is_anomaly_enabled()
