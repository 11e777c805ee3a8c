"""`compile`: trace a function into one program and run that."""

from .compiled import compile

__all__ = ["compile"]
