"""`grade batch --executor dask`: a real scheduler, real workers, and what may become of them."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.classes import RIGHT, WRONG, hand_in
from tests.cli.clusters import DaskCluster, dask_cluster
from tests.cli.conftest import Grade
from tests.cli.running import running

SLOW = "import time\ntime.sleep(0.3)\n" + RIGHT
CELL: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
NOTEBOOK: dict[str, Any] = {
    "cells": [
        {**CELL, "source": "import torch"},
        {**CELL, "source": "def add(a, b):\n    return a.plus(b)"},
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 4,
}
ANOTHER_GRADE = "import grader\ngrader.__version__ = '0.0.1'\n"
ANOTHER_TORCH = """
from grader import __version__
from grader.batch.workplace import Workplace
Workplace.offer = lambda self: {
    "worker": self._address, "grade": __version__, "python": "3.11.7", "torch": "1.0",
    "tier": "full", "devices": ["cpu"],
}
"""
FATAL = """
import os
from grader.batch import parcel, workplace
def unpack(text):
    found = parcel.unpack(text)
    if any(b"FATAL" in data for data in found.submission.files.values()):
        os._exit(1)
    return found
workplace.unpack = unpack
"""


@pytest.fixture(name="cluster", scope="module")
def _cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """Give a scheduler with two workers; a test that ends one of them starts another."""
    with dask_cluster(tmp_path_factory.mktemp("dask") / "cluster") as cluster:
        cluster.start_worker()
        cluster.start_worker()
        yield cluster


def on(cluster: DaskCluster, *more: str) -> list[str]:
    """The words of a class run on a cluster."""
    return ["batch", "handed_in", "--executor", "dask", "--scheduler", cluster.address, *more]


def printed(grade: Grade, words: list[str], code: int) -> str:
    """What a command prints that ends with this code, and with no traceback."""
    with running(grade, *words) as command:
        ended = command.end()
    assert (ended, "Traceback" in command.printed) == (code, False), command.printed
    return command.printed


def kept(store: Path) -> dict[str, Any]:
    """Everything that a store has of gradings, but for times."""
    connection = sqlite3.connect(store)
    checks = "SELECT key || ' ' || name, result FROM checks"
    reports = "SELECT key || ' ' || seed, result FROM gradings WHERE result IS NOT NULL"
    rows = [*connection.execute(checks), *connection.execute(reports)]
    connection.close()
    return {name: _timeless(json.loads(result)) for name, result in rows}


def _timeless(value: Any) -> Any:
    if isinstance(value, list):
        return [_timeless(each) for each in value]
    if not isinstance(value, dict):
        return value
    times = ("seconds", "started_at")
    return {name: _timeless(each) for name, each in value.items() if name not in times}


def test_results_are_those_of_this_machine(
    grade: Grade, handed_in: Path, cluster: DaskCluster
) -> None:
    """With the same seeds every stored check and report is the same, but for the times."""
    hand_in(
        handed_in,
        {
            "anna/ex01_add.py": RIGHT,
            "ben/ex01_add.py": WRONG,
            "carl/ex01_add.ipynb": json.dumps(NOTEBOOK),
            "dora/ex01_add.py": "def add(a, b)\n",
            "emil/ex02_mean.py": "def mean(x):\n    print('mean')\n    return x.mean()\n",
        },
    )
    here = printed(grade, ["batch", "handed_in", "--store", "here.db", "--jobs", "1"], 0)
    shutil.copy(grade.folder / "here.db", grade.folder / "there.db")
    # What is graded anew keeps its seed.
    there = printed(grade, on(cluster, "--store", "there.db", "--regrade"), 0)
    assert sorted(_said(there)) == sorted(_said(here))
    expected = kept(grade.folder / "here.db")
    assert len(expected) > 20
    assert kept(grade.folder / "there.db") == expected


def _said(text: str) -> list[str]:
    """What was said of each submission."""
    return [line.partition("] ")[2] for line in text.splitlines() if line.startswith("[")]


def test_a_killed_worker_costs_nothing(grade: Grade, handed_in: Path, cluster: DaskCluster) -> None:
    """Its sandboxes end with it, its work is done by the other, and everything is graded."""
    hand_in(handed_in, {f"s{n}/ex01_add.py": SLOW + f"# {n}\n" for n in range(8)})
    with running(grade, *on(cluster)) as command:
        command.until("[1/8]")
        cluster.kill(cluster.workers[0])
        assert command.end() == 0
    assert command.printed.count("ex01_add: 6/6") == 8
    cluster.start_worker()


def test_ctrl_c_finishes_what_runs(grade: Grade, handed_in: Path, cluster: DaskCluster) -> None:
    """It is kept, and the same command does the rest, and that alone."""
    hand_in(handed_in, {f"s{n}/ex01_add.py": SLOW + f"# {n}\n" for n in range(8)})
    with running(grade, *on(cluster)) as command:
        command.until("[1/8]")
        command.process.send_signal(signal.SIGINT)
        assert command.end() == 130
    assert "submissions are left; the same command goes on" in command.printed
    assert "Traceback" not in command.printed
    before = len(kept(grade.folder / "class.db"))
    assert 0 < len(_said(printed(grade, on(cluster), 0))) < 8
    assert len(kept(grade.folder / "class.db")) > before


def test_workers_that_differ_end_a_run(grade: Grade, handed_in: Path, cluster: DaskCluster) -> None:
    """One that joins later by one sentence, and one that is there before anything is graded."""
    hand_in(handed_in, {f"s{n}/ex01_add.py": SLOW + f"# {n}\n" for n in range(40)})
    with running(grade, *on(cluster, "--jobs", "9")) as command:
        command.until("[1/40]")
        differing = cluster.start_worker(ANOTHER_TORCH)
        assert command.end() == 2
    assert "has joined the cluster and differs from the others" in command.printed
    assert "torch 1.0, tier full, cpu; they have grade" in command.printed
    assert "Traceback" not in command.printed
    assert kept(grade.folder / "class.db")

    (grade.folder / "class.db").unlink()
    said = printed(grade, on(cluster), 2)
    cluster.kill(differing)
    assert "The workers of the cluster differ" in said
    assert "[1/40]" not in said

    differing = cluster.start_worker(ANOTHER_GRADE)
    said = printed(grade, on(cluster), 2)
    cluster.kill(differing)
    assert "This is grade" in said
    assert ": 0.0.1." in said


def test_what_kills_its_workers_is_given_up(grade: Grade, handed_in: Path, tmp_path: Path) -> None:
    """It is our fault and ends no run; when the scheduler ends, the run says so and can go on."""
    allowed = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    hand_in(handed_in, {"eve/ex01_add.py": RIGHT + "# FATAL\n", "fay/ex01_add.py": RIGHT})
    with dask_cluster(tmp_path / "cluster", **allowed) as cluster:
        cluster.start_worker(FATAL)
        cluster.start_worker(FATAL)
        said = printed(grade, on(cluster, "--jobs", "1"), 1)
        assert "Every worker that graded it has ended" in said
        assert "fay ex01_add: 6/6" in said

        hand_in(handed_in, {f"s{n}/ex01_add.py": SLOW + f"# {n}\n" for n in range(40)})
        (handed_in / "eve" / "ex01_add.py").unlink()
        with running(grade, *on(cluster)) as command:
            command.until("ex01_add: 6/6")
            cluster.scheduler.kill()
            assert command.end() == 2
        assert f"The connection to the scheduler {cluster.address} is lost." in command.printed
        assert "What was reported so far is kept" in command.printed
        assert "Traceback" not in command.printed


def test_no_cluster_is_one_sentence(grade: Grade, handed_in: Path, tmp_path: Path) -> None:
    """No scheduler, no workers, or half of the options."""
    hand_in(handed_in, {"anna/ex01_add.py": RIGHT})
    with dask_cluster(tmp_path / "cluster") as cluster:
        assert "has no workers" in printed(grade, on(cluster), 2)
    words = f"no Dask scheduler to be reached at {cluster.address}"
    assert words in printed(grade, on(cluster), 2)
    half = ["batch", "handed_in", "--executor", "dask"]
    assert "are given together" in printed(grade, half, 2)
