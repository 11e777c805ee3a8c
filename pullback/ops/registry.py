"""The public functions by name, and what is told of each as its family is loaded."""

FUNCTIONS = {}  # name: Function, of the families loaded so far
_listeners = []


class Function:
    """A public function and what derives from it: its method, its in-place variant, whether it takes `out`.

    `namespace`: "torch", "nn" (torch.nn.functional only) or "tensor" (a method only). `element`: the element-wise operation
    that the function is when given no options, which Python's operator is too. `family`: the module that defines it.
    `bound`: the method, where it is not the function itself.
    """

    def __init__(self, call, name, method, inplace, out, namespace, element=None, family=None, bound=None):
        self.call, self.name, self.method, self.inplace = call, name, method, inplace
        self.out, self.namespace, self.element = out, namespace, element
        self.bound = bound or call
        self.family = (family or call.__module__).rpartition(".")[2]

    def methods(self):
        """The names of the methods it gives tensors."""
        own = [self.name] if self.method and self.namespace != "nn" else []
        return [*own, f"{self.name}_"] if self.inplace else own


def register(function):
    """Make `function` public; those who listen are told."""
    FUNCTIONS[function.name] = function
    for listener in _listeners:
        listener(function)


def listen(listener):
    """Call `listener` with every public function there is, and with each that comes later."""
    for function in FUNCTIONS.values():
        listener(function)
    _listeners.append(listener)
