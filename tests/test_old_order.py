"""Numbers ahead of tensors, as programs of before 0.4 have them."""

import warnings

import pytest

import pullback
from pullback.ops.old_order import NUMBERS_FIRST, text

RANKS = {"vec": 1, "vec1": 1, "vec2": 1, "batch1": 3, "batch2": 3}


def said(call, *args):
    """The result of the call, and the one warning that it gave."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = call(*args)
    assert len(caught) == 1, [str(warning.message) for warning in caught]
    return result, caught[0]


def operands(torch, name):
    """The tensor to call the method of and the tensors to give it, of any of the two libraries."""
    rank = {"addmv": 1, "baddbmm": 3}.get(name, 2)
    values = [torch.full((2,) * RANKS.get(tensor, 2), 3.0) for tensor in NUMBERS_FIRST[name][1]]
    return torch.ones((2,) * rank), values


def calls():
    found = []
    for name, (keywords, _) in NUMBERS_FIRST.items():
        for form in (name, f"{name}_"):
            found += [(name, form, count) for count in range(1, len(keywords) + 1)]
    return found


@pytest.mark.parametrize(("name", "form", "count"), calls())
def test_methods_take_the_old_order(name, form, count):
    this, others = operands(pullback, name)
    numbers = [2.0, 5.0][:count]
    keywords = dict(zip(NUMBERS_FIRST[name][0], numbers, strict=False))
    expected = getattr(this, name)(*others, **keywords)
    result, warning = said(getattr(this, form), *numbers, *others)
    assert result.tolist() == expected.tolist() and (result is this) == form.endswith("_")
    assert str(warning.message) == text(form, count)
    assert warning.category is UserWarning and warning.filename == __file__


def test_functions_take_the_old_order():
    x, matrix = pullback.ones(2, 2), pullback.full((2, 2), 3.0)
    assert said(pullback.add, x, 2, matrix)[0].tolist() == [[7.0, 7.0]] * 2
    assert said(pullback.addmm, 2, x, 5, matrix, matrix)[0].tolist() == [[92.0, 92.0]] * 2


def test_gradients_flow_as_in_the_new_order():
    x, y = pullback.ones(2, requires_grad=True), pullback.ones(2, requires_grad=True)
    said(x.add, 3, y)[0].sum().backward()
    assert x.grad.tolist() == [1.0, 1.0] and y.grad.tolist() == [3.0, 3.0]


@pytest.mark.parametrize("call", [lambda x: x.add(1, 2), lambda x: x.add_(1, 2, x), lambda x: x.add(x, 2), lambda x: x.mul(2, x)])
def test_other_calls_still_fail(call):
    with pytest.raises(TypeError):
        call(pullback.ones(2))


@pytest.mark.parametrize(("name", "form", "count"), calls())
def test_the_texts_are_those_of_torch(name, form, count):
    torch = pytest.importorskip("torch", reason="compares with PyTorch, which is not installed")
    this, others = operands(torch, name)
    always = torch.is_warn_always_enabled()
    torch.set_warn_always(True)
    try:
        _, warning = said(getattr(this, form), *[2.0, 5.0][:count], *others)
    finally:
        torch.set_warn_always(always)
    assert str(warning.message).startswith(text(form, count) + " (Triggered")
