"""`torch.nn.functional`: layers as functions.

Most are operations as they are; the others are in the files of `_functional/`. A family loads when one of its names is
used, so that a program pays for what it needs.
"""

import importlib
import sys
from typing import Any

from .. import ops
from ..missing import error_for

_FAMILIES = {
    "ops": (
        "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d "
        "adaptive_max_pool3d alpha_dropout avg_pool1d avg_pool2d avg_pool3d batch_norm binary_cross_entropy "
        "binary_cross_entropy_with_logits celu conv1d conv2d conv3d conv_transpose1d conv_transpose2d "
        "conv_transpose3d cross_entropy dropout dropout1d dropout2d dropout3d elu embedding feature_alpha_dropout "
        "gelu glu group_norm hardshrink hardsigmoid hardswish hardtanh huber_loss instance_norm kl_div l1_loss "
        "layer_norm leaky_relu linear logsigmoid lp_pool1d lp_pool2d lp_pool3d max_pool1d max_pool1d_with_indices "
        "max_pool2d max_pool2d_with_indices max_pool3d max_pool3d_with_indices mish mse_loss nll_loss one_hot "
        "prelu relu6 rms_norm scaled_dot_product_attention selu silu smooth_l1_loss softmin softplus softshrink "
        "softsign tanhshrink threshold"
    ),
    "activation": (
        "celu_ elu_ gumbel_softmax hardtanh_ leaky_relu_ log_softmax relu relu_ selu_ sigmoid softmax tanh "
        "threshold_"
    ),
    "distance": "cosine_similarity normalize pairwise_distance",
    "linear": "bilinear",
    "loss": (
        "cosine_embedding_loss gaussian_nll_loss hinge_embedding_loss margin_ranking_loss poisson_nll_loss "
        "soft_margin_loss triplet_margin_loss"
    ),
    "norm": "local_response_norm",
    "padding": "pad",
}
_FAMILY_OF = {name: family for family, names in _FAMILIES.items() for name in names.split()}
__all__ = sorted(_FAMILY_OF)


def __getattr__(name: str) -> Any:
    family = _FAMILY_OF.get(name)
    if family is None:
        raise error_for(__name__, name, sys._getframe(1))
    source = ops if family == "ops" else importlib.import_module(f"._functional.{family}", __package__)
    value = globals()[name] = getattr(source, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
