"""Random numbers of many distributions as NumPy arrays: those PyTorch draws on a CPU from the same seed.

Every function takes the `Generator` first and fills an array in C order. How many words of the generator a number
costs, and in which order they are used, is part of the contract: the next call continues from there. The numbers of
half precision (float16, bfloat16) are those of float32, rounded.

They are the numbers of PyTorch 2.13 on processors with AVX2. On Intel's, PyTorch takes `exponential`, and `bernoulli`
with one probability for all, from a generator of the MKL library instead, so these two differ there.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from .boxmuller import blocks32, blocks64, pairs
from .random import Generator
from .rounding import fused64, libm, single

__all__ = [
    "bernoulli",
    "cauchy",
    "exponential",
    "geometric",
    "log_normal",
    "multinomial",
    "normal",
    "randint",
    "random",
    "randperm",
    "uniform",
]

_Shape = Sequence[int]

# Per dtype: PyTorch's name of it, the C++ name in its messages, and the binary digits of a number.
_FLOATS: dict[str, tuple[str, str, int]] = {
    "float16": ("Half", "c10::Half", 11),
    "bfloat16": ("BFloat16", "c10::BFloat16", 8),
    "float32": ("Float", "float", 24),
    "float64": ("Double", "double", 53),
}
_OTHERS: dict[str, tuple[str, str]] = {
    "complex64": ("ComplexFloat", "c10::complex<float>"),
    "complex128": ("ComplexDouble", "c10::complex<double>"),
    "bool": ("Bool", "bool"),
    "int8": ("Char", "signed char"),
    "uint8": ("Byte", "unsigned char"),
    "int16": ("Short", "short"),
    "uint16": ("UInt16", "unsigned short"),
    "int32": ("Int", "int"),
    "uint32": ("UInt32", "unsigned int"),
    "int64": ("Long", "long"),
    "uint64": ("UInt64", "unsigned long"),
}


def _torch_name(dtype: np.dtype) -> str:
    return (_FLOATS.get(dtype.name) or _OTHERS[dtype.name])[0]


def _c_name(dtype: np.dtype) -> str:
    return (_FLOATS.get(dtype.name) or _OTHERS[dtype.name])[1]


def _largest(dtype: np.dtype) -> float:
    """Returns the largest number of a floating point dtype."""
    if dtype.name == "bfloat16":
        return (2 - 2.0**-7) * 2.0**127
    return float(np.finfo(dtype).max)


def _require(allowed: bool, kernel: str, dtype: np.dtype) -> None:
    if not allowed:
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{_torch_name(dtype)}'")


def _require_continuous(name: str, dtype: np.dtype, dtype_text: str) -> None:
    if dtype.name not in _FLOATS:
        raise RuntimeError(
            f"{name} distribution is a continuous probability distribution. dtype must be a floating point but you"
            f" specified {dtype_text}"
        )


def _rounded(values: np.ndarray, dtype: np.dtype, shape: _Shape) -> np.ndarray:
    """Brings float64 numbers to dtype and shape; half precision is reached by way of float32, as in PyTorch."""
    half = dtype.name in _FLOATS and dtype.itemsize == 2
    return (values.astype(np.float32) if half else values).astype(dtype).reshape(shape)


# --- uniform -----------------------------------------------------------------------------------------------------


def _unit32(generator: Generator, count: int) -> np.ndarray:
    """Returns numbers of [0, 1) with 24 random bits, in float64."""
    return (generator.words(count) & np.uint64(2**24 - 1)) * 2.0**-24


def _unit64(generator: Generator, count: int) -> np.ndarray:
    """Returns numbers of [0, 1) with 53 random bits, float64; each costs two words."""
    return (generator.long_words(count) & np.uint64(2**53 - 1)) * 2.0**-53


def uniform(generator: Generator, shape: _Shape, dtype: Any, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    """Draws from [low, high), with 53 random bits for float64 and complex128, 24 for the others.

    The real and the imaginary part of a complex number are drawn separately.

    Raises:
        NotImplementedError: for a dtype that is neither floating point nor complex.
        RuntimeError: if a bound or their distance is too large for the dtype, or `low` exceeds `high`.
    """
    dtype = np.dtype(dtype)
    if dtype.kind == "c":
        return _complex(uniform(generator, (*shape, 2), _part(dtype), low, high), dtype)
    _require(dtype.name in _FLOATS, "check_uniform_bounds", dtype)
    _check_bounds(dtype, low, high)
    draw = _uniform64 if dtype.name == "float64" else _uniform32
    values = _rounded(draw(generator, math.prod(shape), low, high), dtype, shape)
    # Rounding must not reach the bound that the interval excludes; PyTorch then takes the other one.
    values[values == dtype.type(high)] = low
    return values


def _uniform64(generator: Generator, count: int, low: float, high: float) -> np.ndarray:
    unit = _unit64(generator, count)
    return unit if (low, high) == (0, 1) else fused64(unit, high - low, low)


def _uniform32(generator: Generator, count: int, low: float, high: float) -> np.ndarray:
    low, high = np.float32(low), np.float32(high)
    return single(_unit32(generator, count) * float(high - low) + float(low))


def _part(dtype: np.dtype) -> np.dtype:
    return np.dtype(np.float32 if dtype == np.complex64 else np.float64)


def _complex(parts: np.ndarray, dtype: np.dtype) -> np.ndarray:
    return parts.view(dtype)[..., 0]


def _check_bounds(dtype: np.dtype, low: float, high: float) -> None:
    largest = _largest(dtype)
    for name, value in (("from", low), ("to", high)):
        if not -largest <= value <= largest:
            raise RuntimeError(f"{name} is out of bounds for {_c_name(dtype)}")
    if low > high:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={low:g} > to={high:g}")
    if high - low > largest:
        raise RuntimeError(
            f"uniform_ expects to-from <= std::numeric_limits<{_torch_name(dtype)}>::max(), but found to={high:g} and"
            f" from={low:g} which result in to-from to exceed the limit"
        )


# --- normal ------------------------------------------------------------------------------------------------------


def normal(
    generator: Generator, shape: _Shape, dtype: Any, mean: float = 0.0, std: float = 1.0, contiguous: bool = True
) -> np.ndarray:
    """Draws from the normal distribution, by the method of `boxmuller`.

    Sixteen or more numbers for a contiguous tensor are made in blocks of 16; fewer, or for a tensor that is not
    contiguous, one by one, where the second number of a pair waits in the generator for the next call.

    Args:
        mean: for complex dtypes the mean of the real and of the imaginary part.
        std: the standard deviation; that of a complex number spreads over both of its parts.
        contiguous: whether the tensor to be filled is contiguous.

    Raises:
        NotImplementedError: for a dtype that is neither floating point nor complex.
        RuntimeError: for a `std` that is negative or not a number.
    """
    dtype = np.dtype(dtype)
    if not std >= 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")
    if dtype.kind == "c":
        parts = normal(generator, (*shape, 2), _part(dtype), mean, std / math.sqrt(2), contiguous)
        return _complex(parts, dtype)
    _require(dtype.name in _FLOATS, "normal_kernel_cpu", dtype)
    count = math.prod(shape)
    if count >= 16 and contiguous:
        return _in_blocks(generator, count, dtype, mean, std).reshape(shape)
    return _rounded(_affine(_one_by_one(generator, count), mean, std), dtype, shape)


def log_normal(generator: Generator, shape: _Shape, dtype: Any, mean: float = 1.0, std: float = 2.0) -> np.ndarray:
    """Draws numbers whose logarithms are normally distributed.

    Raises:
        NotImplementedError: for a dtype that is not floating point.
        RuntimeError: if `std` is not positive.
    """
    dtype = np.dtype(dtype)
    if not std > 0:
        raise RuntimeError(f"log_normal_ expects std > 0.0, but found std={std:g}")
    _require(dtype.name in _FLOATS, "log_normal_cpu", dtype)
    with np.errstate(over="ignore"):
        values = _affine(_one_by_one(generator, math.prod(shape)), mean, std)
        return _rounded(libm(_exp, values) if dtype == np.float64 else np.exp(values), dtype, shape)


def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def _affine(values: np.ndarray, mean: float, std: float) -> np.ndarray:
    return values if (mean, std) == (0, 1) else fused64(values, std, mean)


def _one_by_one(generator: Generator, count: int) -> np.ndarray:
    spare = [] if generator.spare_normal is None or count == 0 else [generator.spare_normal]
    fresh = count - len(spare)
    made = pairs(_unit64(generator, fresh + fresh % 2).reshape(-1, 2)).ravel()
    if count:
        generator.spare_normal = float(made[-1]) if fresh % 2 else None
    return np.concatenate([spare, made[:fresh]])


def _in_blocks(generator: Generator, count: int, dtype: np.dtype, mean: float, std: float) -> np.ndarray:
    """Makes whole blocks; the last 16 numbers are a block of their own, which overwrites what it overlaps."""
    double, half = dtype.name == "float64", dtype.itemsize == 2
    overlap = count % 16 != 0
    # Half precision draws per block. The others draw for all numbers first and then once more for the last block.
    drawn = -(-count // 16) * 16 if half else count + 16 * overlap
    unit = _unit64(generator, drawn) if double else _unit32(generator, drawn).astype(np.float32)
    whole = unit[: count // 16 * 16]
    used = np.concatenate([whole, unit[-16:]]) if overlap else whole
    made = (blocks64 if double else blocks32)(used.reshape(-1, 2, 8), mean, std).ravel()
    values = np.empty(count, dtype)
    values[: whole.size] = made[: whole.size]
    values[-16:] = made[-16:]
    return values


# --- integers ----------------------------------------------------------------------------------------------------


def randint(generator: Generator, shape: _Shape, dtype: Any, low: int = 0, high: int | None = None) -> np.ndarray:
    """Draws whole numbers of [low, high), of a word modulo the number of possibilities; of two words from 2**28 on.

    Args:
        dtype: integer, bool or floating point.
        high: None stands for all whole numbers that the dtype can represent exactly.

    Raises:
        RuntimeError: for an empty range, bounds that are not numbers of the dtype, or a complex dtype.
        ValueError: for a bound that is not a 64-bit number.
    """
    dtype, low, high = np.dtype(dtype), int(low), None if high is None else int(high)
    if not all(bound is None or -(2**63) <= bound < 2**63 for bound in (low, high)):
        raise ValueError("Overflow when unpacking long long")
    if dtype.kind == "c":
        raise RuntimeError("check_random_bounds handles only integral, floating-point and boolean types")
    count = math.prod(shape)
    if high is None and low == -(2**63):
        return generator.long_words(count).astype(np.int64).astype(dtype).reshape(shape)
    low, high = _exact_bounds(dtype, low, high)
    words = generator.long_words(count) if high - low >= 2**28 else generator.words(count)
    values = (words % np.uint64(high - low)).astype(np.int64) + np.int64(low)
    return values.astype(dtype).reshape(shape)


def random(generator: Generator, shape: _Shape, dtype: Any) -> np.ndarray:
    """Draws from all whole numbers of an integer dtype that are not negative, or of [0, 2**digits] of a floating one.

    Raises:
        NotImplementedError: for complex dtypes and unsigned ones longer than a byte.
    """
    dtype = np.dtype(dtype)
    _require(dtype.kind != "c" and dtype.name not in ("uint16", "uint32", "uint64"), "random_kernel_cpu", dtype)
    count = math.prod(shape)
    words = generator.long_words(count) if dtype.name in ("int64", "float64") else generator.words(count)
    return (words % np.uint64(_largest_whole(dtype) + 1)).astype(dtype).reshape(shape)


def _largest_whole(dtype: np.dtype) -> int:
    """Returns the largest whole number up to which the dtype has all."""
    if dtype.name in _FLOATS:
        return 2 ** _FLOATS[dtype.name][2]
    return 1 if dtype == np.bool_ else int(np.iinfo(dtype).max)


def _exact_bounds(dtype: np.dtype, low: int, high: int | None) -> tuple[int, int]:
    if high is None:
        high = _largest_whole(dtype) + 1
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    bounds = (("from", low), ("to - 1", high - 1))
    smallest, largest = _whole_range(dtype)
    for name, value in bounds:
        if not smallest <= value <= largest:
            raise RuntimeError(f"{name} is out of bounds for {_c_name(dtype)}")
    if dtype.name not in _FLOATS:
        return low, high
    for name, value in bounds:
        _warn_if_inexact(dtype, name, value)
    return _rounded_inwards(dtype, low, high)


def _whole_range(dtype: np.dtype) -> tuple[float, float]:
    if dtype.name in _FLOATS:
        return -_largest(dtype), _largest(dtype)
    return (0, 1) if dtype == np.bool_ else (int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))


def _warn_if_inexact(dtype: np.dtype, name: str, value: int) -> None:
    _, c_name, digits = _FLOATS[dtype.name]
    if abs(value) > 2**digits:
        warnings.warn(
            f"{name} is out of bounds [-(2^{digits}), 2^{digits}]. Due to precision limitations {c_name} can support"
            " discrete uniform distribution only within this range. This warning will become an error in version 1.7"
            " release, please fix the code in advance",
            stacklevel=4,
        )


def _rounded_inwards(dtype: np.dtype, low: int, high: int) -> tuple[int, int]:
    """Moves bounds that would be rounded out of the range to the next number inside that the dtype has."""
    digits = _FLOATS[dtype.name][2]
    above, below = int(float(dtype.type(low + 1))), int(float(dtype.type(high - 1)))
    if above < low:
        low = above + 2 ** (abs(low + 1).bit_length() - digits)
    if below >= high:
        high = below - 2 ** (abs(high - 1).bit_length() - digits)
    return low, high


def randperm(generator: Generator, n: int, dtype: Any = np.int64) -> np.ndarray:
    """Returns the numbers 0 to n - 1 in random order.

    It is the shuffle of Fisher & Yates (Knuth, TAOCP 2, 3.4.2, algorithm P), from the front, one word a number. PyTorch
    has another one for n of 2**32 / 20 and more, which is not imitated.

    Raises:
        RuntimeError: if n is negative, or n - 1 is not a number of the dtype.
        NotImplementedError: for bool and complex dtypes.
    """
    dtype = np.dtype(dtype)
    _check_randperm(n, dtype)
    order = list(range(n))
    steps = np.arange(n, 1, -1, dtype=np.uint64)
    for place, step in enumerate((generator.words(len(steps)) % steps).tolist()):
        other = place + step
        order[place], order[other] = order[other], order[place]
    return np.array(order, np.int64).astype(dtype)


def _check_randperm(n: int, dtype: np.dtype) -> None:
    if n < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {n}: [{n}]")
    _require(dtype.kind not in "cb", "randperm", dtype)
    if dtype.name in _FLOATS and n > _largest_whole(dtype) + 1:
        raise RuntimeError(f"n cannot be greater than {_largest_whole(dtype) + 1} for {_torch_name(dtype)} type.")
    if dtype.name not in _FLOATS and n > np.iinfo(dtype).max:
        raise RuntimeError(f"value cannot be converted to type {dtype.name}_t without overflow")


# --- other distributions -----------------------------------------------------------------------------------------


def bernoulli(generator: Generator, shape: _Shape, dtype: Any, p: float | np.ndarray = 0.5) -> np.ndarray:
    """Draws ones with probability `p`, zeros otherwise.

    Args:
        dtype: any but complex ones.
        p: one probability, which is compared with numbers of 53 random bits; or an array of them that broadcasts to
            `shape`, compared with numbers of 53 bits if it is float64 and of 24 bits otherwise.

    Raises:
        NotImplementedError: for a complex dtype, or an array of probabilities that is not floating point.
        RuntimeError: if a probability is not in [0, 1].
    """
    dtype = np.dtype(dtype)
    if isinstance(p, np.ndarray):
        return _bernoulli_each(generator, shape, dtype, p)
    _require(dtype.kind != "c", "bernoulli_scalar_cpu_", dtype)
    if not 0 <= p <= 1:
        raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}")
    return (_unit64(generator, math.prod(shape)) < p).astype(dtype).reshape(shape)


def _bernoulli_each(generator: Generator, shape: _Shape, dtype: np.dtype, p: np.ndarray) -> np.ndarray:
    _require(dtype.kind != "c", "bernoulli_tensor_cpu_self_", dtype)
    _require(p.dtype.name in _FLOATS, "bernoulli_tensor_cpu_p_", p.dtype)
    if not ((p >= 0) & (p <= 1)).all():
        raise RuntimeError(
            "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If so,"
            " please report an enhancement request to PyTorch.)"
        )
    unit = (_unit64 if p.dtype == np.float64 else _unit32)(generator, math.prod(shape))
    return (unit.reshape(shape) < p).astype(dtype)


def exponential(generator: Generator, shape: _Shape, dtype: Any, lambd: float = 1.0) -> np.ndarray:
    """Draws from the exponential distribution of rate `lambd`: -log(1 - u) / lambd.

    Raises:
        RuntimeError: for a dtype that is not floating point, or a rate that is not positive.
    """
    dtype = np.dtype(dtype)
    _require_continuous("Exponential", dtype, _torch_name(dtype))
    if not lambd > 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd:g}")
    unit = _unit64(generator, math.prod(shape))
    # Shorter dtypes round away the bit in which NumPy's faster function may differ.
    logarithm = libm(math.log1p, -unit) if dtype == np.float64 else np.log1p(-unit)
    return _rounded(-1 / lambd * logarithm, dtype, shape)


def geometric(generator: Generator, shape: _Shape, dtype: Any, p: float) -> np.ndarray:
    """Draws the number of trials up to the first success, which has probability `p`: ceil(log u / log(1 - p)).

    Raises:
        NotImplementedError: for bool and complex dtypes.
        RuntimeError: if `p` is not in (0, 1).
    """
    dtype = np.dtype(dtype)
    if not 0 < p < 1:
        raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p:g}")
    _require(dtype.kind not in "cb", "geometric_cpu", dtype)
    with np.errstate(divide="ignore"):
        trials = np.ceil(np.log(_unit64(generator, math.prod(shape))) / math.log1p(-p))
    return _rounded(trials, dtype, shape)


def cauchy(generator: Generator, shape: _Shape, dtype: Any, median: float = 0.0, sigma: float = 1.0) -> np.ndarray:
    """Draws from the Cauchy distribution: median + sigma tan(pi (u - 1/2)).

    Raises:
        RuntimeError: for a dtype that is not floating point, or a `sigma` that is not positive.
    """
    dtype = np.dtype(dtype)
    _require_continuous("Cauchy", dtype, _c_name(dtype) + " int" * (dtype.name == "int64"))
    if not sigma > 0:
        raise RuntimeError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma:g}")
    tangent = libm(math.tan, math.pi * (_unit64(generator, math.prod(shape)) - 0.5))
    return _rounded(fused64(tangent, sigma, median), dtype, shape)


def multinomial(generator: Generator, weights: np.ndarray, num_samples: int, replacement: bool = False) -> np.ndarray:
    """Draws indices with probabilities proportional to `weights`.

    Without replacement, and for one sample, these are the indices of the largest weight / exponential variate: the race
    of Efraimidis & Spirakis (2006), "Weighted random sampling with a reservoir", Information Processing Letters 97(5).
    With replacement the cumulative weights are searched.

    Where the race ends in a tie, which rounding makes common in half precision, PyTorch's order is not defined; here
    the smaller index comes first.

    Args:
        weights: floating point, (categories,) or (rows, categories), not negative.

    Returns:
        int64 of shape (num_samples,) or (rows, num_samples).

    Raises:
        RuntimeError: for weights or a number of samples that do not allow this.
    """
    _check_multinomial(weights, num_samples, replacement)
    race = num_samples == 1 or not replacement
    if weights.size == 0:
        return np.zeros((*weights.shape[:-1], num_samples), np.int64)
    return (_race if race else _search)(generator, weights, num_samples)


def _check_multinomial(weights: np.ndarray, num_samples: int, replacement: bool) -> None:
    if weights.ndim not in (1, 2):
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    if weights.dtype.name not in _FLOATS:
        name = _torch_name(weights.dtype)
        raise RuntimeError(f"multinomial only supports floating-point dtypes for input, got: {name}")
    if num_samples <= 0:
        raise RuntimeError("cannot sample n_sample <= 0 samples")
    if not replacement and num_samples > weights.shape[-1]:
        raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    if weights.shape[-1] > 2**24:
        raise RuntimeError("number of categories cannot exceed 2^24")


_NO_WEIGHT = "invalid multinomial distribution (sum of probabilities <= 0)"


def _race(generator: Generator, weights: np.ndarray, num_samples: int) -> np.ndarray:
    if not ((weights >= 0) & (weights < np.inf)).all():
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if (weights.sum(-1) == 0).any():
        raise RuntimeError(_NO_WEIGHT)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        speed = weights / exponential(generator, weights.shape, weights.dtype)
    if num_samples == 1:
        return speed.argmax(-1)[..., None]
    return np.argsort(-speed, axis=-1, kind="stable")[..., :num_samples]


def _search(generator: Generator, weights: np.ndarray, num_samples: int) -> np.ndarray:
    if not (weights >= 0).all():
        raise RuntimeError("invalid multinomial distribution (encountering probability entry < 0)")
    if not np.isfinite(weights).all():
        raise RuntimeError("invalid multinomial distribution (encountering probability entry = infinity or NaN)")
    rows = weights.reshape(-1, weights.shape[-1])
    rows = rows if rows.dtype == np.float64 else rows.astype(np.float32)
    cumulative = np.cumsum(rows, axis=1, dtype=rows.dtype)
    if not (cumulative[:, -1] > 0).all():
        raise RuntimeError(_NO_WEIGHT)
    cumulative /= cumulative[:, -1:].copy()
    cumulative[:, -1] = 1
    targets = _unit64(generator, len(rows) * num_samples).reshape(len(rows), num_samples)
    found = [np.searchsorted(row, target) for row, target in zip(cumulative.astype(np.float64), targets, strict=True)]
    return np.stack(found).reshape(*weights.shape[:-1], num_samples)
