"""Samples of dropout: every call of the tests draws from the same seed."""

import numpy as np

from .sample import Sample

RNG = np.random.default_rng(27)
X, IMAGES = RNG.normal(size=(4, 5)), RNG.normal(size=(3, 4, 2, 2))
SAMPLES = {
    "dropout": [Sample((X,)), Sample((X, 0.2)), Sample((X, 0.5, False), {}, X), Sample((X, 1.0), {}, X * 0)],
    "alpha_dropout": [Sample((X, 0.3, True)), Sample((X,), {}, X)],
    "feature_dropout": [Sample((IMAGES, 0.4, True))],
    "feature_alpha_dropout": [Sample((IMAGES, 0.4, True))],
    "dropout1d": [Sample((IMAGES[..., 0].copy(), 0.4)), Sample((X, 0.4), name="unbatched")],
    "dropout2d": [Sample((IMAGES, 0.4)), Sample((IMAGES, 0.0), {}, IMAGES)],
    "dropout3d": [Sample((IMAGES[..., None].copy(), 0.4)), Sample((IMAGES, 0.4), name="unbatched")],
}
