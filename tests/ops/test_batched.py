"""Under vmap an operation is one call for the whole batch, not one a sample; those that are not are listed."""

import pytest

from pullback.batch import array
from pullback.ops import apply
from tests.samples import SAMPLES

from .calls import call, writes
from .test_records import SAMPLED
from .vmap_checks import Plan, choices, is_random, why_refused

SAMPLE_BY_SAMPLE = {"bincount", "bucketize", "cummax", "cummin", "histc", "isin", "masked_scatter", "masked_scatter_",
                    "masked_select", "repeat_interleave", "searchsorted"}


def _calls(name, monkeypatch):
    """How often the operation was done to a sample of its own, with one of its arrays batched and with all."""
    found = []
    for module in (array, apply):
        monkeypatch.setattr(module, "samplewise", lambda *given, real=array.samplewise: (found.append(given), real(*given))[1])
    for sample in SAMPLES[name]:
        count = len(sample.arrays())
        for chosen in () if count == 0 or is_random(name, sample) else choices(count):
            if why_refused(name, sample, chosen) is None and not (writes(name) and 0 not in chosen):
                Plan(name, sample, [chosen], lambda leaves, sample=sample: call(name, sample, leaves)).vmap()
    return len(found)


@pytest.mark.parametrize("name", SAMPLED)
def test_one_call_for_the_batch(name, monkeypatch):
    assert bool(_calls(name, monkeypatch)) == (name in SAMPLE_BY_SAMPLE)
