"""What a data set can ask about the worker that runs it."""

from __future__ import annotations

import threading
from typing import Any

__all__ = ["WorkerInfo", "get_worker_info"]

_local = threading.local()


class WorkerInfo:
    """One worker of a loader: its `id`, how many there are, its seed and its data set."""

    def __init__(self, id: int, num_workers: int, seed: int, dataset: Any) -> None:
        self.id = id
        self.num_workers = num_workers
        self.seed = seed
        self.dataset = dataset

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value}" for name, value in self.__dict__.items())
        return f"WorkerInfo({values})"


def get_worker_info() -> WorkerInfo | None:
    """The worker that this code runs in; None in the main program."""
    return getattr(_local, "info", None)


def set_worker_info(info: WorkerInfo) -> None:
    """Say which worker the current thread is."""
    _local.info = info
