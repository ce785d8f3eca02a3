"""Timed tasks on a GPU."""

from __future__ import annotations

import pytest
import torch

from grader.judge.verdicts import Verdict
from tests.timing.conftest import REFERENCE, SLOW, GradeTimed

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="torch sees no CUDA device here"
)


def test_the_reference_is_as_fast_as_itself(grade_timed: GradeTimed) -> None:
    """Both sides have a context of their own, and its start does not count."""
    result = grade_timed(REFERENCE, device="cuda")
    assert (result.verdict, result.earned) == (Verdict.PASSED, 4)
    assert result.timing
    assert result.timing.device == "cuda"


@pytest.mark.parametrize(
    "cheat",
    [
        "torch.cuda.synchronize = lambda *_: None",
        "torch.cuda.set_stream(torch.cuda.Stream())",
    ],
)
def test_nothing_makes_slow_kernels_look_fast(grade_timed: GradeTimed, cheat: str) -> None:
    """The clock stops when the bytes of the answer are in the judge."""
    result = grade_timed(SLOW + cheat, device="cuda")
    assert (result.verdict, result.causes[0].kind) == (Verdict.FAILED, "too_slow")
