"""Checkpoints that nest backwards: the function is one node, whose backward runs the function and a backward of its own."""

import warnings

from ... import engine
from ...autograd.function import Function
from ...graph import Tensor
from ...mode import enable_grad
from ...runs import current_run
from .state import Randomness


def detach_variable(inputs):
    """The tuple `inputs` with its tensors cut off from their history, flags kept. Raises RuntimeError on no tuple."""
    if not isinstance(inputs, tuple):
        raise RuntimeError(f"Only tuple of tensors is supported. Got Unsupported input type: {type(inputs).__name__}")
    return tuple([each.detach().requires_grad_(each.requires_grad) if isinstance(each, Tensor) else each for each in inputs])


def check_backward_validity(inputs):
    """Warn if no tensor among `inputs` requires a gradient."""
    if not any(each.requires_grad for each in inputs if isinstance(each, Tensor)):
        warnings.warn("None of the inputs have requires_grad=True. Gradients will be None", stacklevel=2)


class CheckpointFunction(Function):
    """A call of `run_function` as one operation, which keeps its arguments only."""

    @staticmethod
    def forward(ctx, run_function, preserve_rng_state, *args):
        """The result of `run_function(*args)`, computed without a graph."""
        check_backward_validity(args)
        ctx.run_function, ctx.randomness = run_function, Randomness(preserve_rng_state)
        ctx.places = [place for place, arg in enumerate(args) if isinstance(arg, Tensor)]
        ctx.others = [None if isinstance(arg, Tensor) else arg for arg in args]
        ctx.save_for_backward(*[args[place] for place in ctx.places])
        return run_function(*args)

    @staticmethod
    def backward(ctx, *grads):
        """The gradients of the arguments, by a backward through a second run."""
        if not current_run().whole:
            raise RuntimeError(
                "When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad() or passing an `inputs` parameter "
                "to .backward(). To resolve this error, you can either set use_reentrant=False, or call .backward() without "
                "passing the `inputs` argument.")
        inputs = list(ctx.others)
        for place, tensor in zip(ctx.places, ctx.saved_tensors, strict=True):
            inputs[place] = tensor
        inputs = detach_variable(tuple(inputs))
        with ctx.randomness.again(), enable_grad():
            outputs = ctx.run_function(*inputs)
        _backward((outputs,) if isinstance(outputs, Tensor) else outputs, grads)
        return (None, None, *[each.grad if isinstance(each, Tensor) else None for each in inputs])


def _backward(outputs, grads):
    pairs = [(output, grad) for output, grad in zip(outputs, grads, strict=True)
             if isinstance(output, Tensor) and output.requires_grad]
    if not pairs:
        raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")
    engine.backward(*zip(*pairs, strict=True))
