"""Custom functions under forward mode and in transforms: the same programs in both libraries."""

import warnings

import pytest

from .transforms import agree, dual


def square(i, **members):
    """A custom function that squares, with rules of its own."""
    body = {
        "forward": lambda x: x * x,
        "setup_context": lambda ctx, inputs, output: (ctx.save_for_backward(*inputs), ctx.save_for_forward(*inputs)),
        "backward": lambda ctx, g: 2 * g * ctx.saved_tensors[0],
        "jvp": lambda ctx, t: 2 * t * ctx.saved_tensors[0],
        **members,
    }
    made = {name: staticmethod(value) if callable(value) else value for name, value in body.items() if value is not None}
    return type("Square", (i.t.autograd.Function,), made)


def mapped(i, rule=None):
    """`square` with a rule for vmap that applies it to the whole batch."""
    made = square(i, vmap=rule or (lambda info, dims, x: (made.apply(x), dims[0])))
    return made


def old(i, **members):
    return square(i, forward=lambda ctx, x: (ctx.save_for_forward(x), x * x)[1], setup_context=None, **members)


CUSTOM = {
    "jvp": lambda i: i.f.jvp(square(i).apply, (i.x,), (i.x,)),
    "grad": lambda i: i.f.grad(lambda x: square(i).apply(x).sum())(i.x),
    "grad of grad": lambda i: i.f.grad(lambda x: i.f.grad(lambda y: square(i).apply(y).sum())(x).sum())(i.x),
    "jacrev": lambda i: i.f.jacrev(square(i).apply)(i.x),
    "jacfwd": lambda i: i.f.jacfwd(square(i, generate_vmap_rule=True).apply)(i.x),
    "hessian": lambda i: i.f.hessian(lambda x: square(i, generate_vmap_rule=True).apply(x).sum())(i.x),
    "generated rule": lambda i: i.f.vmap(square(i, generate_vmap_rule=True).apply, in_dims=1)(i.m),
    "own rule": lambda i: i.f.vmap(mapped(i).apply)(i.m),
    "own rule, nested": lambda i: i.f.vmap(i.f.vmap(mapped(i).apply))(i.m),
    "own rule, not batched": lambda i: i.f.vmap(lambda x: mapped(i).apply(i.x))(i.m),
    "grad of own rule": lambda i: i.f.grad(lambda x: i.f.vmap(mapped(i).apply)(x).sum())(i.m),
    "own rule of grad": lambda i: i.f.vmap(i.f.grad(lambda x: mapped(i).apply(x).sum()))(i.m),
    "backward is for those inside, the rule for those outside": lambda i: [call(square(
        i, backward=lambda ctx, g: g * 5, vmap=lambda info, dims, x: (x * x, 0))) for call in (
            lambda made: i.f.vmap(i.f.grad(lambda x: made.apply(x).sum()))(i.m),
            lambda made: i.f.grad(lambda x: i.f.vmap(made.apply)(x).sum())(i.m))],
    "own rule, moved": lambda i: i.f.vmap(mapped(i, lambda info, dims, x: ((x * x).t(), 1)).apply)(i.m),
    "own rule, not batched result": lambda i: i.f.vmap(mapped(i, lambda info, dims, x: (i.x, None)).apply)(i.m),
    "what the rule is told": lambda i: i.f.vmap(
        mapped(i, lambda info, dims, x: (x * info.batch_size * (info.randomness == "error"), 0)).apply)(i.m),
    "dual": dual(lambda i, d: square(i).apply(d)),
    "dual, the old way": dual(lambda i, d: old(i).apply(d)),
    "dual of a view": dual(lambda i, d: old(i, forward=lambda ctx, x: x.view(3, 1), jvp=lambda ctx, t: t.view(3, 1)).apply(d)),
    "dual in place": dual(lambda i, d: old(i, forward=lambda ctx, x: (ctx.mark_dirty(x), x.mul_(2))[1],
                                           jvp=lambda ctx, t: t.mul_(2)).apply(d)),
    "dual of two": dual(lambda i, d: old(i, forward=lambda ctx, x: (x * 2, x.long()), jvp=lambda ctx, t: (t * 2, None)).apply(d)),
    "dual made constant": dual(lambda i, d: old(
        i, forward=lambda ctx, x: (y := x * 2, ctx.mark_non_differentiable(y))[0], jvp=lambda ctx, t: None).apply(d)),
    "tangents made zeros": dual(lambda i, d: old(i, forward=lambda ctx, x, y: x * y, jvp=lambda ctx, t, u: t + u).apply(d, i.x)),
    "vjp by its other name": lambda i: i.t.autograd.grad(
        square(i, backward=None, vjp=lambda ctx, g: g * 5).apply(i.w).sum(), i.w),
    "arguments by name": lambda i: square(i, forward=lambda x, y=2: x * y, setup_context=lambda ctx, inputs, output: None,
                                          backward=lambda ctx, g: (g, None)).apply(x=i.w),
    # refusals
    "no rule": lambda i: i.f.vmap(square(i).apply)(i.m),
    "two rules": lambda i: i.f.vmap(square(i, vmap=lambda info, dims, x: (x, 0), generate_vmap_rule=True).apply)(i.m),
    "no setup_context, vmap": lambda i: i.f.vmap(old(i).apply)(i.m),
    "no setup_context, grad": lambda i: i.f.grad(lambda x: old(i).apply(x).sum())(i.x),
    "no setup_context, jvp": lambda i: i.f.jvp(old(i).apply, (i.x,), (i.x,)),
    "rule returns one": lambda i: i.f.vmap(mapped(i, lambda info, dims, x: x).apply)(i.m),
    "rule returns three": lambda i: i.f.vmap(mapped(i, lambda info, dims, x: (x, 0, 0)).apply)(i.m),
    "rule returns another form": lambda i: i.f.vmap(mapped(i, lambda info, dims, x: ((x, x), (0, 0, 0))).apply)(i.m),
    "no jvp": dual(lambda i, d: old(i, jvp=None).apply(d)),
    "jvp returns two": dual(lambda i, d: old(i, jvp=lambda ctx, t: (t, t)).apply(d)),
    "jvp returns a number": dual(lambda i, d: old(i, jvp=lambda ctx, t: 3).apply(d)),
    "jvp of another shape": dual(lambda i, d: old(i, jvp=lambda ctx, t: i.t.ones(4)).apply(d)),
    "jvp of integers": dual(lambda i, d: old(i, forward=lambda ctx, x: x.long(), jvp=lambda ctx, t: t).apply(d)),
    "jvp of a view is none": dual(lambda i, d: old(i, forward=lambda ctx, x: x.view(3, 1),
                                                   jvp=lambda ctx, t: t[:, None].clone()).apply(d)),
    "jvp not in place": dual(lambda i, d: old(i, forward=lambda ctx, x: (ctx.mark_dirty(x), x.mul_(2))[1],
                                              jvp=lambda ctx, t: t * 2).apply(d)),
    "two names": lambda i: square(i, vjp=lambda ctx, g: g).apply(i.w).sum().backward(),
    "unknown name": lambda i: old(i).apply(y=i.w),
    "saved number": lambda i: old(i, forward=lambda ctx, x: (ctx.save_for_forward(3), x)[1]).apply(i.x),
    "defaults": lambda i: i.t.autograd.Function.vmap(None, (), None),
    "setup_context by default": lambda i: i.t.autograd.Function.setup_context(None, (), None),
}


@pytest.mark.parametrize("name", CUSTOM)
def test_custom_functions(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        agree(CUSTOM[name])
