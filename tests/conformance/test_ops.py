"""Every sample of every operation, run by PyTorch too: values, dtypes, strides, views, gradients, nodes, in-place writes."""

import re

import numpy as np
import pytest

import pullback
from pullback.ops import FUNCTIONS
from tests.samples import SAMPLES

from .libraries import (
    array_of,
    close,
    function_of,
    grad_fn_name,
    is_tensor,
    outcome,
    parts,
    tensor_of,
    torch,
    translated,
)

KNOWN = {  # deliberate differences, by operation and check: part of what the check says; the reasons are in differences.md
    ("abs", "inplace"): "In-place abs is not supported for complex tensors",
    ("logical_not", "inplace"): "torch CloneBackward0", ("cross_entropy", "flags_and_nodes"): "torch DivBackward1",
    ("absolute", "inplace"): "In-place abs is not supported for complex tensors",
    ("conj_physical", "inplace"): "torch ConjPhysicalBackward1",
    ("einsum", "views"): "torch True", ("inner", "views"): "torch True", ("tensordot", "views"): "torch True",
    ("linear", "views"): "torch True", ("cdist", "views"): "torch True", ("nll_loss", "views"): "torch True",
    ("avg_pool1d", "views"): "torch True", ("max_pool1d", "views"): "torch True",
    ("max_pool1d_with_indices", "views"): "torch True", ("adaptive_avg_pool1d", "views"): "torch True",
    ("adaptive_max_pool1d", "views"): "torch True",
    ("addmm", "inplace"): "should match", ("addmv", "inplace"): "should match", ("baddbmm", "inplace"): "should match",
    ("addr", "inplace"): "2D tensor expected, got 1D tensor for input", ("addbmm", "inplace"): "output with shape [2, 1]",
    ("cumsum", "inplace"): "cumsum_out_cpu", ("float_power", "inplace"): "the base given to float_power_ has dtype",
    ("topk", "other_dtypes"): "Mismatch", ("kthvalue", "other_dtypes"): "Mismatch", ("complex", "other_dtypes"): "complex32",
    ("mul", "other_dtypes"): "complex32",
    ("view_as_complex", "other_dtypes"): "Half",
}
CHECKS = {}


def check(function):
    CHECKS[function.__name__] = function
    return function


def arrays_as(sample, narrow):
    """The sample's arrays, the differentiable ones in single or double precision."""
    arrays = sample.arrays()
    for index in sample.differentiable():
        kind = arrays[index].dtype.kind
        arrays[index] = arrays[index].astype({("f", True): np.float32, ("f", False): np.float64, ("c", True): np.complex64,
                                              ("c", False): np.complex128}[kind, narrow])
    return arrays


def run(library, name, sample, arrays, requires_grad=True):
    """The leaves, and the outcome of the call."""
    wanted = sample.differentiable() if requires_grad else ()
    leaves = [tensor_of(library, array, index in wanted) for index, array in enumerate(arrays)]
    args, kwargs = sample.fill(leaves)
    args, kwargs = translated(library, args), {key: translated(library, value) for key, value in kwargs.items()}
    if name.endswith("_"):
        args = (args[0].clone(), *args[1:])
    library.manual_seed(0)
    return leaves, outcome(function_of(library, name), *args, **kwargs)


def both(name, sample, narrow=False):
    """Leaves and results in the two libraries; the outcome must be of the same kind."""
    arrays = arrays_as(sample, narrow)
    ours, theirs = [run(library, name, sample, arrays) for library in (pullback, torch)]
    assert ours[1][0] == theirs[1][0], f"{ours[1]}, torch {theirs[1]}"
    if ours[1][0] == "error":
        assert ours[1] == theirs[1]
        return None
    return ours[0], parts(ours[1][1]), theirs[0], parts(theirs[1][1])


@check
def value_and_dtype(name, sample):
    for narrow in (False, True):
        found = both(name, sample, narrow)
        if found is None:
            return
        _, ours, _, theirs = found
        assert len(ours) == len(theirs), f"{len(ours)} results, torch {len(theirs)}"
        for a, e in zip(ours, theirs, strict=True):
            if not is_tensor(e):
                assert a == e or a is e or str(a) == str(e), f"{a!r}, torch {e!r}"
                continue
            close(a, e, "float32" if narrow else "float64", *((2e-4, 1e-5) if narrow else (1e-7, 1e-9)))


@check
def flags_and_nodes(name, sample):
    found = both(name, sample)
    if found is None:
        return
    for a, e in zip(found[1], found[3], strict=True):
        if not is_tensor(e):
            continue
        assert (a.requires_grad, a.is_leaf) == (e.requires_grad, e.is_leaf), \
            f"requires_grad {a.requires_grad}, is_leaf {a.is_leaf}; torch {e.requires_grad}, {e.is_leaf}"
        assert grad_fn_name(a) == grad_fn_name(e), f"grad_fn {grad_fn_name(a)}, torch {grad_fn_name(e)}"
        assert a.output_nr == e.output_nr, f"output_nr {a.output_nr}, torch {e.output_nr}"


@check
def views(name, sample):
    found = both(name, sample)
    if found is None:
        return
    for a, e in zip(found[1], found[3], strict=True):
        if not is_tensor(e) or e.is_conj():
            continue
        assert a._is_view() == e._is_view(), f"_is_view {a._is_view()}, torch {e._is_view()}"
        if e._is_view():
            bases = [[t._base is leaf for leaf in leaves] for t, leaves in ((a, found[0]), (e, found[2]))]
            assert bases[0] == bases[1], "the base is another"
            assert a.storage_offset() == e.storage_offset(), f"storage_offset {a.storage_offset()}, torch {e.storage_offset()}"
        shared = [[t.numel() > 0 and leaf.numel() > 0 and np.shares_memory(array_of(t), array_of(leaf)) for leaf in leaves]
                  for t, leaves in ((a, found[0]), (e, found[2]))]
        assert shared[0] == shared[1], f"shares memory with the inputs: {shared[0]}, torch {shared[1]}"


@check
def strides(name, sample):
    found = both(name, sample)
    if found is None:
        return
    for a, e in zip(found[1], found[3], strict=True):
        if is_tensor(e) and e.numel():
            assert tuple(a.stride()) == tuple(e.stride()), f"strides {tuple(a.stride())}, torch {tuple(e.stride())}"


@check
def gradient(name, sample):
    wanted = sample.differentiable()
    for narrow in (False, True):
        found = both(name, sample, narrow) if wanted else None
        if found is None:
            return
        gradients = []
        for library, leaves, results in ((pullback, *found[:2]), (torch, *found[2:])):
            outputs = [out for out in results if is_tensor(out) and out.requires_grad]
            if not outputs:
                return
            rng = np.random.default_rng(0)
            cotangents = []
            for out in outputs:
                numbers = rng.standard_normal(tuple(out.shape))
                if out.is_complex():
                    numbers = numbers + 1j * rng.standard_normal(tuple(out.shape))
                cotangents.append(library.from_numpy(np.asarray(numbers)).to(out.dtype))
            gradients.append(outcome(library.autograd.grad, outputs, [leaves[i] for i in wanted], cotangents,
                                     allow_unused=True))
        assert gradients[0][0] == gradients[1][0], f"{gradients[0]}, torch {gradients[1]}"
        if gradients[0][0] == "error":
            assert gradients[0] == gradients[1]
            return
        for index, a, e in zip(wanted, gradients[0][1], gradients[1][1], strict=True):
            assert (a is None) == (e is None), f"gradient of array {index}: {a}, torch {e}"
            if e is not None:
                close(a, e, f"gradient of array {index}", *((1e-3, 1e-4) if narrow else (1e-6, 1e-8)))


@check
def inplace(name, sample):
    if not FUNCTIONS[name].inplace or not hasattr(torch.Tensor, name + "_") or not isinstance(sample.args[0], np.ndarray):
        return
    results = []
    for library in (pullback, torch):
        wanted = sample.differentiable()
        leaves = [tensor_of(library, array, index in wanted) for index, array in enumerate(arrays_as(sample, False))]
        args, kwargs = sample.fill([leaves[0].clone(), *leaves[1:]])
        args, kwargs = translated(library, args), {key: translated(library, value) for key, value in kwargs.items()}
        results.append((args[0], outcome(getattr(library.Tensor, name + "_"), *args, **kwargs)))
    (ours, how), (theirs, torchs) = results
    assert how[0] == torchs[0], f"{name}_: {how}, torch {torchs}"
    if how[0] == "error":
        assert how == torchs, f"{name}_: {how}, torch {torchs}"
        assert ours._version == theirs._version, f"version {ours._version} after a failed {name}_, torch {theirs._version}"
        return
    close(ours, theirs, f"{name}_", 1e-7, 1e-9)
    # torch numbers the nodes of in-place variants apart where it generates separate code for them
    names = [re.sub(r"\d+$", "", grad_fn_name(t) or "") for t in (ours, theirs)]
    assert names[0] == names[1], f"{name}_: grad_fn {grad_fn_name(ours)}, torch {grad_fn_name(theirs)}"
    assert ours._version == theirs._version, f"{name}_: version {ours._version}, torch {theirs._version}"


DTYPES = [np.float16, np.int64, np.bool_, np.uint8, np.complex64]


@check
def other_dtypes(name, sample):
    """Half precision, integers, bool, complex: the same dtype and value, or the same error."""
    wanted = sample.differentiable()
    if not wanted:
        return
    for dtype in DTYPES:
        arrays = [array.real.astype(dtype) if i in wanted else array for i, array in enumerate(sample.arrays())]
        (_, ours), (_, theirs) = [run(library, name, sample, arrays, requires_grad=False) for library in (pullback, torch)]
        what = np.dtype(dtype).name
        if theirs[0] == "error":
            if ours[0] == "error":
                assert ours[1] == theirs[1], f"on {what}: {ours[1]}: {ours[2]}; torch {theirs[1]}: {theirs[2]}"
            elif "not implemented for" not in theirs[2] and "not supported" not in theirs[2]:
                raise AssertionError(f"on {what}: a result; torch {theirs[1]}: {theirs[2]}")
            continue
        assert ours[0] == "value", f"on {what}: {ours}"
        for a, e in zip(parts(ours[1]), parts(theirs[1]), strict=True):
            if is_tensor(e):
                assert str(a.dtype) == str(e.dtype), f"on {what}: dtype {a.dtype}, torch {e.dtype}"
                if dtype is not np.float16:
                    close(a, e, f"on {what}", 1e-4, 1e-5)


SAMPLED = sorted(set(SAMPLES) & set(FUNCTIONS))


@pytest.mark.parametrize("name", SAMPLED)
def test_operation(name):
    failures = {}
    for number, sample in enumerate(SAMPLES[name]):
        for check in CHECKS.values():
            try:
                check(name, sample)
            except Exception as error:
                text = " ".join(f"{'' if isinstance(error, AssertionError) else type(error).__name__ + ': '}{error}".split())
                known = KNOWN.get((name, check.__name__))
                if known is not None and known in text:
                    continue
                failures.setdefault((check.__name__, text[:600]), []).append(sample.name or str(number))
    if failures:
        lines = [f"{check} (sample {', '.join(samples)}): {text}" for (check, text), samples in failures.items()]
        pytest.fail(f"{name}:\n" + "\n".join(lines), pytrace=False)
