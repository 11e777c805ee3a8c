"""Operations. Each family registers its public functions in `FUNCTIONS`; importing this gathers all families."""

from . import addmm, binary, contract, einsum, inplace, products, reduce, shape, unary
from .record import FUNCTIONS, RECORDS
