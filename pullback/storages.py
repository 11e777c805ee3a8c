"""The memory of tensors as an object of its own: `Tensor.untyped_storage()`."""

import numpy as np

from . import devices, memory
from .graph import Tensor


class UntypedStorage:
    """The bytes behind a tensor and all that share them."""

    __module__ = "pullback"
    device = devices.CPU

    def __init__(self, array):
        self._owner = memory.owner(array)

    def nbytes(self):
        """The number of bytes."""
        return self._owner.nbytes

    size = __len__ = nbytes

    def data_ptr(self):
        """The address of the first byte."""
        return memory.address(self._owner) if self._owner.nbytes else 0

    def array(self, dtype):
        """All elements of a dtype that fit, as an array."""
        return memory.window(np.ndarray(0, dtype, self._owner), (self.nbytes() // dtype.itemsize,), None, 0)

    def tolist(self):
        """The bytes as a list of ints."""
        return self.array(np.dtype(np.uint8)).tolist()

    def __getitem__(self, index):
        return self.tolist()[index]

    def __eq__(self, other):
        return isinstance(other, UntypedStorage) and self._owner is other._owner

    def __hash__(self):
        return id(self._owner)

    def __repr__(self):
        return f"[torch.storage.UntypedStorage(device=cpu) of size {self.nbytes()}]"


def untyped_storage(self):
    """The memory behind the tensor."""
    return UntypedStorage(self._array)


Tensor.untyped_storage = untyped_storage
