"""The zip archive around the pickle and the data: torch's layout, entries stored plainly at multiples of 64 bytes.

    NAME/data.pkl      the object, tensors as references to data
    NAME/data/0, …     the bytes of each storage
    NAME/byteorder, NAME/version, NAME/.format_version, NAME/.storage_alignment, NAME/.data/serialization_id
"""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np

ALIGNMENT = 64
_HEADER = 30  # bytes of a local file header before the name
_EPOCH = (1980, 1, 1, 0, 0, 0)

_CORRUPT = (
    "PytorchStreamReader failed reading zip archive: {}. The file is truncated or corrupted, or was not written by "
    "save(): write it again, or fetch it again and compare its size."
)


class Writer:
    """Writes entries under one folder name."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED)
        self.name = name

    def add(self, entry: str, data: Any) -> None:
        """Add an entry, its data beginning at a multiple of 64 bytes."""
        info = zipfile.ZipInfo(f"{self.name}/{entry}", _EPOCH)
        start = self.zip.fp.tell() + _HEADER + len(info.filename.encode()) + 4
        padding = -start % ALIGNMENT
        info.extra = struct.pack("<2sH", b"FB", padding) + b"Z" * padding
        self.zip.writestr(info, data)

    def close(self, contents: int) -> None:
        """Add the entries that describe the file, and finish. `contents` identifies what is in it."""
        self.add("version", b"3\n")
        self.add(".data/serialization_id", f"{contents:040d}".encode())
        self.zip.close()


class Reader:
    """Reads entries of an archive. RuntimeError wherever the file is not as it should be."""

    def __init__(self, file: Any, path: str | None) -> None:
        try:
            self.zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, struct.error) as error:
            raise RuntimeError(_CORRUPT.format("failed finding central directory")) from error
        self.path = path
        pickles = [name for name in self.zip.namelist() if name.endswith("/data.pkl")]
        if not pickles:
            raise RuntimeError(_CORRUPT.format("file not found: archive/data.pkl"))
        self.name = pickles[0].rpartition("/")[0]

    def has(self, entry: str) -> bool:
        """Whether there is an entry of this name."""
        return f"{self.name}/{entry}" in self.zip.NameToInfo

    def read(self, entry: str) -> bytes:
        """The bytes of an entry."""
        try:
            return self.zip.read(f"{self.name}/{entry}")
        except KeyError:
            raise RuntimeError(_CORRUPT.format(f"file not found: {self.name}/{entry}")) from None
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, struct.error) as error:
            raise RuntimeError(_CORRUPT.format(f"file read failed: {self.name}/{entry} ({error})")) from error

    def array(self, entry: str) -> np.ndarray:
        """The bytes of an entry as a writable array."""
        if self.path is None:
            return np.frombuffer(bytearray(self.read(entry)), np.uint8)
        return self._mapped(entry)

    def _mapped(self, entry: str) -> np.ndarray:
        """The bytes of an entry, read from the file when they are touched; writes stay in memory."""
        info = self.zip.NameToInfo.get(f"{self.name}/{entry}")
        if info is None:
            raise RuntimeError(_CORRUPT.format(f"file not found: {self.name}/{entry}"))
        if info.compress_type != zipfile.ZIP_STORED:
            raise RuntimeError("mmap can only be used with files whose entries are not compressed")
        if info.file_size == 0:
            return np.empty(0, np.uint8)
        self.zip.fp.seek(info.header_offset + 26)
        name_size, extra_size = struct.unpack("<HH", self.zip.fp.read(4))
        start = info.header_offset + _HEADER + name_size + extra_size
        return np.memmap(self.path, np.uint8, "c", start, (info.file_size,))


@contextmanager
def replacing(path: str) -> Iterator[BinaryIO]:
    """A file to write that takes the place of the one at `path` only when it is complete.

    RuntimeError if the folder does not exist. What is not a regular file (a pipe, a device) is written directly.
    """
    path = os.path.realpath(path)
    parent = os.path.dirname(path)
    if not os.path.isdir(parent):
        raise RuntimeError(f"Parent directory {parent} does not exist.")
    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, "wb") as file:
            yield file
        return
    temporary = f"{path}.{os.getpid()}-{os.urandom(4).hex()}.tmp"
    try:
        with open(temporary, "xb") as file:
            yield file
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.remove(temporary)
        raise


