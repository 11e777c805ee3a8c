"""torch.autograd.forward_ad: the same programs in both libraries."""

import pytest

from .libraries import outcome, torch
from .transforms import Inputs, agree, cube, dual, under


def written(i, d):
    y = i.t.zeros(3, dtype=i.t.float64)
    view = y[:2]
    y.copy_(d)
    y[1] = 5.0
    view.mul_(2)
    return y, view


def without_tangents(i, d):
    with i.fw._set_fwd_grad_enabled(False):
        off = d * 2
        with i.fw._set_fwd_grad_enabled(True):
            on = d * 3
    return off, on, d * 4


DUAL = {
    "product": lambda i, d: d * d, "constant": lambda i, d: i.x * 2, "sum": lambda i, d: (d + i.x, i.x - d, d + 1),
    "views": lambda i, d: (d.view(3, 1), d[None], d.expand(2, 3), d[1], *d.split(1)), "detach": lambda i, d: d.detach(),
    "data": lambda i, d: d.data, "clone": lambda i, d: d.clone(), "no_grad": lambda i, d: under(i.t.no_grad(), lambda: d * 2),
    "inference mode": lambda i, d: under(i.t.inference_mode(), lambda: d * 2),
    "integers": lambda i, d: (d.long(), d > 1, d.argmax()),
    "max": lambda i, d: d.max(0), "cast": lambda i, d: (d.float(), d.half()), "written": written,
    "zeroed": lambda i, d: (d.clone().zero_(), d.clone().fill_(3.0), d.clone().copy_(i.x)),
    "detached in place": lambda i, d: d.clone().detach_(), "tangents off": without_tangents,
    "copies": lambda i, d: (i.t.zeros_like(d), i.t.nn.Parameter(d)), "norm": lambda i, d: d.norm(),
    "grad": lambda i, d: i.f.grad(cube)(d), "vmap": lambda i, d: i.f.vmap(lambda y: y**3)(d),
    "level used twice": lambda i, d: i.fw.make_dual(i.x, i.x) * d,
    "recorded": lambda i, d: (d * i.w, i.fw.make_dual(i.w, i.x).sin(), i.fw.make_dual(i.x, i.w) * 2),
}


@pytest.mark.parametrize("name", DUAL)
def test_dual_tensors(name):
    agree(dual(DUAL[name]))


def entered(i, *steps):
    """Run steps one after the other, and close what they left open."""
    try:
        return [step() for step in steps]
    finally:
        while i.fw._current_level >= 0:
            i.fw.exit_dual_level()


DUAL_REFUSED = {
    "no level": lambda i: i.fw.make_dual(i.x, i.x),
    "no such level": lambda i: entered(i, i.fw.enter_dual_level, lambda: i.fw.make_dual(i.x, i.x, level=1)),
    "nested": lambda i: entered(i, i.fw.enter_dual_level, i.fw.enter_dual_level),
    "nothing to leave": lambda i: i.fw.exit_dual_level(),
    "another to leave": lambda i: entered(i, i.fw.enter_dual_level, lambda: i.fw.exit_dual_level(level=3)),
    "shape": dual(lambda i, d: i.fw.make_dual(i.x, i.t.ones(4))),
    "integers": dual(lambda i, d: i.fw.make_dual(i.t.ones(3).long(), i.x)),
    "integer tangent": dual(lambda i, d: i.fw.make_dual(i.x, i.t.ones(3).long())),
    "number": dual(lambda i, d: i.fw.make_dual(3.0, i.x)),
    "twice": dual(lambda i, d: i.fw.make_dual(d, i.x)), "tangent with a tangent": dual(lambda i, d: i.fw.make_dual(i.x, d)),
    "unpacked number": dual(lambda i, d: i.fw.unpack_dual(3)), "jvp inside": dual(lambda i, d: i.f.jvp(cube, (i.x,), (i.x,))),
    "inside jvp": lambda i: i.f.jvp(lambda x: under(i.fw.dual_level(), lambda: x), (i.x,), (i.x,)),
    "leaf written": dual(lambda i, d: i.fw.make_dual(i.w, i.x).mul_(2)),
}


@pytest.mark.parametrize("name", DUAL_REFUSED)
def test_dual_refusals(name):
    assert outcome(DUAL_REFUSED[name], Inputs(torch))[0] == "error"
    agree(DUAL_REFUSED[name])
