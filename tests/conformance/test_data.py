"""From one seed, the same samples in the same order as torch's loaders."""

import numpy as np
import pytest

import pullback

torch = pytest.importorskip("torch", reason="torch is not installed, nothing to compare with")

LOADERS = {
    "shuffle": lambda data, d, g: data.DataLoader(d, batch_size=4, shuffle=True),
    "shuffle, own generator": lambda data, d, g: data.DataLoader(d, batch_size=4, shuffle=True, generator=g),
    "drop_last": lambda data, d, g: data.DataLoader(d, batch_size=4, shuffle=True, drop_last=True),
    "with replacement": lambda data, d, g: data.DataLoader(
        d, batch_size=7, sampler=data.RandomSampler(d, replacement=True, num_samples=70)
    ),
    "more than there are": lambda data, d, g: data.DataLoader(d, sampler=data.RandomSampler(d, num_samples=50)),
    "subset": lambda data, d, g: data.DataLoader(d, sampler=data.SubsetRandomSampler(range(3, 15))),
    "weighted": lambda data, d, g: data.DataLoader(d, sampler=data.WeightedRandomSampler(list(range(1, 24)), 40)),
    "weighted, each once": lambda data, d, g: data.DataLoader(
        d, sampler=data.WeightedRandomSampler(list(range(1, 24)), 20, replacement=False)
    ),
    "split": lambda data, d, g: data.DataLoader(data.random_split(d, [0.7, 0.3])[1], shuffle=True),
}


@pytest.mark.parametrize("name", LOADERS)
def test_order(name):
    def run(lib):
        data = lib.utils.data
        lib.manual_seed(42)
        dataset = data.TensorDataset(lib.arange(23), lib.arange(46.0).reshape(23, 2))
        loader = LOADERS[name](data, dataset, lib.Generator().manual_seed(5))
        return [[part.tolist() for part in batch] for _ in range(2) for batch in loader]

    assert run(pullback) == run(torch)


SAMPLES = [
    [1, 2],
    [1.5, 2.5],
    [True, False],
    ["a", "b"],
    [(1, 2.0), (3, 4.0)],
    [[1, 2], [3, 4]],
    [{"a": 1}, {"a": 2}],
    [np.float32(1), np.float32(2)],
    [np.ones(2), np.zeros(2)],
    [np.int32(3), np.int32(4)],
    [b"x", b"y"],
    [np.bool_(True), np.bool_(False)],
    [(1, (2, {"x": np.ones((1, 2), np.float16)}))] * 2,
]


def _plain(value):
    if hasattr(value, "tolist") and hasattr(value, "requires_grad"):
        return str(value.dtype), value.tolist()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return type(value)(_plain(item) for item in value) if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize("batch", SAMPLES, ids=str)
def test_collating_and_converting(batch):
    for name in ("default_collate", "default_convert"):
        ours, theirs = (getattr(lib.utils.data, name)(batch) for lib in (pullback, torch))
        assert _plain(ours) == _plain(theirs), name
