"""`save`: an object with its tensors to a file that torch reads too."""

from __future__ import annotations

import io
import os
import pickle
import sys
import zlib
from collections import OrderedDict
from types import FunctionType
from typing import Any

import numpy as np

from ..devices import device
from ..dtypes import dtype, of
from ..graph import Tensor
from ..nn.parameter import Parameter
from ..shapes import Size
from .archive import Writer, replacing
from .kinds import STORAGE_OF

_OURS = __name__.partition(".")[0]


class _Name:
    """A name that the file is to contain, whether or not there is such an object here."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name

    def __call__(self, *args: Any) -> None:
        raise TypeError(f"{self.module}.{self.name} is a name to be written, not a function")


_REBUILD = _Name("torch._utils", "_rebuild_tensor_v2")
_REBUILD_WITH_DTYPE = _Name("torch._utils", "_rebuild_tensor_v3")
_REBUILD_PARAMETER = _Name("torch._utils", "_rebuild_parameter")
_SIZE = _Name("torch", "Size")
_DEVICE = _Name("torch", "device")


class _Storage:
    """The memory that some tensors share, as the file refers to it."""

    def __init__(self, key: str, root: np.ndarray, kind: _Name, count: int) -> None:
        self.key, self.root, self.kind, self.count = key, root, kind, count


def _owner(array: np.ndarray) -> np.ndarray:
    """The array whose memory this one is a view of."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _is_dense(array: np.ndarray) -> bool:
    return array.flags.c_contiguous or array.flags.f_contiguous


class _Pickler(pickle._Pickler):  # the Python one: only it can write names of things that are not here
    def __init__(self, file: Any, protocol: int) -> None:
        super().__init__(file, protocol)
        self.names: dict[tuple[str, str], _Name] = {}
        self.storages: dict[tuple[int, str], _Storage] = {}

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, Parameter):
            return _REBUILD_PARAMETER, (obj.detach(), obj.requires_grad, OrderedDict())
        if isinstance(obj, Tensor):
            return self._tensor(obj)
        if isinstance(obj, dtype):
            return obj.name  # a string means a global of this name, which save_global writes
        if isinstance(obj, Size):
            return _SIZE, (tuple(obj),)
        if isinstance(obj, device):
            return _DEVICE, (obj.type,) if obj.index is None else (obj.type, obj.index)
        return NotImplemented

    def _tensor(self, tensor: Tensor) -> tuple:
        array, dtype = tensor._array, of(tensor._array.dtype)
        root = _owner(array)
        distance = array.__array_interface__["data"][0] - root.__array_interface__["data"][0]
        if not _is_dense(root) or distance % array.itemsize or any(s % array.itemsize for s in array.strides):
            root, distance = np.ascontiguousarray(array), 0
            array = root
        storage = self._storage(root, dtype)
        strides = tuple(stride // array.itemsize for stride in array.strides)
        args = (storage, distance // array.itemsize, array.shape, strides, tensor.requires_grad, OrderedDict())
        if dtype.name in STORAGE_OF:
            return _REBUILD, args
        return _REBUILD_WITH_DTYPE, (*args, dtype)

    def _storage(self, root: np.ndarray, dtype: dtype) -> _Storage:
        key = id(root), dtype.name
        if key not in self.storages:
            typed = dtype.name in STORAGE_OF
            kind = ("torch", STORAGE_OF[dtype.name]) if typed else ("torch.storage", "UntypedStorage")
            count = root.nbytes // dtype.itemsize if typed else root.nbytes
            # The storage keeps the array, so that no other one can get its id.
            self.storages[key] = _Storage(str(len(self.storages)), root, self._name(*kind), count)
        return self.storages[key]

    def persistent_id(self, obj: Any) -> Any:
        if isinstance(obj, _Storage):
            return "storage", obj.kind, obj.key, "cpu", obj.count
        return None

    def _name(self, module: str, name: str) -> _Name:
        return self.names.setdefault((module, name), _Name(module, name))

    def save_global(self, obj: Any, name: str | None = None) -> None:
        if isinstance(obj, dtype):
            return self._save_name(self._name("torch", obj.name), obj)
        module = getattr(obj, "__module__", None) or ""
        if module == _OURS or module.startswith(_OURS + "."):
            # torch has its classes in the same places, so modules and optimizers can go over as well.
            qualified = name or getattr(obj, "__qualname__", obj.__name__)
            return self._save_name(self._name("torch" + module[len(_OURS) :], qualified), obj)
        return super().save_global(obj, name)

    def _save_name(self, name: _Name, obj: Any = None) -> None:
        self.write(pickle.GLOBAL + name.module.encode() + b"\n" + name.name.encode() + b"\n")
        self.memoize(name if obj is None else obj)

    dispatch = {**pickle._Pickler.dispatch, _Name: _save_name, FunctionType: save_global}


def save(
    obj: Any,
    f: Any,
    pickle_module: Any = pickle,
    pickle_protocol: int = 2,
    _use_new_zipfile_serialization: bool = True,
    _disable_byteorder_record: bool = False,
) -> None:
    """Write an object to `f`, a path or a file open for writing bytes, in the layout of torch.save.

    Tensors that share memory still do when they are read. A file at a path is replaced only when the new one is
    complete. RuntimeError if the folder does not exist, AttributeError if `f` is neither a path nor a file.
    `pickle_module` is accepted and not used.
    """
    if not _use_new_zipfile_serialization:
        raise RuntimeError("the format before torch 1.6 can be read only by torch: save without this option")
    if isinstance(f, (str, os.PathLike)):
        path = os.fspath(f)
        name = os.path.splitext(os.path.basename(path))[0] or "archive"
        with replacing(path) as file:
            _write(obj, file, name, pickle_protocol)
    elif hasattr(f, "write"):
        buffer = io.BytesIO()
        _write(obj, buffer, "archive", pickle_protocol)
        f.write(buffer.getvalue())
    else:
        raise AttributeError("expected 'f' to be string, path, or a file-like object with a 'write' attribute")


def _write(obj: Any, file: Any, name: str, protocol: int) -> None:
    text = io.BytesIO()
    pickler = _Pickler(text, protocol)
    pickler.dump(obj)
    writer = Writer(file, name)
    writer.add("data.pkl", text.getvalue())
    writer.add(".format_version", b"1")
    writer.add(".storage_alignment", b"64")
    writer.add("byteorder", sys.byteorder.encode())
    check = zlib.crc32(text.getvalue())
    for storage in pickler.storages.values():
        data = memoryview(storage.root.reshape(-1, order="A").view(np.uint8))
        check = zlib.crc32(data, check)
        writer.add(f"data/{storage.key}", data)
    writer.close(check)
