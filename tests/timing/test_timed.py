"""Timed tasks from end to end: real workers, real sandboxes, a machine that does other things."""

from __future__ import annotations

import sys

import pytest

from grader.judge.verdicts import Verdict
from tests.timing.conftest import REFERENCE, SLOW, GradeTimed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are stopped on Linux")

_RATHER_SLOW = REFERENCE.replace("range(200)", "range(1120)")


def test_the_reference_is_as_fast_as_itself(grade_timed: GradeTimed) -> None:
    """It gets all points, and the report says by what."""
    result = grade_timed(REFERENCE)
    assert (result.verdict, result.earned, result.causes) == (Verdict.PASSED, 4, ())
    timing = result.timing
    assert timing
    assert timing.low <= 1.3
    assert timing.high >= 0.7
    assert len(timing.repeats) in {7, 14, 21}
    assert timing.limits == ((3.0, 1.0), (10.0, 0.5))
    assert timing.samples_per_second
    assert not timing.is_implausible


def test_rather_slow_is_worth_a_part(grade_timed: GradeTimed) -> None:
    """Between two limits it passes, and is told what it lacks."""
    result = grade_timed(_RATHER_SLOW)
    assert (result.verdict, result.earned) == (Verdict.PASSED, 2)
    assert [cause.kind for cause in result.causes][:1] == ["too_slow"]


def test_a_loop_over_rows_is_named(grade_timed: GradeTimed) -> None:
    """The likely reason comes with how many operations would do."""
    text = """
import torch
def smooth(rows):
    for _ in range(25):
        result = torch.stack([(rows[i] + rows[i + 1]) / 2 for i in range(len(rows) - 1)])
    for _ in range(10000):
        (rows[:-1] + rows[1:]) / 2
    return result
"""
    result = grade_timed(text)
    assert result.verdict is Verdict.FAILED
    assert [cause.kind for cause in result.causes] == ["too_slow", "slow_loop"]


_CHEATS = {
    "clocks are patched": """
import time, torch
time.perf_counter = time.monotonic = time.time = time.process_time = lambda: 0.0
time.sleep = lambda _: None
""",
    "synchronize does nothing, events take no time": """
import torch
torch.cuda.synchronize = lambda *_: None
torch.cuda.Event.elapsed_time = lambda *_: 0.0
""",
    "others keep the processors busy": """
import os, threading
for _ in range(4):
    if os.fork() == 0:
        while True:
            pass
""",
    "many threads": """
import torch
torch.set_num_threads(8)
""",
    "affinity is asked for": """
import os
try:
    os.sched_setaffinity(0, range(os.cpu_count()))
except OSError:
    pass
""",
    "warm-up is told from the rest": """
calls = 0
def smooth(rows):
    global calls
    calls += 1
    return slow(rows) if calls > 2 else (rows[:-1] + rows[1:]) / 2
""",
}


@pytest.mark.parametrize("cheat", _CHEATS)
def test_nothing_makes_slow_code_look_fast(grade_timed: GradeTimed, cheat: str) -> None:
    """The judge's clock, stopped processes and one processor leave nothing to gain."""
    slow = SLOW.replace("smooth", "slow")
    text = slow + _CHEATS[cheat]
    if "def smooth" not in text:
        text += "\nsmooth = slow\n"
    result = grade_timed(text)
    assert (result.verdict, result.earned) == (Verdict.FAILED, 0)
    assert result.causes[0].kind == "too_slow"


_WRONG = {
    "cached by shape": """
kept = {}
def smooth(rows):
    return kept.setdefault(rows.shape, (rows[:-1] + rows[1:]) / 2)
""",
    "filled in later": """
import threading, time, torch
def smooth(rows):
    result = torch.empty(len(rows) - 1, rows.shape[1])
    def fill():
        time.sleep(0.2)
        result.copy_((rows[:-1] + rows[1:]) / 2)
    threading.Thread(target=fill).start()
    return result
""",
    "lower precision": """
def smooth(rows):
    return ((rows[:-1].half() + rows[1:].half()) / 2).float()
""",
}


@pytest.mark.parametrize("text", _WRONG.values(), ids=_WRONG)
def test_every_answer_is_verified(grade_timed: GradeTimed, text: str) -> None:
    """A fast answer that is not right is a wrong answer."""
    result = grade_timed(text)
    assert (result.verdict, result.timing) == (Verdict.FAILED, None)
    assert result.causes[0].kind != "too_slow"


def test_where_nothing_is_measured_one_run_has_to_be_right(grade_timed: GradeTimed) -> None:
    """However slow it is; a wrong answer fails as ever."""
    slow = grade_timed(SLOW, is_timed=False)
    assert (slow.verdict, slow.earned, slow.timing) == (Verdict.PASSED, 4, None)
    wrong = grade_timed(_WRONG["lower precision"], is_timed=False)
    assert wrong.verdict is Verdict.FAILED


def test_a_submission_that_is_slow_at_random_gains_nothing_by_it(grade_timed: GradeTimed) -> None:
    """It is not the machine that is uneven, so nothing is inconclusive."""
    text = SLOW.replace("smooth", "slow") + (
        "import random\ndef smooth(rows):\n"
        "    return slow(rows) if random.random() < 0.5 else (rows[:-1] + rows[1:]) / 2\n"
    )
    result = grade_timed(text)
    assert (result.verdict, result.earned) == (Verdict.FAILED, 0)


_TOTALS = {
    "slow and linear": ("for _ in range(900):\n            result += number", Verdict.PASSED),
    "a loop in a loop": ("for other in numbers:\n            result += 0", Verdict.FAILED),
}


@pytest.mark.parametrize(("step", "verdict"), _TOTALS.values(), ids=_TOTALS)
def test_growth_is_judged_over_sizes(grade_timed: GradeTimed, step: str, verdict: Verdict) -> None:
    """What is linear passes however slow it is, and what is quadratic does not."""
    text = f"def total(numbers):\n    result = 0\n    for number in numbers:\n        {step}\n"
    result = grade_timed(text + "    return sum(numbers)\n", "test_total_grows_with_the_size")
    assert result.verdict is verdict
    kinds = ["grows_too_fast"] if verdict is Verdict.FAILED else []
    assert [cause.kind for cause in result.causes] == kinds


def test_a_time_that_is_only_reported_costs_nothing(grade_timed: GradeTimed) -> None:
    """All points, and the figures."""
    text = REFERENCE.replace("    return result", "    time.sleep(0.1)\n    return result", 1)
    text = "import time\n" + text
    result = grade_timed(text, "test_reported")
    assert (result.verdict, result.earned) == (Verdict.PASSED, 1)
    assert result.timing
    assert result.timing.losses == {"one": (0.5, 0.25), "none": ()}
    assert result.timing.value > 3  # a judged time would cost points


def test_a_wrong_import_costs_the_check_alone(grade_timed: GradeTimed) -> None:
    """A timed check ends like any other where the code raises."""
    result = grade_timed("def smooth(rows):\n    raise ValueError('no')\n")
    assert (result.verdict, result.causes[0].kind) == (Verdict.CRASHED, "raised")
