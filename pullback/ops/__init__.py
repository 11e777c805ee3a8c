"""Operations. Each family registers its public functions in `FUNCTIONS`; importing this gathers all families."""

from . import activation, addmm, binary, contract, conv, inplace, loss, nll, piecewise, reduce, shape, softmax, unary
from .record import FUNCTIONS, RECORDS
