"""Why a tensor has a gradient or has none."""


def explain(subject):
    """Explain a tensor or an error."""
    return str(subject)
