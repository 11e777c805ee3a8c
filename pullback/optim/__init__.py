"""`torch.optim`: optimizers and learning rate schedules."""

from ..missing import missing_names
from . import lr_scheduler
from .adam import Adam
from .adamw import AdamW
from .optimizer import Optimizer
from .sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "lr_scheduler"]

__getattr__ = missing_names(__name__)
