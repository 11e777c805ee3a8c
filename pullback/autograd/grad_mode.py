"""torch.autograd.grad_mode: the managers of `pullback.mode` under the name torch gives them."""

from ..mode import _DecoratorContextManager, enable_grad, inference_mode, no_grad, set_grad_enabled

__all__ = ["_DecoratorContextManager", "enable_grad", "inference_mode", "no_grad", "set_grad_enabled"]
