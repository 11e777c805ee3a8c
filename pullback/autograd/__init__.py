"""torch.autograd: gradients on request, modes, `Variable`."""

from ..engine import backward, grad
from ..missing import missing_names
from ..mode import enable_grad, inference_mode, no_grad, set_grad_enabled
from . import function, functional, grad_mode, variable
from .function import Function
from .gradcheck import gradcheck, gradgradcheck
from .variable import Variable

__all__ = ["Function", "Variable", "backward", "enable_grad", "function", "grad", "grad_mode", "inference_mode", "no_grad",
           "set_grad_enabled", "variable"]

__getattr__ = missing_names(__name__)
