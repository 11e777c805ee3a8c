"""Programs of transforms, run in both libraries: what they are given, and whether the libraries agree."""

import numpy as np

from .libraries import LIBRARIES, array_of, outcome, pullback, torch

X = np.array([1.0, 2.0, 3.0])
M = np.arange(6.0).reshape(2, 3)


class Inputs:
    """What a program is given: the library, its transforms, a vector, a matrix, and a vector that requires a gradient."""

    def __init__(self, library):
        self.t, self.f, self.fw = library, library.func, library.autograd.forward_ad
        self.x, self.m = library.tensor(X), library.tensor(M)
        self.w = library.tensor(X, requires_grad=True)
        self.eye = library.eye(3, dtype=library.float64)


def flat(value):
    """The leaves of nested containers, with what tells a container from another."""
    if isinstance(value, dict):
        return [("dict", tuple(value)), *[leaf for item in value.values() for leaf in flat(item)]]
    if isinstance(value, (list, tuple)) and not isinstance(value, (pullback.Size, torch.Size)):
        name = "tuple" if isinstance(value, tuple) else "list"
        return [(name, len(value)), *[leaf for item in value for leaf in flat(item)]]
    return [value]


def comparable(value):
    if isinstance(value, (pullback.Tensor, torch.Tensor)):
        return "tensor", str(value.dtype), tuple(value.shape), value.requires_grad
    return value


def agree(program):
    """Run a program in both libraries: the results, their dtypes, shapes and flags, or the error."""
    ours, theirs = [outcome(program, Inputs(library)) for library in LIBRARIES]
    assert ours[0] == theirs[0], f"{ours}, torch {theirs}"
    if ours[0] == "error":
        assert ours[1:] == theirs[1:]
        return
    ours, theirs = flat(ours[1]), flat(theirs[1])
    assert [comparable(v) for v in ours] == [comparable(v) for v in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        if isinstance(mine, pullback.Tensor):
            np.testing.assert_allclose(array_of(mine), array_of(other), rtol=1e-6, atol=1e-9)


def cube(x):
    return (x**3).sum()


def under(mode, call):
    with mode:
        return call()


def plus_one_in_place(x):
    y = x.clone()
    y[0] = 7.0
    y.mul_(x)
    return y


def dual(step):
    """A program that takes a dual tensor a step, and what comes of it apart."""

    def program(i):
        with i.fw.dual_level():
            result = step(i, i.fw.make_dual(i.x, i.x.flip(0)))
            return [tuple(i.fw.unpack_dual(value)) for value in (result if isinstance(result, (tuple, list)) else (result,))]

    return program
