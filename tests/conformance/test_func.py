"""torch.func's transforms: the same programs in both libraries."""

import collections

import numpy as np
import pytest

from .libraries import LIBRARIES, outcome, torch
from .transforms import Inputs, agree, cube, plus_one_in_place, under

Pair = collections.namedtuple("Pair", "a b")

PROGRAMS = {
    # reverse mode
    "grad": lambda i: i.f.grad(cube)(i.x),
    "grad of the second argument": lambda i: i.f.grad(lambda a, b: (a * b * b).sum(), argnums=-1)(i.x, i.x),
    "grad of several": lambda i: i.f.grad(lambda a, b: (a * b * b).sum(), argnums=(1, 0))(i.x, i.x),
    "grad of trees": lambda i: i.f.grad(lambda d: (d["a"] * d["b"][0]).sum())({"a": i.x, "b": (i.x, i.x)}),
    "grad of a named tuple": lambda i: i.f.grad(lambda p: (p.a * p.b).sum())(Pair(i.x, i.x)),
    "grad with a keyword": lambda i: i.f.grad(lambda x, k=1: (x * k).sum())(i.x, k=i.x),
    "unused input": lambda i: i.f.grad(lambda a, b: (b * 2).sum(), argnums=(0, 1))(i.x, i.x),
    "constant output": lambda i: i.f.grad(lambda x: i.t.tensor(3.0))(i.x),
    "complex input": lambda i: i.f.grad(lambda x: (x * x.conj()).real.sum())(i.x * 1j),
    "aux": lambda i: i.f.grad(lambda x: (cube(x), {"twice": x * 2}), has_aux=True)(i.x),
    "aux of one that requires a gradient": lambda i: i.f.grad(lambda x: (cube(x), {"twice": x * 2}), has_aux=True)(i.w),
    "grad and value": lambda i: i.f.grad_and_value(cube)(i.x),
    "grad and value and aux": lambda i: i.f.grad_and_value(lambda x: (cube(x), x + 1), has_aux=True)(i.w),
    "captured": lambda i: i.f.grad(lambda x: (x * i.w).sum())(i.x),
    "captured, value": lambda i: i.f.grad_and_value(lambda x: (x * i.w).sum())(i.x),
    "captured, of no consequence": lambda i: i.f.grad_and_value(lambda x: (x * x).sum() + i.w.sum())(i.x),
    "linear": lambda i: i.f.grad_and_value(lambda x: (x * 2).sum())(i.w),
    "input that requires a gradient": lambda i: i.f.grad_and_value(cube)(i.w),
    "backward through grad": lambda i: i.t.autograd.grad(i.f.grad(cube)(i.w).sum(), i.w),
    "backward through a captured one": lambda i: i.t.autograd.grad(i.f.grad(lambda x: (x * i.w**2).sum())(i.x).sum(), i.w),
    "under no_grad": lambda i: under(i.t.no_grad(), lambda: i.f.grad_and_value(lambda x: (x * i.w).sum())(i.w)),
    "in inference mode": lambda i: under(i.t.inference_mode(), lambda: i.f.grad(cube)(i.t.ones(3))),
    "no_grad inside": lambda i: i.f.grad(lambda x: (x - i.t.no_grad()(lambda: x**2)()).sum())(i.x),
    "detach inside": lambda i: i.f.grad(lambda x: (x * (x**2).detach()).sum())(i.x),
    "a nested grad under no_grad": lambda i: i.f.grad(
        lambda x: (x * i.t.no_grad()(i.f.grad(cube))(x)).sum())(i.x),
    "is_grad_enabled": lambda i: i.f.grad(lambda x: (x * under(i.t.no_grad(), i.t.is_grad_enabled)).sum())(i.x),
    "hook": lambda i: i.f.grad(lambda x: (x.register_hook(lambda g: g * 2), cube(x))[1])(i.x),
    "autograd.grad inside": lambda i: i.f.grad(lambda x: i.t.autograd.grad(cube(x), x)[0].sum())(i.x),
    "autograd.grad inside, recorded": lambda i: i.f.grad(
        lambda x: i.t.autograd.grad(cube(x), x, create_graph=True)[0].sum())(i.x),
    "a leaf made inside": lambda i: i.f.grad_and_value(lambda x: (i.t.ones(3, requires_grad=True) * x).sum())(i.x),
    "requires_grad switched off": lambda i: i.f.grad(lambda x: (setattr(x, "requires_grad", False), cube(x))[1])(i.x),
    "written to a copy": lambda i: i.f.grad(lambda x: plus_one_in_place(x).sum())(i.x),
    "item": lambda i: i.f.grad(lambda x: (x * x[0].item()).sum())(i.x),
    "control flow": lambda i: i.f.grad(lambda x: cube(x) if x[0] > 0 else x.sum())(i.x),
    # vjp
    "vjp": lambda i: (lambda out, pull: (out, pull(out), pull(out)))(*i.f.vjp(lambda x: x * x, i.x)),
    "vjp of trees": lambda i: (lambda out, pull: (out, pull(out)))(
        *i.f.vjp(lambda d, y: {"a": d["b"] * y, "c": (y,)}, {"b": i.x}, i.x)),
    "vjp, recorded": lambda i: (lambda out, pull: (out, pull(out.detach()), pull(i.w)))(*i.f.vjp(lambda x: x * x, i.w)),
    "vjp by cotangents": lambda i: (lambda out, pull: (out, pull(i.x), pull(i.w)))(*i.f.vjp(lambda x: x * x, i.x)),
    "vjp, not recorded": lambda i: i.f.vjp(lambda x: x * x, i.w)[1](i.x, create_graph=False),
    "vjp later under no_grad": lambda i: under(i.t.no_grad(), lambda: i.f.vjp(lambda x: x * x, i.w)[1](i.x)),
    "vjp under no_grad, called later": lambda i: (lambda out, pull: (out, pull(i.x), pull(i.w)))(
        *under(i.t.no_grad(), lambda: i.f.vjp(lambda x: x * x, i.w))),
    "vjp with aux": lambda i: i.f.vjp(lambda x: (x * x, x + 1), i.w, has_aux=True)[2],
    "vjp returns its input": lambda i: i.f.vjp(lambda x: x, i.x)[0] is i.x,
    "vjp of a constant": lambda i: i.f.vjp(lambda x: i.t.ones(2), i.x)[1](i.t.ones(2)),
    "vjp differentiated by its cotangent": lambda i: i.f.grad(lambda c: i.f.vjp(lambda x: x * x, i.x)[1](c)[0].sum())(i.x),
    # forward mode
    "jvp": lambda i: i.f.jvp(lambda x, y: (x * y, y), (i.x, i.x), (i.x, i.x)),
    "jvp of trees": lambda i: i.f.jvp(lambda d: {"z": d["a"] * 2}, ({"a": i.x},), ({"a": i.x},)),
    "jvp of a constant": lambda i: i.f.jvp(lambda x: i.t.ones(2), (i.x,), (i.x,)),
    "jvp of integers": lambda i: i.f.jvp(lambda x: x.long(), (i.x,), (i.x,)),
    "jvp with aux": lambda i: i.f.jvp(lambda x: (x * x, x + 1), (i.x,), (i.x,), has_aux=True),
    "jvp, recorded by the primal": lambda i: i.f.jvp(lambda x: x * x, (i.w,), (i.x,)),
    "jvp, recorded by the tangent": lambda i: i.f.jvp(lambda x: x * x, (i.x,), (i.w,)),
    "jvp in no_grad": lambda i: under(i.t.no_grad(), lambda: i.f.jvp(lambda x: x * x, (i.w,), (i.x,))),
    "jvp of jvp": lambda i: i.f.jvp(lambda y: i.f.jvp(lambda x: x**3, (y,), (i.x,))[1], (i.x,), (i.t.ones_like(i.x),)),
    "jvp through detach": lambda i: i.f.jvp(lambda x: x.detach() * x, (i.x,), (i.x,)),
    "jvp through no_grad": lambda i: i.f.jvp(lambda x: i.t.no_grad()(lambda: x * 2)() * x, (i.x,), (i.x,)),
    "jvp written in place": lambda i: i.f.jvp(plus_one_in_place, (i.x,), (i.x.clone(),)),
    "linearize": lambda i: (lambda out, push: (out, push(i.x), push(i.x * 2)))(*i.f.linearize(lambda x: x * x, i.x)),
    "linearize trees": lambda i: (lambda out, push: (out, push({"a": i.x})))(
        *i.f.linearize(lambda d: (d["a"] * 2, d["a"].sum()), {"a": i.x})),
    "linearize, recorded": lambda i: (lambda out, push: (out, push(i.w)))(*i.f.linearize(lambda x: x * x, i.x)),
    "linearize in a batch": lambda i: i.f.vmap(i.f.linearize(lambda x: x * x, i.x)[1])(i.eye),
    # Jacobians
    "jacrev": lambda i: i.f.jacrev(lambda x, y: (x * x, {"a": x.sum() * y}), argnums=(0, 1))(i.x, i.x),
    "jacfwd": lambda i: i.f.jacfwd(lambda x, y: (x * x, {"a": x.sum() * y}), argnums=(0, 1))(i.x, i.x),
    "jacrev of trees": lambda i: i.f.jacrev(lambda d: d["a"] * d["b"].sum())({"a": i.x, "b": i.x}),
    "jacfwd of trees": lambda i: i.f.jacfwd(lambda d: d["a"] * d["b"].sum())({"a": i.x, "b": i.x}),
    "jacrev of matrices": lambda i: i.f.jacrev(lambda x: x @ x.T)(i.m),
    "jacfwd of matrices": lambda i: i.f.jacfwd(lambda x: x @ x.T)(i.m),
    "jacrev with aux": lambda i: i.f.jacrev(lambda x: (x * x, x), has_aux=True)(i.x),
    "jacfwd with aux": lambda i: i.f.jacfwd(lambda x: (x * x, x), has_aux=True)(i.x),
    "jacrev in chunks": lambda i: i.f.jacrev(lambda x: (x * x, x.sum()), chunk_size=2)(i.x),
    "jacrev, recorded": lambda i: i.f.jacrev(lambda x: x * x)(i.w),
    "jacrev of a scalar": lambda i: i.f.jacrev(cube)(i.x),
    "jacrev of a constant": lambda i: i.f.jacrev(lambda x: i.t.ones(2))(i.x),
    "hessian": lambda i: i.f.hessian(lambda x, y: (x**3 * y).sum(), argnums=(0, 1))(i.x, i.x),
    "hessian of a vector": lambda i: i.f.hessian(lambda x: x**3)(i.x),
    "hessian by reverse mode": lambda i: i.f.jacrev(i.f.jacrev(cube))(i.x),
    "hessian by forward mode": lambda i: i.f.jacfwd(i.f.jacfwd(cube))(i.x),
    # vmap
    "vmap": lambda i: i.f.vmap(lambda x: x * x.sum())(i.m),
    "vmap along another axis": lambda i: i.f.vmap(lambda x: x * x.sum(), in_dims=-1, out_dims=1)(i.m),
    "vmap of trees": lambda i: i.f.vmap(lambda d: {"p": d["a"] * d["b"], "q": (d["a"],)},
                                        in_dims=({"a": 0, "b": None},), out_dims={"p": 0, "q": 1})({"a": i.m, "b": i.x}),
    "vmap of what is not batched": lambda i: i.f.vmap(lambda x: i.x)(i.m),
    "vmap that returns its input": lambda i: i.f.vmap(lambda x: x)(i.m) is i.m,
    "vmap, other outputs": lambda i: i.f.vmap(lambda x: (x, 3), out_dims=(0, None))(i.m),
    "vmap of numbers": lambda i: i.f.vmap(lambda a, b: a * b, in_dims=(0, None))(i.m, 3),
    "vmap with a keyword": lambda i: i.f.vmap(lambda a, k: a * k)(i.m, k=i.m),
    "vmap in chunks": lambda i: i.f.vmap(lambda x: (x * 2, x.sum()), chunk_size=1, out_dims=(1, 0))(i.m),
    "vmap in vmap": lambda i: i.f.vmap(i.f.vmap(lambda x, y: x * y, in_dims=(0, None)), in_dims=(None, 0))(i.x, i.m),
    "vmap of nothing": lambda i: i.f.vmap(lambda x: x * 2)(i.t.ones(0, 3)),
    "vmap, recorded": lambda i: i.t.autograd.grad(i.f.vmap(lambda x: x * i.w)(i.m).sum(), i.w),
    "vmap written in place": lambda i: (i.f.vmap(lambda x: x.mul_(2))(i.m), i.m),
    "vmap written in place, recorded": lambda i: (lambda y: (
        i.f.vmap(lambda x: x.mul_(2))(y), i.t.autograd.grad((y * y).sum(), i.w)))(i.w * i.t.ones(2, 3)),
    "vmap writes to what is captured": lambda i: (i.f.vmap(lambda x: (i.x.add_(1), x)[1])(i.m), i.x),
    "vmap of new tensors": lambda i: i.f.vmap(lambda x: x.new_zeros(3).add_(x) + i.t.zeros_like(x).add_(x))(i.m),
    "vmap, length and iteration": lambda i: i.f.vmap(lambda x: len(x) * sum(part for part in x))(i.m),
    "vmap of max": lambda i: tuple(i.f.vmap(lambda x: x.max(0))(i.m)),
    "batch of gradients": lambda i: i.t.autograd.grad(i.w * i.w, i.w, i.eye, is_grads_batched=True),
    "batch of gradients, one unused": lambda i: i.t.autograd.grad(
        i.w * i.w, [i.w, i.t.ones(2, requires_grad=True)], [i.eye], is_grads_batched=True, materialize_grads=True),
    "batch of gradients, recorded": lambda i: i.t.autograd.grad(i.w * i.w, i.w, i.eye, is_grads_batched=True, create_graph=True),
    # together
    "per-sample gradients": lambda i: i.f.vmap(i.f.grad(lambda w, x: ((w * x) ** 2).sum()), in_dims=(None, 0))(i.x, i.m),
    "grad of vmap": lambda i: i.f.grad(lambda w: i.f.vmap(lambda x: ((w * x) ** 2).sum())(i.m).sum())(i.x),
    "third derivative": lambda i: i.f.grad(i.f.grad(i.f.grad(lambda x: x**4)))(i.t.tensor(2.0)),
    "jvp of grad": lambda i: i.f.jvp(i.f.grad(cube), (i.x,), (i.x,)),
    "vjp of jvp": lambda i: i.f.vjp(lambda x: i.f.jvp(lambda y: y**3, (x,), (i.x,))[1], i.x)[1](i.x),
    "grad of jvp in vmap": lambda i: i.f.vmap(i.f.grad(lambda x: i.f.jvp(cube, (x,), (i.x,))[1]))(i.m),
    "jacfwd of jacrev": lambda i: i.f.jacfwd(i.f.jacrev(lambda x: x**3 * x.sum()))(i.x),
    "jacrev of jacfwd": lambda i: i.f.jacrev(i.f.jacfwd(lambda x: x**3 * x.sum()))(i.x),
    "names": lambda i: [i.f.grad(np.sin).__name__, i.f.vmap(np.sin).__name__, sorted(n for n in ("vmap",) if hasattr(i.t, n))],
}

REFUSED = {
    "argnums too large": lambda i: i.f.grad(cube, argnums=1)(i.x),
    "argnums of another type": lambda i: i.f.grad(cube, argnums="a")(i.x),
    "argnums a list": lambda i: i.f.grad(cube, argnums=[0])(i.x),
    "no argnums": lambda i: i.f.grad(cube, argnums=())(i.x),
    "argnums twice": lambda i: i.f.grad(lambda x, y: cube(x), argnums=(-1, 1))(i.x, i.x),
    "argnums with a string": lambda i: i.f.grad(cube, argnums=(0, "a"))(i.x),
    "no arguments": lambda i: i.f.grad(lambda: i.x.sum())(),
    "input that is no tensor": lambda i: i.f.grad(lambda x: x * 2)(3.0),
    "input that is None": lambda i: i.f.grad(lambda d: d["a"].sum())({"a": i.x, "b": None}),
    "integer input": lambda i: i.f.grad(lambda x: x.sum())(i.t.tensor([1, 2])),
    "output with dimensions": lambda i: i.f.grad(lambda x: x)(i.x),
    "output that is a tuple": lambda i: i.f.grad(lambda x: (x.sum(), x))(i.x),
    "output that is complex": lambda i: i.f.grad(lambda x: (x * 1j).sum())(i.x),
    "aux missing": lambda i: i.f.grad(cube, has_aux=True)(i.x),
    "aux that is no tensor": lambda i: i.f.grad(lambda x: (cube(x), 3), has_aux=True)(i.x),
    "written input": lambda i: i.f.grad(lambda x: x.mul_(2).sum())(i.x),
    "backward inside": lambda i: i.f.grad(lambda x: (x.sum().backward(), x.sum())[1])(i.x),
    "backward inside vmap": lambda i: i.f.vmap(lambda x: ((x * i.w).sum().backward(), x)[1])(i.m),
    "requires_grad_ inside": lambda i: i.f.grad(lambda x: i.t.ones(3).requires_grad_().sum())(i.x),
    "requires_grad_ inside vmap": lambda i: i.f.vmap(lambda x: x.clone().requires_grad_())(i.m),
    "requires_grad_ inside jvp": lambda i: i.f.jvp(lambda x: x.clone().requires_grad_(), (i.x,), (i.x,)),
    "retain_grad inside": lambda i: i.f.grad(lambda x: ((x * 2).retain_grad(), x.sum())[1])(i.x),
    "numpy inside": lambda i: i.f.grad(lambda x: float(x.numpy()[0]) * x.sum())(i.x),
    "vjp of another form": lambda i: (lambda out, pull: pull((out, out)))(*i.f.vjp(lambda x: x * x, i.x)),
    "vjp of another form of tree": lambda i: (lambda out, pull: pull({"a": i.x}))(*i.f.vjp(lambda x: {"a": (x, x)}, i.x)),
    "vjp of another shape": lambda i: i.f.vjp(lambda x: x * x, i.x)[1](i.t.ones(4)),
    "vjp of a number": lambda i: i.f.vjp(lambda x: x * x, i.x)[1](3.0),
    "vjp of None": lambda i: i.f.vjp(lambda x: x * x, i.x)[1](None),
    "vjp of integers": lambda i: i.f.vjp(lambda x: x.long(), i.x),
    "vjp without output": lambda i: i.f.vjp(lambda x: (), i.x),
    "vjp to a number": lambda i: i.f.vjp(lambda x: (x, 3), i.x),
    "vjp freed": lambda i: (lambda out, pull: (pull(i.x, retain_graph=False), pull(i.x)))(*i.f.vjp(lambda x: x * x, i.x)),
    "jvp without a tuple": lambda i: i.f.jvp(lambda x: x, i.x, i.x),
    "jvp of other forms": lambda i: i.f.jvp(lambda x: x, (i.x,), [i.x]),
    "jvp of other forms inside": lambda i: i.f.jvp(lambda x: x[0], ((i.x, i.x),), ([i.x, i.x],)),
    "jvp of nothing": lambda i: i.f.jvp(lambda: i.x, (), ()),
    "jvp of a number": lambda i: i.f.jvp(lambda x: x, (3.0,), (1.0,)),
    "jvp with a number": lambda i: i.f.jvp(lambda x: x, (i.x,), (1.0,)),
    "jvp of another shape": lambda i: i.f.jvp(lambda x: x, (i.x,), (i.t.ones(4),)),
    "jvp of integers": lambda i: i.f.jvp(lambda x: x, (i.t.tensor([1]),), (i.t.tensor([1]),)),
    "jvp with integers": lambda i: i.f.jvp(lambda x: x, (i.x,), (i.t.tensor([1, 2, 3]),)),
    "jvp to a number": lambda i: i.f.jvp(lambda x: 3, (i.x,), (i.x,)),
    "jvp without output": lambda i: i.f.jvp(lambda x: (), (i.x,), (i.x,)),
    "jvp strict": lambda i: i.f.jvp(lambda x: i.t.ones(2), (i.x,), (i.x,), strict=True),
    "jvp without aux": lambda i: i.f.jvp(lambda x: x, (i.x,), (i.x,), has_aux=True),
    "jacrev of complex": lambda i: i.f.jacrev(lambda x: x.abs())(i.x * 1j),
    "jacrev to complex": lambda i: i.f.jacrev(lambda x: x * 1j)(i.x),
    "jacfwd of complex": lambda i: i.f.jacfwd(lambda x: x.abs())(i.x * 1j),
    "jacfwd to complex": lambda i: i.f.jacfwd(lambda x: x * 1j)(i.x),
    "jacrev chunk": lambda i: i.f.jacrev(cube, chunk_size=0)(i.x),
    "jacfwd of integers": lambda i: i.f.jacfwd(lambda x: x)(i.t.tensor([1])),
    "jacfwd, random": lambda i: i.f.jacfwd(lambda x: x * i.t.rand(3))(i.x),
    "linearize, arity": lambda i: i.f.linearize(lambda x: x * x, i.x)[1](i.x, i.x),
    "linearize, shape": lambda i: i.f.linearize(lambda x: x * x, i.x)[1](i.t.ones(4)),
    "linearize, dtype": lambda i: i.f.linearize(lambda x: x * x, i.x)[1](i.x.float()),
    "in_dims too large": lambda i: i.f.vmap(lambda x: x, in_dims=2)(i.m),
    "in_dims a string": lambda i: i.f.vmap(lambda x: x, in_dims="a")(i.m),
    "in_dims a list": lambda i: i.f.vmap(lambda x: x, in_dims=[0])(i.m),
    "in_dims of floats": lambda i: i.f.vmap(lambda x: x, in_dims=(0.5,))(i.m),
    "in_dims of another form": lambda i: i.f.vmap(lambda x: x, in_dims=(0, 0))(i.m),
    "in_dims of other keys": lambda i: i.f.vmap(lambda d: d["a"], in_dims=({"c": 0},))({"a": i.m}),
    "in_dims all None": lambda i: i.f.vmap(lambda x: x, in_dims=(None,))(i.m),
    "in_dims None": lambda i: i.f.vmap(lambda x: x, in_dims=None)(i.m),
    "number to map over": lambda i: i.f.vmap(lambda a, b: a)(i.m, 3),
    "scalar to map over": lambda i: i.f.vmap(lambda a: a)(i.t.tensor(1.0)),
    "nothing to map over": lambda i: i.f.vmap(lambda: 3)(),
    "other sizes": lambda i: i.f.vmap(lambda a, b: a)(i.m, i.t.ones(3, 2)),
    "out_dims too large": lambda i: i.f.vmap(lambda x: x * 2, out_dims=2)(i.m),
    "out_dims None": lambda i: i.f.vmap(lambda x: x * 2, out_dims=None)(i.m),
    "out_dims a string": lambda i: i.f.vmap(lambda x: x, out_dims="a")(i.m),
    "out_dims of another form": lambda i: i.f.vmap(lambda x: (x, x), out_dims=(0, 0, 0))(i.m),
    "output that is no tensor": lambda i: i.f.vmap(lambda x: 3)(i.m),
    "output that is nothing": lambda i: i.f.vmap(lambda x: None)(i.m),
    "unknown randomness": lambda i: i.f.vmap(lambda x: x, randomness="a")(i.m),
    "chunk size": lambda i: i.f.vmap(lambda x: x, chunk_size=0)(i.m),
    "item under vmap": lambda i: i.f.vmap(lambda x: x.sum().item())(i.m),
    "tolist under vmap": lambda i: i.f.vmap(lambda x: x.tolist())(i.m),
    "numpy under vmap": lambda i: i.f.vmap(lambda x: x.numpy())(i.m),
    "control flow under vmap": lambda i: i.f.vmap(lambda x: x if x.sum() > 0 else -x)(i.m),
    "nonzero under vmap": lambda i: i.f.vmap(lambda x: x.nonzero())(i.m),
    "mask under vmap": lambda i: i.f.vmap(lambda x: x[x > 0])(i.m),
    "a batch into what is captured": lambda i: i.f.vmap(lambda x: (i.x.mul_(x), x)[1])(i.m),
    "a batch added to what is captured": lambda i: i.f.vmap(lambda x: (i.x.add_(x), x)[1])(i.m),
    "a batch filled into what is captured": lambda i: i.f.vmap(lambda x: (i.x.fill_(x[0]), x)[1])(i.m),
    "a leaf written in vmap": lambda i: i.f.vmap(lambda x: x.mul_(2))(i.w),
    "running statistics under vmap": lambda i: i.f.vmap(
        lambda x: i.t.nn.functional.batch_norm(x, i.t.zeros(2), i.t.ones(2), training=True))(i.t.ones(2, 3, 2)),
    "batch of gradients of another shape": lambda i: i.t.autograd.grad(i.w * 2, i.w, i.t.ones(2, 4), is_grads_batched=True),
    "batch of gradients without any": lambda i: i.t.autograd.grad(i.w.sum(), i.w, is_grads_batched=True),
    "batch of gradients, no batch": lambda i: i.t.autograd.grad(i.w.sum(), i.w, i.t.tensor(1.0), is_grads_batched=True),
    "batches of gradients of other sizes": lambda i: i.t.autograd.grad(
        [i.w * 2, i.w.sum()], i.w, [i.eye, i.t.ones(2)], is_grads_batched=True),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name):
    agree(PROGRAMS[name])


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name):
    assert outcome(REFUSED[name], Inputs(torch))[0] == "error"
    agree(REFUSED[name])


# ---- modules -----------------------------------------------------------------------------------------------------------
def network(t):
    t.manual_seed(0)
    return t.nn.Sequential(t.nn.Linear(3, 4), t.nn.Tanh(), t.nn.Linear(4, 2)).double()


def values_of(module):
    return {name: value.detach() for name, value in module.named_parameters()}


def per_sample(i):
    model = network(i.t)

    def loss(values, x):
        return i.f.functional_call(model, values, x[None]).pow(2).sum()

    return i.f.vmap(i.f.grad(loss), in_dims=(None, 0))(values_of(model), i.m)


def ensemble(i):
    models = [network(i.t) for _ in range(3)]
    values, buffers = i.f.stack_module_state(models)
    return values, i.f.vmap(lambda v, b, x: i.f.functional_call(models[0], (v, b), x), in_dims=(0, 0, None))(values, buffers, i.m)


def tied(i, names, **options):
    model = i.t.nn.ModuleDict({"a": i.t.nn.Linear(3, 3, bias=False).double(), "b": i.t.nn.Linear(3, 3, bias=False).double()})
    model["b"].weight = model["a"].weight
    model.forward = lambda x: model["a"](x) + model["b"](x)
    return i.f.functional_call(model, {name: i.eye * (k + 1) for k, name in enumerate(names)}, i.x, **options)


def counting(i):
    class Counter(i.t.nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("count", i.t.zeros(1))

        def forward(self, x):
            self.count = self.count + 1
            return x * self.count

    module, given = Counter(), {"count": i.t.ones(1)}
    return i.f.functional_call(module, given, i.x), given, module.count


MODULES = {
    "functional_call": lambda i: i.f.functional_call(network(i.t), {"2.bias": i.t.ones(2).double()}, (i.m,)),
    "several dicts": lambda i: i.f.functional_call(network(i.t), [{"2.bias": i.t.ones(2).double()},
                                                                 {"0.bias": i.t.ones(4).double()}], i.m),
    "by keyword": lambda i: i.f.functional_call(network(i.t), {}, kwargs={"input": i.m}),
    "unknown names": lambda i: i.f.functional_call(network(i.t), {"foo": i.x}, i.m),
    "assigned buffers": counting, "per-sample gradients": per_sample, "ensemble": ensemble,
    "tied": lambda i: tied(i, ["b.weight"]),
    "tied, strict": lambda i: tied(i, ["b.weight"], strict=True),
    "dict twice": lambda i: i.f.functional_call(network(i.t), [{"0.bias": i.x}, {"0.bias": i.x}], i.m),
    "no dict": lambda i: i.f.functional_call(network(i.t), 3, i.m),
    "no dicts": lambda i: i.f.functional_call(network(i.t), [3], i.m),
    "strict": lambda i: i.f.functional_call(network(i.t), {"foo": i.x, "0.foo": i.x}, i.m, strict=True),
    "unknown module": lambda i: i.f.functional_call(network(i.t), {"foo.bias": i.x}, i.m),
    "number": lambda i: i.f.functional_call(network(i.t), {"0.bias": 3}, i.m),
    "tied names differ": lambda i: tied(i, ["a.weight", "b.weight"]),
    "no models": lambda i: i.f.stack_module_state([]),
    "other models": lambda i: i.f.stack_module_state([network(i.t), i.t.nn.Linear(2, 2)]),
    "other modes": lambda i: i.f.stack_module_state([network(i.t), network(i.t).eval()]),
    "other flags": lambda i: i.f.stack_module_state([network(i.t), network(i.t).requires_grad_(False)]),
}


@pytest.mark.parametrize("name", MODULES)
def test_modules(name):
    agree(MODULES[name])


# ---- printing ----------------------------------------------------------------------------------------------------------
SHOWN = {
    "grad": lambda i, show: i.f.grad(lambda x: show(x).sum())(i.x),
    "grad of grad": lambda i, show: i.f.grad(lambda x: i.f.grad(lambda y: show(y).sum())(x).sum())(i.x),
    "computed": lambda i, show: i.f.grad(lambda x: show(x * 2).sum())(i.x),
    "vmap": lambda i, show: i.f.vmap(show)(i.m),
    "vmap of vmap": lambda i, show: i.f.vmap(i.f.vmap(show))(i.m),
    "vmap of grad": lambda i, show: i.f.vmap(i.f.grad(lambda x: show(x).sum()))(i.m),
    "grad of vmap": lambda i, show: i.f.grad(lambda x: i.f.vmap(show)(x).sum())(i.m),
    "jvp": lambda i, show: i.f.jvp(show, (i.x,), (i.x,)),
}


@pytest.mark.parametrize("name", SHOWN)
def test_tensors_inside_are_shown(name):
    texts = []
    for library in LIBRARIES:
        SHOWN[name](Inputs(library), lambda x: (texts.append(repr(x)), x)[1])
    assert texts[0] == texts[1]
