"""Feed one entrance with damaged input for as long as wanted: `python -m fuzzing TARGET`.

Guided by coverage (atheris, which is libFuzzer): what reaches new code is kept and damaged on.
Ends with status 0, or with another one at the first finding, whose file it names.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fuzzing.targets import Target  # imports the grader, which atheris has to watch

ROOT = Path(__file__).resolve().parent
WORK = ROOT / "work"
"""Ignored by git: what the fuzzer has kept, and its findings."""
CORPUS = ROOT / "corpus"
"""Checked in: what once found something; the ordinary tests replay it."""
_FOUND = 77
"""The exit status of libFuzzer for a crash."""
_WATCHED = ["grader", "fuzzing", "nbformat", "zipfile", "json", "tokenize"]


def main() -> None:
    """Fuzz one target, or name all of them."""
    parser = argparse.ArgumentParser(prog="python -m fuzzing", description=__doc__)
    parser.add_argument("target", nargs="?", metavar="TARGET")
    parser.add_argument("--list", action="store_true", help="name the targets")
    parser.add_argument("--seconds", type=int, default=180, help="how long (default 180)")
    parser.add_argument("--runs", type=int, default=-1, help="how many inputs at the most")
    parser.add_argument("--work", type=Path, default=WORK, help="a folder for what is found")
    options = parser.parse_args()
    with contextlib.nullcontext() if options.list else _watching(parser):
        from fuzzing.seeds import seeds  # noqa: PLC0415  must be watched while it is imported
        from fuzzing.targets import TARGETS  # noqa: PLC0415  the same
    if options.list:
        for name, target in TARGETS.items():
            print(f"{name:12} {(target.run.__doc__ or '').splitlines()[0]}")
    elif options.target in TARGETS:
        kept = options.work / options.target
        kept.mkdir(parents=True, exist_ok=True)
        for seed in seeds(options.target):
            _write(kept, seed)
        _fuzz(TARGETS[options.target], options)
    else:
        parser.error(f"TARGET is one of {', '.join(TARGETS)}")


def _watching(parser: argparse.ArgumentParser) -> contextlib.AbstractContextManager[object]:
    """Have atheris count what is reached of the modules that are imported meanwhile."""
    try:
        import atheris  # noqa: PLC0415  an extra: who only replays the corpus has it not
    except ImportError:
        parser.error("atheris is not installed: pip install -e '.[fuzz]'")
    watching: contextlib.AbstractContextManager[object] = atheris.instrument_imports(
        include=_WATCHED, enable_loader_override=False
    )
    return watching


def _fuzz(target: Target, options: argparse.Namespace) -> None:
    """Run the target until time, runs or its soundness are used up; ends the process."""
    import atheris  # noqa: PLC0415  see above

    arguments = [
        f"-max_total_time={options.seconds}",
        f"-runs={options.runs}",
        f"-max_len={target.longest}",
        f"-timeout={target.seconds}",
        f"-rss_limit_mb={target.megabytes}",
        f"-artifact_prefix={options.work}/{options.target}-",
        "-len_control=10",  # long inputs early: what is slow is slow on long ones
        "-print_final_stats=1",
    ]

    def run(data: bytes) -> None:
        try:
            target.run(data)
        except Exception:  # noqa: BLE001  whatever leaves a target is a finding
            traceback.print_exc()
            path = _write(options.work, data, prefix=f"{options.target}-crash-")
            print(f"FINDING: {path}", file=sys.stderr, flush=True)
            # Not left to libFuzzer: it has torch clean up first, which may hang.
            os._exit(_FOUND)

    # What is found to reach new code goes into the first folder.
    folders = [options.work / options.target, CORPUS / options.target]
    existing = [str(folder) for folder in folders if folder.is_dir()]
    atheris.Setup([sys.argv[0], *arguments, *existing], run)
    atheris.Fuzz()


def _write(folder: Path, data: bytes, prefix: str = "") -> Path:
    """Write an input to a file named after its content, as libFuzzer does."""
    path = folder / (prefix + hashlib.sha1(data, usedforsecurity=False).hexdigest())
    path.write_bytes(data)
    return path


if __name__ == "__main__":
    main()
