"""Helpers around training: data loading (`utils.data`), checkpoints (`utils.checkpoint`), hook handles (`utils.hooks`)."""

from ..missing import missing_names

__getattr__ = missing_names(__name__, lazy=("_pytree", "checkpoint", "data", "hooks"))
