"""Operations. Each family registers its public functions in `FUNCTIONS`; importing this gathers all families."""

from . import activation, adaptive, addmm, avgpool, binary, contract, conv, inplace, loss, maxpool, nll, piecewise, reduce, shape, softmax, unary
from .record import FUNCTIONS, RECORDS
