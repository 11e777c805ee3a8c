"""`torch.optim.lr_scheduler`: the names of the schedules in `_schedules/`."""

from ..missing import missing_names
from ._schedules.base import LRScheduler, _LRScheduler
from ._schedules.combine import ChainedScheduler, SequentialLR
from ._schedules.cycle import OneCycleLR
from ._schedules.plateau import ReduceLROnPlateau
from ._schedules.simple import (
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
    "_LRScheduler",
]

__getattr__ = missing_names(__name__)
