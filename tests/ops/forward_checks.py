"""Forward mode, checked against reverse mode on every sample: <v, J t> = <J^H v, t> for random v and t."""

import numpy as np

import pullback as torch
from pullback.engine import grad
from pullback.ops import FUNCTIONS
from pullback.tangents import DualLevel, make_dual
from tests import numeric

from .calls import call, differentiable, double, flat, seed, tensors, with_gradients
from .checks import check


def _duals(level, leaves, tangents, wanted):
    """The leaves, those numbered `wanted` with their tangent."""
    duals = list(leaves)
    for index, tangent in zip(wanted, tangents, strict=True):
        duals[index] = make_dual(leaves[index], torch.from_numpy(tangent), level)
    return duals


def _tangents(level, values):
    """The tangents of tensors, zeros where there is none; of the shape and dtype of their tensor."""
    found = []
    for value in values:
        tangent = level.of(value)
        assert tangent is None or (tangent.shape, tangent.dtype) == (value.shape, value.dtype), \
            f"a tangent of {tuple(tangent.shape)}, {tangent.dtype} for {tuple(value.shape)}, {value.dtype}"
        found.append(np.zeros_like(value.detach().numpy()) if tangent is None else tangent.detach().numpy())
    return found


def _random(rng, arrays):
    return [numeric.random_like(rng, array) for array in arrays]


def _agree(lefts, rights, what):
    """Two pairs of lists of arrays have the same inner product."""
    one, other = [sum(numeric.inner(a, b) for a, b in zip(*pair, strict=True)) for pair in (lefts, rights)]
    scale = sum(numeric.inner(np.abs(a), np.abs(b)) for pair in (lefts, rights) for a, b in zip(*pair, strict=True))
    assert abs(one - other) <= 1e-9 + 1e-7 * scale, f"{what}: {one:.9g}, by reverse mode {other:.9g}"


@check
def forward_mode(name, sample):
    """The tangent of every output is the Jacobian times those of the inputs: of all of them, and of each alone."""
    wanted, arrays = sample.differentiable(), double(sample)
    _, gradients = with_gradients(name, sample, arrays, wanted)
    if gradients is None:
        return
    tangents = _random(np.random.default_rng(1), [arrays[i] for i in wanted])
    for chosen in {tuple(wanted), *[(i,) for i in wanted]}:
        some, back = [[all_[wanted.index(i)] for i in chosen] for all_ in (tangents, gradients)]
        with DualLevel() as level:
            leaves = _duals(level, tensors(sample, arrays, requires_grad=True), some, chosen)
            outputs = differentiable(call(name, sample, leaves))
            forth = _tangents(level, outputs)
        cotangents = _random(np.random.default_rng(0), [output.detach().numpy() for output in outputs])
        _agree((cotangents, forth), (back, some), f"tangents, given those of arrays {chosen}")


@check
def forward_over_reverse(name, sample):
    """The tangents of the gradients are the second derivative times those of the inputs and of the incoming gradients."""
    wanted, arrays = sample.differentiable(), double(sample)
    leaves = tensors(sample, arrays, requires_grad=True)
    outputs = differentiable(call(name, sample, leaves))
    if not outputs:
        return
    rng = np.random.default_rng(0)
    incoming = _random(rng, [output.detach().numpy() for output in outputs])
    tangents = _random(rng, [*[arrays[i] for i in wanted], *incoming])
    weights = _random(rng, [arrays[i] for i in wanted])

    def gradients(leaves, incoming, create_graph):
        return grad(differentiable(call(name, sample, leaves)), [leaves[i] for i in wanted], incoming,
                    create_graph=create_graph, allow_unused=True, materialize_grads=True)

    starts = [torch.from_numpy(g).requires_grad_() for g in incoming]
    first = gradients(leaves, starts, True)
    pairs = [(g, torch.from_numpy(w)) for g, w in zip(first, weights, strict=True) if g.requires_grad]
    inputs = [*[leaves[i] for i in wanted], *starts]
    second = grad([g for g, _ in pairs], inputs, [w for _, w in pairs], allow_unused=True, materialize_grads=True) \
        if pairs else [torch.zeros_like(x) for x in inputs]
    with DualLevel() as level:
        duals = _duals(level, tensors(sample, arrays, requires_grad=True), tangents[:len(wanted)], wanted)
        starts = _duals(level, [torch.from_numpy(g) for g in incoming], tangents[len(wanted):], range(len(incoming)))
        forth = _tangents(level, gradients(duals, starts, False))
    _agree((weights, forth), ([g.numpy() for g in second], tangents), "tangents of gradients")


@check
def forward_inplace(name, sample):
    """An in-place variant gives its input the tangent of the result; what was seen before the write keeps its own."""
    if not FUNCTIONS[name].inplace or not sample.args or not isinstance(sample.args[0], np.ndarray):
        return
    wanted, arrays = sample.differentiable(), double(sample)
    expected = call(name, sample, tensors(sample, arrays))
    if 0 not in wanted or expected.shape != arrays[0].shape or expected.numpy().dtype != arrays[0].dtype:
        return
    tangents = _random(np.random.default_rng(1), [arrays[i] for i in wanted])
    with DualLevel() as level:
        (expected,) = _tangents(level, flat(call(name, sample, _duals(level, tensors(sample, arrays), tangents, wanted))))
        duals = _duals(level, tensors(sample, arrays), tangents, wanted)
        duals[0] = duals[0].clone()
        before = level.of(duals[0])
        args, kwargs = sample.fill(duals)
        seed()
        getattr(torch.Tensor, name + "_")(*args, **kwargs)
        (found,) = _tangents(level, [duals[0]])
    np.testing.assert_allclose(found, expected, rtol=1e-12, err_msg=f"tangent of {name}_")
    np.testing.assert_array_equal(before.numpy(), tangents[0], err_msg=f"{name}_ wrote to a tangent")
