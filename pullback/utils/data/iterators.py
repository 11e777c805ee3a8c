"""Going through a data set once: in the same thread, or with workers that load ahead."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

from .fetch import MapFetcher, StreamFetcher
from .sampler import random_seed
from .worker import WorkerInfo, set_worker_info

_END = object()


class BaseIterator:
    """What both ways share: the indices, the seed and the count."""

    def __init__(self, loader: Any) -> None:
        self.loader = loader
        self.indices: Iterator[Any] = iter(loader._index_sampler)
        # Drawn before the first index, also without workers: a seed gives the same order with any number of them.
        self.base_seed = random_seed(loader.generator)
        self.yielded = 0

    def _make_fetcher(self) -> Any:
        loader = self.loader
        kind = StreamFetcher if loader._is_stream else MapFetcher
        return kind(loader.dataset, loader._auto_collation, loader.collate_fn, loader.drop_last)

    def __iter__(self) -> BaseIterator:
        return self

    def _next(self) -> Any:
        raise NotImplementedError

    def __next__(self) -> Any:
        data = self._next()
        self.yielded += 1
        promised = self.loader._IterableDataset_len_called
        if self.loader._is_stream and promised is not None and self.yielded > promised:
            warnings.warn(
                f"Length of IterableDataset {self.loader.dataset} was reported to be {promised}"
                f"(when accessing len(dataloader)), but {self.yielded} samples have been fetched. ",
                stacklevel=2,
            )
        return data

    def __len__(self) -> int:
        return len(self.loader._index_sampler)


class SerialIterator(BaseIterator):
    """Loads each batch when it is asked for."""

    def __init__(self, loader: Any) -> None:
        super().__init__(loader)
        self.fetcher = self._make_fetcher()

    def _next(self) -> Any:
        return self.fetcher.fetch(next(self.indices))


class ThreadedIterator(BaseIterator):
    """Loads ahead in threads, one single-threaded pool a worker; batches come in the order of the indices.

    Batch i is loaded by worker i modulo their number. With a stream, each worker has its own iterator over it, as
    worker processes would, and the data set tells them apart with `get_worker_info`.
    """

    def __init__(self, loader: Any) -> None:
        super().__init__(loader)
        self.pools = [ThreadPoolExecutor(1, f"loader-{i}") for i in range(loader.num_workers)]
        self.fetchers = [pool.submit(self._start, i) for i, pool in enumerate(self.pools)]
        self.running = [True] * loader.num_workers
        self.pending: deque[tuple[int, Future]] = deque()
        self.turn = 0
        for _ in range(loader.num_workers * loader.prefetch_factor):
            self._request()

    def _start(self, worker: int) -> Any:
        loader = self.loader
        set_worker_info(WorkerInfo(worker, loader.num_workers, self.base_seed + worker, loader.dataset))
        if loader.worker_init_fn is not None:
            loader.worker_init_fn(worker)
        return self._make_fetcher()

    def _load(self, worker: int, index: Any) -> Any:
        try:
            return self.fetchers[worker].result().fetch(index)
        except StopIteration:  # cannot pass through a future
            return _END

    def _request(self) -> None:
        """Ask the next worker that is still running for the next batch."""
        if not any(self.running):
            return
        index = next(self.indices, _END)
        if index is _END:
            return
        while not self.running[self.turn]:
            self.turn = (self.turn + 1) % len(self.pools)
        worker = self.turn
        self.turn = (self.turn + 1) % len(self.pools)
        self.pending.append((worker, self.pools[worker].submit(self._load, worker, index)))

    def _next(self) -> Any:
        while self.pending:
            worker, future = self.pending.popleft()
            data = self._wait(future)
            if data is _END:
                self.running[worker] = False
            self._request()
            if data is not _END:
                return data
        self._close()
        raise StopIteration

    def _wait(self, future: Future) -> Any:
        timeout = self.loader.timeout
        try:
            return future.result(timeout or None)
        except FutureTimeoutError as error:
            self._close()
            if future.done():  # the data set's own error
                raise
            raise RuntimeError(f"DataLoader timed out after {timeout} seconds") from error
        except BaseException:
            self._close()
            raise

    def _close(self) -> None:
        self.pending.clear()
        for pool in self.pools:
            pool.shutdown(wait=False, cancel_futures=True)

    def __del__(self) -> None:
        if hasattr(self, "pools"):
            self._close()
