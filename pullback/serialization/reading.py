"""`load`: files that `save` or torch wrote, without running code that is in them."""

from __future__ import annotations

import functools
import importlib
import io
import os
import pickle
import sys
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .. import dtypes
from ..devices import device
from ..factories import made
from ..graph import Tensor
from ..nn.parameter import Parameter
from ..shapes import Size
from .archive import Reader
from .kinds import KINDS, UNTYPED, StorageKind

_OURS = __name__.partition(".")[0]
_safe_globals: list[Any] = []


class _Storage:
    """Bytes read from the file, and how to read them."""

    def __init__(self, data: np.ndarray, kind: StorageKind, swapped: bool) -> None:
        self.data, self.kind, self.swapped = data, kind, swapped


def _strided(storage: _Storage, kind: Any, offset: int, size: Iterable[int], stride: Iterable[int]) -> np.ndarray:
    """An array over a part of a storage. RuntimeError if that is not inside it."""
    numpy_type, size, stride = kind.numpy, tuple(size), tuple(stride)
    width = numpy_type.itemsize
    file_type = numpy_type.newbyteorder() if storage.swapped else numpy_type
    if any(not isinstance(n, int) or n < 0 for n in (offset, *size, *stride)):
        raise RuntimeError(f"a tensor of size {list(size)} and stride {list(stride)} at {offset} is not possible")
    needed = 0 if 0 in size else offset + 1 + sum((n - 1) * s for n, s in zip(size, stride, strict=True))
    if needed * width > storage.data.nbytes:
        raise RuntimeError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {offset}, and itemsize {width} "
            f"requiring a storage size of {needed * width} are out of bounds for storage of size {storage.data.nbytes}"
        )
    if needed == 0:
        return np.empty(size, numpy_type)
    steps = tuple(s * width for s in stride)
    array = np.ndarray(size, file_type, storage.data, offset * width, steps)
    return array.astype(numpy_type) if storage.swapped else array


def _rebuild_tensor(
    storage: _Storage, storage_offset: int, size: Any, stride: Any, requires_grad: bool, *rest: Any
) -> Tensor:
    if not isinstance(storage, _Storage) or storage.kind.dtype is None:
        raise pickle.UnpicklingError("a tensor's data is not a typed storage")
    return made(_strided(storage, storage.kind.dtype, storage_offset, size, stride), bool(requires_grad))


def _rebuild_old_tensor(storage: _Storage, storage_offset: int, size: Any, stride: Any) -> Tensor:
    return _rebuild_tensor(storage, storage_offset, size, stride, False)


def _rebuild_tensor_with_dtype(
    storage: _Storage,
    storage_offset: int,
    size: Any,
    stride: Any,
    requires_grad: bool,
    hooks: Any,
    kind: Any,
    metadata: Any = None,
) -> Tensor:
    if not isinstance(storage, _Storage) or not isinstance(kind, dtypes.dtype):
        raise pickle.UnpicklingError("a tensor's data is not a storage, or its type not a dtype")
    return made(_strided(storage, kind, storage_offset, size, stride), bool(requires_grad))


def _rebuild_parameter(data: Tensor, requires_grad: bool, hooks: Any, state: Any = None) -> Parameter:
    return Parameter(data, requires_grad)


class _Callable:
    """A function that files may call. Wrapped so that a file cannot change the function's attributes."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable) -> None:
        object.__setattr__(self, "_call", call)

    def __setattr__(self, name: str, value: Any) -> None:
        raise pickle.UnpicklingError("a file cannot change functions")

    def __call__(self, *args: Any) -> Any:
        return self._call(*args)


def _allowed() -> dict[str, Any]:
    """What a file may name, always."""
    table: dict[str, Any] = {
        "collections.OrderedDict": OrderedDict,
        "collections.Counter": Counter,
        "collections.defaultdict": defaultdict,
        "builtins.set": set,
        "builtins.bytearray": bytearray,
        "builtins.complex": complex,
        "builtins.list": list,
        "builtins.dict": dict,
        "torch.Size": _Callable(Size),
        "torch.device": _Callable(device),
        "torch.storage.UntypedStorage": UNTYPED,
        "torch.UntypedStorage": UNTYPED,
        "torch._utils._rebuild_tensor": _Callable(_rebuild_old_tensor),
        "torch._utils._rebuild_tensor_v2": _Callable(_rebuild_tensor),
        "torch._utils._rebuild_tensor_v3": _Callable(_rebuild_tensor_with_dtype),
        "torch._utils._rebuild_parameter": _Callable(_rebuild_parameter),
        "torch._utils._rebuild_parameter_with_state": _Callable(_rebuild_parameter),
        "_codecs.encode": _Callable(_encode),
    }
    for python2, python3 in (("set", "set"), ("bytearray", "bytearray"), ("complex", "complex")):
        table[f"__builtin__.{python2}"] = table[f"builtins.{python3}"]
    table |= {f"torch.{name}": kind for name, kind in KINDS.items()}
    return table | {f"torch.{kind.name}": kind for kind in dtypes.ALL}


def _encode(text: str, encoding: str = "utf-8") -> bytes:
    """How protocol 2 stores bytes: as text in latin1."""
    if encoding not in ("latin1", "latin-1", "utf-8", "ascii"):
        raise pickle.UnpicklingError(f"bytes in the encoding {encoding!r} are not loaded")
    return text.encode(encoding)


class _Unpickler(pickle._Unpickler):  # the Python one: what it does with each opcode can be restricted
    """Reads the object; `find_class` and `load_build` decide what the file can do."""

    archive: Reader
    convert: Callable[[str], None]
    weights_only = True
    table = _allowed()

    def prepare(self, archive: Reader, check_location: Callable[[str], None]) -> _Unpickler:
        """Say where data comes from, and what to do about the device that it was on."""
        self.archive, self.check_location = archive, check_location
        self.storages: dict[str, np.ndarray] = {}
        order = archive.read("byteorder").decode() if archive.has("byteorder") else "little"
        self.swapped = order != sys.byteorder
        return self

    def find_class(self, module: str, name: str) -> Any:
        full = f"{module}.{name}"
        if full in self.table:
            return self.table[full]
        for given in _safe_globals:
            found, known = given if isinstance(given, tuple) else (given, _full_name(given))
            if known == full:
                return found
        raise pickle.UnpicklingError(_NOT_ALLOWED.format(full))

    def persistent_load(self, pid: Any) -> _Storage:
        if not isinstance(pid, tuple) or len(pid) != 5 or pid[0] != "storage" or not isinstance(pid[1], StorageKind):
            raise pickle.UnpicklingError(f"unknown reference in the file: {pid!r}")
        _, kind, key, location, count = pid
        self.check_location(location)
        if key not in self.storages:
            self.storages[key] = self.archive.array(f"data/{key}")
        data = self.storages[key]
        if data.nbytes < count * kind.itemsize:
            raise RuntimeError(
                f"data/{key} has {data.nbytes} bytes where the file says {count} of {kind.itemsize}: it is corrupted"
            )
        return _Storage(data, kind, self.swapped)

    def load_build(self) -> None:
        target = self.stack[-2]
        known = tuple(given for given in _safe_globals if isinstance(given, type))
        if not isinstance(target, (OrderedDict, Counter, defaultdict, *known)):
            raise pickle.UnpicklingError(f"the file sets attributes of a {type(target).__name__}, which is not allowed")
        super().load_build()

    dispatch = {**pickle._Unpickler.dispatch, pickle.BUILD[0]: load_build}


class _TrustingUnpickler(_Unpickler):
    """Reads any object; names of torch's stand for ours."""

    weights_only = False

    def find_class(self, module: str, name: str) -> Any:
        full = f"{module}.{name}"
        if full in self.table:
            return self.table[full]
        if module == "torch" or module.startswith("torch."):
            module = _OURS + module[len("torch") :]
        target = importlib.import_module(module)
        return functools.reduce(getattr, name.split("."), target)

    dispatch = pickle._Unpickler.dispatch


_NOT_ALLOWED = (
    "Unsupported global: GLOBAL {0} was not an allowed global by default. Please use "
    "`torch.serialization.add_safe_globals([{0}])` or the `torch.serialization.safe_globals([{0}])` context manager to "
    "allowlist this global if you trust this class/function."
)
_WEIGHTS_ONLY = (
    "Weights only load failed. This file can still be loaded with `weights_only=False`, which can run any code that is "
    "in it: do that only if you trust where it comes from.\n\t{}"
)
_NO_CUDA = (
    "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you are running on a "
    "CPU-only machine, please use torch.load with map_location=torch.device('cpu') to map your storages to the CPU."
)
_NOT_A_ZIP = (
    "{} is not a zip archive, the layout that torch.save writes since 1.6. Files of the layout before that have to be "
    "saved again with torch."
)


def _full_name(obj: Any) -> str:
    return f"{obj.__module__}.{obj.__qualname__}"


def _location_check(map_location: Any) -> Callable[[str], None]:
    """What to do for data that was on a given device: all of it goes to the CPU, if that is what was asked for."""

    def target(location: str) -> str:
        if map_location is None:
            return location
        if isinstance(map_location, dict):
            return str(map_location.get(location, location))
        return "cpu" if callable(map_location) else str(device(map_location))

    def check(location: str) -> None:
        place = target(location)
        if place.startswith("cuda"):
            raise RuntimeError(_NO_CUDA)
        if place != "cpu":
            raise RuntimeError(f"don't know how to restore data location of storage (tagged with {place})")

    return check


def load(
    f: Any,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
    **pickle_load_args: Any,
) -> Any:
    """Read an object that `save` or torch.save (1.6 or later) wrote, from a path or a seekable file.

    Only tensors, numbers, strings and plain containers are loaded, and what `add_safe_globals` allows; any other object
    with `weights_only=False`, which can run code that is in the file. `map_location` says where data that was on
    another device goes; there is only the CPU. `mmap` reads data from the file (a path) when it is touched.

    RuntimeError for a file that is truncated, corrupted or older, pickle.UnpicklingError for an object that is not
    allowed, EOFError for an empty file.
    """
    unpickler = _TrustingUnpickler if weights_only is False else _Unpickler
    if isinstance(f, (str, os.PathLike)):
        path = os.fspath(f)
        with open(path, "rb") as file:
            return _read(file, unpickler, map_location, path if mmap else None, path)
    if mmap:
        raise ValueError("f must be a file path in order to use the mmap argument")
    if not hasattr(f, "seek") or not hasattr(f, "read"):
        raise AttributeError(
            f"'{type(f).__name__}' object has no attribute 'seek'. You can only torch.load from a file that is "
            "seekable. Please pre-load the data into a buffer like io.BytesIO and try to load from it instead."
        )
    return _read(f, unpickler, map_location, None, "the file")


def _read(file: Any, unpickler: type[_Unpickler], map_location: Any, mapped: str | None, name: str) -> Any:
    start = file.tell()
    head = file.read(4)
    if not head:
        raise EOFError(f"Ran out of input: {name} is empty")
    if head[:2] != b"PK":
        raise RuntimeError(_NOT_A_ZIP.format(name))
    file.seek(start)
    archive = Reader(file, mapped)
    reader = unpickler(io.BytesIO(archive.read("data.pkl"))).prepare(archive, _location_check(map_location))
    try:
        return reader.load()
    except pickle.UnpicklingError as error:
        if not reader.weights_only:
            raise
        raise pickle.UnpicklingError(_WEIGHTS_ONLY.format(error)) from None
    except (KeyError, IndexError, EOFError, UnicodeDecodeError, TypeError, ValueError) as error:
        if not reader.weights_only:
            raise
        raise pickle.UnpicklingError(f"the description of the data in {name} is corrupted: {error}") from error


def add_safe_globals(safe_globals: list[Any]) -> None:
    """Let `load` use these classes and functions (or pairs of one and its full name in the file) from now on."""
    _safe_globals.extend(safe_globals)


def get_safe_globals() -> list[Any]:
    """What `add_safe_globals` was given."""
    return list(_safe_globals)


def clear_safe_globals() -> None:
    """Forget what `add_safe_globals` was given."""
    _safe_globals.clear()


class safe_globals:
    """`add_safe_globals` for the length of a `with` block."""

    def __init__(self, safe_globals: list[Any]) -> None:
        self.given = safe_globals

    def __enter__(self) -> None:
        self.before = get_safe_globals()
        add_safe_globals(self.given)

    def __exit__(self, *exc: Any) -> None:
        _safe_globals[:] = self.before
