"""Nodes, their hooks and saved values, edges, packing, anomaly mode and checkpoints: one script, two libraries, one answer."""

# ruff: noqa: E501

import warnings
from types import SimpleNamespace

import pytest

from .libraries import LIBRARIES, first_sentence

pullback, torch = LIBRARIES


def seen(T, value):
    """A value in terms that both libraries share."""
    if isinstance(value, T.Tensor):
        return ["tensor", str(value.dtype).partition(".")[2], value.detach().tolist(), value.requires_grad]
    if isinstance(value, (list, tuple)):
        return [seen(T, each) for each in value]
    if isinstance(value, dict):
        return {name: seen(T, each) for name, each in value.items()}
    return value if isinstance(value, (str, int, float, bool, type(None))) else type(value).__name__


def answer(T, script):
    """What the script leaves in `out`, with the error that ended it and the warnings it gave."""
    import importlib

    out = []
    checkpoint = importlib.import_module(f"{T.__name__}.utils.checkpoint")
    G, names = T.autograd.graph, SimpleNamespace(checkpoint=checkpoint)
    scope = {"T": T, "G": G, "C": names.checkpoint, "out": out.append, "x": T.tensor([1.0, 2.0, 3.0], requires_grad=True),
             "w": T.tensor([0.5, 0.25, 4.0], requires_grad=True)}
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        try:
            exec(script, scope)
        except Exception as error:
            out.append((type(error).__name__, first_sentence(error)))
    return seen(T, out), [first_sentence(each.message).partition(" Traceback")[0] for each in given]


SCRIPTS = {
    # nodes
    "hooks in order": """
y = x * w
y.grad_fn.register_hook(lambda gi, go: out(("post", gi, go)))
y.grad_fn.register_prehook(lambda go: out(("pre", go)))
y.register_hook(lambda g: out(("tensor", g)))
y.retain_grad()
leaf = y.grad_fn.next_functions[0][0]
leaf.register_hook(lambda gi, go: out(("leaf post", gi, go, x.grad)))
leaf.register_prehook(lambda go: out(("leaf pre", go, x.grad)))
x.register_hook(lambda g: out("x"))
x.register_post_accumulate_grad_hook(lambda t: out("accumulated"))
y.sum().backward(retain_graph=True)
out(T.autograd.grad(y.sum(), x, retain_graph=True))
out(T.autograd.grad(y.sum(), y, retain_graph=True))
y.sum().backward(inputs=[w], retain_graph=True)
out(y.grad)""",
    "hooks that replace": "y = x * x\ny.grad_fn.register_prehook(lambda go: (go[0] * 2,))\ny.grad_fn.register_prehook(lambda go: out(go))\n"
                          "y.grad_fn.register_hook(lambda gi, go: (gi[0] * 2, gi[1]))\ny.grad_fn.register_hook(lambda gi, go: out((gi, go)))\nout(T.autograd.grad(y.sum(), x))",
    "hook taken out": "y = x * 2\nh = y.grad_fn.register_hook(lambda gi, go: out(1))\nwith h:\n    y.sum().backward(retain_graph=True)\ny.sum().backward()",
    "no gradient through": "y = x * 2\ny.grad_fn.register_prehook(lambda go: (None,))\ny.sum().backward()\nout(x.grad)",
    "no gradient out": "y = x * 2\ny.grad_fn.register_hook(lambda gi, go: (None, None))\ny.sum().backward()\nout(x.grad)",
    "post: no tuple": "y = x * 2\ny.grad_fn.register_hook(lambda gi, go: gi[0])\ny.sum().backward()",
    "post: too many": "y = x * 2\ny.grad_fn.register_hook(lambda gi, go: (gi[0],) * 3)\ny.sum().backward()",
    "post: no tensor": "y = x * 2\ny.grad_fn.register_hook(lambda gi, go: (3, None))\ny.sum().backward()",
    "post: other size": "y = x * 2\ny.grad_fn.register_hook(lambda gi, go: (T.ones(7), None))\ny.sum().backward()",
    "post: other dtype": "y = x * 2\ny.grad_fn.register_hook(lambda gi, go: (gi[0].double(), None))\ny.sum().backward()",
    "post: where there is none": "y = x * 2\ny.grad_fn.register_hook(lambda gi, go: (gi[0], gi[0]))\ny.sum().backward()",
    "pre: no tuple": "y = x * 2\ny.grad_fn.register_prehook(lambda go: [go[0]])\ny.sum().backward()",
    "pre: too few": "y = x * 2\ny.grad_fn.register_prehook(lambda go: ())\ny.sum().backward()",
    "tensor hook: other dtype": "x.register_hook(lambda g: g.double())\n(x * 2).sum().backward()",
    "hooks of several outputs": "a, b, c = x.split(1)\na.grad_fn.register_hook(lambda gi, go: out((gi, go)))\na.grad_fn.register_prehook(lambda go: out(go))\n(b * 2).backward()\nout(x.grad)",
    "hooks see fitted gradients": "y = T.ones(2, 3) * x\ny.grad_fn.register_hook(lambda gi, go: out((gi, go)))\ny.sum().backward()",
    "hooks under create_graph": "y = x * x\ny.grad_fn.register_hook(lambda gi, go: out((gi, T.is_grad_enabled())))\nT.autograd.grad(y.sum(), x, create_graph=True)",
    "hooks of a function": """
class F(T.autograd.Function):
    @staticmethod
    def forward(ctx, a, n, b):
        ctx.save_for_backward(a, b)
        return a * b, a * 2
    @staticmethod
    def backward(ctx, g, h):
        return g, None, g
a, b = F.apply(x, 3, w)
a.grad_fn.register_hook(lambda gi, go: out((gi, go)))
a.grad_fn.register_prehook(lambda go: out(go))
out((len(a.grad_fn.next_functions), a.grad_fn.metadata, len(a.grad_fn._raw_saved_tensors)))
a.sum().backward()
out(a.grad_fn.saved_tensors)""",
    "a function with outputs that are no tensors": """
class F(T.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        return a * 2, 3, None
    @staticmethod
    def backward(ctx, *g):
        out(g)
        return g[0]
F.apply(x)[0].sum().backward()
out(x.grad)""",
    "metadata": "n = (x * 2).grad_fn\nout((n.metadata, n.metadata is n.metadata))\nn.metadata['a'] = 1\nout((n.metadata, n.requires_grad, n.name()))\nm = n._input_metadata[0]\nout((m.shape, str(m.dtype)[-7:], str(m.device), m.is_nested_tensor))",
    "sequence": "a, b = x * 2, x * 3\nout(b.grad_fn._sequence_nr() - a.grad_fn._sequence_nr() > 0)\nout(a.grad_fn.next_functions[0][0]._sequence_nr())",
    "unknown attribute": "(x * 2).grad_fn._saved_foo",
    "a saved result": "y = x.exp()\nr = y.grad_fn._saved_result\nout((r, r is y, r.grad_fn is y.grad_fn))\ny.sum().backward()\ny.grad_fn._saved_result",
    "a saved input": "y = x * w\nout((y.grad_fn._saved_self is x, y.grad_fn._saved_other is w))\nout(((x * 2).grad_fn._saved_other, (x * 2).grad_fn._saved_self))",
    "a saved input, written": "a = x * 1\ny = a * w\na.add_(1)\ny.grad_fn._saved_self",
    "known after freeing": "y = x.sum(0)\ny.backward()\nout((y.grad_fn._saved_dim, y.grad_fn._saved_self_sym_sizes))",
    "nodes are Nodes": "n = (x * 2).grad_fn\nout((isinstance(n, G.Node), issubclass(type(n), G.Node), isinstance(3, G.Node), isinstance(n.next_functions[0][0], G.Node)))",
    # edges
    "edges": "y = x * 2\nz = y.sum()\ne, l = G.get_gradient_edge(y), G.get_gradient_edge(x)\nout((e.output_nr, e.node is y.grad_fn, type(l.node).__name__, e == G.get_gradient_edge(y)))\n"
             "out(T.autograd.grad(z, [e, l], retain_graph=True))\nout(T.autograd.grad(e, x, T.ones(3), retain_graph=True))\nT.autograd.backward(e, T.ones(3), retain_graph=True)\nout(x.grad)\n"
             "T.autograd.backward(z, inputs=[l], retain_graph=True)\nout(x.grad)\nT.autograd.grad(e, x, retain_graph=True)",
    "edges of several outputs": "a, b, c = x.split(1)\ns = (a * 1 + b * 2 + c * 3).sum()\nout(T.autograd.grad(s, [G.GradientEdge(a.grad_fn, i) for i in range(3)], retain_graph=True))\nout(T.autograd.grad(G.get_gradient_edge(b), x, T.ones(1)))",
    "edge unused": "e = G.get_gradient_edge(x * 2)\nout(T.autograd.grad(w.sum(), [e], allow_unused=True))\nT.autograd.grad(w.sum(), [e], materialize_grads=True)",
    "edge of what needs no gradient": "G.get_gradient_edge(T.ones(3))",
    "edge of another shape": "T.autograd.grad(G.get_gradient_edge(x * 2), x, T.ones(4))",
    # packing
    "packing": "import numpy\nwith G.saved_tensors_hooks(lambda t: t.detach().numpy().copy(), T.from_numpy):\n    y = x.exp()\n    z = (y * y).sum()\ng, = T.autograd.grad(z, x, create_graph=True)\nout((g, T.autograd.grad(g.sum(), x)))",
    "what is packed": "def pack(t):\n    out((t, t.is_leaf, type(t.grad_fn).__name__, T.is_grad_enabled()))\n    return t\ndef unpack(t):\n    out(T.is_grad_enabled())\n    return t\n"
                      "with G.saved_tensors_hooks(pack, unpack):\n    z = (x * 3).sin().exp()\nz.sum().backward()\nout(x.grad)",
    "the innermost pair": "with G.saved_tensors_hooks(lambda t: out(1), lambda p: x):\n    with G.saved_tensors_hooks(lambda t: out(2), lambda p: x):\n        x.sin()\n    x.sin()\nx.sin()",
    "packing that writes": "with G.saved_tensors_hooks(lambda t: t.mul_(2), lambda t: t):\n    (x * 1).exp()",
    "unpacking to no tensor": "with G.saved_tensors_hooks(lambda t: 3, lambda t: t):\n    y = x.exp()\ny.sum().backward()",
    "unpacking to another shape": "with G.saved_tensors_hooks(lambda t: t, lambda t: T.ones(5)):\n    y = x.exp()\ny.sum().backward()",
    "packing after writing": "with G.saved_tensors_hooks(lambda t: t.clone(), lambda t: t):\n    a = x * 1\n    y = a * w\na.add_(5)\ny.sum().backward()\nout(w.grad)",
    "packing in a function": """
class F(T.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        y = a.exp()
        ctx.save_for_backward(a, y, None)
        return y
    @staticmethod
    def backward(ctx, g):
        out([None if s is None else type(s.grad_fn).__name__ for s in ctx.saved_tensors])
        return g * ctx.saved_tensors[1]
with G.saved_tensors_hooks(lambda t: (out(t), t * 2)[1], lambda t: t):
    y = F.apply(x)
y.sum().backward()
out(x.grad)""",
    "no callables": "with G.saved_tensors_hooks(3, 4):\n    pass",
    "hooks of one value": "y = x.sin()\nr = y.grad_fn._raw_saved_self\nr.register_hooks(lambda t: (out((t.requires_grad, t.grad_fn)), t * 2)[1], lambda t: t)\ny.sum().backward()\nout(x.grad)",
    "hooks twice": "y = x.exp()\nr = y.grad_fn._raw_saved_result\nr.register_hooks(lambda t: t, lambda t: t)\nr.register_hooks(lambda t: t, lambda t: t)",
    "hooks on a packed value": "with G.saved_tensors_hooks(lambda t: t, lambda t: t):\n    y = x.exp()\ny.grad_fn._raw_saved_result.register_hooks(lambda t: t, lambda t: t)",
    "hooks on a freed value": "y = x.exp()\nr = y.grad_fn._raw_saved_result\ny.sum().backward()\nr.register_hooks(lambda t: t, lambda t: t)",
    "hooks on nothing": "(x * 2).grad_fn._raw_saved_self.register_hooks(lambda t: t, lambda t: t)",
    "hooks that are none": "x.exp().grad_fn._raw_saved_result.register_hooks(3, 4)",
    "disabled": "with G.disable_saved_tensors_hooks('no'):\n    out(x.exp())\n    with G.saved_tensors_hooks(lambda t: t, lambda t: t):\n        pass",
    "disabled too late": "with G.saved_tensors_hooks(lambda t: t, lambda t: t):\n    with G.disable_saved_tensors_hooks('no'):\n        pass",
    "on the CPU": "with G.save_on_cpu(pin_memory=True):\n    y = x.exp()\nwith G.save_on_cpu():\n    z = y.sin()\nz.sum().backward()\nout(x.grad)",
    "mutation": "with G.allow_mutation_on_saved_tensors():\n    a = x.clone()\n    v = a[:2]\n    y = (a ** 2).sum() + (v ** 2).sum() + a.exp().sum()\n    a.sin_()\n    a[0] = 7\n    y.backward()\nout(x.grad)",
    "mutation of a result": "with G.allow_mutation_on_saved_tensors():\n    y = x.exp()\n    y.mul_(2)\n    y.sum().backward()\nout(x.grad)",
    "mutation, backward outside": "with G.allow_mutation_on_saved_tensors():\n    y = (x * 1) ** 2\ny.sum().backward()",
    "mutation cleared": "with G.allow_mutation_on_saved_tensors() as c:\n    y = (x * 1) ** 2\n    c.clear()\n    y.sum().backward()",
    "mutation nested": "with G.allow_mutation_on_saved_tensors():\n    with G.allow_mutation_on_saved_tensors():\n        pass",
    "versions": "t = T.ones(3)\nG.increment_version(t)\nG.increment_version((t, t))\nout(t._version)\nwith T.autograd.grad_mode.inference_mode():\n    i = T.ones(2)\nG.increment_version(i)\nG.increment_version(3)",
    "versions of what is no tensor": "G.increment_version([3])",
    # several gradients
    "all gradients": "y = T.ones(3, requires_grad=True)\nh = G.register_multi_grad_hook((x, w, y), out)\n(x * w).sum().backward()\n(x * 2 + y).sum().backward()\nh.remove()\n(x * w).sum().backward()",
    "any gradient": "h = G.register_multi_grad_hook((x, w, T.ones(3)), lambda g: out(len(g)), mode='any')\n(x * w).sum().backward()\n(w * 2).sum().backward()\nh.remove()\nx.sum().backward()",
    "gradients of results": "a, b = x * 2, x * 3\nG.register_multi_grad_hook((a, b), out)\n(a * b).sum().backward()\nout(T.autograd.grad((x * 2).sum(), x))",
    "another mode": "G.register_multi_grad_hook((x,), out, mode='some')",
    "of what needs none": "G.register_multi_grad_hook((T.ones(2),), out)",
    # anomaly
    "nan": "with T.autograd.set_detect_anomaly(True):\n    y = (T.zeros(3, requires_grad=True).sqrt() * 0).sum()\n    out(list(y.grad_fn.metadata))\n    y.backward()",
    "nan, not looked for": "z = T.zeros(2, requires_grad=True)\nwith T.autograd.set_detect_anomaly(True, check_nan=False):\n    (z.sqrt() * 0).sum().backward()\nout(str(z.grad))",
    "nan, recorded before": "y = (T.zeros(3, requires_grad=True).sqrt() * 0).sum()\nwith T.autograd.set_detect_anomaly(True):\n    y.backward()",
    "nan of a hook": "with T.autograd.set_detect_anomaly(True):\n    y = x * 1\n    y.register_hook(lambda g: g * float('nan'))\n    y.sum().backward()",
    "nan of a node's hook": "with T.autograd.set_detect_anomaly(True):\n    y = x * 1\n    y.grad_fn.register_hook(lambda gi, go: (gi[0] * float('nan'), None))\n    y.sum().backward()",
    "a hook that fails": "with T.autograd.set_detect_anomaly(True):\n    y = x * 1\n    y.register_hook(lambda g: 1 / 0)\n    y.sum().backward()",
    "a stale value": "with T.autograd.set_detect_anomaly(True):\n    y = x.exp()\n    y.add_(1)\n    y.sum().backward()",
    "a freed value": "with T.autograd.set_detect_anomaly(True):\n    y = x.exp().sum()\n    y.backward()\n    y.backward()",
    "a second derivative": "with T.autograd.set_detect_anomaly(True):\n    z = T.zeros(2, requires_grad=True)\n    g, = T.autograd.grad((z ** 1.5).sum(), z, create_graph=True)\n    out(g.grad_fn.metadata['parent_'].name())\n"
                           "    h, = T.autograd.grad(g.sum(), z, create_graph=True)\n    (h * 0).sum().backward()",
    "anomaly mode on and off": "A = T.autograd\ndef state():\n    out((T.is_anomaly_enabled(), T.is_anomaly_check_nan_enabled()))\nstate()\nA.set_detect_anomaly(True, False)\nstate()\nwith A.set_detect_anomaly(False):\n    state()\nstate()\nA.set_detect_anomaly(False)\nwith A.detect_anomaly():\n    state()\nstate()",
    "anomaly mode of no bool": "T.autograd.set_detect_anomaly(3)",
    "anomaly check of no bool": "T.autograd.set_detect_anomaly(True, check_nan=3)",
}
CHECKPOINTS = {
    "not said": "out(C.checkpoint(lambda a: a * 2, x))",
    "kwargs": "y = C.checkpoint(lambda a, b: a.sin() * b, x, b=3, use_reentrant=False)\ny.sum().backward()\nout(x.grad)",
    "kwargs, reentrant": "C.checkpoint(lambda a: a, x, use_reentrant=True, foo=3)",
    "context_fn, reentrant": "C.checkpoint(lambda a: a, x, use_reentrant=True, context_fn=lambda: 3)",
    "no gradient asked for": "out(C.checkpoint(lambda a: a * 2, T.ones(2), use_reentrant=True))",
    "unknown check": "C.checkpoint(lambda a: a, x, use_reentrant=False, determinism_check='foo')",
    "runs": "n = []\ndef f(a):\n    n.append(T.is_grad_enabled())\n    b = a.exp().sin()\n    n.append('end')\n    return b * 1\ny = C.checkpoint(f, x, use_reentrant=False)\ny.sum().backward(retain_graph=True)\n"
            "y.sum().backward()\nout((n, x.grad))\nn.clear()\nwith C.set_checkpoint_early_stop(False):\n    C.checkpoint(f, x, use_reentrant=False).sum().backward()\nout(n)\nn.clear()\nC.checkpoint(f, x, use_reentrant=True).sum().backward()\nout(n)",
    "fewer values": "n = []\ndef f(a):\n    n.append(1)\n    return a.exp().exp() if len(n) == 1 else a.exp()\nC.checkpoint(f, x, use_reentrant=False).sum().backward()",
    "more values": "n = []\ndef f(a):\n    n.append(1)\n    return a.exp().exp() if len(n) > 1 else a.exp()\nC.checkpoint(f, x, use_reentrant=False, early_stop=False).sum().backward()",
    "other values": "n = []\ndef f(a):\n    n.append(1)\n    b = a.exp()\n    return (T.cat([b, b]) if len(n) > 1 else b).exp()\nC.checkpoint(f, x, use_reentrant=False).sum().backward()",
    "random numbers": "for re in (True, False):\n    for keep in (True, False):\n        T.manual_seed(0)\n        a = T.ones(20, requires_grad=True)\n        y = C.checkpoint(lambda t: T.nn.functional.dropout(t * 1, 0.5), a, use_reentrant=re, preserve_rng_state=keep)\n"
                      "        y.sum().backward()\n        out((bool((a.grad == y).all()), y, T.rand(2)))",
    "other results": "y = C.checkpoint(lambda a: (a * 2, 3, None, T.arange(2)), x, use_reentrant=True)\nout(y)\ny[0].sum().backward()\nout(x.grad)",
    "other arguments": "y = C.checkpoint(lambda a, n, l: a * n + l[0].sum(), x, 3, [w], use_reentrant=True)\ny.sum().backward()\nout((x.grad, w.grad))",
    "captured parameters": "a = T.ones(3)\nC.checkpoint(lambda t: (t * w).exp(), a, use_reentrant=False).sum().backward()\nC.checkpoint(lambda t: (t * w).exp(), x, use_reentrant=True).sum().backward()\nout((x.grad, w.grad))",
    "nested": "def inner(a):\n    return a.sin().exp()\ndef outer(a):\n    return C.checkpoint(inner, a.cos(), use_reentrant=False).tanh()\nC.checkpoint(outer, x, use_reentrant=False).sum().backward()\nout(x.grad)",
    "nested three times": "def g(n, a):\n    return C.checkpoint(g, n - 1, a.sin(), use_reentrant=False).cos() if n else a.exp()\ng(3, x).sum().backward()\nout(x.grad)",
    "nested, reentrant": "def outer(a):\n    return C.checkpoint(lambda b: b.sin().exp(), a.cos(), use_reentrant=True).tanh()\nC.checkpoint(outer, x, use_reentrant=True).sum().backward()\nout(x.grad)",
    "twice differentiated": "y = C.checkpoint(lambda a: a.sin().exp(), x, use_reentrant=False)\ng, = T.autograd.grad(y.sum(), x, create_graph=True)\nout((g, T.autograd.grad(g.sum(), x)))",
    "inputs, reentrant": "C.checkpoint(lambda a: a.sin(), x, use_reentrant=True).sum().backward(inputs=[x])",
    "grad, reentrant": "T.autograd.grad(C.checkpoint(lambda a: a.sin(), x, use_reentrant=True).sum(), x)",
    "freed": "y = C.checkpoint(lambda a: a.exp().sum(), x, use_reentrant=False)\ny.backward()\ny.backward()",
    "freed, reentrant": "y = C.checkpoint(lambda a: a.exp().sum(), x, use_reentrant=True)\ny.backward()\ny.backward()",
    "outside of a backward": "y = C.checkpoint(lambda a: a.exp(), x, use_reentrant=False)\nout(y.grad_fn._saved_result)",
    "under no_grad": "with T.no_grad():\n    out(C.checkpoint(lambda a: a.exp(), x, use_reentrant=False))",
    "asked for twice": """
class F(T.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return a * 2
    @staticmethod
    def backward(ctx, g):
        ctx.saved_tensors
        return g * ctx.saved_tensors[0]
C.checkpoint(F.apply, x, use_reentrant=False).sum().backward()""",
    "sequential": "f = [T.sin, T.cos, T.exp, T.tanh, T.sin]\nfor n in (1, 2, 5):\n    out(C.checkpoint_sequential(f, n, x, use_reentrant=False))\nC.checkpoint_sequential(f, 2, x, use_reentrant=False, foo=3)",
    "sequential, not said": "out(C.checkpoint_sequential([T.sin, T.cos], 1, x))",
    "small things": "out((C.get_device_states(x), C.set_device_states([], []), C.detach_variable((x, 3)), [type(c).__name__ for c in C.noop_context_fn()], C.DefaultDeviceType.get_device_type()))\nC.check_backward_validity([T.ones(2)])\nC.detach_variable(x)",
    "policies": "out([(p.name, p.value) for p in C.CheckpointPolicy])\nC.create_selective_checkpoint_contexts(3)",
}


def close(ours, theirs):
    """Whether two answers are the same up to rounding."""
    if isinstance(ours, (list, tuple)):
        return len(ours) == len(theirs) and all(map(close, ours, theirs))
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and close(list(ours.values()), list(theirs.values()))
    return ours == theirs or (isinstance(ours, float) and ours == pytest.approx(theirs, rel=1e-5))


def same(script):
    ours, theirs = answer(pullback, script), answer(torch, script)
    assert close(ours, theirs), f"{ours}\n{theirs}"


@pytest.mark.parametrize("name", SCRIPTS)
def test_graph(name):
    same(SCRIPTS[name])


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_checkpoint(name):
    same(CHECKPOINTS[name])


SAVED = {  # operation: the names of what its node keeps that must be there, with the values of torch's
    "a + b": "alpha", "a - 2": "alpha", "a * b": "self other", "a * 2": "other", "a / b": "self other", "a ** 2": "self exponent",
    "a ** b": "self exponent result", "2 ** a": "exponent result self", "a.abs()": "self", "a.exp()": "result", "a.log()": "self",
    "a.sqrt()": "result", "a.rsqrt()": "result", "a.sin()": "self", "a.tanh()": "result", "a.sigmoid()": "result",
    "a.relu()": "result", "a.erf()": "self", "a.reciprocal()": "result", "a.clamp(0.5, 2.0)": "self min max",
    "T.atan2(a, b)": "self other", "T.maximum(a, b)": "self other", "T.where(a > 2, a, b)": "condition",
    "T.lerp(a, b, 0.25)": "weight", "T.addcmul(a, a, b, value=2)": "tensor1 tensor2 value", "a.sum()": "self_sym_sizes",
    "a.sum(1)": "dim keepdim self_sym_sizes", "a.mean()": "self_sym_sizes", "a.prod()": "self result", "a.std(1)": "self dim keepdim result correction",
    "a.max()": "self result", "a.max(1)[0]": "dim keepdim indices self_sym_sizes", "a.amax(1)": "self result dim keepdim",
    "a.norm()": "self result ord keepdim", "a.logsumexp(1)": "self result dim keepdim", "a.cumsum(1)": "dim", "a.cumprod(1)": "self result dim",
    "a.sort(1)[0]": "indices dim self_sym_sizes", "a.topk(2, 1)[0]": "indices dim self_sym_sizes", "a @ b.t()": "self mat2",
    "a.mv(b[0])": "self vec", "a[0].dot(b[0])": "self tensor", "T.bmm(a[None], b.t()[None])": "self mat2",
    "T.addmm(a @ b.t(), a, b.t(), beta=2)": "mat1 mat2 alpha beta", "F.linear(a, b)": "self mat2", "F.linear(a, b, a[:, 0])": "mat1 mat2 alpha beta",
    "a.view(6)": "self_sym_sizes", "a.transpose(0, 1)": "dim0 dim1", "a.permute(1, 0)": "dims", "a.unsqueeze(1)": "dim",
    "a[:1].expand(2, 3)": "self_sym_sizes", "a.repeat(2, 1)": "repeats self_sym_sizes", "T.cat([a, b], 1)": "dim", "T.stack([a, b], 1)": "dim",
    "a.unbind(1)[0]": "dim", "a[:, 1]": "dim index self_sym_sizes", "a[:, 1:]": "dim start end step self_sym_sizes",
    "a.gather(1, i)": "dim index", "a.index_select(1, i[0])": "dim index self_sym_sizes",
    "a.masked_fill(a > 2, 0.0)": "mask", "a.flip(0)": "dims", "a.diagonal()": "offset dim1 dim2 self_sym_sizes", "a.triu()": "diagonal",
    "a.softmax(1)": "result dim", "a.log_softmax(1)": "result dim", "F.nll_loss(a, i[0, :2])": "target weight reduction",
    "F.mse_loss(a, b)": "self target reduction", "F.smooth_l1_loss(a, b)": "self target reduction beta", "F.gelu(a)": "self approximate",
    "F.silu(a)": "self", "F.elu(a)": "self alpha scale input_scale", "F.leaky_relu(a)": "self negative_slope", "F.softplus(a)": "self beta threshold",
    "F.huber_loss(a, b)": "self target delta", "F.hardtanh(a)": "self min_val max_val", "F.layer_norm(a, (3,), b[0])": "input weight result1 result2",
    "F.conv2d(a[None, None], b[None, None, :2, :2])": "input weight stride dilation groups transposed",
}


@pytest.mark.parametrize("expression", SAVED)
def test_saved(expression):
    both = []
    for T in LIBRARIES:
        scope = {"T": T, "F": T.nn.functional, "i": T.tensor([[0, 1, 0], [1, 0, 1]]),
                 "a": T.tensor([[1.0, 2.0, 3.0], [3.0, 2.5, 4.0]], requires_grad=True),
                 "b": T.tensor([[2.0, 1.0, 0.5], [1.5, 3.0, 2.0]], requires_grad=True)}
        node = eval(expression, scope).grad_fn
        names = [f"_saved_{name}" for name in SAVED[expression].split()]
        assert set(names) <= set(dir(node))
        values = [seen(T, getattr(node, name)) for name in names]
        both.append((node.name(), len(node.next_functions), values))
    (name, count, ours), (torch_name, torch_count, theirs) = both
    assert (name, count) == (torch_name, torch_count)
    assert close(ours, theirs), (ours, theirs)
