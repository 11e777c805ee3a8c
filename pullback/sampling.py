"""Random tensors, and filling tensors with random numbers: seed for seed those of torch's CPU generator."""

import numpy as np

from . import arguments, batch, devices, dtypes
from .dtypes import I64, numpy_of
from .factories import made
from .graph import Tensor, wrap
from .mode import settled
from .ops.inplace import overwrite
from .shapes import sizes


def draw(distribution, generator, *args, target=None):
    """Numbers from `streams`, in an array. A compiled program draws anew at each run, `vmap` for all samples at once.

    `target`: the array they will be written to, if any.
    """
    from . import streams
    from .generator import default_generator

    source = default_generator if generator is None else generator
    stream = getattr(streams, distribution)
    mode = settled()
    if mode.batch is not None:
        return _for_batch(distribution, stream, source, args, target)
    if mode.tracer is None:
        return stream(source, *args)
    return mode.tracer.note(distribution, lambda *values: stream(source, *values), args, {})


def _for_batch(distribution, stream, source, args, target):
    first, *rest = args
    if distribution == "randperm":
        return batch.random.numbers(lambda sizes: _each(np.empty(sizes), lambda _: stream(source, *args)))
    if distribution == "multinomial":
        return batch.random.numbers(lambda sizes, rows: _rows(rows, lambda flat: stream(source, flat, *rest)), (), first)
    given = [value for value in rest if not isinstance(value, (int, float, np.dtype))]
    numbers = rest[:len(rest) - len(given)]
    return batch.random.numbers(lambda shape, *arrays: stream(source, shape, *numbers, *arrays), first, *given, target=target)


def _each(array, draw):
    """What `draw` gives for every element of `array`, in its shape."""
    results = [draw(value) for value in array.flat]
    return np.stack(results).reshape((*array.shape, *results[0].shape))


def _rows(rows, draw):
    """`draw` of a matrix with all rows, given and returned in the shape of the batch."""
    return draw(rows.reshape((-1, rows.shape[-1]))).reshape((*rows.shape[:-1], -1))


def _dtype(dtype):
    return dtypes.get_default_dtype().numpy if dtype is None else numpy_of(dtype)


def _result(array, requires_grad, device, out=None):
    if device is not None:
        devices.check(device)
    batch.random.check_out(out)
    tensor = made(array, requires_grad) if isinstance(array, np.ndarray) else wrap(array)
    return tensor if out is None else out.copy_(tensor)


def rand(*size, generator=None, out=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """Numbers uniform on [0, 1), of the given sizes."""
    return _result(draw("uniform", generator, arguments.size("rand", size), _dtype(dtype)), requires_grad, device, out)


def randn(*size, generator=None, out=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """Numbers from the normal distribution of mean 0 and variance 1, of the given sizes."""
    return _result(draw("normal", generator, arguments.size("randn", size), _dtype(dtype)), requires_grad, device, out)


def randint(low, high=None, size=None, *, generator=None, out=None, dtype=None, layout=None, device=None, requires_grad=False,
            pin_memory=False):
    """Whole numbers from `low` (0 if left out) up to, not including, `high`; int64 unless a dtype is given."""
    if size is None:
        low, high, size = 0, low, high
    array = draw("randint", generator, sizes((size,)), I64 if dtype is None else numpy_of(dtype), int(low), int(high))
    return _result(array, requires_grad, device, out)


def randperm(n, *, generator=None, out=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """The numbers from 0 to n-1 in random order, int64 unless a dtype is given."""
    return _result(draw("randperm", generator, n, I64 if dtype is None else numpy_of(dtype)), requires_grad, device, out)


def rand_like(input, *, dtype=None, layout=None, device=None, requires_grad=False, memory_format=None):
    """Numbers uniform on [0, 1) in the shape and dtype of `input`."""
    return rand(input.shape, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def randn_like(input, *, dtype=None, layout=None, device=None, requires_grad=False, memory_format=None):
    """Normal numbers in the shape and dtype of `input`."""
    return randn(input.shape, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def randint_like(input, low, high=None, *, dtype=None, layout=None, device=None, requires_grad=False, memory_format=None):
    """Whole numbers from `low` up to, not including, `high` in the shape and dtype of `input`."""
    low, high = (0, low) if high is None else (low, high)
    return randint(low, high, input.shape, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def normal(mean=0.0, std=1.0, size=None, *, generator=None, out=None, dtype=None, device=None, requires_grad=False):
    """Normal numbers of the given means and standard deviations: numbers with `size`, or tensors that broadcast."""
    if not isinstance(mean, Tensor) and not isinstance(std, Tensor):
        array = draw("normal", generator, sizes((size,)), _dtype(dtype), float(mean), float(std))
        return _result(array, requires_grad, device, out)
    like = mean if isinstance(mean, Tensor) else std
    shape = np.broadcast_shapes(*[v._array.shape for v in (mean, std) if isinstance(v, Tensor)])
    batch.random.different(*[v._array for v in (mean, std) if isinstance(v, Tensor)])
    standard = wrap(draw("normal", generator, shape, like._array.dtype))
    return (standard * std + mean).detach() if out is None else out.copy_(standard * std + mean)


def bernoulli(input, p=None, *, generator=None, out=None):
    """1 with the probability given by each element of `input` (or by `p`), else 0, in the dtype of `input`."""
    batch.random.different(input._array)
    array = draw("bernoulli", generator, input._array.shape, input._array.dtype, input._array if p is None else p)
    return _result(array, False, None, out)


def multinomial(input, num_samples, replacement=False, *, generator=None, out=None):
    """Indices drawn with probabilities proportional to `input`, a vector, or a matrix for a draw a row."""
    return _result(draw("multinomial", generator, input._array, num_samples, replacement), False, None, out)


# ---- methods that fill a tensor ------------------------------------------------------------------------------------------
def _fills(name, distribution, *defaults):
    def method(self, *args, generator=None, **named):
        values = [*args, *defaults[len(args):]]
        for key, value in named.items():
            if key not in _PARAMETERS[name]:
                raise TypeError(f"{name}() got an unexpected keyword argument '{key}'")
            values[_PARAMETERS[name].index(key)] = value
        array = self._array
        return overwrite(self, wrap(draw(distribution, generator, array.shape, array.dtype, *values, target=array)))

    method.__name__ = name
    method.__doc__ = f"Fill the tensor with random numbers: torch.Tensor.{name}({', '.join(_PARAMETERS[name])})."
    return method


_PARAMETERS = {"uniform_": ("from", "to"), "normal_": ("mean", "std"), "exponential_": ("lambd",), "bernoulli_": ("p",),
               "cauchy_": ("median", "sigma"), "log_normal_": ("mean", "std"), "geometric_": ("p",)}
uniform_ = _fills("uniform_", "uniform", 0.0, 1.0)
normal_ = _fills("normal_", "normal", 0.0, 1.0)
exponential_ = _fills("exponential_", "exponential", 1.0)
cauchy_ = _fills("cauchy_", "cauchy", 0.0, 1.0)
log_normal_ = _fills("log_normal_", "log_normal", 1.0, 2.0)
geometric_ = _fills("geometric_", "geometric")


def bernoulli_(self, p=0.5, *, generator=None):
    """Fill the tensor with 1 with probability `p` (a number, or a tensor that broadcasts), else 0."""
    chances = np.broadcast_to(p._array, self._array.shape) if isinstance(p, Tensor) else p
    array = self._array
    return overwrite(self, wrap(draw("bernoulli", generator, array.shape, array.dtype, chances, target=array)))


def random_(self, *bounds, generator=None):
    """Fill the tensor with whole numbers: `random_(low, high)`, `random_(high)`, or all its dtype can hold."""
    if bounds:
        low, high = bounds if len(bounds) == 2 else (0, bounds[0])
        array = draw("randint", generator, self._array.shape, self._array.dtype, low, high, target=self._array)
    else:
        array = draw("random", generator, self._array.shape, self._array.dtype, target=self._array)
    return overwrite(self, wrap(array))


METHODS = (uniform_, normal_, exponential_, bernoulli_, cauchy_, log_normal_, geometric_, random_, bernoulli, multinomial)
PUBLIC = ("bernoulli", "multinomial", "normal", "rand", "rand_like", "randint", "randint_like", "randn", "randn_like",
          "randperm")
