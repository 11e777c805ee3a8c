"""torch.autograd.anomaly_mode: switching anomaly mode on and off."""

import warnings

from ..anomaly import Anomaly
from ..mode import change, current_mode, pop, push

__all__ = ["detect_anomaly", "set_detect_anomaly"]


def is_anomaly_enabled():
    """True in anomaly mode."""
    return current_mode().anomaly is not None


def is_anomaly_check_nan_enabled():
    """True unless anomaly mode is on and does not look for NaN."""
    anomaly = current_mode().anomaly
    return anomaly is None or anomaly.check_nan


def _anomaly(enabled, check_nan):
    for position, (name, value) in enumerate((("enabled", enabled), ("check_nan", check_nan)), 1):
        if not isinstance(value, bool):
            raise TypeError(f"set_anomaly_enabled(): argument '{name}' (position {position}) must be bool, not "
                            f"{type(value).__name__}")
    return Anomaly(check_nan) if enabled else None


class detect_anomaly:
    """Context manager: operations remember where they were called, and a backward that fails tells it in a warning.

    With `check_nan`, a backward that gives NaN fails with RuntimeError. Slow: for finding mistakes.
    """

    def __init__(self, check_nan=True):
        self.check_nan = check_nan
        warnings.warn("Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for "
                      "debugging.", stacklevel=2)

    def __enter__(self):
        push(anomaly=_anomaly(True, self.check_nan))

    def __exit__(self, *exception):
        pop()


class set_detect_anomaly:
    """Turn anomaly mode on or off: at once as a statement, until the end of the block as a context manager.

    Raises TypeError if `mode` or `check_nan` is not a bool.
    """

    def __init__(self, mode, check_nan=True):
        self.before = current_mode().anomaly
        change(anomaly=_anomaly(mode, check_nan))

    def __enter__(self):
        pass

    def __exit__(self, *exception):
        change(anomaly=self.before)
