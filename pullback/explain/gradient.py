"""Why `.grad` of a tensor is None."""

from ..blame import TRACK, at
from ..graph import Leaf, is_leaf
from ..mode import current_mode
from ..origin import line
from .causes import of_flag, reason_of, ways
from .origin import DEPTH, origin_of
from .session import latest
from .words import Explanation, Reason, Step

_USED = "It was used in:"


def of_gradient(tensor):
    """The explanation of a tensor's `.grad`; None if it has one, or requires none."""
    edge = tensor._edge
    if tensor._grad is not None or edge is None:
        return None
    if not is_leaf(tensor) and (edge.watch is None or edge.watch.retain is None):
        return _about(Reason("not_leaf", "It is not a leaf but the result of an operation, and only leaves keep their gradient. "
                             "It was computed", edge.line, advice="call `.retain_grad()` on it before the backward, or look at "
                             "`.grad` of the leaf it depends on."))
    if type(edge) is Leaf and not edge.connected:
        return _about(Reason("view", "It is a view that was made with gradients switched off: what is computed from it does not "
                             "reach the tensor it is a view of. It was made", edge.line, advice="make the view outside of the "
                             "block."))
    runs = latest().runs
    if tensor._origin is None and current_mode().tracker is None:
        return Explanation("Its `.grad` is None: no backward has reached it, or the gradient was set to None since.", note=TRACK)
    if not runs:
        return Explanation("Its `.grad` is None: no backward has run since tracking began.")
    return _of_runs(tensor, runs)


def _about(reason):
    return Explanation("Its `.grad` is None.", reasons=[reason])


def _of_runs(tensor, runs):
    """Why the last of the backwards that could have filled `.grad` of `tensor` did not."""
    origin = origin_of(tensor)
    for run in reversed(runs):
        chain = _chain(origin, run.roots)
        if chain is not None:
            return _about(_of_run(origin, run, chain))
    run = runs[-1]
    earlier = _former(origin, run.roots)
    if earlier is not None:
        return _about(earlier)
    if any([_is_forgotten(root) for root in run.roots]):
        return _about(Reason("forgotten", f"Whether it was used is not known: the last backward went back through more than the "
                             f"{DEPTH} operations that tracking remembers. It was called", line(*run.place)))
    return _about(Reason("unused", "It was not used in what the last backward ran from. That backward was called",
                         line(*run.place), advice="compute the loss from it: this very tensor, not a copy or an earlier value."))


def _is_forgotten(root):
    """Whether some of what came before `root` is not remembered."""
    return any([chain[0].cut == "forgotten" for chain in ways(root, lambda one: one.cut == "forgotten")])


def between(tensor, outputs):
    """Why `outputs` do not depend on `tensor`, as far as gradients go."""
    chain = _chain(origin_of(tensor), [origin_of(output) for output in outputs])
    if chain is None:
        return Explanation("The outputs were not computed from it.")
    cut = _first_cut(chain)
    return Explanation("The gradient is lost between the two.", reasons=[reason_of(cut)] if cut else [])


def _chain(origin, roots):
    """The way from `origin` to one of `roots`, one without cuts if there is; None if there is none."""
    found = None
    for root in roots:
        for chain in ways(root, lambda one: one is origin, _breaks):
            return chain
        found = found or next(iter(ways(root, lambda one: one is origin)), None)
    return found


def _breaks(origin):
    """Whether no gradient comes through an origin to its inputs."""
    return not origin.needs or origin.is_leaf


def _first_cut(chain):
    """The rest of a way, from the first step that lets no gradient through to the start; None if it gets through."""
    for place in range(1, len(chain)):
        if _breaks(chain[place]):
            return chain[place:]
    return None


def _of_run(origin, run, chain):
    backward = line(*run.place)
    steps = [Step(one.name, one.line) for one in chain[1:]]
    cut = _first_cut(chain)
    if cut is not None:
        reason = reason_of(cut)
        reason.what = f"The backward {at(backward)}\ndid not reach it. {reason.what}"
        reason.others.append(backward)
        return reason
    if origin.cleared is not None and origin.cleared[0] > run.time:
        return Reason("cleared", f"The backward {at(backward)}\nfilled it, but `.grad` was then set to None, as `zero_grad()` "
                      "does,", line(*origin.cleared[1:]), steps, advice="read the gradient before it is reset.", way=_USED)
    if run.into is not None and not any([one is origin for one in run.into]):
        how = "returned its gradients, and filled no `.grad`" if not run.into else (
            "was to fill `.grad` of its `inputs` only, and this is none of them")
        return Reason("elsewhere", f"The last backward {how}. It was called", backward, steps,
                      advice="call `backward()` without `inputs`, or use what `autograd.grad` returns.", way=_USED)
    return Reason("stopped", "It was used, but the backward passed nothing on to it: a custom Function returned None for it, an "
                  "error ended the backward, requires_grad was off while it ran, or `.grad` was set to None out of sight. The "
                  "backward was called", backward, steps, way=_USED)


def _former(origin, roots):
    """The reason if the tensor was used before it came to require a gradient."""
    for former in origin.inputs if origin.cut == "leaf" else ():
        chain = _chain(former, roots)
        if chain is not None and len(chain) > 1:
            return Reason("late", f"It was used before it was made to require a gradient {at(origin.line)}\nIt was used",
                          chain[1].line, [Step(one.name, one.line) for one in chain[2:]],
                          advice="call `requires_grad_()` before the tensor is used.")
    return None


def explanation(tensor):
    """All that `explain` says of a tensor."""
    found = of_flag(tensor)
    missing = of_gradient(tensor)
    if missing is not None:
        found.parts.append(missing)
    return found
