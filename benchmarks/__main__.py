"""Measure `grade` on this machine: `python -m benchmarks`.

Prints tables; with --update-docs also writes them into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks import latency, machine, warm, watch
from benchmarks.course import ROOT
from benchmarks.table import fill, render

PAGE = ROOT / "docs" / "benchmarks.md"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="runs of each (default 15)")
    parser.add_argument("--quick", action="store_true", help="one run of each, not warmed up")
    parser.add_argument("--update-docs", action="store_true", help=f"write into {PAGE.name} too")
    options = parser.parse_args()
    rounds = 1 if options.quick else max(1, options.rounds)
    head = [machine.describe()]
    head += [f"Not quiet: {warning}." for warning in machine.warnings()]
    for line in head:
        print(line, file=sys.stderr)
    tables = [
        latency.measure(rounds, warm_up=not options.quick),
        watch.measure(rounds),
        *warm.measure(rounds, warm_up=not options.quick),
    ]
    text = "\n\n".join([*head, *map(render, tables)])
    print(text)
    if options.update_docs:
        fill(PAGE, "figures", text)


if __name__ == "__main__":
    main()
