"""The measurements on a warm judge: throughput, where its time goes, memory, sandbox steps."""

from __future__ import annotations

from benchmarks.programs import Program, running
from benchmarks.samples import Sample, megabytes, milliseconds
from benchmarks.table import Row, Table, compared, limited, measured, shared
from grader.judge.launch import TIERS

_STEPS = {
    "open": "open a sandbox",
    "start": "start a worker, until it is ready",
    "end": "end a worker, confirmed",
    "close": "close a sandbox, confirmed",
}


def measure(rounds: int, *, warm_up: bool) -> list[Table]:
    """Measure everything that needs a warm judge."""
    with running("benchmarks.warm_judge") as judge, running("benchmarks.floor") as floor:
        if warm_up:
            judge.order("grade")
            floor.order("run")
        return [
            _throughput(judge, floor, rounds),
            _breakdown(judge, rounds),
            _memory(judge),
            _steps(judge, rounds, warm_up=warm_up),
        ]


def _throughput(judge: Program, floor: Program, rounds: int) -> Table:
    graded, in_process = [], []
    for _ in range(rounds):
        graded.append(judge.order("grade"))
        in_process.append(floor.order("run"))
    count = graded[0]["passed"]
    if in_process[0]["passed"] != count:
        raise RuntimeError(f"the floor ran {in_process[0]['passed']} checks of {count}")
    base = milliseconds([run["seconds"] for run in in_process])
    sample = milliseconds([run["seconds"] for run in graded])
    name = f"graded, tier {graded[0]['tier']}"
    note = (
        f"All {count} checks of one submission on a warm judge, against the same checks in plain "
        f"pytest with everything imported and the submission called in the same process; "
        f"{rounds} times each in turns."
    )
    rows = (
        measured("plain pytest, in-process", base),
        compared(name, sample, base, bound=8, goal=4),
    )
    return Table("Throughput", note, rows)


def _breakdown(judge: Program, rounds: int) -> Table:
    runs = [judge.order("breakdown") for _ in range(rounds)]
    whole = milliseconds([sum(run.values()) for run in runs])
    parts = {name: milliseconds([run.get(name, 0.0) for run in runs]) for name in runs[0]}
    rows = [
        shared(name, part, whole)
        for name, part in sorted(parts.items(), key=lambda item: -item[1].median)
    ]
    note = (
        "What the judge does or waits for while it grades that submission, in a run of its own "
        "with clocks around its functions. The next worker starts and imports while a check runs, "
        "so what is waited for is less than what it takes. The ratio is the part of the whole."
    )
    return Table("Where the time goes", note, (*rows, shared("all of it", whole, whole)))


def _memory(judge: Program) -> Table:
    seen = judge.order("memory")
    workers = seen["workers"]
    private = [worker["private"] for worker in workers]
    rows = [
        limited("private pages of a worker, largest", megabytes([max(private)]), bound=80),
        measured("private pages of a worker", megabytes(private)),
        measured("proportional share (Pss) of a worker", _field(workers, "proportional")),
    ]
    for name in ("zygote", "judge"):
        rows.append(measured(f"private pages of the {name}", _field([seen[name]], "private")))
        rows.append(measured(f"resident pages of the {name}", _field([seen[name]], "resident")))
    note = (
        "Read from outside (/proc/PID/smaps_rollup) at the end of each check, when its worker has "
        "answered every request. Private pages are what one more worker costs. MB are 10^6 bytes."
    )
    return Table("Memory", note, tuple(rows))


def _field(processes: list[dict[str, int]], name: str) -> Sample:
    return megabytes([process[name] for process in processes])


def _steps(judge: Program, rounds: int, *, warm_up: bool) -> Table:
    runs: dict[str, list[dict[str, float]]] = {tier: [] for tier in TIERS}
    for number in range(rounds + warm_up):
        for tier in TIERS:
            answer = judge.order("steps", tier=tier)
            if number or not warm_up:
                runs[tier].append(answer)
    rows = []
    for tier in TIERS:
        for step, text in _STEPS.items():
            name = f"{tier}: {text}"
            seconds = [run[step] for run in runs[tier] if step in run]
            rows.append(measured(name, milliseconds(seconds)) if seconds else Row(name, "refused"))
    note = "One step at a time, nothing beside it; a sandbox is opened twice per submission."
    return Table("Sandbox", note, tuple(rows))
