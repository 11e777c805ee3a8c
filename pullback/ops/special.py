import math
import numpy as np
from .record import elementwise
from .unary import exp
_e = np.frompyfunc(math.erf,1,1)
erf = elementwise("erf", lambda x: np.asarray(_e(x)).astype(x.dtype), lambda x: exp(-x*x)*(2/math.sqrt(math.pi)), kind="float")
