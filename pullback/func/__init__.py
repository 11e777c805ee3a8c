"""torch.func: functions made from functions, their derivatives and their maps over a batch, composed to any depth."""

from ..missing import missing_names
from .forward import jacfwd, jvp, linearize
from .grads import grad, grad_and_value, vjp
from .jacobians import hessian, jacrev
from .stateless import functional_call, replace_all_batch_norm_modules_, stack_module_state
from .vmap import debug_unwrap, vmap

__all__ = ["debug_unwrap", "functional_call", "grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp", "linearize",
           "replace_all_batch_norm_modules_", "stack_module_state", "vjp", "vmap"]

__getattr__ = missing_names(__name__)


def __dir__():
    return sorted(__all__)
