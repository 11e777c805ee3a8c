"""The benchmark command: that each case computes what it should, and that the report says what was measured."""

import json
import math

import pytest

import pullback
from benchmarks import report
from benchmarks.cases import CASES, Case, five_operations, product_no_grad, product_recording, small_network_step
from benchmarks.measure import Result, calibrate, disagreement, load_peers, measure_time

CASE = Case("some", "some work", 0.5)


def result(torch, pullback, **options):
    samples = {name: values for name, values in (("torch", torch), ("pullback", pullback)) if values is not None}
    return Result(CASE, "s", samples, **options)


def test_the_cases_compute_what_they_say():
    assert product_recording(pullback)(2) == product_no_grad(pullback)(2) == 3.0
    x, w = 0.5, 0.25
    expected = (1 - math.tanh((x * w + x) * w) ** 2) * (2 * x * w + x)
    assert five_operations(pullback)(3) == pytest.approx(expected, rel=1e-6)
    step = small_network_step(pullback)
    first = step(1)
    assert step(30) < first


def test_names_are_unique():
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("torch", "ours", "ratio", "passed"),
    [
        ([2.0, 2.0, 9.0], [1.0, 0.5, 1.0], 0.5, True),
        ([1.0], [0.6], 0.6, False),
        (None, [1.0], None, None),
    ],
)
def test_verdicts(torch, ours, ratio, passed):
    measured = result(torch, ours)
    assert measured.ratio == ratio and measured.passed is passed


def test_results_that_differ_fail_the_case():
    class Other:
        pass

    case = Case("some", "some work", 0.5, build=lambda T: lambda n: 1.0 if T is Other else 1.1)
    problems = disagreement(case, {"torch": Other, "pullback": pullback})
    assert problems == ["pullback computes 1.1 where torch computes 1"]
    assert result([9.0], [1.0], problems=problems).passed is False


def test_memory_is_judged_by_its_least():
    measured = Result(Case("m", "memory", 1.1, "memory"), "bytes", {"torch": [5e6, 3e6], "pullback": [3e6, 9e6]})
    assert measured.ratio == 1.0


def test_calibration_reaches_the_time_asked_for():
    calls = []

    def run(n):
        calls.append(n)
        return float(sum(range(1000 * n)))

    assert calibrate(run, 0.002) >= 1 and calls[0] == 1


def test_samples_come_in_rounds():
    case = Case("some", "some work", 0.5, build=lambda T: lambda n: float(sum(range(1000 * n)) * 0))
    measured = measure_time(case, {"pullback": pullback}, rounds=2, seconds=0.001)
    assert len(measured.samples["pullback"]) == 2 and measured.ratio is None


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.234, "s", "1.23 s"),
        (0.0123, "s", "12.3 ms"),
        (4.5e-7, "s", "450 ns"),
        (2.85e8, "bytes", "285 MB"),
        (None, "s", "-"),
    ],
)
def test_amounts(value, unit, text):
    assert report.amount(value, unit) == text


def test_the_report_names_what_is_missing():
    text = " ".join(report.notes([result(None, [1.0])], ["torch"]))
    assert "Not installed, so not measured: torch." in text
    assert "no comparison" in report.table([result(None, [1.0])])
    whole = json.loads(report.as_json([result(None, [1.0])], ["torch"], quick=True))
    assert whole["missing"] == ["torch"] and whole["environment"]["torch"] is None
    assert whole["cases"][0]["passed"] is None and whole["cases"][0]["peers"]["pullback"]["figure"] == 1.0


def test_the_readme_block_is_replaced(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{report.README_START}\nold\n{report.README_END}\nafter\n")
    report.rewrite_readme(readme, "new")
    assert readme.read_text() == f"before\n{report.README_START}\nnew\n{report.README_END}\nafter\n"
    readme.write_text("no marks")
    with pytest.raises(ValueError, match="no block"):
        report.rewrite_readme(readme, "new")


def test_a_peer_that_is_absent_is_none(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "torch", None)
    peers = load_peers()
    assert peers["torch"] is None and peers["pullback"] is pullback
