"""Writing to tensors that were kept for backward: what was kept is copied just before it is overwritten."""

from contextlib import contextmanager
from weakref import WeakKeyDictionary, WeakSet

from ..graph import storage_of
from ..mode import pop, push, settled
from ..ops.packing import Hooks


class _Kept:
    """A kept value: the tensor, and once its memory is about to be written, a copy."""

    def __init__(self, tensor):
        self.tensor = tensor


class _AllowMutationOnSavedContext(Hooks):
    """The hooks that keep values by reference, and copy them before a write to their memory."""

    def __init__(self):
        super().__init__(self._keep, self._restore)
        self.clear()

    def clear(self):
        """Let go of all that was kept: backward through what was recorded so far raises AssertionError."""
        self.kept = WeakKeyDictionary()  # storage: what lies in it

    def _keep(self, tensor):
        kept = _Kept(tensor.detach())
        self.kept.setdefault(storage_of(tensor), WeakSet()).add(kept)
        kept.context = self.kept
        return kept

    def _restore(self, kept):
        if kept.context is not self.kept:
            raise AssertionError("Trying to backward outside of the 'allow_mutation_on_saved_tensors' context"
                                 "in which the graph was originally recorded.")
        return kept.tensor

    def before_write(self, target):
        """Copy what was kept of the memory of `target`."""
        for kept in self.kept.pop(storage_of(target), ()):
            kept.tensor = kept.tensor.clone()


@contextmanager
def allow_mutation_on_saved_tensors():
    """Context manager inside of which tensors kept for backward may be written in place: backward sees what was kept.

    Only what is overwritten is copied. Gives a context whose `clear()` lets go of all that was kept. Forward, writes and
    backward must be inside, else AssertionError. Raises RuntimeError if nested.
    """
    if isinstance(settled().packing, _AllowMutationOnSavedContext):
        raise RuntimeError("allow_mutation_on_saved_tensors contexts cannot be nested")
    context = _AllowMutationOnSavedContext()
    push(packing=context)
    try:
        yield context
    finally:
        context.clear()
        pop()
