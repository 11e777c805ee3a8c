"""Why a tensor requires a gradient, or why it does not."""

import ast

from ..blame import at, kind, operation, untracked
from ..graph import Leaf, Output
from ..mode import current_mode
from .origin import DEPTH, origin_of
from .words import Explanation, Reason, Step

# What an operation did to the history: in words, and what to do about it.
CUTS = {
    "detach": ("`detach()` gave the values without their history",
               "leave out `.detach()` if the gradient is to flow through here."),
    "detach_": ("`detach_()` dropped the history",
                "leave it out if the gradient is to flow through here."),
    "unchain_backward": ("`unchain_backward()` dropped the history",
                         "leave it out if the gradient is to flow further back."),
    "data": ("`.data` gave the values without their history",
             "use the tensor itself; to write to it without a record, do so inside `with torch.no_grad():`."),
    "left": ("`{0}()` took the values out of the tensor, and their history stayed behind",
             "keep to tensors from the leaf to the loss: `torch.stack` joins tensors, and every function of numbers that is "
             "called on them has one of tensors."),
    "made": ("the values were copied into a new tensor, without their history",
             "use the tensor as it is, `.clone()` for a copy, `torch.stack` or `torch.cat` for several."),
    "bytes": ("`view(dtype)` read the bytes as another type, which has no gradient",
              "convert with `.to(dtype)`."),
    "copy": ("a deep copy is a leaf of its own", "use `.clone()` for a copy with history."),
    "subclass": ("`{0}` made a leaf of the values, without their history",
                 "compute the tensor in `forward` from the parameter it depends on, instead of making a parameter of it."),
    "frozen": ("`requires_grad` was set to False", "set it to True before the tensor is used."),
    "marked": ("`{0}`, a custom Function, marked this output with `mark_non_differentiable`",
               "leave the mark out, and give a gradient in its `backward`."),
    "no_grad": ("`{0}` was not recorded, as gradients were switched off where it was called,", "move it out of the block."),
    "integer": ("`{0}` gave {1}, which has no gradients", "keep to floating point numbers on the way to the loss."),
    "argument": ("`{0}` gives places or answers ({1}), which have no gradient",
                 "use something smooth in its place, as `softmax` for `argmax` and `sigmoid` for a comparison."),
    "operation": ("`{0}` has no derivative here", "use an operation that has one."),
    "leaf": ("a tensor was made without requires_grad", "pass requires_grad=True, or call requires_grad_()."),
    "before": ("a tensor that requires no gradient was made before tracking began, or out of its sight",
               "begin tracking earlier, to see more."),
    "forgotten": (f"what came before is forgotten: tracking remembers {DEPTH} operations before each,", "explain an earlier "
                  "tensor."),
}
_CASTS = {"to_copy"}
MOST = 100  # reasons that are looked for


def of_flag(tensor):
    """The explanation of a tensor's `requires_grad`."""
    if tensor._edge is not None:
        return _of_needed(tensor)
    subject = f"The tensor ({kind(tensor)}) requires no gradient."
    if tensor._origin is None and current_mode().tracker is None:
        return Explanation(subject, False, note="\n".join([part for part in untracked(tensor)[1:] if part]))
    origin = origin_of(tensor)
    reasons = _distinct(ways(origin, lambda found: found.cuts))
    if reasons:
        return Explanation(subject, False, reasons)
    chains = ways(origin, lambda found: not found.inputs)
    reasons = _distinct([chain for chain in chains if chain[0].dtype.kind not in "biu"] or chains)
    return Explanation(f"{subject} It is computed from tensors that require none.", False, reasons)


def _of_needed(tensor):
    """The leaves on which a tensor that requires a gradient depends, and the way from the nearest, as the graph has them."""
    edge = tensor._edge
    if type(edge) is Leaf:
        reason = Reason("required", "It is a leaf, and was made to require one", edge.line)
        return Explanation(f"The tensor ({kind(tensor)}) requires a gradient.", True, [reason])
    reasons = []
    for leaf, *onward in ways(edge, lambda node: type(node) is Leaf):
        steps = [] if reasons else [Step(operation(node), node.line) for node in onward if type(node) is not Output]
        what = f"It depends on a leaf ({kind(leaf)}), which was made to require one"
        reasons.append(Reason("required", what, leaf.line, steps))
    return Explanation(f"The tensor ({kind(tensor)}) requires a gradient.", True, reasons)


def ways(end, is_start, is_end=lambda one: False):
    """For each origin or node behind `end` that is a start, the shortest way from it to `end`, nearest first; `MOST` at most.

    What lies behind a start, and behind what `is_end`, is not looked at.
    """
    found, seen, waiting = [], {id(end)}, [(end, None)]
    for origin, onward in waiting:  # grows while it is walked: breadth first
        if is_start(origin):
            found.append(_unrolled(origin, onward))
            if len(found) == MOST:
                break
            continue
        for before in () if is_end(origin) else origin.inputs:
            if before is not None and id(before) not in seen:
                seen.add(id(before))
                waiting.append((before, (origin, onward)))
    return found


def _unrolled(origin, onward):
    chain = [origin]
    while onward is not None:
        origin, onward = onward
        chain.append(origin)
    return chain


def cut_of(origin):
    """What kind of cut an origin is, a key of `CUTS`."""
    if origin.cut is not None and origin.inputs:
        return origin.cut
    if not origin.inputs:
        return origin.cut if origin.cut in ("before", "forgotten") else "leaf"
    if origin.block is not None:
        return "no_grad"
    if origin.dtype.kind in "biu":
        return "integer" if origin.name in _CASTS else "argument"
    return "operation"


def _distinct(chains):
    """The reasons that the firsts of `chains` are, those of one kind and line once."""
    found = {}
    for chain in chains:
        found.setdefault((cut_of(chain[0]), chain[0].line), chain)
    return [reason_of(chain) for chain in found.values()]


def reason_of(chain):
    """The reason that the first of `chain` is; the rest is the way on to the tensor in question."""
    cut, *onward = chain
    how = cut_of(cut)
    what, advice = (text.format(cut.name, cut.dtype) for text in CUTS[how])
    details, others = [], []
    if how == "no_grad":
        how, blocks = cut.block.manager, cut.block.all()
        details, others = [_entered(block) for block in blocks], [block.line for block in blocks]
        if cut.block.inside and cut.block.inside.startswith("_run"):
            how, advice = "function", "nothing: what forward returns gets its gradient from the Function's `backward`."
            details = ["It ran in the forward of a custom Function, where nothing is recorded."]
    if any([not step.sure for step in chain]):
        what += " (probably: the values are the same, but they came back as a copy)"
    return Reason(how, what[0].upper() + what[1:], cut.line, [Step(step.name, step.line) for step in onward],
                  [*_source(cut), *details], list(_besides(onward)), advice, others)


def _source(cut):
    """What is on the other side of a cut."""
    if cut.after is not None and _computed(cut.line):
        yield (f"It was made of a number. Before that, `{cut.after.name}()` took numbers out of a tensor that required a "
               f"gradient, and what is computed from numbers has no history: {at(cut.after.line)}")
    needed = [origin for origin in cut.inputs if origin.needs]
    if needed and cut.cut != "frozen":
        origin = needed[0]
        how = "a leaf, made to require one" if origin.is_leaf else f"the result of `{origin.name}`"
        yield f"Its input ({kind(origin)}) required a gradient: {how} {at(origin.line)}"


def _computed(line):
    """Whether a call in the line is given more than numbers as they stand."""
    try:
        calls = [node for node in ast.walk(ast.parse(line.text)) if isinstance(node, ast.Call)]
    except SyntaxError:
        return False
    return any(not isinstance(argument, ast.Constant) for call in calls for argument in call.args)


def _entered(block):
    if block.function is not None:
        code = block.function
        return f"`{block.manager}` decorates {code.co_qualname} ({code.co_filename}:{code.co_firstlineno}), which was called " \
            + at(block.line)
    return f"`{block.manager}` was entered {at(block.line)}"


def _besides(onward):
    """What else would stop a gradient on the way from a cut to the tensor."""
    for origin in onward:
        how = origin.cut
        if how == "made" and origin.inputs[0].cut == "left" or how in ("leaf", "before", "forgotten"):
            continue
        if how is not None:
            yield f"{CUTS[how][0].format(origin.name, origin.dtype)} {at(origin.line)}"
        elif origin.block is not None:
            yield f"`{origin.name}` ran inside `{origin.block.manager}`, entered at {origin.block.line}: it was called " \
                + at(origin.line)
