"""What looks at a backward: hooks of tensors, hooks of nodes, anomaly mode. Nodes that nobody watches do not come here."""

from . import errors
from .accumulation import adding
from .graph import Tensor, wrap
from .mode import current_mode, inside
from .ops.apply import as_array
from .runs import current_run


def observe(node, gradient, as_tensors):
    """Let the tensor's hooks see the gradient and replace it; then keep it where `retain_grad` asked for it."""
    watch = node.watch
    if not watch.hooks and watch.retain is None:
        return gradient
    tensor = gradient if as_tensors else wrap(as_array(gradient))
    for hook in list(watch.hooks.values()):
        answer = hook(tensor)
        tensor = tensor if answer is None else _checked(answer, hook, tensor)
    if watch.retain is not None:
        owner = watch.retain()
        if owner is not None:
            kept = tensor if as_tensors else wrap(tensor._array.copy())
            with adding:
                owner._grad = kept if owner._grad is None else owner._grad + kept
    return tensor if as_tensors else tensor._array


def _checked(answer, hook, tensor):
    if not isinstance(answer, Tensor):
        raise TypeError(f"expected Variable, but hook returned '{type(answer).__name__}'")
    if answer._array.dtype != tensor._array.dtype:
        raise RuntimeError(f"hook '{_name(hook)}' has changed the type of value (was {errors.type_of(tensor._array.dtype)} got "
                           f"{errors.type_of(answer._array.dtype)})")
    if answer._array.shape != tensor._array.shape:
        raise RuntimeError(f"hook '{_name(hook)}' has changed the size of value")
    return answer


def _name(hook):
    return getattr(hook, "__name__", "<unknown>")


def observed(node, gradient, as_tensors, pull, fit):
    """`pull(gradient, as_tensors)`, which goes back through `node`, between the node's own hooks and under anomaly mode.

    The gradients of the inputs are made to `fit` these before the hooks see them.
    """
    watch, anomaly = node.watch, current_mode().anomaly
    several = type(gradient) is list
    grad_outputs = _tensors(gradient if several else (gradient,))
    if watch is not None:
        for hook in list(watch.before.values()):
            grad_outputs = _answered(hook, hook(grad_outputs), grad_outputs)
    if all(g is None for g in grad_outputs):
        return ()
    given = _raw(grad_outputs, as_tensors)
    gradient = given if several else given[0]
    if anomaly is None:
        results = pull(gradient, as_tensors)
    else:
        with inside(anomaly=anomaly.within(node)):
            results = pull(gradient, as_tensors)
    useful = current_run().useful
    results = [None if g is None or edge is None or (useful is not None and edge not in useful) else fit(g, edge)
               for edge, g in zip(node.inputs, results, strict=True)]
    if watch is not None and watch.after:
        results = _after(node, results, grad_outputs, as_tensors)
    if anomaly is not None:
        anomaly.check(node, results)
    return results


def _after(node, results, grad_outputs, as_tensors):
    """Let the node's hooks see and replace the gradients of those inputs that torch's node has."""
    places = node.places()
    grad_inputs = _tensors([results[place] for place in places])
    for hook in list(node.watch.after.values()):
        grad_inputs = _answered(hook, hook(grad_inputs, grad_outputs), grad_inputs)
    for place, gradient in zip(places, _raw(grad_inputs, as_tensors), strict=True):
        results[place] = gradient
    return results


def _answered(hook, answer, gradients):
    """The gradients after `hook` gave its answer: a tuple to replace them, or None."""
    if answer is None:
        return gradients
    if not isinstance(answer, tuple):
        raise TypeError(f"expected tuple, but hook returned '{type(answer).__name__}'")
    if len(answer) != len(gradients):
        raise RuntimeError(f"hook '{_name(hook)}' has returned an incorrect number of values (got {len(answer)}, but expected "
                           f"{len(gradients)})")
    return tuple([None if new is None else _replaced(new, hook, old) for new, old in zip(answer, gradients, strict=True)])


def _replaced(new, hook, old):
    if old is None:
        raise RuntimeError("can't replace a None gradient with a non-None value")
    return _checked(new, hook, old)


def _tensors(gradients):
    return tuple([g if g is None or isinstance(g, Tensor) else wrap(as_array(g)) for g in gradients])


def _raw(gradients, as_tensors):
    return [g if g is None or as_tensors else g._array for g in gradients]
