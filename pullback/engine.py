"""Reverse mode: one loop over the nodes that gradients reach, newest first.

A node's number is larger than those of its inputs, so when a node is the newest of those waiting, all its gradients have
arrived: a heap is all the order there is, without recursion or counting of dependencies. Gradients are arrays in a plain
backward, and tensors when the backward is itself recorded.
"""

import warnings
from heapq import heappop, heappush
from operator import attrgetter
from sys import _getframe, getrefcount
from weakref import ref

import numpy as np

from . import batchwise, blame, errors
from .accumulation import accumulate, lifted
from .batch import Batched
from .dtypes import F32, FLOATING, category
from .edges import STAND_IN, GradientEdge, stand_in
from .fitting import fit_array, fit_tensor
from .graph import NOBODY, Leaf, Output, Tensor, make_leaf, wrap
from .looking import Look
from .mode import current_mode, settled
from .ops.apply import as_array
from .runs import behind, leave_run


def run_backward(roots, gradients, *, retain_graph, create_graph, as_tensors=False, captures=None, accumulating=True):
    """Carry `gradients` (arrays, or tensors if `as_tensors`) from the edges `roots` to the leaves.

    Under `create_graph` the backward is recorded itself; gradients are tensors then, and also where they have tangents.
    `captures`: edges whose gradient is wanted; it is returned in a dict, and only what leads to them is run. Leaves add to
    their tensor's `.grad` if `accumulating`; with captures only the captured ones do.
    """
    useful = None if captures is None else _leading_to(roots, captures)
    pending, own, heap = {}, set(), []
    for edge, gradient in zip(roots, gradients, strict=True):
        if edge in pending:
            pending[edge] = pending[edge] + gradient
        else:
            pending[edge] = gradient
            heappush(heap, (-edge.seq, edge))
    look = None
    if as_tensors or captures is not None or current_mode().anomaly is not None:
        look = Look(roots, useful, captures, create_graph, as_tensors, accumulating)
    closely = look is not None and look.closely
    this, results = blame.backward(_getframe(2)), None
    try:
        while heap:
            node = heappop(heap)[1]
            gradient = pending.pop(node)
            watch = node.watch
            if watch is NOBODY and not closely and type(node) is Leaf and node.after is None:  # the usual leaf
                if accumulating:
                    accumulate(node, gradient, as_tensors, getrefcount(gradient) == 2)
                continue
            if watch is not None or closely:
                if look is None:
                    look = Look(roots, useful, captures, create_graph, as_tensors, accumulating)
                gradient, results = look.at(node, gradient)
                if type(node) is Output and gradient is not None:
                    _collect(pending, heap, node, gradient)
                    gradient = None
                if gradient is None:
                    continue
            if results is None:
                results = node.pull(gradient, as_tensors)
            if node.saved and not retain_graph:
                node.saved = this
            gradient = None
            for edge, result in zip(node.inputs, results):  # noqa: B905 - strict costs time, and lengths agree
                if edge is None or result is None or (useful is not None and edge not in useful):
                    continue
                if as_tensors:
                    result = fit_tensor(result, edge, node)
                elif type(result) is Batched or result.shape != edge.shape or result.dtype is not edge.dtype:
                    result = fit_array(result, edge, node)
                arrived = pending.get(edge)
                if arrived is None:
                    pending[edge] = result
                    heappush(heap, (-edge.seq, edge))
                elif edge in own and type(result) is not Batched:  # the sum is an array of ours, and may grow in place
                    arrived += result
                    pending[edge] = arrived
                else:
                    pending[edge] = arrived + result
                    if not as_tensors:
                        own.add(edge)
            results = result = arrived = None
    except Exception as error:
        if look is not None and look.anomaly is not None:
            look.anomaly.report(node)
        blame.failed(error, node, roots)
        raise
    finally:
        if look is not None and look.before is not None:
            leave_run(look.before)
    return look and look.found


def _collect(pending, heap, output, gradient):
    """Put the gradient of one output of an operation into its place among those of the others."""
    parent = output.inputs[0]
    if parent not in pending:
        pending[parent] = [None] * len(parent.shape)
        heappush(heap, (-parent.seq, parent))
    pending[parent][output.index] = gradient


def _leading_to(roots, captures):
    """The nodes on a way from `roots` to a captured one. Marks in `captures` those that others of them lie behind."""
    useful = set()
    for node in sorted(behind(roots), key=attrgetter("seq")):
        leads = any(edge in useful for edge in node.inputs)
        if node in captures:
            captures[node] = leads
        if leads or node in captures:
            useful.add(node)
    return useful


# ---- torch.autograd.backward and grad --------------------------------------------------------------------------------


def _edges_of(tensors, into):
    """The edges of the tensors a backward starts from. `into`: the tensors whose `.grad` it fills, None for all; for trackers."""
    edges, tracker = [], current_mode().tracker
    for index, tensor in enumerate(tensors):
        if tensor._edge is None:
            raise _no_graph(index, tensor)
        edges.append(tensor._edge)
    if tracker is not None:
        tracker.backward(tensors, into)
    return edges


def _no_graph(index, tensor):
    era = settled().era
    if era is not None:
        return RuntimeError(era.no_graph(index, tensor))
    return blame.no_graph(RuntimeError(errors.NO_GRAPH.format(index)), tensor)


def _first_gradients(tensors, gradients, as_tensors):
    """The gradients to start from: those given, checked, and ones for the scalars among the outputs."""
    first = []
    for index, (tensor, gradient) in enumerate(zip(tensors, gradients, strict=False)):
        if gradient is None:
            if tensor._edge is not None:
                gradient = wrap(ones(tensor).copy()) if as_tensors else ones(tensor)
            first.append(gradient)
            continue
        if not isinstance(gradient, Tensor):
            raise TypeError(f"gradients can be either Tensors or None, but got {type(gradient).__name__}")
        if gradient._array.shape != tensor._array.shape:
            raise RuntimeError(
                f"Mismatch in shape: grad_output[{index}] has a shape of torch.Size({list(gradient._array.shape)}) and "
                f"output[{index}] has a shape of torch.Size({list(tensor._array.shape)})."
            )
        if (gradient._array.dtype.kind == "c") != (tensor._array.dtype.kind == "c"):
            raise RuntimeError(
                f"For complex Tensors, both grad_output and output are required to have the same dtype. Mismatch in dtype: "
                f"grad_output[{index}] has a dtype of torch.{gradient._array.dtype} and output[{index}] has a dtype of "
                f"torch.{tensor._array.dtype}."
            )
        if tensor._edge is not None:
            gradient = (fit_tensor if as_tensors else fit_array)(
                gradient if as_tensors else lifted(gradient), tensor._edge)
        first.append(gradient)
    return first


_ONE = np.ones((), F32)  # the gradient that nearly every backward starts from
_ONE.flags.writeable = False


def ones(tensor):
    """The gradient to start from at a scalar. Raises RuntimeError at any other tensor, and at one that has no gradient."""
    array = tensor._array
    if type(array) is np.ndarray and array.dtype is F32 and not array.ndim and not current_mode().special:
        return _ONE
    array = lifted(tensor)
    if array.size != 1:
        raise RuntimeError("grad can be implicitly created only for scalar outputs")
    if array.dtype.kind == "c" or category(array.dtype) < FLOATING:
        raise RuntimeError(f"grad can be implicitly created only for real scalar outputs but got torch.{array.dtype}")
    return np.ones_like(array)


def _tuple(value, outputs=()):
    """One tensor or several, as a tuple; `GradientEdge`s become tensors, found in the graph of `outputs`."""
    values = (value,) if isinstance(value, (Tensor, GradientEdge)) else value
    return tuple([stand_in(each, outputs) if type(each) is GradientEdge else each for each in values])


def _outputs(tensors):
    tensors = _tuple(tensors)
    for tensor in tensors:
        if not isinstance(tensor, Tensor):
            raise AssertionError("Expected output to be a torch.Tensor")
    return tensors


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, grad_variables=None, inputs=None):
    """Add to `.grad` of the leaves the gradients of `tensors` (the vector-Jacobian products with `grad_tensors`).

    See https://docs.pytorch.org/docs/stable/generated/torch.autograd.backward.html. `inputs`: accumulate into these only,
    leaves or not. Raises RuntimeError where a tensor has no graph, was freed, or was written since it was saved.
    """
    if settled().transforms:
        raise RuntimeError(errors.BACKWARD_INSIDE)
    if grad_variables is not None:
        warnings.warn("`grad_variables` is deprecated. Use `grad_tensors` instead.", FutureWarning, stacklevel=2)
        if grad_tensors is not None:
            raise RuntimeError("`grad_tensors` and `grad_variables` (deprecated) arguments both passed to `backward()`. "
                               "Please only use `grad_tensors`.")
        grad_tensors = grad_variables
    tensors = _outputs(tensors)
    if inputs is not None:
        inputs = _tuple(inputs, tensors)
        if not inputs:
            raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    if create_graph:
        warnings.warn(errors.CREATE_GRAPH, stacklevel=2)
    gradients = (None,) * len(tensors) if grad_tensors is None else _tuple(grad_tensors)
    as_tensors = create_graph or bool(settled().duals)
    if len(gradients) < len(tensors):
        raise RuntimeError(f"got {len(tensors)} tensors and {len(gradients)} gradients")
    first = _first_gradients(tensors, gradients, as_tensors)
    roots = _edges_of(tensors, inputs)[: len(first)]
    if inputs is None:
        captures = None
    else:
        captures = {}
        for tensor in inputs:
            if tensor._edge is None:
                raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
            captures[tensor._edge] = False
            if type(tensor._edge) is not Leaf and tensor._made is not STAND_IN:
                tensor._edge.watched().retain = ref(tensor)  # from now on, as in torch
    retain = create_graph if retain_graph is None else retain_graph
    run_backward(roots, first, retain_graph=retain, create_graph=create_graph, as_tensors=as_tensors, captures=captures)


def grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, only_inputs=True, allow_unused=None,
         is_grads_batched=False, materialize_grads=False):
    """The gradients of `outputs` (their sum, weighted by `grad_outputs`) with respect to `inputs`, as a tuple.

    A dict of inputs gives a dict. `.grad` fields are left alone. With `allow_unused`, inputs that do not matter get None,
    with `materialize_grads` zeros. `is_grads_batched`: `grad_outputs` have a batch axis in front, and so have the results.
    See https://docs.pytorch.org/docs/stable/generated/torch.autograd.grad.html
    """
    if materialize_grads and allow_unused is False:
        raise ValueError("Expected allow_unused to be True or not passed when materialize_grads=True, but got: "
                         "allow_unused=False.")
    if isinstance(inputs, dict):
        values = grad(outputs, tuple(inputs.values()), grad_outputs, retain_graph, create_graph, only_inputs, allow_unused,
                      is_grads_batched, materialize_grads)
        return dict(zip(inputs, values, strict=True))
    outputs = _outputs(outputs)
    inputs = _tuple(inputs, outputs)
    if not only_inputs:
        warnings.warn(errors.ONLY_INPUTS, FutureWarning, stacklevel=2)
    gradients = (None,) * len(outputs) if grad_outputs is None else _tuple(grad_outputs)
    retain = create_graph if retain_graph is None else retain_graph
    if is_grads_batched:
        return batchwise.gradients(grad, outputs, inputs, gradients, retain, create_graph, allow_unused, materialize_grads)
    if len(gradients) != len(outputs):
        raise RuntimeError(f"got {len(outputs)} tensors and {len(gradients)} gradients")
    as_tensors = create_graph or bool(settled().duals)
    first = _first_gradients(outputs, gradients, as_tensors)
    roots = _edges_of(outputs, ())
    if not inputs:
        raise RuntimeError("`inputs` argument to `grad()` cannot be empty.")
    captures = {}
    for tensor in inputs:
        if tensor._edge is None:
            raise RuntimeError("One of the differentiated Tensors does not require grad")
        captures[tensor._edge] = False
    found = run_backward(roots, first, retain_graph=retain, create_graph=create_graph, as_tensors=as_tensors,
                         captures=captures, accumulating=False)
    return tuple(
        [_result(index, tensor, outputs, found, create_graph, allow_unused or materialize_grads, materialize_grads)
         for index, tensor in enumerate(inputs)]
    )


def _result(index, tensor, outputs, found, create_graph, unused, materialize):
    edge = tensor._edge
    gradient = None if type(edge) is Leaf and not edge.connected else found.get(edge)
    if gradient is None:
        if not unused:
            raise blame.unused(RuntimeError(errors.UNUSED.format(index)), tensor, outputs)
        if materialize and tensor._made is STAND_IN:
            raise RuntimeError("materialize_grads cannot be used when the given input is a GradientEdge")
        return _zeros(tensor, create_graph) if materialize else None
    if isinstance(gradient, Tensor):
        return gradient
    array = as_array(gradient)
    return wrap(array.copy() if type(array) is np.ndarray and not array.flags.writeable else array)


def _zeros(tensor, requires_grad):
    zeros = wrap(np.zeros_like(lifted(tensor)))
    return make_leaf(zeros) if requires_grad else zeros
