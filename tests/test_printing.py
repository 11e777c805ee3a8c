"""The text of a tensor. The expected texts were printed by PyTorch 2.13."""

import ml_dtypes
import numpy as np
import pytest

from pullback.printing import PRINT, PrintOptions, format_scalar, printoptions, set_printoptions, tensor_str

CASES = [
    ("scalar", np.float32(2.5), {}, "tensor(2.5000)"),
    ("whole floats", np.array([1, 2, 3], np.float32), {}, "tensor([1., 2., 3.])"),
    ("fractions", np.array([0.1, -2.25, 3], np.float32), {}, "tensor([ 0.1000, -2.2500,  3.0000])"),
    ("negative zero", np.array([-0.0, 0, 1], np.float32), {}, "tensor([-0., 0., 1.])"),
    ("only zeros", np.zeros(3, np.float32), {}, "tensor([0., 0., 0.])"),
    (
        "not finite",
        np.array([np.nan, np.inf, -np.inf, 1.5], np.float32),
        {},
        "tensor([   nan,    inf,   -inf, 1.5000])",
    ),
    ("not finite, whole", np.array([np.nan, np.inf, 2], np.float32), {}, "tensor([nan, inf, 2.])"),
    ("far apart", np.array([1e-5, 1.0], np.float32), {}, "tensor([1.0000e-05, 1.0000e+00])"),
    ("large whole", np.array([1e9, 1.0], np.float32), {}, "tensor([1.0000e+09, 1.0000e+00])"),
    ("just not large", np.array([1e8, 1e6], np.float32), {}, "tensor([100000000.,   1000000.])"),
    ("small", np.array([2e-5], np.float32), {}, "tensor([2.0000e-05])"),
    ("double", np.array([1 / 3], np.float64), {}, "tensor([0.3333], dtype=torch.float64)"),
    ("half", np.array([0.1, 0.2], np.float16), {}, "tensor([0.1000, 0.2000], dtype=torch.float16)"),
    ("ints", np.array([[1, -20], [300, 4]]), {}, "tensor([[  1, -20],\n        [300,   4]])"),
    ("int8", np.array([1, 2], np.int8), {}, "tensor([1, 2], dtype=torch.int8)"),
    ("bool", np.array([True, False]), {}, "tensor([ True, False])"),
    ("bool scalar", np.array(True), {}, "tensor(True)"),
    ("complex", np.array([1 + 2j, -0.5 - 1j], np.complex64), {}, "tensor([ 1.0000+2.j, -0.5000-1.j])"),
    (
        "complex double",
        np.array([1 + 2j, -3 - 1j], np.complex128),
        {},
        "tensor([ 1.+2.j, -3.-1.j], dtype=torch.complex128)",
    ),
    (
        "complex nan",
        np.array([complex(np.nan, -np.inf), 100 + 0.25j], np.complex64),
        {},
        "tensor([ nan-infj, 100.+0.2500j])",
    ),
    (
        "three axes",
        np.arange(8, dtype=np.float32).reshape(2, 2, 2),
        {},
        "tensor([[[0., 1.],\n         [2., 3.]],\n\n        [[4., 5.],\n         [6., 7.]]])",
    ),
    ("empty", np.zeros(0, np.float32), {}, "tensor([])"),
    ("empty, two axes", np.zeros((0, 3), np.float32), {}, "tensor([], size=(0, 3))"),
    ("empty ints", np.zeros((2, 0), np.int64), {}, "tensor([], size=(2, 0), dtype=torch.int64)"),
    (
        "long row",
        np.arange(11, dtype=np.float32) / 8,
        {},
        "tensor([0.0000, 0.1250, 0.2500, 0.3750, 0.5000, 0.6250, 0.7500, 0.8750, 1.0000,\n        1.1250, 1.2500])",
    ),
    ("summary", np.arange(2000), {}, "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])"),
    (
        "summary of a matrix",
        np.arange(2500, dtype=np.float32).reshape(50, 50),
        {"edgeitems": 1},
        "tensor([[   0.,  ...,   49.],\n        ...,\n        [2450.,  ..., 2499.]])",
    ),
    ("precision", np.array([1 / 3, 2 / 3], np.float32), {"precision": 2}, "tensor([0.33, 0.67])"),
    ("sci on", np.array([1, 20], np.float32), {"sci_mode": True}, "tensor([1.0000e+00, 2.0000e+01])"),
    ("sci off", np.array([1e-6, 20], np.float32), {"sci_mode": False}, "tensor([ 0.0000, 20.0000])"),
    ("threshold", np.arange(9), {"threshold": 8, "edgeitems": 2}, "tensor([0, 1,  ..., 7, 8])"),
    ("no edge items", np.arange(4.0, dtype=np.float32), {"edgeitems": 0}, "tensor([0., 1., 2., 3.], size=(4,))"),
    ("no edge items, summary", np.arange(4), {"edgeitems": 0, "threshold": 1}, "tensor([...], size=(4,))"),
    (
        "linewidth",
        np.arange(12),
        {"linewidth": 24},
        "tensor([ 0,  1,  2,  3,\n         4,  5,  6,  7,\n         8,  9, 10, 11])",
    ),
    (
        "short",
        np.arange(1200, dtype=np.float32) / 7,
        {"profile": "short"},
        "tensor([0.00e+00, 1.43e-01,  ..., 1.71e+02, 1.71e+02])",
    ),
]


@pytest.fixture(autouse=True)
def default_options():
    yield
    set_printoptions(profile="default")


@pytest.mark.parametrize(
    ("array", "options", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_text(array, options, expected):
    with printoptions(**options):
        assert tensor_str(np.asarray(array)) == expected


def test_bfloat16():
    assert tensor_str(np.array([0.1, 3], ml_dtypes.bfloat16)) == "tensor([0.1001, 3.0000], dtype=torch.bfloat16)"


def test_suffixes_follow_on_the_line():
    text = tensor_str(np.ones(2, np.float32), suffixes=["grad_fn=<MulBackward0>"])
    assert text == "tensor([1., 1.], grad_fn=<MulBackward0>)"


def test_suffixes_that_do_not_fit_go_to_the_next_line():
    text = tensor_str(np.ones(14) / 3, suffixes=["grad_fn=<DivBackward0>"])
    assert text.splitlines()[1:] == [
        "        0.3333, 0.3333, 0.3333, 0.3333, 0.3333], dtype=torch.float64,",
        "       grad_fn=<DivBackward0>)",
    ]


def test_size_and_dtype_come_before_suffixes():
    text = tensor_str(np.zeros((0, 4)), suffixes=["requires_grad=True"])
    assert text == "tensor([], size=(0, 4), dtype=torch.float64, requires_grad=True)"


def test_default_dtype_is_not_shown():
    assert tensor_str(np.ones(1), default_dtype=np.float64) == "tensor([1.])"
    assert tensor_str(np.ones(1, np.complex128), default_dtype=np.float64) == "tensor([1.+0.j])"
    assert tensor_str(np.ones(1, np.float32), default_dtype=np.float64) == "tensor([1.], dtype=torch.float32)"


def test_prefix_sets_the_indentation():
    assert tensor_str(np.eye(2, dtype=np.float32), prefix="x(") == "x([[1., 0.],\n   [0., 1.]])"


def test_every_call_resets_sci_mode_and_keeps_the_rest():
    set_printoptions(precision=7, sci_mode=True)
    set_printoptions(threshold=5)
    assert PrintOptions(precision=7, threshold=5) == PRINT


def test_profiles():
    set_printoptions(profile="short", precision=7)
    assert PrintOptions(precision=7, edgeitems=2) == PRINT
    set_printoptions(profile="full")
    assert float("inf") == PRINT.threshold
    set_printoptions(profile="unheard of")
    assert float("inf") == PRINT.threshold


def test_printoptions_are_restored_after_an_error():
    with pytest.raises(KeyError), printoptions(precision=1):
        raise KeyError
    assert PrintOptions() == PRINT


@pytest.mark.parametrize(
    ("array", "spec", "expected"),
    [
        (np.float32(2.5), "", "2.5"),
        (np.float32(2.5), ">6.2f", "  2.50"),
        (np.int64(3), "03d", "003"),
        (np.array(1.5, ml_dtypes.bfloat16), ".1f", "1.5"),
        (np.bool_(True), "", "True"),
    ],
)
def test_format(array, spec, expected):
    assert format_scalar(np.asarray(array), spec) == expected


def test_format_error_is_that_of_the_number():
    with pytest.raises(ValueError, match="Unknown format code 'd' for object of type 'float'"):
        format_scalar(np.asarray(1.5), "d")
