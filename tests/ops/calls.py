"""How the tests call an operation: on samples whose arrays were made tensors, reproducibly, and with what comes out flat."""

import numpy as np

import pullback as torch
from pullback.engine import grad
from pullback.ops import FUNCTIONS
from tests import numeric

LAYOUT_MATTERS = {"view", "view_as", "view_as_complex", "as_strided", "as_strided_", "data_ptr"}  # they look at the strides


def public(name):
    """The function as users reach it."""
    function = FUNCTIONS[name]
    return getattr(torch, name, function.call) if function.namespace == "torch" else function.call


def seed():
    """Start the random numbers afresh."""
    torch.manual_seed(0)


def call(name, sample, values):
    """Call the operation `name` with `values` in the place of the sample's arrays. Returns what it returns."""
    args, kwargs = sample.fill(values)
    if writes(name):  # would write to a leaf
        args = (args[0].clone(), *args[1:])
    seed()
    result = public(name)(*args, **kwargs)
    return args[0] if name == "__setitem__" else result


def writes(name):
    """Whether the function is one that writes to its first argument."""
    return name == "__setitem__" or name.endswith("_") and not name.endswith("__")


def flat(result):
    """The tensors in what an operation returned; Python values stay as they are."""
    if isinstance(result, (list, tuple)):
        return [part for item in result for part in flat(item)]
    if isinstance(result, dict):
        return flat(list(result.values()))
    return [result]


def tensors(sample, arrays=None, requires_grad=False, wanted=None):
    """The arrays of the sample, or those given, as tensors; the differentiable ones as leaves if asked for."""
    arrays = sample.arrays() if arrays is None else arrays
    wanted = sample.differentiable() if wanted is None else wanted
    made = [torch.from_numpy(np.asarray(array)) for array in arrays]
    if requires_grad:
        for index in wanted:
            made[index].requires_grad_()
    return made


def values_of(result):
    """The numbers in what an operation returned, as arrays."""
    return [part.detach().numpy() if isinstance(part, torch.Tensor) else np.asarray(part) for part in flat(result)]


def differentiable(result):
    """The tensors in `result` that carry history."""
    return [part for part in flat(result) if isinstance(part, torch.Tensor) and part.requires_grad]


def double(sample):
    """The sample's arrays as fresh contiguous ones, the differentiable ones in double precision."""
    arrays = [np.array(array, order="C") for array in sample.arrays()]
    for index in sample.differentiable():
        arrays[index] = arrays[index].astype(np.complex128 if arrays[index].dtype.kind == "c" else np.float64)
    return arrays


def with_gradients(name, sample, arrays, wanted, seed=0):
    """Values, and the gradients by the arrays `wanted` under random cotangents drawn from `seed` (None: no history)."""
    leaves = tensors(sample, arrays, requires_grad=True, wanted=wanted)
    result = call(name, sample, leaves)
    outputs = differentiable(result)
    if not outputs:
        return values_of(result), None
    rng = np.random.default_rng(seed)
    cotangents = [torch.from_numpy(numeric.random_like(rng, out.detach().numpy())) for out in outputs]
    gradients = grad(outputs, [leaves[i] for i in wanted], cotangents, allow_unused=True,
                                    materialize_grads=True)
    return values_of(result), [g.numpy() for g in gradients]
