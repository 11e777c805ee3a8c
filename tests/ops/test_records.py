"""Every public operation, checked on all its samples; and nothing is left without samples."""

import pytest

import pullback as torch
from pullback.batch import Level
from pullback.engine import grad
from pullback.ops import FUNCTIONS, RECORDS
from pullback.ops.batching import enter, leave
from pullback.ops.record import Op
from tests.samples import SAMPLES

from . import forward_checks, vmap_checks  # noqa: F401 - they add to the checks
from .calls import call, differentiable, tensors, with_gradients
from .checks import CHECKS

SAMPLED = sorted(set(SAMPLES) & set(FUNCTIONS))


def test_every_function_has_samples():
    missing = sorted(set(FUNCTIONS) - set(SAMPLES))
    assert not missing, f"no samples in tests/samples for: {', '.join(missing)}"


def test_every_sample_has_a_function():
    unknown = sorted(set(SAMPLES) - set(FUNCTIONS))
    assert not unknown, f"samples of functions that do not exist: {', '.join(unknown)}"


@pytest.mark.parametrize("name", SAMPLED)
def test_operation(name):
    """All checks on all samples, reported together: a broken rule usually shows in several."""
    failures = {}
    for number, sample in enumerate(SAMPLES[name]):
        for check in CHECKS.values():
            try:
                check(name, sample)
            except Exception as error:
                kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
                text = " ".join(str(error).split())
                failures.setdefault((check.__name__, kind + text[:600]), []).append(sample.name or str(number))
    if failures:
        lines = [f"{check} (sample {', '.join(samples)}): {text}" for (check, text), samples in failures.items()]
        pytest.fail(f"{name}:\n" + "\n".join(lines), pytrace=False)


def _nodes_behind(result):
    stack, seen = [out.grad_fn for out in differentiable(result)], set()
    while stack:
        node = stack.pop()
        if node is not None and node not in seen:
            seen.add(node)
            stack.extend(node.inputs)
    return seen


def _map_over_a_batch():
    """What only `vmap` makes use of: into a level, out of it, and the sum for what the samples share."""
    weight, x = torch.ones(3, requires_grad=True), torch.ones(2, 3, requires_grad=True)
    level = Level(2)
    y = leave(enter(x, level=level, dim=0) * weight, level=level, dim=0)
    level.open = False
    grad(grad((y * y).sum(), weight, create_graph=True)[0].sum(), x)
    torch.vmap(torch.sin)(x)


def _write_to_views():
    """What only in-place writes to views make use of."""
    x = torch.ones(4, requires_grad=True)
    base = x.clone()
    first, second = base.view(2, 2), base.view(4)
    first.mul_(3)
    (g,) = grad((second * second).sum(), x, create_graph=True)
    g.sum().backward()


def _write_to_buffers():
    """What only layers that write to their buffers make use of."""
    FUNCTIONS["batch_norm"].call(torch.ones(2, 3), torch.zeros(3), torch.ones(3), training=True)
    FUNCTIONS["embedding"].call(torch.tensor([1]), torch.ones(2, 3), max_norm=1.0)


def _differentiate_twice(name, sample, wanted):
    """The gradient's own gradient, by the inputs and by the incoming gradient."""
    leaves = tensors(sample, requires_grad=True)
    outputs = differentiable(call(name, sample, leaves))
    chosen = [leaves[index] for index in wanted]
    incoming = [torch.ones_like(out).requires_grad_() for out in outputs]
    first = grad(outputs, chosen, incoming, create_graph=True, allow_unused=True) if outputs else ()
    first = [g for g in first if g is not None and g.requires_grad]
    if first:
        grad(first, chosen + incoming, [torch.ones_like(g) for g in first], allow_unused=True)


def test_every_record_is_exercised(monkeypatch):
    """Each record runs forward or backward on some sample, or is the record of an element-wise function with samples."""
    used = {getattr(FUNCTIONS[name].call, "op", None) for name in SAMPLED}
    used |= {getattr(FUNCTIONS[name].element, "op", None) for name in SAMPLED}

    def noting(op, forward):
        def noted(*args, **params):
            used.add(op)
            return forward(*args, **params)

        return noted

    for op in RECORDS.values():
        if not isinstance(op, Op) or op.partial:
            continue
        monkeypatch.setattr(op, "forward", noting(op, op.forward))
    for name in SAMPLED:
        for sample in SAMPLES[name]:
            wanted = sample.differentiable()
            result = call(name, sample, tensors(sample, requires_grad=True))
            used |= {node.record for node in _nodes_behind(result)}
            if wanted:
                with_gradients(name, sample, sample.arrays(), wanted)
                _differentiate_twice(name, sample, wanted)
    _write_to_views()
    _write_to_buffers()
    _map_over_a_batch()
    idle = sorted(op.name for op in RECORDS.values() if op not in used)
    assert not idle, f"no sample exercises the records: {', '.join(idle)}"
