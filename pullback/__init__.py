"""PyTorch's gradient system in Python on NumPy: `import pullback as torch`."""

from . import tensor as _tensor
from .graph import Tensor
from .factories import *
from .mode import no_grad, enable_grad, set_grad_enabled, inference_mode, is_grad_enabled
from .ops.record import FUNCTIONS as _F
for _n,_f in _F.items():
    if _f.namespace=="torch": globals()[_n]=_f.call
