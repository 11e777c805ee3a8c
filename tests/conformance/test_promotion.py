"""Result dtypes and values of every pair of dtypes, as tensors with dimensions, without, and as Python numbers."""

# ruff: noqa: B023, E501

import itertools
import operator

import numpy as np
import pytest

import pullback

from .libraries import LIBRARIES, array_of, outcome, torch

NAMES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64", "complex64",
         "complex128"]
NUMBERS = [True, 3, 2.5, 1.5 + 1j]
OPERATIONS = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv,
    "floor_divide": operator.floordiv, "remainder": operator.mod, "pow": operator.pow,
    "eq": operator.eq, "lt": operator.lt, "and": operator.and_,
}
FUNCTIONS = ["maximum", "where", "cat", "atan2", "fmod", "clamp"]


def operand(T, name, ndim):
    """Small numbers that every dtype holds."""
    data = [1, 1, 0] if name == "bool" else [1, 2, 3]
    dtype = getattr(T, name)
    return T.tensor(data).to(dtype) if ndim else T.tensor(data[1]).to(dtype)


def _call(T, name, a, b):
    if name in OPERATIONS:
        return OPERATIONS[name](a, b)
    if name == "where":
        return T.where(T.tensor([True, False, True]), a, b)
    if name == "cat":
        return T.cat([a.reshape(-1), b.reshape(-1)])
    if name == "clamp":
        return a.clamp(max=b)
    return getattr(T, name)(a, b)


def compare(name, left, right, what, failures):
    """Run in both libraries; note where dtype, value or error class differ."""
    results = [outcome(_call, T, name, left(T), right(T)) for T in LIBRARIES]
    ours, theirs = results
    if theirs[0] == "error":
        if ours[0] != "error" or ours[1] != theirs[1]:
            failures.append(f"{what}: {ours[:2] if ours[0] == 'error' else ours[1].dtype}; torch {theirs[1]}: {theirs[2]}")
        return
    if ours[0] == "error":
        failures.append(f"{what}: {ours[1]}: {ours[2]}; torch {theirs[1].dtype}")
    elif str(ours[1].dtype) != str(theirs[1].dtype):
        failures.append(f"{what}: {ours[1].dtype}; torch {theirs[1].dtype}")
    elif not np.allclose(array_of(ours[1]), array_of(theirs[1]), rtol=1e-2, equal_nan=True):
        failures.append(f"{what}: {array_of(ours[1])}; torch {array_of(theirs[1])}")


# torch keeps half-precision complex numbers as complex32, which NumPy lacks; bfloat16 with complex is the same
def _lacking(*names):
    halves = {"float16", "bfloat16"} & set(names)
    return bool(halves) and any(name.startswith("complex") for name in names)


@pytest.mark.parametrize("name", [*OPERATIONS, *FUNCTIONS])
def test_tensors_with_and_without_dimensions(name):
    failures = []
    for (a, b), (da, db) in itertools.product(itertools.product(NAMES, NAMES), itertools.product((1, 0), (1, 0))):
        if _lacking(a, b):
            continue
        compare(name, lambda T: operand(T, a, da), lambda T: operand(T, b, db), f"{a}{'[3]' * da} {name} {b}{'[3]' * db}", failures)
    assert not failures, "\n".join(failures[:40]) + f"\n{len(failures)} differ"


@pytest.mark.parametrize("name", [name for name in (*OPERATIONS, *FUNCTIONS) if name not in ("cat", "maximum", "atan2")])
def test_tensors_and_numbers(name):
    failures = []
    for a, number, ndim in itertools.product(NAMES, NUMBERS, (1, 0)):
        if _lacking(a, "complex" if isinstance(number, complex) else a):
            continue
        compare(name, lambda T: operand(T, a, ndim), lambda T: number, f"{a}{'[3]' * ndim} {name} {number!r}", failures)
        if name in OPERATIONS:
            compare(name, lambda T: number, lambda T: operand(T, a, ndim), f"{number!r} {name} {a}{'[3]' * ndim}", failures)
    assert not failures, "\n".join(failures[:40]) + f"\n{len(failures)} differ"


@pytest.mark.parametrize("name", ["add", "sub", "mul", "div", "floor_divide", "remainder", "pow", "eq"])
def test_in_place(name):
    failures = []
    for a, b, ndim in itertools.product(NAMES, NAMES, (1, 0)):
        if _lacking(a, b):
            continue
        results = []
        for T in LIBRARIES:
            target = operand(T, a, 1)
            results.append(outcome(getattr(target, name + "_"), operand(T, b, ndim)))
        ours, theirs = results
        what = f"{a} {name}_ {b}{'[3]' * ndim}"
        if ours[0] == "error" and "not implemented" in ours[2] and "can't be cast" in str(theirs[2:]):
            continue  # both are true; which comes first is not worth a check in every write
        if ours[:2] != theirs[:2] and "error" in (ours[0], theirs[0]):
            failures.append(f"{what}: {ours}; torch {theirs}")
        elif ours[0] == "error" and ours[2] != theirs[2]:
            failures.append(f"{what}: {ours[2]}; torch {theirs[2]}")
        elif ours[0] == "value" and not np.allclose(array_of(ours[1]), array_of(theirs[1]), rtol=1e-2, equal_nan=True):
            failures.append(f"{what}: {array_of(ours[1])}; torch {array_of(theirs[1])}")
    assert not failures, "\n".join(failures[:40]) + f"\n{len(failures)} differ"


def test_promote_types_result_type_can_cast():
    for a, b in itertools.product(NAMES, NAMES):
        ours, theirs = [str(T.promote_types(getattr(T, a), getattr(T, b))) for T in LIBRARIES]
        assert ours == theirs, f"promote_types({a}, {b}): {ours}, torch {theirs}"
        ours, theirs = [T.can_cast(getattr(T, a), getattr(T, b)) for T in LIBRARIES]
        assert ours == theirs, f"can_cast({a}, {b}): {ours}, torch {theirs}"
        for da, db in itertools.product((1, 0), (1, 0)):
            ours, theirs = [str(T.result_type(operand(T, a, da), operand(T, b, db))) for T in LIBRARIES]
            assert _lacking(a, b) or ours == theirs, f"result_type({a}{'[3]' * da}, {b}{'[3]' * db}): {ours}, torch {theirs}"
    for a, number in itertools.product(NAMES, NUMBERS):
        if not _lacking(a, "complex" if isinstance(number, complex) else a):
            ours, theirs = [str(T.result_type(operand(T, a, 1), number)) for T in LIBRARIES]
            assert ours == theirs, f"result_type({a}, {number}): {ours}, torch {theirs}"


@pytest.mark.parametrize("name", ["sum", "prod", "mean", "exp", "sqrt", "sigmoid", "abs", "neg", "floor", "sign", "cumsum", "amax",
                                  "argmax", "all", "any", "var", "norm", "softmax", "relu", "square", "logical_not", "isnan"])
def test_functions_of_one_tensor(name):
    failures = []
    for dtype in NAMES:
        if name not in pullback.Tensor.__dict__ and not hasattr(pullback, name):
            pytest.skip(f"{name} is not there")
        arguments = (0,) if name in ("softmax", "cumsum") else ()
        results = [outcome(getattr(T, name), operand(T, dtype, 1), *arguments) for T in LIBRARIES]
        ours, theirs = results
        if "error" in (ours[0], theirs[0]):
            if ours[:2] != theirs[:2]:
                failures.append(f"{name}({dtype}): {ours}; torch {theirs}")
        elif str(ours[1].dtype) != str(theirs[1].dtype):
            failures.append(f"{name}({dtype}): {ours[1].dtype}; torch {theirs[1].dtype}")
        elif not np.allclose(array_of(ours[1]), array_of(theirs[1]), rtol=1e-2, equal_nan=True):
            failures.append(f"{name}({dtype}): {array_of(ours[1])}; torch {array_of(theirs[1])}")
    assert not failures, "\n".join(failures)


def test_the_default_dtype():
    """What Python numbers and integer division become follows the default dtype."""
    for default in ("float64", "float32", "float16"):
        found = []
        for T in LIBRARIES:
            T.set_default_dtype(getattr(T, default))
            try:
                found.append([str(v.dtype) for v in (T.tensor(1.5), T.ones(2), T.tensor([1]) / 2, T.tensor([1]) * 1.5,
                                                     T.tensor([1]).exp(), T.arange(1.5), T.tensor([True]) + 0.5)])
            finally:
                T.set_default_dtype(T.float32)
        assert found[0] == found[1], default
    assert torch.get_default_dtype() is torch.float32
