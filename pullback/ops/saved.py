"""The names of what nodes keep: `_saved_self`, `_saved_dim` and so on, derived from the operations' records.

A kept input is `self` or `other`, the output `result`, `x_shape` in a rule is `self_sym_sizes`, a parameter has its own name.
`NAMES` says where torch calls something otherwise, or (None) has nothing of the kind.
"""

import numpy as np

from ..graph import Tensor, wrap
from .record import names_of


class Kept:
    """A value in `node.saved`; tensors come unpacked and with their history."""

    def __init__(self, node, place):
        self.node, self.place = node, place

    def value(self):
        """The value; None if it was not needed. Raises RuntimeError once it was freed, or if it was written since."""
        value = self.node.kept(self.place) if self.node.saved != () else None
        return wrap(value) if isinstance(value, np.ndarray) else value.item() if isinstance(value, np.generic) else value


class Several(Kept):
    """Values from `place` on, as a tuple."""

    def value(self):
        return tuple([self.node.kept(place) for place in range(self.place, len(self.node.inputs))])


class Number(Kept):
    """A value that torch wraps in a tensor even if it is a Python number."""

    def value(self):
        value = super().value()
        return value if value is None or isinstance(value, Tensor) else wrap(np.asarray(value))


class Known:
    """What is known of a node whether or not it was freed."""

    def __init__(self, value):
        self._value = value

    def value(self):
        """The value."""
        return self._value


class Transposed(Kept):
    """A weight that torch's operation is given the other way round."""

    def value(self):
        value = super().value()
        return None if value is None else value.t()


_REDUCTIONS = {"none": 0, "mean": 1, "sum": 2}
_USUAL = {"x": "self", "y": "other", "o": "result", "x_shape": "self_sym_sizes"}
_HIDDEN = dict.fromkeys(("dtype", "window", "y_shape", "w_shape", "by_channel", "size", "sizes", "kernel", "ends",
                         "at", "left", "right", "src_shape"))
_LOSS = {"y": "target", "t": "target", "w": "weight", "p": "pos_weight", "reduction": "reduction"}
_PRODUCT = {"x": "mat1", "y": "mat2"}
_NORM = {"x": "input", "w": "weight", "mean": "result1", "rstd": "result2", "var": None}
_ALPHA = {"alpha": 1}
_SCALED = {"alpha": 1, "beta": 1}
_WHOLE = {"dim": None, "keepdim": None}

NAMES = {  # operation: torch's name for what the record has under another, None for what torch does not have
    "mm": {"y": "mat2"}, "bmm": {"y": "mat2"}, "mv": {"y": "vec"}, "dot": {"y": "tensor"},
    "addmm": _PRODUCT, "baddbmm": {"x": "batch1", "y": "batch2"},
    "affine_2": {"x": "mat1", "w": "mat2"}, "linear_2": {"w": "mat2"}, "affine_3": {"x": None, "w": None},
    "matmul": {"x": None, "y": None}, "contract": {"x": None, "y": None, "result": None},
    "where": {"c": "condition"}, "clamp": {"low": "min", "high": "max"}, "addcmul": {"y": "tensor1", "z": "tensor2"},
    "addcdiv": {"y": "tensor1", "z": "tensor2"}, "pow": {"y": "exponent"}, "mean": _WHOLE, "prod": _WHOLE, "max_all": _WHOLE,
    "min_all": _WHOLE, "median": {**_WHOLE, "ignore_nan": None}, "linalg_vector_norm": {"p": "ord"},
    "unsqueeze": {"index": None, "x_shape": None}, "squeeze_dim": {"dims": "dim"}, "squeeze": {"dims": None},
    "view": {"shape": None}, "unsafe_view": {"shape": None}, "expand": {"shape": None},
    "topk": {"k": None, "largest": None, "sorted": None}, "sort": {"descending": None},
    "nll_loss": {**_LOSS, "x": "self"}, "mse_loss": _LOSS, "smooth_l1_loss": _LOSS, "huber_loss": _LOSS,
    "binary_cross_entropy": _LOSS, "binary_cross_entropy_with_logits": _LOSS,
    "dropout": {"mask": None, "p": None},
    "glu": {"x_shape": None}, "convolution": {"x": "input", "w": "weight", "x_shape": None, "padding": None},
    "max_pool2d_with_indices": {"which": None},
    "avg_pool2d": {"include": "count_include_pad", "divisor": "divisor_override"},
    "native_batch_norm": _NORM, "native_layer_norm": _NORM, "native_group_norm": {**_NORM, "groups": "group"},
    "embedding": {"by_frequency": "scale_grad_by_freq"},
    "as_strided_view": {"offset": "storage_offset", "size": "size"},
    "lerp": {"z": "weight"}, "select": {"index": None}, "slice": {"index": None},
}
CONSTANTS = {  # what torch keeps and pullback has no use for, because it is always the same here
    "add": _ALPHA, "sub": _ALPHA, "rsub": _ALPHA, "affine_2": _SCALED, "embedding": {"sparse": False},
    "gather": {"sparse_grad": False}, "convolution": {"transposed": False},
}


def saved_names(node):
    """What the node's `_saved_*` attributes are, by name: a `Kept`, or a `Known`."""
    op = node.record
    if op is None:
        return {}
    params = {name: Known(_REDUCTIONS[value] if name == "reduction" else value)
              for name, value in getattr(node, "params", {}).items()}
    found = {**_kept(node, op), **_sizes(node, op), **params}
    called = {**_USUAL, **_HIDDEN, **NAMES.get(op.name, {})}
    named = {called.get(name, name): value for name, value in found.items() if called.get(name, name) is not None}
    known = {**CONSTANTS.get(op.name, {}), **(_indexed(**node.params) if op.name in _INDEXING else {})}
    return named | {name: Known(value) for name, value in known.items()}


def _kept(node, op):
    behind = ["o", *op.extras]
    places = {name: op.inputs.index(name) for name in op.inputs}
    places |= {name: len(node.inputs) + place for place, name in enumerate(behind)}
    if op.name in _TRANSPOSED:
        kinds = {"w": Transposed}
    else:
        kinds = {} if type(node) in op.variants.values() else dict.fromkeys(op.inputs, Number)
    found = {name: kinds.get(name, Kept)(node, place) for name, place in places.items()
             if name in op.keeps and (not node.saved or place < len(node.saved))}
    return found | ({op.starred: Several(node, len(op.inputs))} if op.starred in op.keeps else {})


_TRANSPOSED = {"affine_2", "linear_2"}
_INDEXING = {"select", "slice", "unsqueeze"}


def _indexed(index):
    """What an index of one dimension is in torch's words: `dim`, and the number or the slice there."""
    entries = index if isinstance(index, tuple) else (index,)
    dim, entry = next(((dim, entry) for dim, entry in enumerate(entries) if entry is not Ellipsis and entry != slice(None)),
                      (0, slice(None)))
    if entry is None:
        return {"dim": dim}
    if not isinstance(entry, slice):
        return {"dim": dim, "index": entry}
    return {"dim": dim, "start": entry.start or 0, "end": 2**63 - 1 if entry.stop is None else entry.stop,
            "step": entry.step or 1}


def _sizes(node, op):
    rules = [op.rules] if op.together else op.rules
    edges = dict(zip([f"{name}_shape" for name in op.inputs], node.inputs, strict=False))
    asked = {name for rule in rules for name in names_of(rule)}
    return {name: Known(edge.shape) for name, edge in edges.items() if name in asked and edge is not None}
