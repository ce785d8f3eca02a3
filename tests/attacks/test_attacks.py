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
from tests.invariants import (
    check_invariants,
    check_promise,
    check_result,
    own_tier,
    scratch_folders,
)
from tests.outcomes import Promise, Run, prepare, promise_of, run_case

_PROMISES = {path.name: promise_of(path) for path in sorted(ATTACKS.iterdir()) if path.is_dir()}
_DIFFERENT_IN_LITE = [name for name, promise in _PROMISES.items() if promise.lite]
# While an attack is being written: GRADE_ATTACKS="its_name" runs the class runs with it alone.
_CHOSEN = os.environ.get("GRADE_ATTACKS", " ".join(_PROMISES)).split()
_ROOT = Path(__file__).parents[2]
# Each is one process tree; two for each, so that two processors have the same to do.
_OTHERS = [
    (user, tier, half)
    for user, tier in (("root", "lite"), ("ordinary", "full"), ("ordinary", "lite"))
    for half in (0, 1)
]
_CLASS_SECONDS = 600.0

pytestmark = pytest.mark.skipif(fence.lacking() is not None, reason=str(fence.lacking()))


@pytest.mark.parametrize("attack", _PROMISES)
def test_attack_ends_as_promised(attack: str, tmp_path: Path) -> None:
    """The real command gives the promised verdicts, and nothing that always holds is broken."""
    scratch = scratch_folders()
    run = run_case(ATTACKS / attack, tmp_path, "en")
    check_promise(run, _PROMISES[attack], "en")
    check_invariants(run, scratch)


@pytest.mark.parametrize("attack", _DIFFERENT_IN_LITE)
def test_attack_ends_as_promised_on_tier_lite(attack: str, tmp_path: Path) -> None:
    """The same where a lower tier makes a difference."""
    scratch = scratch_folders()
    run = run_case(ATTACKS / attack, tmp_path, "en", ["--tier", "lite"])
    promise = _PROMISES[attack].on("lite")
    assert run.ended.code == promise.exit, run.ended
    check_result(json.loads(run.reports["json"].read_text("utf-8")), _asked(promise, "lite"))
    check_invariants(run, scratch)


@pytest.mark.parametrize(("user", "tier", "half"), _OTHERS)
def test_attacks_end_the_same_for_others(user: str, tier: str, half: int, tmp_path: Path) -> None:
    """In a class, by root and by an ordinary user, on either tier: the same verdicts."""
    if user == "root" and os.getuid() != 0:
        pytest.skip("not run as root")
    names = [name for name in _CHOSEN if "--tier" not in _PROMISES[name].arguments][half::2]
    folders = {name: _laid_out(tmp_path, name) for name in names}
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    program = Path(__file__).with_name("class_run.py")
    ended = fence.run_fenced(
        [sys.executable, str(program), tier, *map(str, folders.values())],
        megabytes=4096,
        processes=900,
        timeout=_CLASS_SECONDS,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(_ROOT),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "TMPDIR": str(scratch),
        },
        cwd=tmp_path,
        without_root=[tmp_path] if user == "ordinary" else [],
    )
    assert (ended.code, ended.survivors, ended.groups, ended.files) == (0, (), (), ()), ended
    wrong = {name: text for name in names if (text := _broken(folders[name], name, tier))}
    assert wrong == {}
    assert list(scratch.iterdir()) == []


def _laid_out(tmp_path: Path, name: str) -> Path:
    folder = tmp_path / name
    folder.mkdir()
    promise = _PROMISES[name]
    path = prepare(ATTACKS / name, promise, folder)
    job = {"exercise": promise.exercise, "submission": path.name}
    (folder / "job.json").write_text(json.dumps(job), "utf-8")
    return folder


def _broken(folder: Path, name: str, tier: str) -> str:
    """What is not as promised in the reports of one attack, "" if all is."""
    promise = _PROMISES[name].on(tier)
    fault = folder / "fault"
    try:
        assert not fault.exists(), fault.read_text()
        assert (folder / "refused").exists() == promise.is_refused
        if not promise.is_refused:
            result = json.loads((folder / "reports" / "report.json").read_text("utf-8"))
            check_result(result, _asked(promise, tier))
        ended = fence.Ended(promise.exit, "", "", (), ())
        check_invariants(Run(folder, ended), scratch_folders())
    except AssertionError as error:
        return str(error)
    shutil.rmtree(folder)
    return ""


def _asked(promise: Promise, tier: str) -> Promise:
    return replace(promise, arguments=("--tier", tier)) if own_tier() != tier else promise
