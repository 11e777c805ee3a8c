"""Convolutions: errors, and the ways that lead to the same numbers."""

import numpy as np
import pytest

import pullback as torch
from pullback.ops import FUNCTIONS, convolve

RNG = np.random.default_rng(32)


def normal(*shape):
    return torch.from_numpy(RNG.normal(size=shape).astype(np.float32))


def conv(x, w, *args, name="conv2d", **kwargs):
    return FUNCTIONS[name].call(normal(*x), normal(*w), *args, **kwargs)


IMAGE, WEIGHT = (1, 3, 8, 8), (8, 3, 3, 3)


@pytest.mark.parametrize("x, w, kwargs, text", [
    ((1, 1, 8, 8), WEIGHT, {}, "Given groups=1, weight of size [8, 3, 3, 3], expected input[1, 1, 8, 8] to have 3 channels, but "
     "got 1 channels instead"),
    ((1, 3, 2, 2), WEIGHT, {}, "Calculated padded input size per channel: (2 x 2). Kernel size: (3 x 3). Kernel size can't be "
     "greater than actual input size"),
    ((2, 3), WEIGHT, {}, "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [2, 3]"),
    (IMAGE, (8, 3, 3), {},
     "expected stride to be a single integer value or a list of 1 values to match the convolution dimensions"),
    (IMAGE, WEIGHT, {"stride": 0}, "non-positive stride is not supported"),
    (IMAGE, WEIGHT, {"stride": (1, 2, 3)}, "expected stride to be a single integer value or a list of 2 values to match the "
     "convolution dimensions, but got stride=[1, 2, 3]"),
    (IMAGE, WEIGHT, {"padding": -1}, "negative padding is not supported"),
    (IMAGE, WEIGHT, {"padding": "full"}, "Invalid padding string: 'full'"),
    (IMAGE, WEIGHT, {"padding": "same", "stride": 2}, "padding='same' is not supported for strided convolutions"),
    (IMAGE, WEIGHT, {"dilation": 0}, "dilation should be greater than zero, but got [0, 0]"),
    (IMAGE, WEIGHT, {"groups": 3}, "Given groups=3, expected weight to be divisible by 3 at dimension 0"),
    (IMAGE, WEIGHT, {"bias": torch.ones(7)}, "Given weight of size [8, 3, 3, 3], expected bias to be 1-dimensional with 8 "
     "elements, but got bias of size [7] instead"),
    (IMAGE, WEIGHT, {"bias": torch.ones(8).double()}, "Input type (float) and bias type (double) should be the same"),
])
def test_error(x, w, kwargs, text):
    with pytest.raises(RuntimeError) as caught:
        conv(x, w, **kwargs)
    assert str(caught.value).startswith(text)


def test_transposed_errors():
    with pytest.raises(RuntimeError, match="output padding must be smaller than either stride or dilation"):
        conv((2, 3, 5, 5), (3, 4, 3, 3), name="conv_transpose2d", stride=2, output_padding=2)
    with pytest.raises(RuntimeError, match="Given transposed=1, weight of size"):
        conv((2, 3, 5, 5), (2, 4, 3, 3), name="conv_transpose2d")
    with pytest.raises(RuntimeError, match="Output size is too small"):
        conv((1, 3, 1, 1), (3, 4, 3, 3), name="conv_transpose2d", padding=2)


def test_node_names():
    w = normal(*WEIGHT).requires_grad_()
    assert FUNCTIONS["conv2d"].call(normal(*IMAGE), w).grad_fn.name() == "ConvolutionBackward0"
    assert FUNCTIONS["conv2d"].call(normal(3, 8, 8), w).grad_fn.name() == "SqueezeBackward1"
    assert FUNCTIONS["conv_transpose2d"].call(normal(1, 8, 4, 4), w).grad_fn.name() == "ConvolutionBackward0"


@pytest.mark.parametrize("groups, channels", [(1, 1), (1, 6), (2, 3), (4, 1)])
@pytest.mark.parametrize("stride, padding, dilation", [(1, 0, 1), (2, 1, 1), (1, 2, 2), (3, 1, 2)])
def test_both_arrangements_agree(monkeypatch, groups, channels, stride, padding, dilation):
    """With the channels first or last, in one part or in many, the numbers are the same."""
    x, w = RNG.normal(size=(5, groups * channels, 9, 8)), RNG.normal(size=(2 * groups, channels, 3, 2))
    geometry = {"stride": (stride,) * 2, "padding": ((padding,) * 2,) * 2, "dilation": (dilation,) * 2, "groups": groups}
    size = convolve.output_size(x.shape[2:], w.shape[2:], *[geometry[name] for name in ("stride", "padding", "dilation")])
    y = RNG.normal(size=(5, 2 * groups, *size))
    results = []
    for few, wide, part in ((100, 20, 1 << 19), (1, 100, 1 << 19), (100, 20, 10), (1, 100, 10)):
        for name, value in (("FEW", few), ("WIDE", wide), ("PART", part)):
            monkeypatch.setattr(convolve, name, value)
        results.append((convolve.correlate(x, w, None, size=size, **geometry),
                        convolve.scatter(y, w, None, size=x.shape[2:], **geometry),
                        convolve.weigh(y, x, kernel=w.shape[2:], **geometry)))
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
    forward, by_input, by_weight = results[0]
    np.testing.assert_allclose((forward * y).sum(), (by_input * x).sum())  # each is the transpose of the other
    np.testing.assert_allclose((forward * y).sum(), (by_weight * w).sum())


def test_results_are_contiguous():
    for x, w in (((2, 5, 9, 8), (4, 5, 3, 3)), ((2, 3, 9, 8), (4, 3, 3, 3)), ((2, 5, 9, 8), (4, 5, 1, 1))):
        x, w = normal(*x).requires_grad_(), normal(*w).requires_grad_()
        result = FUNCTIONS["conv2d"].call(x, w)
        assert result.is_contiguous()
        assert all(g.is_contiguous() for g in torch.autograd.grad(result.sum(), (x, w)))
