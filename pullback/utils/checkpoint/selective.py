"""Selective checkpoints: results of some operations are kept, so that the second run need not compute them."""

import re
from collections import defaultdict
from enum import Enum

from ...mode import inside
from ...ops.apply import keep_output
from ...ops.registry import FUNCTIONS
from ...ops.running import Runner


class CheckpointPolicy(Enum):
    """What becomes of an operation's result: SAVE keeps it, RECOMPUTE computes it again; the CPU is where it is kept anyway.

    MUST and PREFER differ for compilers only.
    """

    MUST_SAVE = 0
    PREFER_SAVE = 1
    MUST_RECOMPUTE = 2
    PREFER_RECOMPUTE = 3
    MUST_CPU_OFFLOAD = 4
    PREFER_CPU_OFFLOAD = 5


_KEEPING = (CheckpointPolicy.MUST_SAVE, CheckpointPolicy.PREFER_SAVE, CheckpointPolicy.MUST_CPU_OFFLOAD,
            CheckpointPolicy.PREFER_CPU_OFFLOAD, True)
_ALSO = {"affine": "linear"}  # operations that are part of a function of another name


class SelectiveCheckpointContext:
    """What a policy is told: `is_recompute`, False, as it is asked in the first run only, and `op_output`, the result."""

    def __init__(self, *, is_recompute, op_output=None):
        self.is_recompute, self.op_output = is_recompute, op_output


def function_of(op):
    """The public function that an operation belongs to, by its name or by that of its node; else the record itself."""
    stem = re.sub(r"_(\d|dim|all|nd|tensor)$", "", op.name)
    node = re.sub(r"Backward\d*$", "", op.node.__name__)
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", node).lower()
    for name in (op.name, stem, _ALSO.get(stem), snake):
        if name in FUNCTIONS:
            return FUNCTIONS[name].call
    return op


class _Saving(Runner):
    """The first run: asks the policy about each result."""

    def __init__(self, policy, saved):
        self.policy, self.saved = policy, saved

    def ran(self, op, inputs, params, outputs, extras):
        """Keep the result if the policy says so. Views cost nothing and are never kept."""
        if op.view:
            return
        result = outputs[0] if len(outputs) == 1 else tuple(outputs)
        context = SelectiveCheckpointContext(is_recompute=False, op_output=result)
        keep = self.policy(context, function_of(op), *inputs, **params) in _KEEPING
        self.saved[op].append(_Saved(op, outputs, extras) if keep else None)


class _Saved:
    """The results of one operation, and the versions they had."""

    def __init__(self, op, outputs, extras):
        self.twins, self.extras, self.many = [keep_output(output) for output in outputs], extras, op.many
        self.versions = [twin._version for twin in self.twins]

    def arrays(self, may_differ):
        """What the operation's forward returned. Raises RuntimeError if it was written since."""
        if not may_differ and self.versions != [twin._version for twin in self.twins]:
            raise RuntimeError("Tensor cached during selective activation checkpoint has been mutated")
        arrays = [twin._array for twin in self.twins]
        return arrays if self.many else (arrays[0], *self.extras) if self.extras else arrays[0]


class _Reusing(Runner):
    """The second run: takes the results that were kept."""

    def __init__(self, saved, may_differ):
        self.saved, self.may_differ = saved, may_differ

    def run(self, op, *arrays, **params):
        """The result that was kept; if none was, that of running the operation."""
        if op.view:
            return op.forward(*arrays, **params)
        if op in self.saved and not self.saved[op]:
            raise RuntimeError("Trying to backward an extra time. You are only allowed to backward once on any region computed "
                               "under selective activation checkpoint.")
        saved = self.saved[op].pop(0) if op in self.saved else None
        return op.forward(*arrays, **params) if saved is None else saved.arrays(self.may_differ)


def create_selective_checkpoint_contexts(policy_fn_or_list, allow_cache_entry_mutation=False):
    """The contexts for `checkpoint(..., context_fn=lambda: create_selective_checkpoint_contexts(policy))`.

    `policy_fn_or_list`: `policy(ctx, op, *args, **kwargs)` gives a `CheckpointPolicy` for each operation of the first run; `op`
    is the public function (`torch.mm`, `torch.exp`, `torch.nn.functional.linear`, ...), `args` its tensors. Or a list of
    functions whose results are to be kept. Views are never kept. Raises TypeError on anything else, ValueError on a list of
    what are no functions; the backward raises RuntimeError if a kept result was written, unless
    `allow_cache_entry_mutation`, and if it is the second.
    """
    policy = policy_fn_or_list
    if isinstance(policy, list):
        for op in policy:
            if not callable(op):
                raise ValueError(f"Expected op in `op_list` to be an OpOverload but got: {op} of type {type(op)}. ")
        kept = list(policy)

        def policy(ctx, op, *args, **kwargs):
            return CheckpointPolicy.MUST_SAVE if op in kept else CheckpointPolicy.PREFER_RECOMPUTE

    elif not callable(policy):
        raise TypeError("policy_fn_or_list must be either a function or a list of ops.")
    saved = defaultdict(list)
    return inside(runner=_Saving(policy, saved)), inside(runner=_Reusing(saved, allow_cache_entry_mutation))
