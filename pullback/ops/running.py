"""Who runs the forwards of operations, where that is not the operation itself."""


class Runner:
    """What `mode.runner` is: it may run forwards in its own way, and sees what came of them."""

    def run(self, op, *arrays, **params):
        """What `op.forward` returns."""
        return op.forward(*arrays, **params)

    def ran(self, op, inputs, params, outputs, extras):
        """`op` on `inputs` gave the tensors `outputs`, and the arrays `extras`."""
