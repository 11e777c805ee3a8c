"""Data sets, samplers, batches and the loader."""

import threading
import time
from collections import OrderedDict, namedtuple

import numpy as np
import pytest

import pullback as torch
from pullback.utils import data
from pullback.utils.data import DataLoader

Point = namedtuple("Point", ["x", "y"])


class Row(list):
    """A list of its own kind."""


class Squares(data.Dataset):
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        if not 0 <= i < self.n:
            raise IndexError(i)
        return torch.tensor([i * i]), i


class Stream(data.IterableDataset):
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        info = data.get_worker_info()
        first, step = (0, 1) if info is None else (info.id, info.num_workers)
        return iter(range(first, self.n, step))

    def __len__(self):
        return self.n


def _values(loader):
    return [batch[1].tolist() for batch in loader]


def test_tensor_dataset():
    dataset = data.TensorDataset(torch.arange(4), torch.arange(8.0).reshape(4, 2))
    assert len(dataset) == 4
    assert [t.tolist() for t in dataset[1]] == [1, [2.0, 3.0]]
    with pytest.raises(AssertionError, match="Size mismatch between tensors"):
        data.TensorDataset(torch.ones(2), torch.ones(3))


def test_combining():
    both = Squares(3) + Squares(2)
    assert isinstance(both, data.ConcatDataset) and len(both) == 5
    assert [both[i][1] for i in range(5)] == [0, 1, 2, 0, 1] and both[-1][1] == 1
    with pytest.raises(ValueError, match="absolute value of index should not exceed dataset length"):
        both[-6]
    with pytest.raises(AssertionError, match="datasets should not be an empty iterable"):
        data.ConcatDataset([])
    with pytest.raises(AssertionError, match="ConcatDataset does not support IterableDataset"):
        data.ConcatDataset([Stream(1)])
    chained = Stream(2) + Stream(1)
    assert list(chained) == [0, 1, 0] and len(chained) == 3
    assert data.StackDataset(Squares(2), Squares(2))[1][1][1] == 1
    assert data.StackDataset(a=Squares(2))[1]["a"][1] == 1
    with pytest.raises(ValueError, match="Size mismatch between datasets"):
        data.StackDataset(Squares(2), Squares(3))
    with pytest.raises(NotImplementedError, match="Subclasses of Dataset should implement __getitem__"):
        data.Dataset()[0]


def test_subsets():
    subset = data.Subset(Squares(10), [7, 2, 5])
    assert [subset[i][1] for i in range(3)] == [7, 2, 5]
    assert [v for _, v in subset.__getitems__([2, 0])] == [5, 7]
    nested = data.Subset(subset, [1])
    assert nested[0][1] == 2 and nested.__getitems__([0])[0][1] == 2


def test_random_split():
    torch.manual_seed(0)
    parts = data.random_split(Squares(10), [7, 3])
    assert [len(p) for p in parts] == [7, 3]
    assert sorted(i for p in parts for i in p.indices) == list(range(10))
    assert [len(p) for p in data.random_split(Squares(10), [0.35, 0.35, 0.3])] == [4, 3, 3]
    generator = torch.Generator().manual_seed(1)
    again = torch.Generator().manual_seed(1)
    first, second = (data.random_split(Squares(5), [2, 3], generator=g)[0].indices for g in (generator, again))
    assert first == second
    with pytest.raises(ValueError, match="Sum of input lengths does not equal the length of the input dataset!"):
        data.random_split(Squares(10), [7, 4])
    with pytest.raises(ValueError, match="Fraction at index 0 is not between 0 and 1"):
        data.random_split(Squares(10), [-0.5, 1.5])
    with pytest.warns(UserWarning, match="Length of split at index 1 is 0. This might result in an empty dataset."):
        data.random_split(Squares(1), [0.5, 0.5])


def test_samplers():
    torch.manual_seed(0)
    source = Squares(10)
    assert list(data.SequentialSampler(source)) == list(range(10))
    assert sorted(data.RandomSampler(source)) == list(range(10))
    assert len(list(data.RandomSampler(source, num_samples=25))) == 25
    drawn = list(data.RandomSampler(source, replacement=True, num_samples=100))
    assert len(drawn) == 100 and set(drawn) <= set(range(10)) and len(set(drawn)) > 5
    assert sorted(data.SubsetRandomSampler([3, 1, 4])) == [1, 3, 4]
    weighted = list(data.WeightedRandomSampler([0.0, 1.0, 3.0], 4000))
    assert 0 not in weighted and 2.5 < weighted.count(2) / weighted.count(1) < 3.5
    assert sorted(data.WeightedRandomSampler([1, 1, 1], 3, replacement=False)) == [0, 1, 2]
    assert list(data.BatchSampler(range(5), 2, False)) == [[0, 1], [2, 3], [4]]
    assert list(data.BatchSampler(range(5), 2, True)) == [[0, 1], [2, 3]]
    assert len(data.BatchSampler(range(5), 2, False)) == 3 and len(data.BatchSampler(range(5), 2, True)) == 2


SAMPLER_ERRORS = [
    (lambda: data.RandomSampler([1], replacement=1), TypeError, "replacement should be a boolean value, but got"),
    (lambda: data.RandomSampler([]), ValueError, "num_samples should be a positive integer value, but got num_samples=0"),
    (lambda: data.WeightedRandomSampler([1], 0), ValueError, "num_samples should be a positive integer value"),
    (lambda: data.WeightedRandomSampler([1], 1, 1), ValueError, "replacement should be a boolean value"),
    (lambda: data.WeightedRandomSampler([[1.0]], 1), ValueError, "weights should be a 1d sequence but given weights have"),
    (lambda: data.BatchSampler([1], 0, False), ValueError, "batch_size should be a positive integer value, but got"),
    (lambda: data.BatchSampler([1], True, False), ValueError, "batch_size should be a positive integer value, but got"),
    (lambda: data.BatchSampler([1], 1, 0), ValueError, "drop_last should be a boolean value, but got drop_last=0"),
]
LOADER_ERRORS = [
    ({"num_workers": -1}, "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing."),
    ({"timeout": -1}, "timeout option should be non-negative"),
    ({"prefetch_factor": 2}, "prefetch_factor option could only be specified in multiprocessing."),
    ({"persistent_workers": True}, "persistent_workers option needs num_workers > 0"),
    ({"sampler": [0], "shuffle": True}, "sampler option is mutually exclusive with shuffle"),
    ({"batch_sampler": [[0]], "batch_size": 2}, "batch_sampler option is mutually exclusive with batch_size, shuffle"),
    ({"batch_size": None, "drop_last": True}, "batch_size=None option disables auto-batching and is mutually exclusive"),
    ({"batch_size": 0}, "batch_size should be a positive integer value, but got batch_size=0"),
]


@pytest.mark.parametrize(("call", "kind", "text"), SAMPLER_ERRORS)
def test_sampler_errors(call, kind, text):
    with pytest.raises(kind) as caught:
        call()
    assert text in str(caught.value)


@pytest.mark.parametrize(("options", "text"), LOADER_ERRORS)
def test_loader_errors(options, text):
    with pytest.raises(ValueError) as caught:
        DataLoader(Squares(3), **options)
    assert text in str(caught.value)


@pytest.mark.parametrize("option", [{"shuffle": True}, {"sampler": [0]}, {"batch_sampler": [[0]]}])
def test_stream_errors(option):
    with pytest.raises(ValueError, match=f"DataLoader with IterableDataset: expected unspecified {next(iter(option))}"):
        DataLoader(Stream(3), **option)


def test_collating():
    batch = data.default_collate(
        [
            {"t": torch.ones(2), "n": np.zeros((1, 2)), "i": 3, "f": 0.5, "b": True, "s": "x", "p": Point(1, 2.0)},
            {"t": torch.zeros(2), "n": np.ones((1, 2)), "i": 4, "f": 1.5, "b": False, "s": "y", "p": Point(3, 4.0)},
        ]
    )
    assert batch["t"].tolist() == [[1.0, 1.0], [0.0, 0.0]]
    assert batch["n"].dtype == torch.float64 and batch["n"].shape == (2, 1, 2)
    assert batch["i"].tolist() == [3, 4] and batch["i"].dtype == torch.int64
    assert batch["f"].dtype == torch.float64 and batch["f"].tolist() == [0.5, 1.5]
    assert batch["b"].tolist() == [True, False] and batch["b"].dtype == torch.bool
    assert batch["s"] == ["x", "y"]
    assert type(batch["p"]) is Point and batch["p"].y.tolist() == [2.0, 4.0]
    assert [t.tolist() for t in data.default_collate([(1, [2, 3]), (4, [5, 6])])[1]] == [[2, 5], [3, 6]]
    assert type(data.default_collate([(1, 2), (3, 4)])) is list
    assert type(data.default_collate([Row([1, 2]), Row([3, 4])])) is Row
    assert type(data.default_collate([OrderedDict(a=1), OrderedDict(a=2)])) is OrderedDict
    assert data.default_collate([np.float32(1), np.float32(2)]).dtype == torch.float32
    with pytest.raises(RuntimeError, match="each element in list of batch should be of equal size"):
        data.default_collate([[1, 2], [3]])
    with pytest.raises(TypeError, match="default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists"):
        data.default_collate([object()])
    with pytest.raises(TypeError, match="found <U1"):
        data.default_collate([np.array(["a"])])


def test_converting():
    converted = data.default_convert({"a": np.ones(2), "b": (np.float32(1), "text"), "c": [3], "d": Point(np.ones(1), 0)})
    assert isinstance(converted["a"], torch.Tensor) and isinstance(converted["b"], list)
    assert converted["b"][1] == "text" and converted["c"] == [3] and type(converted["d"]) is Point


def test_loader_in_order():
    loader = DataLoader(Squares(7), batch_size=3)
    assert len(loader) == 3 and _values(loader) == [[0, 1, 2], [3, 4, 5], [6]]
    assert next(iter(loader))[0].tolist() == [[0], [1], [4]]
    assert len(DataLoader(Squares(7), batch_size=3, drop_last=True)) == 2
    assert _values(DataLoader(Squares(7), batch_size=3, drop_last=True)) == [[0, 1, 2], [3, 4, 5]]
    with pytest.raises(ValueError, match="batch_size attribute should not be set after DataLoader is initialized"):
        loader.batch_size = 4


def test_loader_shuffled():
    torch.manual_seed(3)
    loader = DataLoader(Squares(20), batch_size=6, shuffle=True)
    first, second = sum(_values(loader), []), sum(_values(loader), [])
    assert sorted(first) == sorted(second) == list(range(20)) and first != second
    torch.manual_seed(3)
    assert sum(_values(loader), []) == first
    seeded = DataLoader(Squares(20), shuffle=True, generator=torch.Generator().manual_seed(1))
    again = DataLoader(Squares(20), shuffle=True, generator=torch.Generator().manual_seed(1))
    assert _values(seeded) == _values(again)


def test_loader_without_batches():
    assert [int(v) for _, v in DataLoader(Squares(3), batch_size=None)] == [0, 1, 2]
    batches = DataLoader(Squares(5), batch_sampler=[[0, 4], [2]])
    assert _values(batches) == [[0, 4], [2]] and batches.batch_size is None
    assert _values(DataLoader(Squares(5), sampler=[3, 1], batch_size=2)) == [[3, 1]]


def test_loader_uses_collate_fn_and_getitems():
    class Batched(Squares):
        def __getitems__(self, indices):
            return [("all", i) for i in indices]

    assert list(DataLoader(Batched(4), batch_size=2, collate_fn=list)) == [
        [("all", 0), ("all", 1)],
        [("all", 2), ("all", 3)],
    ]


def test_streams():
    assert [b.tolist() for b in DataLoader(Stream(5), batch_size=2)] == [[0, 1], [2, 3], [4]]
    assert [b.tolist() for b in DataLoader(Stream(5), batch_size=2, drop_last=True)] == [[0, 1], [2, 3]]
    assert list(DataLoader(Stream(3), batch_size=None)) == [0, 1, 2]
    assert len(DataLoader(Stream(5), batch_size=2)) == 3


def test_a_stream_longer_than_promised_warns():
    class Liar(Stream):
        def __len__(self):
            return 1

    loader = DataLoader(Liar(3))
    len(loader)
    with pytest.warns(UserWarning, match="was reported to be 1"):
        list(loader)


@pytest.mark.parametrize("workers", [1, 3])
def test_workers_keep_the_order(workers):
    class Slow(Squares):
        def __getitem__(self, i):
            time.sleep(0.002 * (5 - i % 5))
            return super().__getitem__(i)

    loader = DataLoader(Slow(11), batch_size=2, num_workers=workers)
    assert _values(loader) == _values(DataLoader(Squares(11), batch_size=2))
    torch.manual_seed(0)
    shuffled = _values(DataLoader(Slow(11), batch_size=2, shuffle=True, num_workers=workers))
    torch.manual_seed(0)
    assert shuffled == _values(DataLoader(Squares(11), batch_size=2, shuffle=True))


def test_workers_share_a_stream():
    seen = [b.tolist() for b in DataLoader(Stream(7), batch_size=2, num_workers=2)]
    assert sorted(sum(seen, [])) == list(range(7))
    assert seen[0] == [0, 2] and seen[1] == [1, 3]


def test_workers_know_themselves():
    ids = []

    class Asking(Squares):
        def __getitem__(self, i):
            info = data.get_worker_info()
            return torch.tensor([info.id, info.num_workers])

    loader = DataLoader(Asking(4), num_workers=2, worker_init_fn=ids.append)
    assert [b.tolist() for b in loader] == [[[0, 2]], [[1, 2]], [[0, 2]], [[1, 2]]]
    assert sorted(ids) == [0, 1]
    assert data.get_worker_info() is None


def test_errors_of_the_data_reach_the_user():
    class Broken(Squares):
        def __getitem__(self, i):
            raise KeyError("broken")

    for workers in (0, 2):
        with pytest.raises(KeyError, match="broken"):
            list(DataLoader(Broken(3), num_workers=workers))


def test_timeout():
    release = threading.Event()

    class Stuck(Squares):
        def __getitem__(self, i):
            release.wait(5)
            return super().__getitem__(i)

    try:
        with pytest.raises(RuntimeError, match=r"DataLoader timed out after 0\.05 seconds"):
            next(iter(DataLoader(Stuck(3), num_workers=1, timeout=0.05)))
    finally:
        release.set()


def test_workers_stop_when_the_loader_is_dropped():
    before = threading.active_count()
    iterator = iter(DataLoader(Squares(100), num_workers=2))
    next(iterator)
    del iterator
    for _ in range(100):
        if threading.active_count() <= before:
            break
        time.sleep(0.02)
    assert threading.active_count() <= before
