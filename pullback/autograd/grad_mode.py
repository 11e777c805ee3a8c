"""torch.autograd.grad_mode: the managers of `pullback.mode`, and two that concern how a backward runs."""

from contextlib import contextmanager

from ..graph import Tensor, storage_of
from ..mode import _DecoratorContextManager, enable_grad, inference_mode, no_grad, set_grad_enabled

__all__ = ["_DecoratorContextManager", "enable_grad", "inference_mode", "no_grad", "set_grad_enabled",
           "set_multithreading_enabled"]


class set_multithreading_enabled(_DecoratorContextManager):
    """Accepted as a statement, a context manager and a decorator: a backward runs in the thread that calls it."""

    def __init__(self, mode):
        self.mode = mode

    def __enter__(self):
        pass

    def __exit__(self, *exception):
        pass

    def clone(self):
        """A manager like this one."""
        return set_multithreading_enabled(self.mode)


@contextmanager
def _unsafe_preserve_version_counter(tensors):
    """Writes to `tensors` inside are forgotten at the end: what was kept of them counts as fresh."""
    storages = [storage_of(each) for each in ((tensors,) if isinstance(tensors, Tensor) else tensors)]
    before = [(storage.version, storage.written, storage.writes and storage.writes.copy()) for storage in storages]
    yield
    for storage, state in zip(storages, before, strict=True):
        storage.version, storage.written, storage.writes = state
