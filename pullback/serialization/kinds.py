"""How files name types: a storage class for each dtype, and the dtypes that have none and are named themselves."""

from __future__ import annotations

from .. import dtypes
from ..dtypes import dtype

STORAGE_OF = {
    "float64": "DoubleStorage",
    "float32": "FloatStorage",
    "float16": "HalfStorage",
    "bfloat16": "BFloat16Storage",
    "int64": "LongStorage",
    "int32": "IntStorage",
    "int16": "ShortStorage",
    "int8": "CharStorage",
    "uint8": "ByteStorage",
    "bool": "BoolStorage",
    "complex64": "ComplexFloatStorage",
    "complex128": "ComplexDoubleStorage",
}
DTYPE_OF = {storage: dtypes.NAMES[name] for name, storage in STORAGE_OF.items()}


class StorageKind:
    """What a file's name of a storage class stands for: a dtype, or None for bytes without one."""

    __slots__ = ("dtype", "name")

    def __init__(self, name: str, dtype: dtype | None) -> None:
        self.name = name
        self.dtype = dtype

    @property
    def itemsize(self) -> int:
        """Bytes an element takes."""
        return 1 if self.dtype is None else self.dtype.itemsize


UNTYPED = StorageKind("UntypedStorage", None)
KINDS = {name: StorageKind(name, dtype) for name, dtype in DTYPE_OF.items()}
