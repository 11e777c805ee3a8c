"""Numbers ahead of tensors: the order of arguments of before 0.4, which PyTorch still takes, with a warning.

`p.add_(-lr, g)` is `p.add_(g, alpha=-lr)`, and `torch.addmm(beta, input, alpha, a, b)` is
`torch.addmm(input, a, b, beta=beta, alpha=alpha)`. Optimisers written then are full of it.
"""

import functools
import warnings

from ..graph import Tensor

# For each function, the keywords that were numbers in this order, and the tensors that follow the first one.
NUMBERS_FIRST = {
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


def modern(name, args, stacklevel=3):
    """The positional arguments `args` of a call of `name` in the old order, as positional ones and keywords of today.

    None if the call is not in the old order; otherwise PyTorch's UserWarning is given, `stacklevel` counted from here.
    """
    keywords, tensors = NUMBERS_FIRST.get(name.removesuffix("_"), ((), ()))
    if keywords[:1] == ("beta",) and len(args) > 1 and not isinstance(args[0], Tensor):
        args = args[1], args[0], *args[2:]  # of the function, not the method: beta came before the first tensor
    numbers = args[1 : len(args) - len(tensors)]
    others = args[1 + len(numbers) :]
    if not 0 < len(numbers) <= len(keywords) or len(others) != len(tensors):
        return None
    if any([isinstance(value, Tensor) for value in numbers]) or not all([isinstance(v, Tensor) for v in (args[0], *others)]):
        return None
    warnings.warn(text(name, len(numbers)), stacklevel=stacklevel)
    return (args[0], *others), dict(zip(keywords, numbers, strict=False))


def text(name, count):
    """PyTorch's words about a call of the method `name` with `count` numbers ahead of its tensors."""
    keywords, tensors = NUMBERS_FIRST[name.removesuffix("_")]
    typed = [f"Tensor {tensor}" for tensor in tensors]
    old = ", ".join([*[f"Number {keyword}" for keyword in keywords[:count]], *typed])
    new = ", ".join([*typed, "*", *[f"Number {keyword} = 1" for keyword in keywords]])
    return (f"This overload of {name} is deprecated:\n\t{name}({old})\n"
            f"Consider using one of the following signatures instead:\n\t{name}({new})")


def accepting(name, method):
    """The method `name` (`add_`), made to take its arguments in the old order as well."""
    count = len(NUMBERS_FIRST[name.removesuffix("_")][1])

    @functools.wraps(method)
    def either(self, *args, **options):
        if len(args) > count and (found := modern(name, (self, *args))) is not None:
            (self, *args), keywords = found
            return method(self, *args, **options, **keywords)
        return method(self, *args, **options)

    return either
