"""Random numbers of many distributions as NumPy arrays: those PyTorch draws on a CPU from the same seed.

Every function takes the `Generator` first and fills an array in C order. How many words of the generator a number
costs, and in which order they are used, is part of the contract: the next call continues from there. The numbers of
half precision (float16, bfloat16) are those of float32, rounded.

They are the numbers of PyTorch 2.13 on processors with AVX2. On Intel's, PyTorch takes `exponential`, and `bernoulli`
with one probability for all, from a generator of the MKL library instead, so these two differ there.
"""

from .multinomial import multinomial
from .normal import log_normal, normal
from .transformed import bernoulli, cauchy, exponential, geometric
from .uniform import uniform
from .whole import randint, random, randperm

__all__ = [
    "bernoulli",
    "cauchy",
    "exponential",
    "geometric",
    "log_normal",
    "multinomial",
    "normal",
    "randint",
    "random",
    "randperm",
    "uniform",
]
