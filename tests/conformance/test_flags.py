"""Flags, versions and bases after views, in-place writes, detach, data and modes: one script, two libraries, one answer."""

# ruff: noqa: E501

import pytest

from .libraries import LIBRARIES
from .programs import state

KNOWN = {  # deliberate differences, see differences.md
    "detach of a view": ["v.grad_fn"], "no_grad write to a result": ["v.grad_fn"],
    "no_grad results": ["v.is_leaf", "v.grad_fn"], "no_grad view of a result": ["v.is_leaf", "v.grad_fn", "w.is_leaf", "w.grad_fn"],
    "inference outside": ["c.version"],
}
SCRIPTS = {
    "leaf": "x = T.ones(3, requires_grad=True)\ny = T.ones(3)",
    "results": "x = T.ones(3, requires_grad=True)\ny = x * 2\nz = y.sum()\nw = T.ones(3) * 2",
    "views": "x = T.ones(4, requires_grad=True)\na = x.view(2, 2)\nb = a[0]\nc = b[1:]\nd = a.t()\ne = x[None]\nf = x.expand(2, 4)",
    "views of plain": "x = T.ones(4)\na = x.view(2, 2)\nb = a[0]\nc = b[1:]\nd = x.reshape(2, 2)\ne = a.t().reshape(4)",
    "views of results": "x = T.ones(4, requires_grad=True)\nr = x * 1\na = r.view(2, 2)\nb = a[0]\nc = a.unbind()[1]\nd = r.split(2)[1]",
    "write to base": "x = T.ones(4, requires_grad=True)\nr = x * 1\na = r.view(2, 2)\nb = a[0]\nr.mul_(2)",
    "write to view": "x = T.ones(4, requires_grad=True)\nr = x * 1\na = r.view(2, 2)\nb = r[1:]\na.mul_(2)",
    "write to view of view": "x = T.ones(4, requires_grad=True)\nr = x * 1\na = r.view(2, 2)\nb = a[0]\nc = r[2:]\nb.add_(1)",
    "write history into plain": "x = T.ones(2, requires_grad=True)\np = T.zeros(4)\nq = p[:2]\ns = p[2:]\nq.copy_(x)",
    "write history into view": "x = T.ones(2, requires_grad=True)\np = T.zeros(2, 2)\np[0] = x\nq = p[1]",
    "plain writes": "x = T.ones(3)\nv = x[1:]\nx.add_(1)\nv.mul_(3)\nx[0] = 7",
    "set and reset": "x = T.ones(3)\nx.requires_grad_()\nx.requires_grad_(False)\ny = x * 2\nx.requires_grad = True",
    "detach": "x = T.ones(3, requires_grad=True)\nd = x.detach()\nd.add_(1)\nv = d[1:]\ny = (x * 2).detach()",
    "detach of a view": "x = T.ones(4, requires_grad=True)\nv = (x * 1).view(2, 2)\nd = v.detach()\nd.zero_()",
    "detach in place": "x = T.ones(3, requires_grad=True)\ny = x * 2\ny.detach_()\nz = y * 2",
    "data": "x = T.ones(3, requires_grad=True)\nd = x.data\nd.add_(1)\ny = x * 2\ny.data.zero_()",
    "data assigned": "x = T.ones(3, requires_grad=True)\nx.data = T.zeros(2)\ny = x * 2",
    "data of a view": "x = T.ones(4)\nv = x.view(2, 2)\nd = v.data\nd.add_(1)",
    "no_grad results": "x = T.ones(3, requires_grad=True)\nwith T.no_grad():\n    y = x * 2\n    z = T.ones(2, requires_grad=True)\n"
                       "    v = x.view(3)\n    w = (x * 1).view(3)\n    x.add_(1)",
    "no_grad write to a result": "x = T.ones(3, requires_grad=True)\ny = x * 2\nv = y[1:]\nwith T.no_grad():\n    y.mul_(3)\n    v.add_(1)",
    "no_grad views used later": "x = T.ones(3, requires_grad=True)\nwith T.no_grad():\n    v = x.view(3)\ny = v * 2",
    "no_grad view of a result": "x = T.ones(3, requires_grad=True)\nr = x * 1\nwith T.no_grad():\n    v = r.view(3)\n    w = r[1:]\n    v.add_(1)",
    "inference": "x = T.ones(3, requires_grad=True)\nwith T.inference_mode():\n    i = T.ones(3)\n    r = x * 2\n    v = x.view(3)\n"
                 "    l = T.ones(2, requires_grad=True)\n    w = i[1:]\n    i.add_(1)",
    "inference outside": "with T.inference_mode():\n    i = T.ones(3)\nv = i.view(3)\nd = i.detach()\nc = i.clone()\ns = i * 2\ne = i.data",
    "inference off again": "x = T.ones(3, requires_grad=True)\nwith T.inference_mode():\n    with T.inference_mode(False):\n        y = x * 2\n        z = T.ones(1)",
    "enable inside inference": "x = T.ones(3, requires_grad=True)\nwith T.inference_mode(), T.enable_grad():\n    y = x * 2",
    "inference write to normal": "x = T.ones(3)\ny = T.ones(3, requires_grad=True)\nwith T.inference_mode():\n    x.add_(1)\n    y.mul_(2)\nv = x[0]",
    "enable inside no_grad": "x = T.ones(3, requires_grad=True)\nwith T.no_grad():\n    with T.enable_grad():\n        y = x * 2\n    z = y * 2",
    "casts": "x = T.ones(3, requires_grad=True)\na = x.double()\nb = x.float()\nc = x.long()\nd = x > 0\ne = x.to(T.float64, copy=True)\nf = x.argmax()",
    "dead gradients": "x = T.ones(3, requires_grad=True)\na = x.floor()\nb = x.sign()\nc = T.zeros_like(x)\nd = x.new_ones(2)\ne = x.round()",
    "clone and contiguous": "x = T.ones(2, 3, requires_grad=True)\na = x.clone()\nb = x.contiguous()\nc = x.t().contiguous()\nd = x.t().clone()",
    "several outputs": "x = T.arange(4.).requires_grad_()\na, b = x.split(2)\nc, d = x.view(2, 2).max(0)\ne, f = T.ones(2, 2).unbind()",
    "accumulated": "x = T.ones(2, requires_grad=True)\n(x * 2).sum().backward()\ng = x.grad\n(x * 3).sum().backward()\nh = x.grad",
    "retained": "x = T.ones(2, requires_grad=True)\ny = x * 2\ny.retain_grad()\nx.retain_grad()\n(y * y).sum().backward()",
    "zero_ on a result": "x = T.ones(2, requires_grad=True)\ny = x * 2\ny.zero_()\nz = y + 1",
    "fill_ and copy_": "x = T.ones(2, requires_grad=True)\ny = T.zeros(2)\ny.copy_(x)\nz = T.zeros(2)\nz.fill_(x[0])\nw = T.zeros(2)\nw.fill_(3)",
    "requires_grad after write": "x = T.ones(2)\nx.mul_(T.ones(2, requires_grad=True))\ny = T.ones(2)\ny += T.ones(2, requires_grad=True)",
    "operators in place": "x = T.ones(2)\ny = x\nx += 1\nx *= 2\nz = x[0]\nz -= 1",
    "squeeze and unsqueeze": "x = T.ones(1, 2, 1, requires_grad=True)\na = x.squeeze()\nb = x.squeeze(0)\nc = x.squeeze(1)\nd = x.unsqueeze(0)",
    "numpy shares": "x = T.ones(2)\nx.numpy()[0] = 5\ny = T.from_numpy(x.numpy())",
    "same object": "x = T.ones(2)\na = x.float()\nb = x.to(T.float32)\nc = x.contiguous()\nd = x.reshape(2)\ne = x.view(2)",
    "in-place view methods": "x = T.ones(2, 3)\nx.unsqueeze_(0)\nx.squeeze_()\nx.t_()\nx.transpose_(0, 1)",
    "expanded": "x = T.ones(1, 3, requires_grad=True)\na = x.expand(2, 3)\nb = a.contiguous()\nc = a * 1\nd = x.expand(1, 3)",
    "comparison results": "x = T.ones(2, requires_grad=True)\na = x == x\nb = a.float()\nc = a & a\nd = T.where(a, x, x)",
    "index": "x = T.arange(4.).requires_grad_()\na = x[T.tensor([0, 1])]\nb = x[x > 1]\nc = x[1]\nd = x[...]\ne = x[:]\nf = x[None, 1:]",
    "real and imag": "z = T.tensor([1 + 2j], requires_grad=True)\na = z.real\nb = z.imag\nc = z.abs()",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_flags(name):
    seen = []
    for T in LIBRARIES:
        names = {}
        exec(SCRIPTS[name], {"T": T}, names)
        tensors = {key: value for key, value in names.items() if isinstance(value, T.Tensor)}
        same = {key: [other for other in tensors if tensors[other] is value] for key, value in tensors.items()}
        seen.append({key: state(T, value, tensors) | {"same as": same[key]} for key, value in tensors.items()})
    ours, theirs = seen
    assert ours.keys() == theirs.keys()
    differences = [f"{key}.{field}: {ours[key][field]}, torch {theirs[key][field]}"
                   for key in ours for field in ours[key]
                   if ours[key][field] != theirs[key][field] and f"{key}.{field}" not in KNOWN.get(name, ())]
    assert not differences, SCRIPTS[name] + "\n" + "\n".join(differences)
