"""The old spellings: that they reach the new ones, with PyTorch's own warnings."""

import warnings

import pytest

from pullback.compat.old_names import (
    NUMBERS_FIRST,
    RENAMED,
    implicit_dim,
    numbers_first,
    numbers_first_text,
    old_names,
    renamed,
)


def xavier_uniform_(x, gain=1.0):
    """Fills x."""
    return (x, gain)


def said(call, *args, **kwargs):
    """The result of the call, and the one warning that it gave."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = call(*args, **kwargs)
    assert len(caught) == 1
    return result, caught[0]


def test_a_renamed_function_warns_and_works():
    old = renamed("nn.init", "xavier_uniform", xavier_uniform_)
    result, warning = said(old, "x", gain=2.0)
    assert result == ("x", 2.0) and old.__name__ == "xavier_uniform"
    assert warning.category is FutureWarning and warning.filename == __file__
    assert str(warning.message) == ("`nn.init.xavier_uniform` is now deprecated in favor of `nn.init.xavier_uniform_`.")


def test_only_names_that_have_a_new_one_are_made():
    assert list(old_names("nn.init", {"xavier_uniform_": xavier_uniform_, "other": 1})) == ["xavier_uniform"]


@pytest.mark.parametrize(("ndim", "dim"), [(0, 0), (1, 0), (2, 1), (3, 0), (4, 1), (5, 1)])
def test_implicit_dim(ndim, dim):
    result, warning = said(implicit_dim, "softmax", ndim, stacklevel=2)
    assert result == dim and warning.category is UserWarning
    assert str(warning.message) == (
        "Implicit dimension choice for softmax has been deprecated. Change the call to include dim=X as an argument."
    )


def is_tensor(value):
    return isinstance(value, str)


def test_numbers_first():
    result, warning = said(numbers_first, "add_", (-0.1, "g"), is_tensor, stacklevel=2)
    assert result == (("g",), {"alpha": -0.1})
    assert str(warning.message) == (
        "This overload of add_ is deprecated:\n\tadd_(Number alpha, Tensor other)\n"
        "Consider using one of the following signatures instead:\n\tadd_(Tensor other, *, Number alpha = 1)"
    )
    result, _ = said(numbers_first, "addmm", (2, 3, "a", "b"), is_tensor)
    assert result == (("a", "b"), {"beta": 2, "alpha": 3})
    result, _ = said(numbers_first, "addmm", (2, "a", "b"), is_tensor)
    assert result == (("a", "b"), {"beta": 2})


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("add", ("a",)),
        ("add", (1, 2)),
        ("add", ("a", 2)),
        ("addmm", ("a", "b")),
        ("mul", (2, "a")),
        ("add", (1, 2, "a")),
    ],
)
def test_other_calls_are_left_alone(name, args):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert numbers_first(name, args, is_tensor) is None


def test_the_tables_and_texts_are_those_of_torch():
    torch = pytest.importorskip("torch", reason="compares with PyTorch, which is not installed")
    for module, names in RENAMED.items():
        home = torch.nn.init if module == "nn.init" else torch.nn.utils
        old_here = {name for name in dir(home) if hasattr(home, f"{name}_")}
        assert old_here == set(names)
    _, theirs = said(torch.nn.init.constant, torch.zeros(2), 1.0)
    _, ours = said(renamed("nn.init", "constant", torch.nn.init.constant_), torch.zeros(2), 1.0)
    assert str(ours.message) == str(theirs.message) and ours.category is theirs.category
    always = torch.is_warn_always_enabled()
    torch.set_warn_always(True)
    try:
        for name, (keywords, tensors) in NUMBERS_FIRST.items():
            for form in (name, f"{name}_"):
                check_overload(torch, form, keywords, tensors)
    finally:
        torch.set_warn_always(always)


def check_overload(torch, name, keywords, tensors):
    """The text for the method `name`, with every number of leading numbers, against torch's."""
    rank = {"vec": 1, "vec1": 1, "vec2": 1, "batch1": 3, "batch2": 3}
    arguments = [torch.ones((1, 2, 2)[3 - rank.get(tensor, 2) :]) for tensor in tensors]
    for count in range(1, len(keywords) + 1):
        this = torch.ones({"addmv": (2,), "baddbmm": (1, 2, 2)}.get(name.removesuffix("_"), (2, 2)))
        _, theirs = said(getattr(this, name), *[2] * count, *arguments)
        assert str(theirs.message).startswith(numbers_first_text(name, keywords, tensors, count) + " (Triggered")
