"""Convolutions. One family of records for any number of dimensions: the convolution, its gradient by the input (which is the
transposed convolution) and its gradient by the weight. The rules of each are the others, so every order of derivative is there.
"""

from .. import errors
from ..dtypes import B8
from .channels import by_channel, channel_sums
from .contract import c_name
from .conv_samples import over_samples
from .convolve import correlate, output_size, scatter, weigh
from .layer import array_of, layer, not_implemented, sized
from .public import function
from .shape import unsqueeze
from .sizes import squeeze
from .unary import conj


def _input_rule(g, w, x_shape, stride, padding, dilation, groups):
    return _input_gradient(g, conj(w), None, size=x_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups)


def _weight_rule(g, x, w_shape, stride, padding, dilation, groups):
    return _weight_gradient(g, conj(x), kernel=w_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups)


def _bias_rule(g):
    return channel_sums(g)


def _output_rule(g, w, y_shape, stride, padding, dilation, groups):
    return convolution(g, conj(w), None, size=y_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups)


def _transposed_weight_rule(g, y, w_shape, stride, padding, dilation, groups):
    return _weight_gradient(conj(y), g, kernel=w_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups)


# ---- forward mode ------------------------------------------------------------------------------------------------------
def _image_forth(g, w, size, stride, padding, dilation, groups):
    return convolution(g, w, None, size=size, stride=stride, padding=padding, dilation=dilation, groups=groups)


def _weight_forth(g, x, size, stride, padding, dilation, groups):
    return convolution(x, g, None, size=size, stride=stride, padding=padding, dilation=dilation, groups=groups)


def _bias_forth(g, size):
    return by_channel(g, len(size) + 2)


def _transposed_forth(g, w, size, stride, padding, dilation, groups):
    return transposed(g, w, None, size=size, stride=stride, padding=padding, dilation=dilation, groups=groups)


def _transposed_weight_forth(g, y, size, stride, padding, dilation, groups):
    return transposed(y, g, None, size=size, stride=stride, padding=padding, dilation=dilation, groups=groups)


# ---- the records -------------------------------------------------------------------------------------------------------
_convolve, _spread, _weigh = over_samples(correlate, 1), over_samples(scatter, 1), over_samples(weigh, 2)
convolution = layer("convolution", _convolve, (_input_rule, _weight_rule, _bias_rule), inputs=("x", "w", "b"),
                    jvp=(_image_forth, _weight_forth, _bias_forth))
transposed = layer("convolution_transposed", _spread, (_output_rule, _transposed_weight_rule, _bias_rule),
                   inputs=("y", "w", "b"), node="ConvolutionBackward0",
                   jvp=(_transposed_forth, _transposed_weight_forth, _bias_forth))
_input_gradient = layer("convolution_input", _spread, (_output_rule, _transposed_weight_rule, _bias_rule),
                        inputs=("y", "w", "b"), node="ConvolutionBackwardBackward0", multilinear=True)  # never with a bias
_weight_gradient = layer("convolution_weight", _weigh, (
    lambda g, x, y_shape, stride, padding, dilation, groups: convolution(
        conj(x), g, None, size=y_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups),
    lambda g, y, x_shape, stride, padding, dilation, groups: _input_gradient(
        conj(y), g, None, size=x_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups)),
    inputs=("y", "x"), node="ConvolutionBackwardBackward0", multilinear=True)


# ---- checks ----------------------------------------------------------------------------------------------------------
def _batched(input, ndim, name):
    """The input as a batch, and whether it was one."""
    shape = array_of(input, name).shape
    if len(shape) == ndim + 2:
        return input, True
    if len(shape) != ndim + 1:
        raise RuntimeError(f"Expected {ndim + 1}D (unbatched) or {ndim + 2}D (batched) input to {name}, but got input of size: "
                           f"{list(shape)}")
    return unsqueeze(input, 0), False


def _check_dtypes(x, w, b):
    if w.dtype != x.dtype:
        raise RuntimeError(f"expected scalar type {errors.title(x.dtype)} but found {errors.title(w.dtype)}")
    if b is not None and b.dtype != x.dtype:
        names = [c_name(a.dtype) for a in (x, b)]
        raise RuntimeError(f"Input type ({names[0]}) and bias type ({names[1]}) should be the same")
    if x.dtype == B8 and x.size:
        raise not_implemented("slow_conv2d_cpu", x.dtype)


def _check_geometry(w, ndim, stride, padding, dilation, groups, output_padding=()):
    if w.ndim != ndim + 2:
        raise RuntimeError(f"expected stride to be a single integer value or a list of {w.ndim - 2} values to match the "
                           f"convolution dimensions, but got stride={list(stride)}")
    if any(p < 0 for p in padding):
        raise RuntimeError("negative padding is not supported")
    if any(p < 0 for p in output_padding):
        raise RuntimeError("negative output_padding is not supported")
    if any(s <= 0 for s in stride):
        raise RuntimeError("non-positive stride is not supported")
    if any(d <= 0 for d in dilation):
        raise RuntimeError(f"dilation should be greater than zero, but got {list(dilation)}")
    if groups <= 0:
        raise RuntimeError("non-positive groups is not supported")
    shape = list(w.shape)
    if shape[0] < groups:
        raise RuntimeError(f"Given groups={groups}, expected weight to be at least {groups} at dimension 0, but got weight of "
                           f"size {shape} instead")
    if shape[0] % groups:
        raise RuntimeError(f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight "
                           f"of size [{shape}] instead")
    if 0 in shape[2:]:
        names = ("depth", "height", "width")[-ndim:] if ndim > 1 else ("width",)
        raise RuntimeError("kernel size should be greater than zero, but got " +
                           " ".join(f"kernel_{name}: {k}" for name, k in zip(names, shape[2:], strict=True)))


def _check_bias(given, w, b, channels):
    if b is not None and b.shape != (channels,):
        raise RuntimeError(f"Given {given}weight of size {list(w.shape)}, expected bias to be 1-dimensional with {channels} "
                           f"elements, but got bias of size {list(b.shape)} instead")


def _by(sizes):
    return "(" + " x ".join(map(str, sizes)) + ")"


# ---- convolution -----------------------------------------------------------------------------------------------------
def _padding(padding, kernel, stride, dilation):
    """The padding as ints, one a dimension, and as pairs (before, after)."""
    ndim = len(kernel)
    if not isinstance(padding, str):
        padding = sized(padding, ndim, "padding")
        return padding, tuple([(p, p) for p in padding])
    if padding == "valid":
        return (0,) * ndim, ((0, 0),) * ndim
    if padding != "same":
        raise RuntimeError(f"Invalid padding string: '{padding}'")
    if any(s != 1 for s in stride):
        raise RuntimeError("padding='same' is not supported for strided convolutions")
    totals = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
    return (0,) * ndim, tuple([(t // 2, t - t // 2) for t in totals])


def _conv(name, ndim, input, weight, bias, stride, padding, dilation, groups):
    if type(stride) is int and type(padding) is int and type(dilation) is int:
        stride, dilation, pads = (stride,) * ndim, (dilation,) * ndim, (padding,) * ndim
        pairs = ((padding, padding),) * ndim
        w = array_of(weight, name, "weight", 2)
    else:
        w = array_of(weight, name, "weight", 2)
        stride, dilation = sized(stride, ndim, "stride"), sized(dilation, ndim, "dilation")
        pads, pairs = _padding(padding, w.shape[2:] if w.ndim == ndim + 2 else (1,) * ndim, stride, dilation)
    b = None if bias is None else array_of(bias, name, "bias", 3)
    input, batched = _batched(input, ndim, name)
    x = array_of(input, name)
    _check_geometry(w, ndim, stride, pads, dilation, groups)
    shape, kernel = x.shape, w.shape[2:]
    if shape[1] != w.shape[1] * groups:
        raise RuntimeError(f"Given groups={groups}, weight of size {list(w.shape)}, expected input{list(shape)} to have "
                           f"{w.shape[1] * groups} channels, but got {shape[1]} channels instead")
    _check_bias("", w, b, w.shape[0])
    padded = [n + lo + hi for n, (lo, hi) in zip(shape[2:], pairs, strict=True)]
    spans = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    if any(n < k for n, k in zip(padded, spans, strict=True)):
        raise RuntimeError(f"Calculated padded input size per channel: {_by(padded)}. Kernel size: {_by(spans)}. Kernel size "
                           "can't be greater than actual input size")
    if 0 in shape[2:]:
        raise RuntimeError(f"Only zero batch or zero channel inputs are supported, but got input shape: {list(shape)}")
    _check_dtypes(x, w, b)
    size = output_size(shape[2:], kernel, stride, pairs, dilation)
    result = convolution(input, weight, bias, size=size, stride=stride, padding=pairs, dilation=dilation, groups=groups)
    return result if batched else squeeze(result, 0)


@function(method=False)
def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """The convolution (strictly, correlation) of (N, C, L) or (C, L) with a weight (O, C / groups, k).

    `padding`: zeros on both sides, "valid" for none, or "same" for as many as keep the size. Raises RuntimeError on shapes and
    dtypes that do not fit. See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv1d.html
    """
    return _conv("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


@function(method=False)
def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """The convolution of (N, C, H, W) or (C, H, W) with a weight (O, C / groups, kh, kw); otherwise as `conv1d`."""
    return _conv("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


@function(method=False)
def conv3d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """The convolution of (N, C, D, H, W) or (C, D, H, W) with a weight (O, C / groups, kd, kh, kw); otherwise as `conv1d`."""
    return _conv("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


# ---- transposed convolution --------------------------------------------------------------------------------------------
def _conv_transpose(name, ndim, input, weight, bias, stride, padding, output_padding, groups, dilation):
    stride, padding = sized(stride, ndim, "stride"), sized(padding, ndim, "padding")
    output_padding, dilation = sized(output_padding, ndim, "output_padding"), sized(dilation, ndim, "dilation")
    w = array_of(weight, name, "weight", 2)
    b = None if bias is None else array_of(bias, name, "bias", 3)
    input, batched = _batched(input, ndim, name)
    x = array_of(input, name)
    _check_geometry(w, ndim, stride, padding, dilation, groups, output_padding)
    if x.shape[1] != w.shape[0]:
        raise RuntimeError(f"Given transposed=1, weight of size {list(w.shape)}, expected input{list(x.shape)} to have "
                           f"{w.shape[0]} channels, but got {x.shape[1]} channels instead")
    _check_bias("transposed=1, ", w, b, w.shape[1] * groups)
    _check_output_padding(output_padding, stride, dilation)
    size = tuple([(n - 1) * s - 2 * p + d * (k - 1) + extra + 1 for n, s, p, d, k, extra in zip(
        x.shape[2:], stride, padding, dilation, w.shape[2:], output_padding, strict=True)])
    if any(n <= 0 for n in size):
        raise RuntimeError(f"Given input size per channel: {_by(x.shape[2:])}. Calculated output size per channel: {_by(size)}. "
                           "Output size is too small")
    _check_dtypes(x, w, b)
    pairs = tuple([(p, p) for p in padding])
    result = transposed(input, weight, bias, size=size, stride=stride, padding=pairs, dilation=dilation, groups=groups)
    return result if batched else squeeze(result, 0)


_EXTENTS = ("output_padding", "stride", "dilation")


def _check_output_padding(extra, stride, dilation):
    if all(e < s or e < d for e, s, d in zip(extra, stride, dilation, strict=True)):
        return
    names = ("depth", "height", "width")[-max(len(extra), 2):]
    wide = [values if len(values) > 1 else ((0, 1, 1)[i], *values) for i, values in enumerate((extra, stride, dilation))]
    given = " ".join(f"{what}_{name}: {value}" for what, values in zip(_EXTENTS, wide, strict=True)
                     for name, value in zip(names, values, strict=True))
    raise RuntimeError(f"output padding must be smaller than either stride or dilation, but got {given}")


@function(method=False)
def conv_transpose1d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """The gradient of `conv1d` by its input, as an operation: (N, C, L) or (C, L) with a weight (C, O / groups, k).

    `output_padding` chooses among the sizes that `conv1d` takes to that of the input. Raises RuntimeError on shapes and dtypes
    that do not fit. See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose1d.html
    """
    return _conv_transpose("conv_transpose1d", 1, input, weight, bias, stride, padding, output_padding, groups, dilation)


@function(method=False)
def conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """As `conv_transpose1d`, for (N, C, H, W) or (C, H, W) with a weight (C, O / groups, kh, kw)."""
    return _conv_transpose("conv_transpose2d", 2, input, weight, bias, stride, padding, output_padding, groups, dilation)


@function(method=False)
def conv_transpose3d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """As `conv_transpose1d`, for (N, C, D, H, W) or (C, D, H, W) with a weight (C, O / groups, kd, kh, kw)."""
    return _conv_transpose("conv_transpose3d", 3, input, weight, bias, stride, padding, output_padding, groups, dilation)
