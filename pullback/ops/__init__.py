"""Operations. Each family registers its public functions in `FUNCTIONS`; importing this gathers all families."""

from . import (activation, adaptive, addmm, attention, avgpool, batchnorm, binary, contract, conv, embedding, inplace, loss, maxpool,
               nll, noise, norm, piecewise, reduce, shape, softmax, unary)
from .record import FUNCTIONS, RECORDS
