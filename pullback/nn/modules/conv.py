"""Convolutions over one to three spatial dimensions, and their transposes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ...factories import empty
from ...graph import Tensor
from .. import functional as F
from .. import init
from ..parameter import Parameter
from ._registration import Member
from .module import Module
from .utils import _pair, _reverse_repeat_tuple, _single, _triple

__all__ = ["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]

_PADDING_STRINGS = {"same", "valid"}
_PADDING_MODES = {"zeros", "reflect", "replicate", "circular"}


class _ConvNd(Module):
    """What convolutions of any number of dimensions share."""

    __constants__ = [
        "stride",
        "padding",
        "dilation",
        "groups",
        "padding_mode",
        "output_padding",
        "in_channels",
        "out_channels",
        "kernel_size",
    ]
    weight: Tensor = Member()
    bias: Tensor | None = Member()
    _per_dimension: Callable[[Any], tuple]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        per_dimension = type(self)._per_dimension
        self._set_options(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, padding_mode)
        self.transposed = False
        self.output_padding = per_dimension(0)
        self._reversed_padding_repeated_twice = self._padding_for_pad()
        self._make_parameters((out_channels, in_channels // groups), bias, {"device": device, "dtype": dtype})

    def _set_options(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        dilation: Any,
        groups: int,
        padding_mode: str,
    ) -> None:
        per_dimension = type(self)._per_dimension
        stride = per_dimension(stride)
        padding = padding if isinstance(padding, str) else per_dimension(padding)
        _check(in_channels, out_channels, stride, padding, groups, padding_mode)
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = per_dimension(kernel_size)
        self.stride = stride
        self.padding = padding
        self.dilation = per_dimension(dilation)
        self.groups = groups
        self.padding_mode = padding_mode

    def _make_parameters(self, channels: tuple[int, int], bias: bool, options: dict[str, Any]) -> None:
        self.weight = Parameter(empty((*channels, *self.kernel_size), **options))
        if bias:
            self.bias = Parameter(empty(self.out_channels, **options))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def _padding_for_pad(self) -> Any:
        """The padding in the order of `F.pad`: last dimension first, before and after."""
        if not isinstance(self.padding, str):
            return _reverse_repeat_tuple(self.padding, 2)
        amounts = [0] * (2 * len(self.kernel_size))
        if self.padding == "same":
            for i, (d, k) in enumerate(zip(reversed(self.dilation), reversed(self.kernel_size), strict=True)):
                total = d * (k - 1)
                amounts[2 * i : 2 * i + 2] = total // 2, total - total // 2
        return amounts

    def reset_parameters(self) -> None:
        """Draw fresh initial values, uniform within one over the square root of the fan-in."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in, _ = init._calculate_fan_in_and_fan_out(self.weight)
            if fan_in != 0:
                bound = 1 / math.sqrt(fan_in)
                init.uniform_(self.bias, -bound, bound)

    def _convolve(self, *args: Any) -> Tensor:
        raise NotImplementedError(f"{type(self).__name__} does not say how it convolves")

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        if self.padding_mode == "zeros":
            return self._convolve(input, weight, bias, self.stride, self.padding, self.dilation, self.groups)
        padded = F.pad(input, self._reversed_padding_repeated_twice, mode=self.padding_mode)
        return self._convolve(padded, weight, bias, self.stride, type(self)._per_dimension(0), self.dilation, self.groups)

    def forward(self, input: Tensor) -> Tensor:
        return self._conv_forward(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        parts = [f"{self.in_channels}, {self.out_channels}"]
        parts += [f"kernel_size={self.kernel_size}", f"stride={self.stride}"]
        if self.padding != (0,) * len(self.kernel_size):
            parts.append(f"padding={self.padding}")
        if self.dilation != (1,) * len(self.kernel_size):
            parts.append(f"dilation={self.dilation}")
        if self.output_padding != (0,) * len(self.output_padding):
            parts.append(f"output_padding={self.output_padding}")
        if self.groups != 1:
            parts.append(f"groups={self.groups}")
        if self.bias is None:
            parts.append("bias=False")
        if self.padding_mode != "zeros":
            parts.append(f"padding_mode={self.padding_mode}")
        return ", ".join(parts)


def _check(in_channels: int, out_channels: int, stride: tuple, padding: Any, groups: int, padding_mode: str) -> None:
    if groups <= 0:
        raise ValueError("groups must be a positive integer")
    if in_channels % groups != 0:
        raise ValueError("in_channels must be divisible by groups")
    if out_channels % groups != 0:
        raise ValueError("out_channels must be divisible by groups")
    if isinstance(padding, str):
        if padding not in _PADDING_STRINGS:
            raise ValueError(f"Invalid padding string {padding!r}, should be one of {_PADDING_STRINGS}")
        if padding == "same" and any(s != 1 for s in stride):
            raise ValueError("padding='same' is not supported for strided convolutions")
    if padding_mode not in _PADDING_MODES:
        raise ValueError(f"padding_mode must be one of {_PADDING_MODES}, but got padding_mode='{padding_mode}'")


class Conv1d(_ConvNd):
    """Cross-correlation along one dimension: `(N, C_in, L)` or `(C_in, L)` to `(N, C_out, L_out)`.

    `L_out = floor((L + 2 padding - dilation (kernel_size - 1) - 1) / stride + 1)`. `weight` is
    `(C_out, C_in / groups, kernel_size)`. `padding` may be `'same'` or `'valid'`; `padding_mode` is zeros, reflect,
    replicate or circular. ValueError for channels that the groups do not divide.
    """

    _per_dimension = staticmethod(_single)

    def _convolve(self, *args: Any) -> Tensor:
        return F.conv1d(*args)


class Conv2d(_ConvNd):
    """Cross-correlation over images: `(N, C_in, H, W)` or `(C_in, H, W)` to `(N, C_out, H_out, W_out)`.

    Sizes as for `Conv1d`, in each dimension. `weight` is `(C_out, C_in / groups, *kernel_size)`. `padding` may be
    `'same'` or `'valid'`; `padding_mode` is zeros, reflect, replicate or circular. ValueError for channels that the
    groups do not divide.
    """

    _per_dimension = staticmethod(_pair)

    def _convolve(self, *args: Any) -> Tensor:
        return F.conv2d(*args)


class Conv3d(_ConvNd):
    """Cross-correlation over volumes: `(N, C_in, D, H, W)` to `(N, C_out, D_out, H_out, W_out)`. As for `Conv2d`."""

    _per_dimension = staticmethod(_triple)

    def _convolve(self, *args: Any) -> Tensor:
        return F.conv3d(*args)


class _ConvTransposeNd(_ConvNd):
    """What transposed convolutions of any number of dimensions share."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        Module.__init__(self)
        self._set_options(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, padding_mode)
        self.transposed = True
        self.output_padding = type(self)._per_dimension(output_padding)
        self._reversed_padding_repeated_twice = self._padding_for_pad()
        self._make_parameters((in_channels, out_channels // groups), bias, {"device": device, "dtype": dtype})

    def forward(self, input: Tensor, output_size: Any = None) -> Tensor:
        return self._convolve(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.output_padding if output_size is None else self._padding_for(input, list(output_size)),
            self.groups,
            self.dilation,
        )

    def _padding_for(self, input: Tensor, output_size: list[int]) -> tuple[int, ...]:
        """The output padding with which the output has the given size. ValueError if none has."""
        spatial = len(self.kernel_size)
        others = input.dim() - spatial
        if len(output_size) == spatial + others:
            output_size = output_size[others:]
        if len(output_size) != spatial:
            raise ValueError(
                f"ConvTranspose{spatial}D: for {input.dim()}D input, output_size must have {spatial} or "
                f"{others + spatial} elements (got {len(output_size)})"
            )
        least = [
            (input.size(others + i) - 1) * s - 2 * p + d * (k - 1) + 1
            for i, (s, p, d, k) in enumerate(
                zip(self.stride, self.padding, self.dilation, self.kernel_size, strict=True)
            )
        ]
        most = [size + s - 1 for size, s in zip(least, self.stride, strict=True)]
        if any(not low <= size <= high for low, size, high in zip(least, output_size, most, strict=True)):
            raise ValueError(
                f"requested an output size of {output_size}, but valid sizes range from {least} to {most} (for an input "
                f"of {input.size()[2:]})"
            )
        return tuple(size - low for size, low in zip(output_size, least, strict=True))


class ConvTranspose1d(_ConvTransposeNd):
    """The gradient of `Conv1d` in its input, as a layer: `(N, C_in, L)` to `(N, C_out, L_out)`.

    `L_out = (L - 1) stride - 2 padding + dilation (kernel_size - 1) + output_padding + 1`. `weight` is
    `(C_in, C_out / groups, kernel_size)`. `forward` may be given the `output_size` wanted, which chooses the output
    padding. ValueError for a size that cannot be, and for other padding than zeros.
    """

    _per_dimension = staticmethod(_single)

    def _convolve(self, *args: Any) -> Tensor:
        return F.conv_transpose1d(*args)


class ConvTranspose2d(_ConvTransposeNd):
    """The gradient of `Conv2d` in its input, as a layer: `(N, C_in, H, W)` to `(N, C_out, H_out, W_out)`."""

    _per_dimension = staticmethod(_pair)

    def _convolve(self, *args: Any) -> Tensor:
        return F.conv_transpose2d(*args)


class ConvTranspose3d(_ConvTransposeNd):
    """The gradient of `Conv3d` in its input, as a layer: `(N, C_in, D, H, W)` to `(N, C_out, D_out, H_out, W_out)`."""

    _per_dimension = staticmethod(_triple)

    def _convolve(self, *args: Any) -> Tensor:
        return F.conv_transpose3d(*args)
