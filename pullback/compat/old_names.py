"""Old spellings and the new ones they stand for: what programs written for PyTorch 0.1 to 0.3 lean on.

Only data, and the functions that turn data into names. A module takes its old names in one line::

    globals().update(old_names("nn.init", globals()))

The first two tables hold what PyTorch itself still accepts, with its warnings. `GONE` holds what it has dropped since,
and is for the legacy era alone.
"""

import functools
import warnings
from collections.abc import Callable, Mapping
from typing import Any

# Names of functions in a module, old to new. Each warns with the module's text in `RENAMED_TEXT`.
RENAMED: dict[str, dict[str, str]] = {
    "nn.init": {
        "uniform": "uniform_",
        "normal": "normal_",
        "constant": "constant_",
        "eye": "eye_",
        "dirac": "dirac_",
        "xavier_uniform": "xavier_uniform_",
        "xavier_normal": "xavier_normal_",
        "kaiming_uniform": "kaiming_uniform_",
        "kaiming_normal": "kaiming_normal_",
        "orthogonal": "orthogonal_",
        "sparse": "sparse_",
    },
    "nn.utils": {"clip_grad_norm": "clip_grad_norm_"},
}
RENAMED_TEXT = {
    "nn.init": "`nn.init.{old}` is now deprecated in favor of `nn.init.{new}`.",
    "nn.utils": "`torch.nn.utils.{old}` is now deprecated in favor of `torch.nn.utils.{new}`.",
}

# Numbers that came first among the arguments and are keywords now: `p.add_(-lr, g)` is `p.add_(g, alpha=-lr)`. The
# value lists the keywords in the order of the numbers, and the names of the tensors that follow them.
NUMBERS_FIRST: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "add": (("alpha",), ("other",)),
    "sub": (("alpha",), ("other",)),
    "addcmul": (("value",), ("tensor1", "tensor2")),
    "addcdiv": (("value",), ("tensor1", "tensor2")),
    "addmm": (("beta", "alpha"), ("mat1", "mat2")),
    "addmv": (("beta", "alpha"), ("mat", "vec")),
    "addr": (("beta", "alpha"), ("vec1", "vec2")),
    "addbmm": (("beta", "alpha"), ("batch1", "batch2")),
    "baddbmm": (("beta", "alpha"), ("batch1", "batch2")),
}

# What PyTorch no longer has at all: functions of a module, or attributes of a tensor.
GONE: dict[str, dict[str, str]] = {
    "nn.functional": {"nll_loss2d": "nll_loss"},
    "Tensor": {"creator": "grad_fn", "masked_copy": "masked_scatter", "masked_copy_": "masked_scatter_"},
}


def old_names(module: str, namespace: Mapping[str, Any]) -> dict[str, Callable[..., Any]]:
    """The old names of `module` ("nn.init", "nn.utils"), each a function that warns and calls the new one.

    `namespace` is where the new functions are found; an old name whose new one is not there is left out.
    """
    pairs = RENAMED[module].items()
    return {old: renamed(module, old, namespace[new]) for old, new in pairs if new in namespace}


def renamed(module: str, old: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` under the name `old`, with the FutureWarning that PyTorch gives for it."""
    text = RENAMED_TEXT[module].format(old=old, new=function.__name__)

    @functools.wraps(function)
    def under_old_name(*args: Any, **kwargs: Any) -> Any:
        warnings.warn(text, FutureWarning, stacklevel=2)
        return function(*args, **kwargs)

    under_old_name.__name__ = under_old_name.__qualname__ = old
    under_old_name.__doc__ = f"{old}(...)\n\nThe old name of `{function.__name__}`, which see."
    return under_old_name


def implicit_dim(name: str, ndim: int, stacklevel: int = 3) -> int:
    """The dimension that `softmax`, `log_softmax` or `softmin` (`name`) takes for an input of `ndim` dimensions
    when it is given none, with PyTorch's UserWarning. `stacklevel` is counted from here: 3 is the caller's caller.
    """
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.",
        stacklevel=stacklevel,
    )
    return 0 if ndim in (0, 1, 3) else 1


def numbers_first(
    name: str, args: tuple[Any, ...], is_tensor: Callable[[Any], bool], stacklevel: int = 3
) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """The modern arguments of a call of the method `name` (`add`, `addmm_` ...) in the old order, numbers first.

    `args` are the positional arguments after `self`, and `is_tensor` tells tensors from numbers. Returns the tensors
    and the keywords, after PyTorch's UserWarning; or None if this is not such a call, and then nothing is said.
    """
    keywords, tensors = NUMBERS_FIRST.get(name.removesuffix("_"), ((), ()))
    count = len(args) - len(tensors)
    if not 0 < count <= len(keywords) or any(map(is_tensor, args[:count])) or not all(map(is_tensor, args[count:])):
        return None
    warnings.warn(numbers_first_text(name, keywords, tensors, count), stacklevel=stacklevel)
    return args[count:], dict(zip(keywords, args[:count], strict=False))


def numbers_first_text(name: str, keywords: tuple[str, ...], tensors: tuple[str, ...], count: int) -> str:
    """PyTorch's words about a call of the method `name` with `count` numbers ahead of its tensors."""
    typed = [f"Tensor {tensor}" for tensor in tensors]
    old = ", ".join([*(f"Number {keyword}" for keyword in keywords[:count]), *typed])
    new = ", ".join([*typed, "*", *(f"Number {keyword} = 1" for keyword in keywords)])
    return (
        f"This overload of {name} is deprecated:\n\t{name}({old})\n"
        f"Consider using one of the following signatures instead:\n\t{name}({new})"
    )
