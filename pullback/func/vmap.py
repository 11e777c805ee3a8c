"""`vmap`: a function of one sample made a function of a batch."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from ..batch import Batched, Level, Unbatchable, levels_of
from ..generator import default_generator
from ..graph import Tensor, wrap
from ..mode import settled
from ..ops import cat
from ..ops.batching import enter, enter_leaf, leave
from ..ops.inplace import write
from ..shapes import wrap_dim
from ..trees import _broadcast_to_and_flatten, tree_flatten, tree_structure, tree_unflatten
from .levels import opened

_P, _R = ParamSpec("_P"), TypeVar("_R")
in_dims_t = int | tuple
out_dims_t = int | tuple | None


def vmap(
    func: Callable[_P, _R],
    in_dims: in_dims_t = 0,
    out_dims: out_dims_t = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable[_P, _R]:
    """A function that does to every sample of a batch what `func` does to one, all at once.

    `in_dims`: which axis of each argument is the batch, None where an argument is the same for all samples; an int, or a tuple
    in the form of the arguments (nested dicts, lists, tuples). `out_dims`: where the batch goes in each output. Keyword
    arguments are the same for all samples. `randomness`: what random numbers are to samples: an "error", "same" or
    "different". `chunk_size`: how many samples at once, by default all.

    Raises ValueError where dims and arguments do not fit or an output is no tensor, RuntimeError on what only one sample
    has, such as a value that decides about the control flow.
    """
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}")
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError(f"vmap: chunk_size should be None or greater than 0. (got {chunk_size})")

    @functools.wraps(func)
    def wrapped(*args, **kwargs):
        call = _Call(func, in_dims, out_dims, randomness)
        leaves, dims, spec, size = call.batches(args)
        if chunk_size is None or chunk_size >= size:
            return call.run(leaves, dims, spec, size, kwargs)
        return call.in_chunks(leaves, dims, spec, size, chunk_size, kwargs)

    return wrapped


class _Call:
    """A function to be mapped, and how."""

    def __init__(self, func, in_dims, out_dims, randomness):
        self.func, self.in_dims, self.out_dims, self.randomness = func, in_dims, out_dims, randomness

    @property
    def name(self):
        """The function's name in messages."""
        if isinstance(self.func, functools.partial):
            return f"functools.partial({_Call(self.func.func, 0, 0, '').name}, ...)"
        return getattr(self.func, "__name__", None) or repr(self.func)

    # ---- inputs
    def batches(self, args):
        """The leaves of the arguments, the batch axis of each, their structure, and the size of the batch."""
        if not isinstance(self.in_dims, (int, tuple)):
            raise ValueError(f"{self._inputs()}: expected `in_dims` to be int or a (potentially nested) tuple matching the "
                             f"structure of inputs, got: {type(self.in_dims)}.")
        if not args:
            raise ValueError(f"vmap({self.name})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to "
                             "vmap over a function with no inputs. The latter is unsupported.")
        leaves, spec = tree_flatten(args)
        dims = _broadcast_to_and_flatten(self.in_dims, spec)
        if dims is None:
            raise ValueError(f"{self._inputs()}: in_dims is not compatible with the structure of `inputs`. in_dims has structure "
                             f"{tree_structure(self.in_dims)} but inputs has structure {spec}.")
        dims = [self._in_dim(leaf, dim) for leaf, dim in zip(leaves, dims, strict=True)]
        sizes = [leaf.size(dim) for leaf, dim in zip(leaves, dims, strict=True) if dim is not None]
        if not sizes:
            raise ValueError("vmap: Expected at least one Tensor to vmap over")
        if len(set(sizes)) > 1:
            raise ValueError("vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
                             f"{sizes} for the mapped dimension")
        return leaves, dims, spec, sizes[0]

    def _inputs(self):
        return f"vmap({self.name}, in_dims={self.in_dims}, ...)(<inputs>)"

    def _in_dim(self, leaf, dim):
        if dim is None:
            return None
        if not isinstance(dim, int):
            raise ValueError(f"{self._inputs()}: Got in_dim={dim} for an input but in_dim must be either an integer dimension or "
                             "None.")
        if not isinstance(leaf, Tensor):
            raise ValueError(f"{self._inputs()}: Got in_dim={dim} for an input but the input is of type {type(leaf)}. We cannot "
                             "vmap over non-Tensor arguments, please use None as the respective in_dim")
        ndim = leaf.dim()
        if not -ndim <= dim < ndim:
            raise ValueError(f"{self._inputs()}: Got in_dim={dim} for some input, but that input is a Tensor of dimensionality "
                             f"{ndim} so expected in_dim to satisfy -{ndim} <= in_dim < {ndim}.")
        return dim if dim >= 0 else dim + ndim

    # ---- the call
    def run(self, leaves, dims, spec, size, kwargs):
        """Call the function once for the whole batch."""
        level = Level(size, self.randomness, settled().batch)
        try:
            with opened(level, batch=level):
                samples = [leaf if dim is None else _entered(leaf, level, dim)
                           for leaf, dim in zip(leaves, dims, strict=True)]
                entered = {id(sample): pair for sample, *pair in zip(samples, leaves, dims, strict=True)}
                outputs = self.func(*tree_unflatten(samples, spec), **kwargs)
                for sample, leaf, dim in zip(samples, leaves, dims, strict=True):
                    if dim is not None and sample._storage is not None and sample._storage.version:
                        write(leaf, leave(sample, level=level, dim=dim))
                flat, out_spec = tree_flatten(outputs)
                out_dims = self._out_dims(outputs, out_spec)
                return tree_unflatten([self._leave(value, level, dim, entered)
                                       for value, dim in zip(flat, out_dims, strict=True)], out_spec)
        except Unbatchable as error:
            raise RuntimeError(*error.args).with_traceback(error.__traceback__) from None
        finally:
            level.open = False

    def _out_dims(self, outputs, spec):
        if isinstance(outputs, Tensor):
            single = self.out_dims
            if isinstance(single, tuple) and len(single) == 1:
                single = single[0]
            if not isinstance(single, int) and single is not None:
                raise self._bad_out_dims(spec)
            return [single]
        dims = _broadcast_to_and_flatten(self.out_dims, spec)
        if dims is None:
            raise self._bad_out_dims(spec)
        for dim in dims:
            if not isinstance(dim, int) and dim is not None:
                raise self._bad_out_dims(spec)
        return dims

    def _bad_out_dims(self, spec):
        if not all(isinstance(dim, int) or dim is None for dim in tree_flatten(self.out_dims)[0]):
            return ValueError(f"vmap({self.name}, ..., out_dims={self.out_dims}): `out_dims` must be an int, None or a python "
                              "collection of ints representing where in the outputs the vmapped dimension should appear.")
        return ValueError(f"vmap({self.name}, ..., out_dims={self.out_dims})(<inputs>): out_dims is not compatible with the "
                          f"structure of `outputs`. out_dims has structure {tree_structure(self.out_dims)} but outputs has "
                          f"structure {spec}.")

    def _leave(self, value, level, dim, entered):
        tensor = isinstance(value, Tensor)
        if dim is None:
            if tensor and level in levels_of(value._array.shape):
                raise ValueError(f"vmap({self.name}, ...): `{self.name}` can not return a BatchedTensor when out_dim is None")
            return value
        if not tensor:
            raise ValueError(f"vmap({self.name}, ...): `{self.name}` must only return Tensors, got type {type(value)}. Did you "
                             "mean to set out_dims= to None for output?")
        dim = wrap_dim(dim, value.dim() + 1)
        original, in_dim = entered.get(id(value), (None, None))
        return original if in_dim == dim else leave(value, level=level, dim=dim)

    # ---- chunks
    def in_chunks(self, leaves, dims, spec, size, chunk_size, kwargs):
        """Call the function for some samples at a time, and put their results together."""
        split = [leaf if dim is None else leaf.split(chunk_size, dim) for leaf, dim in zip(leaves, dims, strict=True)]
        results, state = [], default_generator.get_state()
        for i, start in enumerate(range(0, size, chunk_size)):
            if self.randomness == "same":
                default_generator.set_state(state)
            part = [whole if dim is None else whole[i] for whole, dim in zip(split, dims, strict=True)]
            results.append(self.run(part, dims, spec, min(chunk_size, size - start), kwargs))
        flat = [tree_flatten(result)[0] for result in results]
        out_spec = tree_structure(results[0])
        out_dims = self._out_dims(results[0], out_spec)
        return tree_unflatten([cat(parts, dim) for *parts, dim in zip(*flat, out_dims, strict=True)], out_spec)


def _entered(tensor, level, dim):
    """One sample of a tensor: a leaf if that is one."""
    leaf = tensor._edge is not None and tensor._edge.leaf
    return (enter_leaf if leaf else enter)(tensor, level=level, dim=dim)


def debug_unwrap(tensor: Tensor, *, recurse: bool = True) -> Tensor:
    """The whole batch behind a tensor inside `vmap`, without history: for looking at values while debugging.

    Inside several levels all of them are taken off; with `recurse=False`, the innermost. A tensor outside of all
    transforms is returned as it is.
    """
    array = tensor._array
    if type(array) is not Batched:
        return tensor.detach() if tensor._edge is not None and tensor._edge.leaf else tensor
    array = array.array
    while recurse and type(array) is Batched:
        array = array.array
    return wrap(array)
