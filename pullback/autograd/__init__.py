"""torch.autograd: gradients on request, modes, `Variable`."""

from ..engine import backward, grad
from ..missing import missing_names
from ..mode import enable_grad, inference_mode, no_grad, set_grad_enabled
from . import anomaly_mode, function, functional, grad_mode, graph, variable
from .anomaly_mode import detect_anomaly, set_detect_anomaly
from .function import Function
from .grad_mode import _unsafe_preserve_version_counter, set_multithreading_enabled
from .gradcheck import gradcheck, gradgradcheck
from .variable import Variable

__all__ = ["Function", "Variable", "_unsafe_preserve_version_counter", "anomaly_mode", "backward",
           "detect_anomaly", "enable_grad", "function", "functional", "grad",
           "grad_mode", "gradcheck", "gradgradcheck", "graph", "inference_mode", "no_grad", "set_detect_anomaly",
           "set_grad_enabled", "set_multithreading_enabled", "variable"]

__getattr__ = missing_names(__name__, lazy=("forward_ad",))
