"""One call in two libraries: the same arguments as tensors of the one and of the other, and what comes out, comparable."""

import re
import warnings

import numpy as np
import pytest

import pullback
from pullback.ops import FUNCTIONS

torch = pytest.importorskip("torch", reason="compares with PyTorch, which is not installed", exc_type=ImportError)

LIBRARIES = (pullback, torch)
NN = {name for name, function in FUNCTIONS.items() if function.namespace == "nn"}


_ORDER = (lambda t: t, lambda t: t.Tensor, lambda t: t.nn.functional, lambda t: t.special, lambda t: t.linalg)
_PLACES = {"torch": _ORDER, "nn": _ORDER[2:], "tensor": _ORDER[1:2], "linalg": _ORDER[4:]}


def function_of(library, name):
    """The public function of that name: torch.name, else the method, else torch.nn.functional's.

    Where torch.nn.functional has a function of its own by that name, it is that: users call it, and torch's is internal.
    """
    registered = FUNCTIONS.get(name)
    wrapper = getattr(torch.nn.functional, name, None)
    if wrapper is not None and wrapper is not getattr(torch, name, None) and hasattr(pullback.nn.functional, name):
        return getattr(library.nn.functional, name)
    if library is pullback and registered is not None and registered.namespace != "torch":
        return registered.call
    for find in _PLACES["nn" if name in NN else registered.namespace if registered else "torch"]:
        place = find(library)
        if hasattr(place, name.removeprefix("linalg_")):
            return getattr(place, name.removeprefix("linalg_"))
    raise AttributeError(f"{library.__name__} has no {name}")


def tensor_of(library, array, requires_grad=False):
    """The array as a tensor of that library with strides and memory of its own."""
    copy = np.empty_like(array)
    copy[...] = array
    return library.from_numpy(copy).requires_grad_(requires_grad)


def translated(library, value):
    """dtypes and devices of pullback in an argument as those of `library`."""
    if isinstance(value, pullback.dtype):
        return getattr(library, value.name)
    if isinstance(value, pullback.device):
        return library.device(str(value))
    if isinstance(value, (list, tuple)):
        return type(value)(translated(library, item) for item in value)
    return value


def parts(result):
    """What a call returned as a flat list."""
    if isinstance(result, (list, tuple)) and not isinstance(result, (pullback.Size, torch.Size)):
        return [part for item in result for part in parts(item)]
    return [result]


def is_tensor(value):
    return isinstance(value, (pullback.Tensor, torch.Tensor))


def array_of(tensor):
    """The numbers of a tensor of either library; bfloat16, which NumPy lacks, as float32."""
    tensor = tensor.detach()
    if str(tensor.dtype) == "torch.bfloat16":
        tensor = tensor.float()
    return tensor.resolve_conj().resolve_neg().numpy(force=True) if isinstance(tensor, torch.Tensor) else tensor.numpy()


def grad_fn_name(tensor):
    """The name of the node behind a tensor, or None."""
    return None if tensor.grad_fn is None else type(tensor.grad_fn).__name__


def first_sentence(error):
    """The text of an error up to the end of its first sentence, without what names builds, addresses or C++ places."""
    text = str(error).strip().split("\n")[0]
    text = re.sub(r" ?\(Triggered internally at .*?\)", "", text)
    text = re.sub(r"0x[0-9a-f]+", "0x", text)
    text = re.sub(r" \(position \d+\)", "", text)
    text = re.sub(r"(missing \d+ required positional) arguments?: .*", r"\1", text)
    return re.split(r"(?<=[a-z\])'0-9])\. ", text + " ")[0].strip().rstrip(".")


def outcome(call, *args, **kwargs):
    """('value', result) or ('error', class name, first sentence); warnings are ignored."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return "value", call(*args, **kwargs)
        except Exception as error:
            return "error", type(error).__name__, first_sentence(error)


def close(actual, expected, what, rtol, atol):
    """Raise AssertionError unless two tensors, one a library, agree in dtype, shape and values."""
    assert str(actual.dtype) == str(expected.dtype), f"{what}: dtype {actual.dtype}, torch {expected.dtype}"
    assert tuple(actual.shape) == tuple(expected.shape), f"{what}: shape {tuple(actual.shape)}, torch {tuple(expected.shape)}"
    np.testing.assert_allclose(array_of(actual), array_of(expected), rtol=rtol, atol=atol, err_msg=what)
