"""Helpers around training: data loading (`utils.data`) and hook handles (`utils.hooks`)."""
