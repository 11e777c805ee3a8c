"""Helpers around training: data loading (`utils.data`) and hook handles (`utils.hooks`)."""

from ..missing import missing_names

__getattr__ = missing_names(__name__, lazy=("_pytree", "data", "hooks"))
