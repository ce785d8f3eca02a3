"""Every outcome folder of tests/cases keeps its promise, and no outcome breaks what always holds.

See tests/cases/README.md for the format.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import fence
from tests.invariants import check_invariants, check_promise, check_text
from tests.outcomes import CASES, promise_of, run_case

_PROMISES = {path.name: promise_of(path) for path in sorted(CASES.iterdir()) if path.is_dir()}
_HARMFUL = [name for name, promise in _PROMISES.items() if promise.harmful]
# Of a graded case the Chinese text is made from its result, by what the command prints it with;
# these few run a second time from one end to the other, as do all that end before a result.
_IN_CHINESE = ["all_pass", "one_fails", "syntax_error"]
_IN_CHINESE += [name for name, promise in _PROMISES.items() if promise.is_refused]


@pytest.fixture(name="case")
def _case(request: pytest.FixtureRequest) -> str:
    """Name the case, unless it does harm and cannot be fenced in here."""
    name: str = request.param
    lacking = fence.lacking()
    if _PROMISES[name].harmful and lacking:
        pytest.skip(lacking)
    return name


@pytest.mark.parametrize("case", _PROMISES, indirect=True)
def test_case_keeps_its_promise(case: str, tmp_path: Path) -> None:
    """The exit code, the verdicts with the kinds of their causes and the text are as promised."""
    run = run_case(CASES / case, tmp_path, "en")
    check_promise(run, _PROMISES[case], "en")
    check_invariants(run)


@pytest.mark.parametrize("case", _IN_CHINESE, indirect=True)
def test_case_speaks_chinese(case: str, tmp_path: Path) -> None:
    """The command with --lang zh ends with the same code and says the promised words."""
    run = run_case(CASES / case, tmp_path, "zh")
    check_text(run, _PROMISES[case], "zh")
    check_invariants(run)


@pytest.mark.parametrize("case", _HARMFUL, indirect=True)
def test_promises_of_harmful_cases_are_exact(case: str) -> None:
    """A harmful case says what becomes of each check, so that no other outcome can slip by."""
    promise = _PROMISES[case]
    assert promise.problem or promise.checks != "not_run"
