"""Neural networks: modules, parameters, functions, initialisation."""

from ..missing import missing_names
from . import functional, init, modules, parameter, utils
from .modules import *
from .modules import __all__ as _modules
from .parameter import Buffer, Parameter

__all__ = [*_modules, "Buffer", "Parameter", "functional", "init", "modules", "parameter", "utils"]

__getattr__ = missing_names(__name__)
