"""Drawing from categories."""

from __future__ import annotations

import numpy as np

from ..generator import Generator
from .kinds import kind_of
from .transformed import exponential
from .uniform import unit64

__all__ = ["multinomial"]


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
    if not kind_of(weights.dtype).digits:
        name = kind_of(weights.dtype).name
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
    targets = unit64(generator, len(rows) * num_samples).reshape(len(rows), num_samples)
    found = [np.searchsorted(row, target) for row, target in zip(cumulative.astype(np.float64), targets, strict=True)]
    return np.stack(found).reshape(*weights.shape[:-1], num_samples)
