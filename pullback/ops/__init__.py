"""Operations. Each family registers its public functions in `FUNCTIONS`; importing this gathers all families."""

from . import addmm, binary, contract, index, inplace, join, reduce, shape, ternary, unary
from .record import FUNCTIONS, RECORDS
