"""Wrong calls raise PyTorch's class with PyTorch's first sentence."""

import inspect

import pytest

import pullback

from .errors import ERRORS
from .libraries import LIBRARIES, outcome, torch

CALLS = [pytest.param(call, id=f"{kind}-{number}") for kind, calls in ERRORS.items() for number, call in enumerate(calls)]
OURS_MAY_SAY_MORE = "received an invalid combination of arguments"  # torch lists the overloads: ours names the argument


@pytest.mark.parametrize("call", CALLS)
def test_wrong_call(call):
    ours, theirs = [outcome(call, library) for library in LIBRARIES]
    source = inspect.getsource(call).strip()
    if theirs[0] == "value":
        assert ours[0] == "value", f"{source}\n{ours}; torch accepts this"
        return
    assert ours[0] == "error", f"{source}\naccepted; torch raises {theirs[1]}: {theirs[2]}"
    assert ours[1] == theirs[1], f"{source}\n{ours[1]}: {ours[2]}\ntorch {theirs[1]}: {theirs[2]}"
    if OURS_MAY_SAY_MORE not in theirs[2]:
        assert ours[2] == theirs[2], f"{source}\n{ours[2]}\ntorch: {theirs[2]}"


@pytest.mark.parametrize("call", CALLS)
def test_a_wrong_call_leaves_the_modes_alone(call):
    outcome(call, pullback)
    assert pullback.is_grad_enabled() and not pullback.is_inference_mode_enabled()
    assert torch.is_grad_enabled()
