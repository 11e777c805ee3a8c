"""PyTorch's gradient system in Python on NumPy: `import pullback as torch`."""

import importlib as _importlib
import sys as _sys

from . import dtypes as _dtypes
from . import factories as _factories
from . import missing as _missing
from . import ops as _ops
from . import resizing as _resizing
from . import sampling as _sampling
from . import settings as _settings
from . import tensor as _tensor
from . import typed as _typed
from .devices import device
from .dtypes import dtype, get_default_dtype, promote_types, set_default_dtype
from .graph import Tensor
from .mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from .ops.registry import listen as _listen
from .shapes import Size
from .version import __version__

_SUBMODULES = {"autograd", "backends", "compat", "cuda", "explain", "func", "linalg", "nn", "optim", "random", "return_types",
               "serialization", "special", "utils"}
_LAZY = {  # name: module that has it
    "Generator": "random", "manual_seed": "random", "seed": "random", "initial_seed": "random",
    "get_rng_state": "random", "set_rng_state": "random", "default_generator": "random",
    "set_printoptions": "printing", "finfo": "limits", "iinfo": "limits",
    "save": "serialization", "load": "serialization",
    "is_anomaly_enabled": "autograd.anomaly_mode", "is_anomaly_check_nan_enabled": "autograd.anomaly_mode",
    "vmap": "func", "compile": "jit", "legacy_era": "compat.legacy",
    "adaptive_max_pool1d": "ops.plain", "alpha_dropout": "ops.plain", "batch_norm": "ops.plain",
    "binary_cross_entropy_with_logits": "ops.plain", "celu": "ops.plain", "dropout": "ops.plain", "embedding": "ops.plain",
    "feature_alpha_dropout": "ops.plain", "group_norm": "ops.plain", "instance_norm": "ops.plain", "kl_div": "ops.plain",
    "layer_norm": "ops.plain", "max_pool1d": "ops.plain", "max_pool1d_with_indices": "ops.plain", "max_pool2d": "ops.plain",
    "max_pool3d": "ops.plain", "selu": "ops.plain", "threshold": "ops.plain",
    "dropout_": "ops.plain", "alpha_dropout_": "ops.plain", "feature_alpha_dropout_": "ops.plain", "celu_": "ops.plain",
    "selu_": "ops.plain", "threshold_": "ops.plain",
}
_METHODS = frozenset((  # in-place methods that `torch` has as functions too
    "abs_ acos_ acosh_ addmv_ arccos_ arccosh_ arcsin_ arcsinh_ arctan_ arctanh_ as_strided_ asin_ asinh_ atan_ atanh_ "
    "ceil_ clamp_ clamp_max_ clamp_min_ clip_ conj_physical_ cos_ cosh_ deg2rad_ detach_ erf_ erfc_ exp2_ exp_ expm1_ "
    "fill_ fix_ floor_ frac_ gcd_ index_put_ lcm_ ldexp_ log10_ log1p_ log2_ log_ logit_ nan_to_num_ neg_ negative_ "
    "rad2deg_ reciprocal_ relu_ resize_as_ round_ rsqrt_ sigmoid_ sin_ sinc_ sinh_ sqrt_ square_ tan_ tanh_ trunc_ xlogy_ "
    "zero_ "
).split())
_TENSOR_FUNCTIONS = ("is_complex", "is_floating_point", "is_inference", "is_signed", "is_same_size", "numel")

globals().update(_dtypes.NAMES)
globals().update({name: getattr(_factories, name) for name in _factories.PUBLIC})
globals().update({name: getattr(_sampling, name) for name in _sampling.PUBLIC})
globals().update({name: getattr(_settings, name) for name in _settings.PUBLIC})
globals().update({name: getattr(_tensor, name) for name in _TENSOR_FUNCTIONS})
globals().update(_typed.TYPES)


def _publish(function):
    if function.namespace == "torch":
        globals()[function.name] = function.call


_listen(_publish)


def is_tensor(obj):
    """Whether `obj` is a tensor."""
    return isinstance(obj, Tensor)


def result_type(tensor1, tensor2):
    """The dtype that arithmetic on the two (tensors or Python numbers) gives."""
    return _dtypes.of(_dtypes.result_numpy([v._array if isinstance(v, Tensor) else v for v in (tensor1, tensor2)]))


def can_cast(from_, to):
    """Whether values of dtype `from_` may be stored as `to` by an in-place operation."""
    return _dtypes.can_cast_numpy(from_.numpy, to.numpy)


def __getattr__(name):
    if name in _SUBMODULES:
        return _importlib.import_module(f".{name}", __name__)
    if name in _LAZY:
        value = getattr(_importlib.import_module(f".{_LAZY[name]}", __name__), name)
        globals()[name] = value
        return value
    if name in _METHODS:
        value = globals()[name] = _tensor.function_of(name)
        return value
    if name in _ops.catalog.TORCH:
        _ops.load(_ops.catalog.TORCH[name])
        return globals()[name]
    raise _missing.error_for(__name__, name, _sys._getframe(1))


def __dir__():
    return sorted({*globals(), *_SUBMODULES, *_LAZY, *_METHODS, *_ops.catalog.TORCH})
