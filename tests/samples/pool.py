"""Samples of poolings; no window has two elements of about one size."""

import numpy as np

from .sample import Sample

RNG = np.random.default_rng(25)


def _distinct(*shape):
    return RNG.permutation(np.prod(shape)).reshape(shape) / 7 - 3.0


X, LINE, SPACE = _distinct(2, 3, 6, 5), _distinct(2, 3, 7), _distinct(1, 2, 4, 5, 4)
EVEN = _distinct(2, 3, 4, 6)
WINDOWS = ({"kernel_size": 2}, {"kernel_size": 3, "stride": 2, "padding": 1}, {"kernel_size": 3, "stride": 2, "ceil_mode": True},
           {"kernel_size": 2, "stride": 1})


def _blocks(x):
    return x.reshape(*x.shape[:2], x.shape[2] // 2, 2, x.shape[3] // 2, 2)


def _all_windows():
    return {f"max_pool{n}d": [Sample((x,), w) for w in WINDOWS] + [Sample((x,), {"kernel_size": 2, "dilation": 2})]
            for n, x in ((1, LINE), (2, X), (3, SPACE))} | {
        f"avg_pool{n}d": [Sample((x,), w) for w in WINDOWS] + [Sample((x,), {**WINDOWS[1], "count_include_pad": False})]
        for n, x in ((1, LINE), (2, X), (3, SPACE))} | {
        f"{kind}_pool{n}d": [Sample((x, size)) for size in (1, 2, 3)] + [Sample((x[0],), {"output_size": 2}, name="unbatched")]
        for kind in ("adaptive_avg", "adaptive_max") for n, x in ((1, LINE), (2, X), (3, SPACE))} | {
        f"max_pool{n}d_with_indices": [Sample((x, 2)), Sample((x, 3), {"stride": 2, "padding": 1})]
        for n, x in ((1, LINE), (2, X), (3, SPACE))} | {
        f"lp_pool{n}d": [Sample((abs(x) + 0.5, 2, 2)), Sample((abs(x) + 0.5, 3, 2), {"stride": 1})]
        for n, x in ((1, LINE), (2, X), (3, SPACE))}


SAMPLES = _all_windows()
SAMPLES["max_pool2d"] += [Sample((EVEN, 2), {}, _blocks(EVEN).max((3, 5))), Sample((EVEN, (2, 3), (1, 2), (1, 0))),
                          Sample((EVEN, 2), {"return_indices": True}), Sample((EVEN[0], 2), name="unbatched"),
                          Sample((EVEN, 3), {}, grad=False, name="no gradient")]
SAMPLES["avg_pool2d"] += [Sample((EVEN, 2), {}, _blocks(EVEN).mean((3, 5))), Sample((EVEN, 2), {"divisor_override": 3}),
                          Sample((EVEN, (2, 3), (1, 2), (1, 0)))]
SAMPLES["adaptive_avg_pool2d"] += [Sample((EVEN, (2, 3)), {}, _blocks(EVEN).mean((3, 5))), Sample((EVEN, (None, 1)))]
SAMPLES["adaptive_max_pool2d"] += [Sample((EVEN, (2, 3)), {}, _blocks(EVEN).max((3, 5))),
                                   Sample((EVEN, 3), {"return_indices": True})]
