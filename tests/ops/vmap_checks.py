"""vmap, checked on every sample against a loop over a batch: values, dtypes and gradients."""

import numpy as np

import pullback as torch
from pullback.batch import Level
from pullback.engine import grad
from pullback.graph import Tensor
from pullback.mode import inside
from pullback.ops import FUNCTIONS
from pullback.ops.batching import enter, leave
from tests import numeric

from .calls import LAYOUT_MATTERS, call, double, flat, seed, tensors, writes
from .checks import check, same

# What vmap refuses, as torch does: the first array it must not be given a batch of, and what it says.
REFUSED = {
    "nonzero": (0, "dynamic shape. Attempted to vmap over aten::nonzero."),
    "argwhere": (0, "dynamic shape. Attempted to vmap over aten::nonzero."),
    "unique": (0, "dynamic shape. Attempted to vmap over aten::"),
    "unique_consecutive": (0, "dynamic shape. Attempted to vmap over aten::unique_consecutive."),
    "masked_select": (1, "Attempted to vmap over `mask` in torch.masked_select"),
    "allclose": (0, "vmap over torch.allclose isn't supported yet."),
    "equal": (0, "Batching rule not implemented for aten::equal."),
}
INDEXING = {"__getitem__", "__setitem__", "index_put", "index_put_"}
SIZES = (3, 2)  # of the outer batch, and of one inside of it


def _copies(array, sizes):
    """A batch of arrays alike: the numbers moved on by a place, floating ones a little smaller, from one to the next."""
    moved = [np.roll(array, place) for place in range(int(np.prod(sizes)))]
    if array.dtype.kind in "fc":
        moved = [copy * (1 - place / 64) for place, copy in enumerate(moved)]
    return np.stack(moved).reshape((*sizes, *array.shape))


class Plan:
    """Which arrays of a sample are batched at which levels, and where the batch axes lie."""

    def __init__(self, name, sample, chosen, run, last=False):
        self.name, self.sample, self.chosen, self.run, self.last = name, sample, chosen, run, last
        self.arrays, self.wanted = double(sample), sample.differentiable()
        self.sizes = SIZES[:len(chosen)]
        self.places = [[depth for depth, numbers in enumerate(chosen) if i in numbers] for i in range(len(self.arrays))]
        self.batches = [_copies(array, [self.sizes[depth] for depth in places])
                        for array, places in zip(self.arrays, self.places, strict=True)]

    def one(self, index):
        """The arrays of one entry of the batch."""
        return [batch[tuple([index[depth] for depth in places])].copy()
                for batch, places in zip(self.batches, self.places, strict=True)]

    def loop(self):
        """Values, whether they have a gradient, and gradients with random cotangents, an entry after the other."""
        rows = []
        for number, index in enumerate(np.ndindex(*self.sizes)):
            leaves = tensors(self.sample, self.one(index), requires_grad=True)
            rows.append(_differentiated(flat(self.run(leaves)), [leaves[i] for i in self.wanted], self._cotangent(number)))
        values, gradients = [[np.stack(column).reshape((*self.sizes, *column[0].shape)) for column in zip(*part, strict=True)]
                             for part in zip(*rows, strict=True)]
        for place, i in enumerate(self.wanted):
            shared = tuple([depth for depth in range(len(self.sizes)) if depth not in self.places[i]])
            gradients[place] = gradients[place].sum(shared)
        return values, gradients

    def vmap(self):
        """The same, all at once."""
        batches = [np.moveaxis(batch, range(len(places)), range(-len(places), 0)) if self.last else batch
                   for batch, places in zip(self.batches, self.places, strict=True)]
        leaves = tensors(self.sample, batches, requires_grad=True)
        results = self._inside(leaves, 0)
        count = int(np.prod(self.sizes))

        def cotangent(place, output):
            shape = output.shape[len(self.sizes):]
            parts = [self._cotangent(number)(place, output[np.unravel_index(number, self.sizes)]) for number in range(count)]
            return np.stack(parts).reshape((*self.sizes, *shape))

        return _differentiated(results, [leaves[i] for i in self.wanted], cotangent)

    def _inside(self, values, depth):
        if depth == len(self.sizes):
            return flat(self.run(values))
        level = Level(self.sizes[depth])
        try:
            with inside(batch=level):
                dims = [array.ndim if self.last else 0 for array in self.arrays]
                values = [enter(value, level=level, dim=dims[i]) if i in self.chosen[depth] else value
                          for i, value in enumerate(values)]
                results = self._inside(values, depth + 1)
                return [leave(r, level=level, dim=0) if isinstance(r, Tensor) else r for r in results]
        finally:
            level.open = False

    @staticmethod
    def _cotangent(number):
        return lambda place, output: numeric.random_like(np.random.default_rng([number, place]), output)


def _differentiated(results, leaves, cotangent):
    values = [r.detach().numpy() if isinstance(r, Tensor) else np.asarray(r) for r in results]
    places = [place for place, r in enumerate(results) if isinstance(r, Tensor) and r.requires_grad]
    if not places:
        return values, [np.zeros_like(leaf.detach().numpy()) for leaf in leaves]
    cotangents = [torch.from_numpy(cotangent(place, values[place])) for place in places]
    found = grad([results[place] for place in places], leaves, cotangents, allow_unused=True, materialize_grads=True)
    return values, [g.numpy() for g in found]


def _agrees(plan):
    try:
        values, gradients = plan.loop()
    except ValueError:
        return  # shapes depend on the values
    actual, found = plan.vmap()
    what = f"with arrays {plan.chosen} batched"
    same(actual, values, f"value {what}")
    for a, e in zip(actual, values, strict=True):
        assert a.dtype == e.dtype, f"{a.dtype} {what}, {e.dtype} one by one"
    found = [np.moveaxis(g, range(-len(places), 0), range(len(places))) if plan.last else g
             for g, places in zip(found, [plan.places[i] for i in plan.wanted], strict=True)]
    same(found, gradients, f"gradient {what}")


def choices(count):
    everything = frozenset(range(count))
    return {everything, *[frozenset([i]) for i in everything]} if count else ()


UNBATCHED = ("is not possible because there exists a Tensor", "doesn't match the broadcast shape")


def _refused(plan, *texts):
    try:
        plan.vmap()
    except RuntimeError as error:
        assert any([text in str(error) for text in texts]), f"with arrays {plan.chosen} batched: {error}"
    else:
        raise AssertionError(f"with arrays {plan.chosen} batched it is not refused")


def why_refused(name, sample, chosen):
    """What `vmap` says to a batch of these arrays, None if nothing is wrong with it."""
    first, text = REFUSED.get(name.removesuffix("_"), (len(sample.arrays()), None))
    if max(chosen) >= first:
        return text
    if name == "one_hot" and len(sample.args) == 1:
        return "please provide an explicit positive num_classes argument."
    masks = name in INDEXING and any([sample.arrays()[i].dtype == bool for i in chosen])
    return "Attempting to batch over indexing with a boolean mask." if masks else None


def is_random(name, sample):
    call(name, sample, tensors(sample))
    after = torch.get_rng_state()
    seed()
    return not torch.equal(after, torch.get_rng_state())


@check
def vmap(name, sample):
    """Over a batch of any one of the inputs, and of all; the batch in front, and behind; and one batch inside another."""
    count = len(sample.arrays())
    if not count or is_random(name, sample):
        return

    def run(leaves):
        return call(name, sample, leaves)

    for chosen in choices(count):
        plan = Plan(name, sample, [chosen], run, last=len(chosen) == count and name not in LAYOUT_MATTERS)
        refused = why_refused(name, sample, chosen)
        if refused is not None:
            _refused(plan, refused)
        elif writes(name) and 0 not in chosen:
            _refused(plan, *UNBATCHED)
        else:
            _agrees(plan)
    if why_refused(name, sample, {0, count - 1}) is None:
        _agrees(Plan(name, sample, [{0}, {0, count - 1}], run))


@check
def vmap_inplace(name, sample):
    """In-place variants too; a tensor that is not batched cannot take batched values."""
    if not FUNCTIONS[name].inplace or not isinstance((sample.args or [None])[0], np.ndarray) or is_random(name, sample):
        return
    arrays = double(sample)
    expected = call(name, sample, tensors(sample, arrays))
    if expected.shape != arrays[0].shape or not np.can_cast(expected.numpy().dtype, arrays[0].dtype, "same_kind"):
        return

    def run(leaves):
        args, kwargs = sample.fill([leaves[0].clone(), *leaves[1:]])
        seed()
        return getattr(torch.Tensor, name + "_")(*args, **kwargs)

    for chosen in choices(len(arrays)):
        plan = Plan(name, sample, [chosen], run)
        refused = why_refused(name, sample, chosen)
        if refused is None and 0 in chosen:
            _agrees(plan)
        else:
            _refused(plan, *UNBATCHED) if refused is None else _refused(plan, refused)
