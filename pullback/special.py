"""torch.special: functions under the names they have there."""

from .missing import missing_names as _missing_names
from .ops import FUNCTIONS as _FUNCTIONS

_NAMES = {
    "digamma": "digamma", "psi": "digamma", "erf": "erf", "erfc": "erfc", "erfinv": "erfinv", "exp2": "exp2",
    "expit": "sigmoid", "expm1": "expm1", "gammaln": "lgamma", "log1p": "log1p", "logit": "logit", "logsumexp": "logsumexp",
    "polygamma": "polygamma", "round": "round", "sinc": "sinc", "xlogy": "xlogy", "softmax": "softmax",
    "log_softmax": "log_softmax",
}
__all__ = sorted(_NAMES)
globals().update({name: _FUNCTIONS[of].call for name, of in _NAMES.items()})
__getattr__ = _missing_names(__name__)
