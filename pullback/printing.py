"""How a tensor is shown: PyTorch's `repr`, character for character, from plain NumPy arrays.

`tensor_str` is the entry point. The look is controlled by `PRINT`, changed with `set_printoptions` (for good) or
`printoptions` (for the length of a `with` block). The rules are those of the documentation of
`torch.set_printoptions`; the details it leaves open were observed on PyTorch 2.13.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

__all__ = ["PRINT", "PrintOptions", "format_scalar", "printoptions", "set_printoptions", "tensor_str"]


@dataclass
class PrintOptions:
    """The settings of `set_printoptions`; see there."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


PRINT = PrintOptions()

_PROFILES = {
    "default": PrintOptions(),
    "short": PrintOptions(precision=2, edgeitems=2),
    "full": PrintOptions(threshold=math.inf),
}


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Sets how tensors are printed from now on, in the whole process.

    Args:
        precision: digits after the decimal point (default 4).
        threshold: number of elements above which the middle is left out (default 1000).
        edgeitems: how many elements at the beginning and end of each dimension such a summary shows (default 3).
        linewidth: characters a line may have (default 80).
        profile: `"default"`, `"short"` or `"full"`, the starting point for the settings above; other names are ignored.
        sci_mode: scientific notation always (True), never (False), or when the magnitudes call for it (None). As in
            PyTorch, every call sets this one, so a call that does not name it returns to None.
    """
    new = asdict(_PROFILES.get(profile, PRINT))
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    new.update((name, value) for name, value in given.items() if value is not None)
    new["sci_mode"] = sci_mode
    for name, value in new.items():
        setattr(PRINT, name, value)


@contextmanager
def printoptions(**options: Any) -> Iterator[None]:
    """Applies `set_printoptions(**options)` inside a `with` block and puts the former settings back after it."""
    before = replace(PRINT)
    set_printoptions(**options)
    try:
        yield
    finally:
        for name, value in asdict(before).items():
            setattr(PRINT, name, value)


def tensor_str(
    array: np.ndarray,
    *,
    prefix: str = "tensor(",
    suffixes: tuple[str, ...] | list[str] = (),
    options: PrintOptions = PRINT,
    default_dtype: Any = np.float32,
) -> str:
    """Returns the `repr` of a tensor that holds `array`.

    Args:
        array: any shape, 0-dimensional and empty included; floating point (also `ml_dtypes.bfloat16`), integer, bool or
            complex.
        prefix: what stands before the elements. Further lines are indented by its length.
        suffixes: what the caller wants after the elements, such as `"requires_grad=True"` or
            `"grad_fn=<MulBackward0>"`. `size=` and `dtype=` are put before them where PyTorch shows them, never by the
            caller.
        options: the print settings, normally the ones `set_printoptions` changes.
        default_dtype: the NumPy dtype that floating tensors have by default, which is not worth showing.

    Returns:
        For example `tensor([1., 2.], dtype=torch.float64, requires_grad=True)`.
    """
    indent = len(prefix)
    notes = [*_size_note(array, options), *_dtype_note(array, default_dtype), *suffixes]
    body = _body(array, indent, options) if array.size else "[]"
    return _append(prefix + body, notes, indent, options.linewidth) + ")"


def format_scalar(array: np.ndarray, spec: str) -> str:
    """Formats a 0-dimensional array the way Python formats the number in it: `f"{loss:.3f}"`.

    Raises:
        ValueError: Python's own, when `spec` does not suit the number.
    """
    return format(_widened(array).item(), spec)


# --- what follows the elements -----------------------------------------------------------------------------------


def _size_note(array: np.ndarray, options: PrintOptions) -> list[str]:
    hidden = not options.edgeitems if array.size else array.ndim != 1
    return [f"size={array.shape}"] if hidden else []


def _dtype_note(array: np.ndarray, default: Any) -> list[str]:
    """Shows the dtype unless the elements themselves give it away; an empty tensor has none that could."""
    default = np.dtype(default)
    evident = [default]
    if array.size:
        evident += [np.dtype(np.int64), np.dtype(np.bool_), np.result_type(default, np.complex64)]
    return [] if array.dtype in evident else [f"dtype=torch.{array.dtype.name}"]


def _append(text: str, notes: list[str], indent: int, linewidth: int) -> str:
    """Puts the notes after the elements, each on the last line if it still fits there."""
    # One character is kept free for the closing parenthesis; a note adds a comma and a blank to its own length.
    used = len(text) - text.rfind("\n") + 1
    for note in notes:
        if used + len(note) + 2 > linewidth:
            text += ",\n" + " " * indent + note
            used = indent + len(note)
        else:
            text += ", " + note
            used += len(note) + 2
    return text


# --- the elements ------------------------------------------------------------------------------------------------


def _body(array: np.ndarray, indent: int, options: PrintOptions) -> str:
    summarize = array.size > options.threshold
    array = _widened(array)
    shown = _edges(array, options.edgeitems) if summarize else array
    return _Layout(*_style(shown, options), summarize, options).nested(array, indent)


def _widened(array: np.ndarray) -> np.ndarray:
    """Turns 16-bit floats into float32, whose Python value prints the same digits and which NumPy can test and sort."""
    short = array.dtype.itemsize == 2 and array.dtype.kind not in "iub"
    return array.astype(np.float32) if short else array


def _edges(array: np.ndarray, edgeitems: int) -> np.ndarray:
    """Returns the elements that a summary shows; only these decide about width and notation."""
    for axis, size in enumerate(array.shape):
        if size > 2 * edgeitems:
            array = _ends(array, edgeitems, axis)
    return array


def _ends(array: np.ndarray, edgeitems: int, axis: int = 0) -> np.ndarray:
    size = array.shape[axis]
    return array.take(np.r_[:edgeitems, size - edgeitems : size], axis=axis)


def _style(shown: np.ndarray, options: PrintOptions) -> tuple[Callable[[Any], str], int]:
    """Returns the function that writes one element, padded, and the width of the widest one."""
    if shown.dtype.kind == "c":
        return _complex_style(shown, options)
    if shown.dtype.kind != "f":
        return _padded(str, shown)
    sizing = shown[np.isfinite(shown) & (shown != 0)].astype(np.float64)
    whole = bool((sizing == np.ceil(sizing)).all())
    exponent = f".{options.precision}e" if _scientific(sizing, whole, options.sci_mode) else None
    # Only ordinary values count: PyTorch gives infinities, nan and zeros (-0. is wider than 1.) no room of their own.
    return _padded(_float_writer(exponent, whole, options.precision), sizing)


def _padded(write: Callable[[Any], str], sizing: np.ndarray) -> tuple[Callable[[Any], str], int]:
    width = max((len(write(value)) for value in sizing.ravel().tolist()), default=1)
    return lambda value: write(value).rjust(width), width


def _complex_style(shown: np.ndarray, options: PrintOptions) -> tuple[Callable[[complex], str], int]:
    (write_real, real_width), (write_imag, imag_width) = (_style(part, options) for part in (shown.real, shown.imag))

    def write(value: complex) -> str:
        imag = write_imag(value.imag).lstrip() + "j"
        sign = "" if imag[0] in "+-" else "+"
        return write_real(value.real) + sign + imag

    return write, real_width + imag_width + 1


def _float_writer(exponent: str | None, whole: bool, precision: int) -> Callable[[float], str]:
    if exponent is not None:
        return lambda value: format(value, exponent)
    if whole:
        return lambda value: f"{value:.0f}." if math.isfinite(value) else str(value)
    fixed = f".{precision}f"
    return lambda value: format(value, fixed)


def _scientific(sizing: np.ndarray, whole: bool, wanted: bool | None) -> bool:
    """Decides for the notation with exponents: magnitudes too far apart, too large, or too small for fixed digits."""
    if wanted is not None or not sizing.size:
        return bool(wanted) and sizing.size > 0
    magnitudes = np.abs(sizing)
    low, high = float(magnitudes.min()), float(magnitudes.max())
    return high / low > 1000 or high > 1e8 or (not whole and low < 1e-4)


@dataclass
class _Layout:
    """Arranges elements in lines and brackets."""

    write: Callable[[Any], str]
    width: int
    summarize: bool
    options: PrintOptions

    def nested(self, array: np.ndarray, indent: int) -> str:
        if array.ndim == 0:
            return self.write(array.item())
        if array.ndim == 1:
            return self._vector(array, indent)
        rows, skip = self._split(array)
        parts = [self.nested(row, indent + 1) for row in rows]
        if skip is not None:
            parts.insert(skip, "...")
        return "[" + ("," + "\n" * (array.ndim - 1) + " " * (indent + 1)).join(parts) + "]"

    def _vector(self, array: np.ndarray, indent: int) -> str:
        items, skip = self._split(array)
        words = [self.write(value) for value in items.tolist()]
        if skip is not None:
            words.insert(skip, " ..." if self.options.edgeitems else "...")
        per_line = max(1, (self.options.linewidth - indent) // (self.width + 2))
        lines = [", ".join(words[start : start + per_line]) for start in range(0, len(words), per_line)]
        return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"

    def _split(self, array: np.ndarray) -> tuple[np.ndarray, int | None]:
        """Returns the part of the first axis that is shown, and before which of its items the dots go, if any."""
        edge = self.options.edgeitems
        if not self.summarize or len(array) <= 2 * edge:
            return array, None
        return _ends(array, edge), edge
