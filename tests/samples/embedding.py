"""Samples of look-ups in tables."""

import numpy as np

from .sample import Sample

RNG = np.random.default_rng(26)
TABLE = RNG.normal(size=(5, 3))
NUMBERS = np.array([[1, 4, 1], [0, 1, 2]])
SAMPLES = {
    "embedding": [
        Sample((NUMBERS, TABLE), {}, TABLE[NUMBERS]), Sample((NUMBERS.astype(np.int32), TABLE), {}, TABLE[NUMBERS]),
        Sample((np.array(3), TABLE), {}, TABLE[3], name="0-dim"), Sample((np.zeros(0, np.int64), TABLE), name="empty"),
    ],
    "one_hot": [Sample((NUMBERS,), {}, np.eye(5, dtype=np.int64)[NUMBERS], name="not traced"),
                Sample((NUMBERS, 7), {}, np.eye(7, dtype=np.int64)[NUMBERS]), Sample((np.array(2), 3), {}, np.array([0, 0, 1]))],
}
