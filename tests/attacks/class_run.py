"""Grade many submissions with one zygote and one judge, on one tier; run in a process of its own.

    python class_run.py TIER FOLDER...    each FOLDER as tests/outcomes.py lays it out

Writes each folder's reports. Several submissions in one process tree is how a class is graded;
here it is what makes the attacks quick enough to be run under every user and on every tier.
"""

from __future__ import annotations

import functools
import json
import resource
import sys
import traceback
from pathlib import Path
from typing import Any

from grader.course import Course, find_course, load_exercise
from grader.errors import UserError
from grader.judge.attempt import Options, job_for
from grader.judge.checking import Checks
from grader.judge.job import grade
from grader.judge.processes import start_zygote
from grader.judge.sandboxes import Zygote
from grader.judge.setup import launched
from grader.reports import load_json, write_report
from grader.submission import read_submission
from tests.outcomes import FORMATS


def main(tier: str, folders: list[Path]) -> None:
    """Grade what lies in each folder; a refusal is written to `refused`, our failure to `fault`."""
    # As on most machines, wherever the tests run: what a judge may open is not much.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, most), most))
    started = start_zygote()
    zygote = Zygote(started.control)
    zygote.wait_until_ready()
    for folder in folders:
        try:
            _grade(folder, tier, zygote)
        except UserError as error:
            (folder / "refused").write_text(error.message.en)
        except Exception:  # noqa: BLE001  the test that started this tells whose attack it was
            (folder / "fault").write_text(traceback.format_exc())
    zygote.close()
    started.process.wait()


def _grade(folder: Path, tier: str, zygote: Zygote) -> None:
    said = json.loads((folder / "job.json").read_text("utf-8"))
    course: Course = find_course(folder / "course")
    exercise = load_exercise(course.resolve(said["exercise"]))
    submission = read_submission(folder / "handed_in" / said["submission"], exercise.entry)
    job = job_for(exercise, submission, Options(seed=20, tier=tier), is_single=False)
    told: list[dict[str, Any]] = []
    grade(job, functools.partial(launched, zygote), Checks, told.append)
    result = load_json(told[-1]["result"])
    for ending in FORMATS:
        write_report(result, folder / "reports" / f"report.{ending}", "en")


if __name__ == "__main__":
    main(sys.argv[1], [Path(word) for word in sys.argv[2:]])
