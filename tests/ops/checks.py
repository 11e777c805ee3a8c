"""What must hold for every operation on every sample: one function a property, raising AssertionError where it fails."""

import numpy as np

import pullback as torch
from pullback.engine import grad
from pullback.ops import FUNCTIONS
from tests import numeric

from .calls import (
    LAYOUT_MATTERS,
    call,
    differentiable,
    double,
    flat,
    public,
    seed,
    tensors,
    values_of,
    with_gradients,
    writes,
)

CHECKS = {}
TORCH_ERRORS = (RuntimeError, TypeError, IndexError, ValueError, NotImplementedError)
NUMPY_WORDS = ("ufunc", "numpy.", "numpy ", "dtype(", "could not be broadcast", "_UFunc", "AxisError", "ndarray", "np.",
               "array of sample", "could not broadcast", "shape mismatch", "for axis", "setting an array element")
PRECISION = {np.dtype(np.float16): 2e-2, np.dtype(np.float32): 2e-5, np.dtype(np.complex64): 2e-5}


def check(function):
    """Run `function(name, sample)` on every sample of every operation."""
    CHECKS[function.__name__] = function
    return function


def same(actual, expected, what, rtol=1e-7, atol=1e-9):
    """Raise AssertionError unless two lists of arrays agree in shape and value."""
    assert len(actual) == len(expected), f"{what}: {len(actual)} results, expected {len(expected)}"
    for place, (a, e) in enumerate(zip(actual, expected, strict=True)):
        a, e = np.asarray(a), np.asarray(e)
        loosest = max(PRECISION.get(a.dtype, 0), PRECISION.get(e.dtype, 0))
        assert a.shape == e.shape, f"{what}: result {place} has shape {a.shape}, expected {e.shape}"
        np.testing.assert_allclose(a, e, rtol=max(rtol, loosest), atol=max(atol, loosest), err_msg=f"{what}, result {place}")


def torch_like(error):
    """Whether an error is one PyTorch could have raised, and does not speak NumPy."""
    plain = type(error).__module__ == "builtins" and isinstance(error, TORCH_ERRORS)
    return plain and not any(word in str(error) for word in NUMPY_WORDS)


@check
def value(name, sample):
    """The result is what NumPy, SciPy or a closed form says."""
    if sample.ref is None:
        return
    expected = sample.expected()
    expected = expected if isinstance(expected, (list, tuple)) else [expected]
    same(values_of(call(name, sample, tensors(sample))), expected, "value")


def _scalar(name, sample, seed=0):
    """The function of arrays that sums the operation's differentiable results, weighted at random."""

    def scalar(*arrays):
        outputs = [v for v in values_of(call(name, sample, tensors(sample, arrays))) if v.dtype.kind in "fc"]
        rng = np.random.default_rng(seed)
        return sum(numeric.inner(numeric.random_like(rng, v), v) for v in outputs)

    return scalar


@check
def gradient(name, sample):
    """The gradient is that of finite differences."""
    wanted, arrays = sample.differentiable(), double(sample)
    if not wanted:
        return
    _, gradients = with_gradients(name, sample, arrays, wanted)
    if gradients is None:  # allowed where nothing depends on the inputs smoothly
        gradients = [np.zeros_like(arrays[index]) for index in wanted]
    numeric.check_gradient(_scalar(name, sample), arrays, wanted, gradients, rng=np.random.default_rng(1))


def _projection(name, sample, wanted, count, seed=2):
    """The sum of the gradients, weighted at random, and the leaves it is a function of: the inputs, then the cotangents."""

    def project(*arrays):
        leaves = tensors(sample, arrays[:count], requires_grad=True, wanted=wanted)
        outputs = differentiable(call(name, sample, leaves))
        cotangents = [torch.from_numpy(np.asarray(c)).requires_grad_() for c in arrays[count:]]
        gradients = grad(outputs, [leaves[i] for i in wanted], cotangents, create_graph=True, allow_unused=True)
        project.gradients = [None if g is None else g.detach().numpy() for g in gradients]
        rng = np.random.default_rng(seed)
        total = torch.from_numpy(np.zeros(()))
        for gradient in gradients:
            if gradient is not None:
                weight = numeric.random_like(rng, gradient.detach().numpy())
                product = gradient * torch.from_numpy(weight.conj())
                total = total + (torch.real(product) if weight.dtype.kind == "c" else product).sum()
        return total, [leaves[i] for i in wanted] + cotangents

    return project


@check
def second_derivative(name, sample):
    """The gradient's own gradient, by the inputs and by the incoming gradient, is that of finite differences."""
    wanted, arrays = sample.differentiable(), double(sample)
    if not wanted:
        return
    outputs = differentiable(call(name, sample, tensors(sample, arrays, requires_grad=True)))
    rng = np.random.default_rng(0)
    cotangents = [numeric.random_like(rng, out.detach().numpy()) for out in outputs]
    project = _projection(name, sample, wanted, len(arrays))
    total, leaves = project(*arrays, *cotangents)
    _, plain = with_gradients(name, sample, arrays, wanted)
    for recorded, expected in zip(project.gradients, plain or (), strict=False):
        same([np.zeros_like(expected) if recorded is None else recorded], [expected], "gradient under create_graph")
    places = [*wanted, *range(len(arrays), len(arrays) + len(cotangents))]
    if total.requires_grad:
        second = grad(total, leaves, allow_unused=True, materialize_grads=True)
        second = [g.numpy() for g in second]
    else:
        second = [np.zeros_like(leaf.detach().numpy()) for leaf in leaves]
    numeric.check_gradient(lambda *values: project(*values)[0].item(), [*arrays, *cotangents], places, second,
                           rng=np.random.default_rng(3), step=1e-5, rtol=1e-4, atol=1e-5, what="second derivative")


def _strided(array):
    """The same numbers, every second element of a larger array that lies in column order."""
    wide = np.zeros([2 * size for size in array.shape], array.dtype, order="F")
    window = wide[tuple(slice(1, None, 2) for _ in array.shape)]
    window[...] = array
    return window


@check
def layout(name, sample):
    """Values and gradients do not depend on the strides of the inputs."""
    if name in LAYOUT_MATTERS:
        return
    wanted, arrays = sample.differentiable(), double(sample)
    expected, gradients = with_gradients(name, sample, arrays, wanted)
    for arrange in (np.asfortranarray, _strided):
        arranged = [arrange(array) if array.ndim else array for array in arrays]
        actual, found = with_gradients(name, sample, arranged, wanted)
        same(actual, expected, f"value on inputs laid out by {arrange.__name__}", rtol=1e-10)
        if gradients is not None:
            same(found, gradients, f"gradient on inputs laid out by {arrange.__name__}", rtol=1e-9)


@check
def inputs_unchanged(name, sample):
    """Nothing is written to the inputs, forward or backward, and their versions do not move."""
    arrays = double(sample)
    leaves = tensors(sample, arrays, requires_grad=True)
    before = [array.copy() for array in arrays]
    outputs = differentiable(call(name, sample, leaves))
    if outputs:
        chosen = [leaves[i] for i in sample.differentiable()]
        grad(outputs, chosen, [torch.ones_like(out) for out in outputs], allow_unused=True)
    for leaf, array, old in zip(leaves, arrays, before, strict=True):
        np.testing.assert_array_equal(array, old, err_msg="an input was written to")
        assert leaf._version == 0, "the version of an input moved"


@check
def no_history(name, sample):
    """Under no_grad and inference_mode nothing is recorded, and the values are the same."""
    arrays = double(sample)
    expected = values_of(call(name, sample, tensors(sample, arrays, requires_grad=True)))
    for mode in (torch.no_grad, torch.inference_mode):
        leaves = tensors(sample, arrays, requires_grad=True)
        with mode():
            result = call(name, sample, leaves)
        for part in flat(result):
            assert not isinstance(part, torch.Tensor) or part.grad_fn is None, f"history under {mode.__name__}"
            # a view made under no_grad of a leaf that requires a gradient says that it requires one: so does torch
            assert not isinstance(part, torch.Tensor) or part._is_view() or not part.requires_grad or writes(name) \
                or any(part is leaf for leaf in leaves), f"requires a gradient under {mode.__name__}"
        same(values_of([p.detach() if isinstance(p, torch.Tensor) else p for p in flat(result)]), expected,
             f"value under {mode.__name__}")


@check
def half_the_inputs(name, sample):
    """With only one input that requires a gradient, its gradient is the same as with all of them."""
    wanted, arrays = sample.differentiable(), double(sample)
    if len(wanted) < 2 or writes(name):
        return
    _, gradients = with_gradients(name, sample, arrays, wanted)
    if gradients is None:
        return
    outputs = len(differentiable(call(name, sample, tensors(sample, arrays, requires_grad=True))))
    for index, expected in zip(wanted, gradients, strict=True):
        alone = differentiable(call(name, sample, tensors(sample, arrays, requires_grad=True, wanted=[index])))
        if len(alone) < outputs:
            continue  # other outputs depend on the other inputs, and the cotangents differ
        _, found = with_gradients(name, sample, arrays, [index])
        if found is not None:
            same(found, [expected], f"gradient when only array {index} requires one")


@check
def precision(name, sample):
    """In float32 the results are those of float64 rounded, in float32; gradients too."""
    wanted, arrays = sample.differentiable(), double(sample)
    if not wanted:
        return
    narrow = list(arrays)
    for index, array in enumerate(arrays):
        if array.dtype.kind in "fc":
            narrow[index] = array.astype(np.complex64 if array.dtype.kind == "c" else np.float32)
    expected, gradients = with_gradients(name, sample, arrays, wanted)
    actual, found = with_gradients(name, sample, narrow, wanted)
    for a, e in zip(actual, expected, strict=True):
        if e.dtype.kind in "fc" and name not in KEEPS_DOUBLE:
            assert a.dtype.itemsize * 2 == e.dtype.itemsize, f"{a.dtype} where float64 inputs give {e.dtype}"
    same(actual, expected, "value in float32", rtol=2e-4, atol=1e-5)
    if gradients is not None:
        for array, g in zip([narrow[i] for i in wanted], found, strict=True):
            assert g.dtype == array.dtype, f"gradient of dtype {g.dtype} for an input of {array.dtype}"
        same(found, gradients, "gradient in float32", rtol=2e-3, atol=1e-4)


KEEPS_DOUBLE = {"to", "type", "double", "cdouble"}
OTHER_DTYPES = [np.dtype(t) for t in (np.float16, np.int64, np.bool_, np.uint8)]


@check
def other_dtypes(name, sample):
    """On half precision, integers and bool: a result, or an error as torch raises them; never NumPy's own."""
    wanted = sample.differentiable()
    if not wanted:
        return
    arrays = sample.arrays()
    for dtype in OTHER_DTYPES:
        changed = [array.real.astype(dtype) if i in wanted else array for i, array in enumerate(arrays)]
        try:
            call(name, sample, tensors(sample, changed))
        except Exception as error:
            assert torch_like(error), f"on {dtype}: {type(error).__name__}: {error}"


@check
def inplace(name, sample):
    """The in-place variant gives the same value and gradient, returns its input, and counts the write."""
    if not FUNCTIONS[name].inplace or not sample.args or not isinstance(sample.args[0], np.ndarray):
        return
    wanted, arrays = sample.differentiable(), double(sample)
    target = arrays[0]
    expected = call(name, sample, tensors(sample, arrays))
    method = getattr(torch.Tensor, name + "_")
    fits = expected.shape == target.shape and np.can_cast(expected.numpy().dtype, target.dtype, "same_kind")
    leaves = tensors(sample, arrays, requires_grad=True)
    args, kwargs = sample.fill([leaves[0].clone(), *leaves[1:]])
    seed()
    if not fits:
        try:
            method(*args, **kwargs)
        except Exception as error:
            assert torch_like(error), f"{name}_ whose result does not fit: {type(error).__name__}: {error}"
        return
    version = args[0]._version
    written = method(*args, **kwargs)
    assert written is args[0], f"{name}_ does not return its input"
    assert written._version > version, f"{name}_ does not count as a write"
    same(values_of(written), values_of(expected), f"{name}_")
    _, gradients = with_gradients(name, sample, arrays, wanted)
    if gradients is not None and written.requires_grad:
        rng = np.random.default_rng(0)
        cotangent = torch.from_numpy(numeric.random_like(rng, written.detach().numpy()))
        found = grad(written, [leaves[i] for i in wanted], cotangent, allow_unused=True, materialize_grads=True)
        same([g.numpy() for g in found], gradients, f"gradient of {name}_")
    _leaf_is_protected(name, sample, arrays, method)


def _leaf_is_protected(name, sample, arrays, method):
    if 0 not in sample.differentiable():
        return
    leaves = tensors(sample, arrays, requires_grad=True)
    args, kwargs = sample.fill(leaves)
    before = arrays[0].copy()
    try:
        method(*args, **kwargs)
    except RuntimeError as error:
        assert "a leaf Variable that requires grad" in str(error), f"{name}_ on a leaf: {error}"
    else:
        raise AssertionError(f"{name}_ writes to a leaf that requires a gradient")
    np.testing.assert_array_equal(arrays[0], before, err_msg=f"{name}_ was refused, but wrote")


@check
def out(name, sample):
    """`out=` receives the result and is returned; it is refused where a gradient is asked for."""
    if not FUNCTIONS[name].out:
        return
    arrays = double(sample)
    values = tensors(sample, arrays)
    result = call(name, sample, values)
    if not isinstance(result, torch.Tensor):
        return
    args, kwargs = sample.fill(values)
    target = torch.empty(0, dtype=result.dtype)
    returned = public(name)(*args, **kwargs, out=target)
    assert returned is target, "out= is not what is returned"
    same(values_of(target), values_of(result), "out=")
    if sample.differentiable() and result.is_floating_point():
        args, kwargs = sample.fill(tensors(sample, arrays, requires_grad=True))
        try:
            public(name)(*args, **kwargs, out=torch.empty(0, dtype=result.dtype))
        except RuntimeError as error:
            assert "don't support automatic differentiation" in str(error), str(error)
        else:
            raise AssertionError("out= with inputs that require a gradient is not refused")


@check
def traced(name, sample):
    """`compile` gives the values and gradients of eager mode, at the first call and at the next."""
    if sample.name == "not traced":
        return
    wanted, arrays = sample.differentiable(), double(sample)
    expected, gradients = with_gradients(name, sample, arrays, wanted)

    def step(*leaves):
        result = call(name, sample, leaves)
        outputs = differentiable(result)
        if not outputs:
            return [part for part in flat(result) if isinstance(part, torch.Tensor)], []
        total = sum(out.abs().sum() for out in outputs)
        return flat(result), list(grad(total, [leaves[i] for i in wanted], allow_unused=True,
                                                      materialize_grads=True))

    leaves = tensors(sample, arrays, requires_grad=True)
    values, found = step(*leaves)
    compiled = torch.compile(step)
    for attempt in ("first", "second"):
        actual, traced_gradients = compiled(*leaves)
        same(values_of(actual), values_of(values), f"value of the {attempt} compiled call", rtol=1e-6)
        same(values_of(traced_gradients), values_of(found), f"gradient of the {attempt} compiled call", rtol=1e-6)


def _equal_shapes(name, sample):
    """The sample's arrays, if the operation works element by element on arrays of one shape with dimensions."""
    arrays = double(sample)
    element_wise = FUNCTIONS[name].element is not None or name in ELEMENT_WISE
    alike = len({array.shape for array in arrays}) == 1 and arrays[0].ndim and arrays[0].size
    return arrays if element_wise and alike and len(arrays) == sum(isinstance(a, np.ndarray) for a in sample.args) else None


ELEMENT_WISE = {"where", "clamp", "lerp", "div", "add", "sub", "sgn"}


@check
def broadcasting(name, sample):
    """An operand of size 1 along a dimension, or of none, acts as if repeated; its gradient is the sum."""
    arrays = _equal_shapes(name, sample)
    if arrays is None or len(arrays) < 2:
        return
    wanted = sample.differentiable()
    for small in (arrays[-1][:1], arrays[-1][(0,) * arrays[-1].ndim + (...,)]):
        repeated = np.broadcast_to(small, arrays[0].shape).copy()
        expected, gradients = with_gradients(name, sample, [*arrays[:-1], repeated], wanted)
        actual, found = with_gradients(name, sample, [*arrays[:-1], np.array(small)], wanted)
        same(actual, expected, f"value with an operand of shape {small.shape}")
        if gradients is not None and len(arrays) - 1 in wanted:
            lead = tuple(range(repeated.ndim - small.ndim))
            gradients[-1] = gradients[-1].sum(axis=lead or 0, keepdims=not lead)
        if gradients is not None:
            same(found, gradients, f"gradient with an operand of shape {small.shape}")


@check
def empty_and_scalar(name, sample):
    """No elements give no elements; a 0-dim tensor gives a 0-dim tensor; gradients are as many."""
    arrays = _equal_shapes(name, sample)
    if arrays is None:
        return
    wanted = sample.differentiable()
    empty, gradients = with_gradients(name, sample, [array[..., :0] for array in arrays], wanted)
    shape = arrays[0][..., :0].shape
    assert all(v.shape == shape for v in empty), f"on {shape} the result is {[v.shape for v in empty]}"
    assert gradients is None or all(g.shape == shape for g in gradients), f"on {shape} the gradient is of another shape"
    first = (0,) * arrays[0].ndim
    whole, _ = with_gradients(name, sample, arrays, wanted)
    single, gradients = with_gradients(name, sample, [array[(*first, ...)] for array in arrays], wanted)
    same(single, [v[(*first, ...)] for v in whole], "value on 0-dim inputs")
    assert gradients is None or all(g.shape == () for g in gradients), "a gradient of a 0-dim input has dimensions"
