"""Every attack of tests/attacks/submissions ends as promised, and takes nothing else along.

Each is a real submission, run behind the fence: through the real command on the best tier, and on
tier lite where its promise differs there; then all of them once more, many in one process tree, as
root and as an ordinary user, on tiers full and lite. See README.md for the format.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests import fence
from tests.attacks.table import ATTACKS
from tests.attacks.units import Unit, units
from tests.invariants import (
    check_invariants,
    check_promise,
    check_result,
    own_tier,
)
from tests.outcomes import Promise, Run, prepare, promise_of, run_case

_PROMISES = {path.name: promise_of(path) for path in sorted(ATTACKS.iterdir()) if path.is_dir()}
_UNITS = units(_PROMISES)
_DIFFERENT_IN_LITE = [name for name, promise in _PROMISES.items() if promise.lite]
# While an attack is being written: GRADE_ATTACKS="its_name" runs the class runs with it alone.
_CHOSEN = set(os.environ.get("GRADE_ATTACKS", " ".join(_PROMISES)).split())
_ROOT = Path(__file__).parents[2]
_OTHERS = (("root", "lite"), ("ordinary", "full"), ("ordinary", "lite"), ("root", "none"))
_HALVES = (0, 1)  # each is one process tree: so two processors have the same to do
_CLASS_SECONDS = 600.0

pytestmark = pytest.mark.skipif(fence.lacking() is not None, reason=str(fence.lacking()))


@pytest.mark.parametrize("unit", _UNITS, ids=str)
def test_attack_ends_as_promised(unit: Unit, tmp_path: Path) -> None:
    """The real command gives the promised verdicts, and nothing that always holds is broken."""
    case = unit.case(tmp_path)
    run = run_case(case, tmp_path, "en")
    check_promise(run, promise_of(case), "en")
    check_invariants(run)


@pytest.mark.parametrize("attack", _DIFFERENT_IN_LITE)
def test_attack_ends_as_promised_on_tier_lite(attack: str, tmp_path: Path) -> None:
    """The same where a lower tier makes a difference."""
    run = run_case(ATTACKS / attack, tmp_path, "en", ["--tier", "lite"])
    promise = _PROMISES[attack].on("lite")
    assert run.ended.code == promise.exit, run.ended
    check_result(json.loads(run.reports["json"].read_text("utf-8")), _asked(promise, "lite"))
    check_invariants(run)


@pytest.mark.parametrize("half", _HALVES)
@pytest.mark.parametrize("others", _OTHERS, ids="-".join)
def test_attacks_end_the_same_for_others(
    others: tuple[str, str], half: int, tmp_path: Path
) -> None:
    """In a class, by root and by an ordinary user, on either tier: the same verdicts."""
    user, tier = others
    if user == "root" and os.getuid() != 0:
        pytest.skip("not run as root")
    cases = {}
    for number, unit in enumerate(_of_a_class(others)[half::2]):
        folder = tmp_path / str(number)
        folder.mkdir()
        cases[str(unit)] = folder, _laid_out(folder, unit)
    ended = _run_class(tier, tmp_path, [folder for folder, _ in cases.values()], user=user)
    assert ended.code == 0, ended.err
    assert (ended.survivors, ended.groups, ended.files) == ((), (), ())
    wrong = {
        name: text
        for name, (folder, promise) in cases.items()
        if (text := _broken(folder, promise.on(tier), tier))
    }
    assert wrong == {}
    assert list((tmp_path / "scratch").iterdir()) == []


def _of_a_class(others: tuple[str, str]) -> list[Unit]:
    """What is run by these users on this tier.

    An attack that no sandbox has to stop is the same for everybody: it is run by one of them, or
    in tier none.
    """
    chosen = [unit for unit in _UNITS if set(unit.names) & _CHOSEN and not unit.is_asked_for]
    confined = [unit for unit in chosen if unit.needs_a_sandbox]
    anywhere = [unit for unit in chosen if not unit.needs_a_sandbox]
    mine = anywhere[_OTHERS.index(others) :: len(_OTHERS)]
    return mine if others == ("root", "none") else [*confined, *mine]


def _laid_out(folder: Path, unit: Unit) -> Promise:
    case = unit.case(folder)
    promise = promise_of(case)
    path = prepare(case, promise, folder)
    job = {"exercise": promise.exercise, "submission": path.name}
    (folder / "job.json").write_text(json.dumps(job), "utf-8")
    return promise


def _run_class(tier: str, folder: Path, folders: list[Path], *, user: str) -> fence.Ended:
    scratch = folder / "scratch"
    scratch.mkdir()
    program = Path(__file__).with_name("class_run.py")
    return fence.run_fenced(
        [sys.executable, str(program), tier, *map(str, folders)],
        megabytes=4096,
        processes=900,
        timeout=_CLASS_SECONDS,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(_ROOT),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "TMPDIR": str(scratch),
        },
        cwd=folder,
        without_root=[folder] if user == "ordinary" else [],
    )


def _broken(folder: Path, promise: Promise, tier: str) -> str:
    """What is not as promised in the reports of one attack, "" if all is."""
    fault = folder / "fault"
    try:
        assert not fault.exists(), fault.read_text()
        assert (folder / "refused").exists() == promise.is_refused
        if not promise.is_refused:
            result = json.loads((folder / "reports" / "report.json").read_text("utf-8"))
            check_result(result, _asked(promise, tier))
        ended = fence.Ended(promise.exit, "", "", (), ())
        check_invariants(Run(folder, ended))
    except AssertionError as error:
        return str(error)
    shutil.rmtree(folder)
    return ""


def _asked(promise: Promise, tier: str) -> Promise:
    return replace(promise, arguments=("--tier", tier)) if own_tier() != tier else promise
