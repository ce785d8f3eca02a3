"""Where the command `grade` begins."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from grader.cli.app import app
from grader.cli.completion import VARIABLE, answer_shell
from grader.cli.errors import end_on_signals, run_guarded


def main() -> None:
    """Run the command with the arguments of this process, and end with its exit code."""
    _prepare_streams()
    if instruction := os.environ.get(VARIABLE):
        sys.exit(answer_shell(app, instruction))
    end_on_signals()
    sys.exit(run_guarded(_invoke, sys.argv[1:]))


def _prepare_streams() -> None:
    """Make sure that there is somewhere to print, and that no character stops the command."""
    if sys.stdout is None:  # closed by whoever started us (>&-)
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for good
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _invoke(arguments: list[str]) -> int:
    # Not app.main(): it would report an EOFError of ours as "stopped by the user".
    with app.make_context("grade", arguments) as context:
        code = app.invoke(context)
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    main()
