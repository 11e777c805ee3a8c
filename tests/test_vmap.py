"""vmap: a batch gives what its samples give one by one."""

import numpy as np
import pytest

import pullback as torch
from pullback.func import grad, vjp, vmap


def samples(function, *batches, dims=None):
    """The function of each sample, stacked."""
    dims = dims or (0,) * len(batches)
    size = next(b.shape[d] for b, d in zip(batches, dims, strict=True) if d is not None)
    return np.stack([
        function(*[b if d is None else b.select(d, i) for b, d in zip(batches, dims, strict=True)]).detach().numpy()
        for i in range(size)])


FUNCTIONS = {
    "arithmetic": lambda x, y: x * y.sum() - y / (1 + x * x), "matmul": lambda x, y: x @ y.T,
    "softmax": lambda x, y: (x - y).softmax(-1),
    "indexing": lambda x, y: x[[0, 1, 0]] + y[:, :1].repeat(2, 4)[:3], "sort": lambda x, y: x.sort(-1)[0] + y.argsort(-1),
    "einsum": lambda x, y: torch.einsum("ij,ij->i", x, y), "where": lambda x, y: torch.where(x > y, x, -y),
    "cat": lambda x, y: torch.cat([x, y], 1), "reductions": lambda x, y: x.max(0)[0] + y.var(0) + y.logsumexp(0),
    "norm": lambda x, y: torch.nn.functional.layer_norm(x * y, (4,)),
    "conv": lambda x, y: torch.nn.functional.conv1d(x[None], y[None])[0],
}


@pytest.mark.parametrize("dims", [(0, 0), (1, 0), (2, 1), (0, None), (None, 2)])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_batch_is_its_samples(name, dims):
    rng = np.random.default_rng(0)
    batches = [torch.tensor(rng.standard_normal((3, 4)) if dim is None else np.moveaxis(rng.standard_normal((5, 3, 4)), 0, dim))
               for dim in dims]
    expected = samples(FUNCTIONS[name], *batches, dims=dims)
    np.testing.assert_allclose(vmap(FUNCTIONS[name], in_dims=dims)(*batches).numpy(), expected, rtol=1e-9, atol=1e-12)
    last = vmap(FUNCTIONS[name], in_dims=dims, out_dims=-1, chunk_size=2)(*batches)
    np.testing.assert_allclose(last.numpy(), np.moveaxis(expected, 0, -1), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_inside_and_outside(name):
    rng = np.random.default_rng(1)
    x, y = (torch.tensor(rng.standard_normal((5, 3, 4)), requires_grad=True) for _ in range(2))

    def loss(x, y):
        return FUNCTIONS[name](x, y).square().sum()

    inside = vmap(grad(loss))(x.detach(), y.detach())
    outside = grad(lambda x: vmap(loss)(x, y.detach()).sum())(x.detach())
    (recorded,) = torch.autograd.grad(vmap(loss)(x, y).sum(), x)
    expected = samples(grad(loss), x.detach(), y.detach())
    for found in (inside, outside, recorded):
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-8, atol=1e-10)


def test_nested_batches():
    x, y, z = torch.randn(2), torch.randn(3), torch.randn(4)
    f = vmap(vmap(vmap(lambda a, b, c: a * b + c, in_dims=(None, None, 0)), in_dims=(None, 0, None)), in_dims=(0, None, None))
    np.testing.assert_allclose(f(x, y, z).numpy(), x.numpy()[:, None, None] * y.numpy()[None, :, None] + z.numpy(), rtol=1e-6)


def test_what_samples_share_gets_the_sum_of_their_gradients():
    w = torch.ones(3, requires_grad=True)
    vmap(lambda x: (x * w).sum())(torch.arange(6.0).reshape(2, 3)).sum().backward()
    assert w.grad.tolist() == [3.0, 5.0, 7.0]


def test_refusals_are_runtime_errors():
    with pytest.raises(RuntimeError, match="data-dependent control flow") as caught:
        vmap(lambda x: x if x > 0 else -x)(torch.ones(2))
    assert type(caught.value) is RuntimeError
    assert torch.ones(2).mul(2).tolist() == [2.0, 2.0]  # the level is closed again


def test_writes_to_inputs_reach_the_batch_and_its_history():
    w = torch.ones(2, 3, requires_grad=True)
    y = w * 2
    out = vmap(lambda row: row.mul_(row.sum()))(y)
    assert y.tolist() == out.tolist() == [[12.0] * 3] * 2
    y.sum().backward()
    assert w.grad.tolist() == [[24.0] * 3] * 2
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        vmap(lambda row: row.zero_())(w)


def test_what_was_written_cannot_serve_an_older_graph():
    w = torch.ones(2, requires_grad=True)
    y = w * 2
    z = y * y
    vmap(lambda v: v.add_(1))(y)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.sum().backward()


def test_levels_left_behind_do_not_confuse_later_ones():
    _, pull = vjp(lambda x: x * x, torch.ones(3))
    for _ in range(2):
        assert vmap(pull)(torch.eye(3))[0].tolist() == (2 * torch.eye(3)).tolist()


def test_random_numbers_of_a_seed():
    def draw(randomness):
        torch.manual_seed(3)
        return vmap(lambda x: x * 0 + torch.randn(2), randomness=randomness)(torch.ones(3, 2))

    same, different = draw("same"), draw("different")
    torch.manual_seed(3)
    assert different.tolist() == torch.randn(3, 2).tolist()
    assert same[0].tolist() == same[2].tolist() == different[0].tolist()
    with pytest.raises(RuntimeError, match="randomness error mode"):
        draw("error")
