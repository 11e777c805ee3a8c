"""Running an operation: its forward on arrays, then tensors around the results and a node behind them."""

from contextlib import suppress
from functools import partial
from opcode import opmap

import numpy as np

from .. import errors, shapes
from ..batch import Batched, Unbatchable, elementwise, everywhere, samplewise
from ..graph import NOBODY, Leaf, Output, Storage, Tensor, make_leaf, storage_of, tick, wrap
from ..mode import current_mode, settled
from ..origin import here

ndarray = np.ndarray


def apply(op, inputs, params):
    """Run `op` on `inputs` and record it if an input requires a gradient and the mode records.

    On arrays alone it returns arrays. Errors of NumPy's become torch's.
    """
    mode = current_mode()
    if mode.special:
        mode = settled()
    tracer = mode.tracer
    arrays, raw = [], True
    for value in inputs:
        if isinstance(value, Tensor):
            raw = False
            value = value._array if tracer is None else tracer.lift(value)
        arrays.append(value)
    forward = op.forward
    if mode.special and mode.runner is not None and not raw:
        forward = partial(mode.runner.run, op)
    try:
        result = forward(*arrays, **params) if tracer is None else tracer.call(op, arrays, params)
    except Exception as error:
        if isinstance(error, Unbatchable) or Batched in map(type, arrays):
            result = _over_batch(op, arrays, params, error)
        elif raw or isinstance(error, RuntimeError):
            raise
        else:
            raise _explained(op, error, arrays) from None
    if raw:
        return result
    return attach(op, mode, inputs, result, params)


def _over_batch(op, arrays, params, error):
    """The forward on a batch, for a kernel that cannot take it as it came: with every array batched, or sample by sample."""
    if isinstance(op.dynamic, str) and isinstance(error, Unbatchable):
        raise RuntimeError(op.dynamic) from None
    try:
        if op.partial:
            return elementwise(op.forward, arrays)
        together = everywhere(arrays)
        if any([new is not old for new, old in zip(together, arrays, strict=True)]):
            with suppress(Exception):
                return op.forward(*together, **params)
        return samplewise(op.forward, arrays, params)
    except RuntimeError:
        raise
    except Exception as error:
        raise _explained(op, error, arrays) from None


_RAISES = {opmap[name] for name in ("RAISE_VARARGS", "RERAISE") if name in opmap}


def _explained(op, error, arrays):
    """torch's own errors are raised by the forwards as they are; what NumPy says is said in torch's words."""
    if isinstance(error, (IndexError, TypeError, AssertionError, KeyError, AttributeError)) and not _from_numpy(error):
        return error
    if isinstance(error, ValueError) and "broadcast" in str(error):
        try:
            shapes.broadcast_of(arrays)
        except RuntimeError as explained:
            return explained
    return errors.from_numpy(op.name, error, arrays)


def _from_numpy(error):
    """Whether an error came out of NumPy: from its Python code, or from a call in ours that is no `raise`."""
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    frame = trace.tb_frame
    if not frame.f_globals.get("__name__", "").startswith(__package__.partition(".")[0]):
        return True
    return frame.f_code.co_code[trace.tb_lasti] not in _RAISES


def attach(op, mode, inputs, result, params):
    """Wrap what the forward returned in tensors, with a node behind them where the mode and the inputs call for one."""
    if mode.special:
        return _attach_any(op, mode, inputs, result, params)
    if op.plain:
        output = wrap(result if type(result) is ndarray else as_array(result))
        if mode.recording:
            _record(op, inputs, (output,), (), params)
        elif mode.inference:
            output._inference = True
        return output
    if op.window:
        view = wrap(result if type(result) is ndarray else as_array(result))
        _share(op, mode, inputs[0], view, 0)
        if mode.recording:
            _record(op, inputs, (view,), (), params)
        return view
    return _attach_any(op, mode, inputs, result, params)


def _attach_any(op, mode, inputs, result, params):
    extras = ()
    if op.extras:
        result, *extras = result
    outputs = [wrap(as_array(array)) for array in (result if op.many else (result,))]
    if op.view:
        for index, output in enumerate(outputs):
            _share(op, mode, inputs[0], output, index)
    if mode.era is not None and mode.era.spread(inputs, outputs):
        pass
    elif mode.recording:
        _record(op, inputs, outputs, extras, params)
    elif mode.inference and not op.view:
        for output in outputs:
            output._inference = True
    if mode.duals:
        mode.duals[-1].spread(op, mode, inputs, outputs, extras, params)
    if mode.runner is not None:
        mode.runner.ran(op, inputs, params, outputs, extras)
    extras = [wrap(as_array(extra)) for extra in extras]
    if mode.tracker is not None:
        mode.tracker.ran(op, inputs, (*outputs, *extras), params)
    if mode.recording and outputs and outputs[0]._edge is not None:
        tell(mode, outputs[0]._edge.target()[0], outputs)
    if op.many:
        return tuple(outputs)
    return (outputs[0], *extras) if op.extras else outputs[0]


def tell(mode, node, outputs):
    """Let those whom the mode knows see a new node and its outputs: to pack what it keeps, to note where it was made."""
    for witness in (mode.packing, mode.anomaly):
        if witness is not None:
            witness.recorded(node, outputs)


def as_array(value):
    """NumPy returns scalars for 0-dim results: make them arrays again. Trace values stay."""
    return np.asarray(value) if isinstance(value, np.generic) or type(value) in (float, int, bool, complex) else value


def _record(op, inputs, outputs, extras, params):
    """Put a node behind `outputs` if one of `inputs` needs a gradient that a rule gives; integers and bool have none."""
    if not outputs:
        return
    rules = op.rules
    array = outputs[0]._array
    if len(inputs) == 1:
        edge = inputs[0]._edge
        if edge is None or rules == ():
            return
        edges, needs = (edge,), (True,)
    else:
        edges = tuple([value._edge if isinstance(value, Tensor) else None for value in inputs])
        if not op.together and (None in rules or len(rules) < len(edges)):
            edges = tuple([edge if rule is not None else None for edge, rule in zip(edges, rules, strict=False)])
        needs = tuple([edge is not None for edge in edges])
        if True not in needs:
            return
    if array.dtype.kind in "biu":
        return
    node = op.node_for(inputs)() if op.variants else op.node()
    node.inputs, node.params, node.seq, node.watch = edges, params, tick(), NOBODY if op.many else None
    node.code, node.place = here(5)
    node.saved = _kept(op, needs, inputs, outputs, extras) if op.keeps else ()
    if op.many:
        node.shape, node.dtype = [output._array.shape for output in outputs], outputs[0]._array.dtype
        for index, output in enumerate(outputs):
            output._edge = Output(node, index, output._array)
    else:
        outputs[0]._edge, node.shape, node.dtype = node, array.shape, array.dtype


def _kept(op, needs, inputs, outputs, extras):
    """What the rules for the inputs marked in `needs` ask for; empty if that is nothing."""
    inputs_kept, output_kept = op.kept_for(needs)
    saved = [value if keep else None for value, keep in zip(inputs, inputs_kept, strict=False)]
    for value in saved:
        if value is not None and getattr(value, "_inference", False):
            raise RuntimeError(errors.INFERENCE_SAVE)
    saved.append(keep_output(outputs[0]) if output_kept else None)
    saved.extend([extra if keep else None for extra, keep in zip(extras, op.keeps_extras, strict=True)])
    return tuple(saved) if any([value is not None for value in saved]) else ()


def keep_output(output):
    """A twin of `output` for its own node to keep: same array, same storage, but no edge back, which would be a cycle."""
    twin = wrap(output._array)
    twin._storage = storage_of(output)
    return twin


def _share(op, mode, source, view, index):
    """Make `view`, whose array is a window on `source`'s memory, share its storage and know its base."""
    if source._inference:  # nobody asks what becomes of it
        view._inference = True
        return
    base, edge = source._base, source._edge
    view._base = source if base is None or (type(edge) is Leaf and edge.connected) else base
    view._storage = storage = source._storage or source.__dict__.setdefault("_storage", Storage())  # threads do this at once
    storage.add_view(view)
    if mode.recording:
        if op.many:
            view._made = (op.name, index)
        elif source._made is not None:
            view._made = source._made
    else:
        view._made = "inference" if mode.inference else "no_grad"
        if source._edge is not None and mode.era is None:
            make_leaf(view, connected=False)
