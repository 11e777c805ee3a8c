"""Making one batch of many samples."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

import numpy as np

from ... import ops
from ...dtypes import float64
from ...factories import as_tensor, tensor
from ...graph import Tensor

__all__ = ["collate", "default_collate", "default_collate_fn_map", "default_convert"]

_WRONG_TYPE = "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {}"


def _is_text(dtype: np.dtype) -> bool:
    return dtype.kind in "SUOa"


def _like(original: Any, mapped: Any) -> Any:
    """A container like `original` with the contents of `mapped`; a plain one where its class cannot be built so.

    Mutable containers are copied and overwritten, so that what else they hold is kept.
    """
    try:
        if isinstance(original, MutableMapping):
            clone = copy.copy(original)
            clone.update(mapped)
            return clone
        if isinstance(original, MutableSequence):
            clone = copy.copy(original)
            for i, value in enumerate(mapped):
                clone[i] = value
            return clone
        return type(original)(mapped)
    except TypeError:
        return mapped


def default_convert(data: Any) -> Any:
    """Turn NumPy arrays and numbers, also inside containers, into tensors; leave all else as it is."""
    if isinstance(data, Tensor):
        return data
    if isinstance(data, (np.ndarray, np.generic)):
        return data if _is_text(data.dtype) else as_tensor(data)
    if isinstance(data, Mapping):
        return _like(data, {key: default_convert(value) for key, value in data.items()})
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*(default_convert(value) for value in data))
    if isinstance(data, tuple):
        return [default_convert(value) for value in data]
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return _like(data, [default_convert(value) for value in data])
    return data


def collate(batch: Sequence[Any], *, collate_fn_map: dict[Any, Callable] | None = None) -> Any:
    """One batch of the samples: containers are kept, and `collate_fn_map` says by type how to join what is in them.

    RuntimeError for sequences of different length, TypeError for a type that is neither a container nor in the map.
    """
    first = batch[0]
    collate_fn_map = collate_fn_map or {}
    if type(first) in collate_fn_map:
        return collate_fn_map[type(first)](batch, collate_fn_map=collate_fn_map)
    for kind, join in collate_fn_map.items():
        if isinstance(first, kind):
            return join(batch, collate_fn_map=collate_fn_map)

    def part(samples: Sequence[Any]) -> Any:
        return collate(samples, collate_fn_map=collate_fn_map)

    if isinstance(first, Mapping):
        return _like(first, {key: part([sample[key] for sample in batch]) for key in first})
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*(part(samples) for samples in zip(*batch, strict=False)))
    if isinstance(first, Sequence):
        if any(len(sample) != len(first) for sample in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        parts = [part(samples) for samples in zip(*batch, strict=True)]
        return parts if isinstance(first, tuple) else _like(first, parts)
    raise TypeError(_WRONG_TYPE.format(type(first)))


def _stack(batch: Any, *, collate_fn_map: Any = None) -> Tensor:
    return ops.stack(list(batch), 0)


def _stack_arrays(batch: Any, *, collate_fn_map: Any = None) -> Any:
    if _is_text(batch[0].dtype):
        raise TypeError(_WRONG_TYPE.format(batch[0].dtype))
    return collate([as_tensor(array) for array in batch], collate_fn_map=collate_fn_map)


def _numbers(batch: Any, *, collate_fn_map: Any = None) -> Tensor:
    return as_tensor(list(batch))


def _floats(batch: Any, *, collate_fn_map: Any = None) -> Tensor:
    return tensor(list(batch), dtype=float64)


def _integers(batch: Any, *, collate_fn_map: Any = None) -> Tensor:
    return tensor(list(batch))


def _unchanged(batch: Any, *, collate_fn_map: Any = None) -> Any:
    return batch


# In this order: a bool is an int, and np.float64 is a float.
default_collate_fn_map: dict[Any, Callable] = {
    Tensor: _stack,
    np.ndarray: _stack_arrays,
    (np.bool_, np.number, np.object_): _numbers,
    float: _floats,
    int: _integers,
    str: _unchanged,
    bytes: _unchanged,
}


def default_collate(batch: Sequence[Any]) -> Any:
    """One batch of the samples: tensors, arrays and numbers with a new first dimension, inside the same containers.

    Python floats become float64. Strings stay lists. RuntimeError for sequences of different length, TypeError for
    other types.
    """
    return collate(batch, collate_fn_map=default_collate_fn_map)
