"""A log file for an error that should never happen."""

from __future__ import annotations

import os
import platform
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

from grader import __version__


def write_log(error: BaseException, arguments: list[str]) -> Path | None:
    """Write versions, the command and the traceback to a new file.

    When no file can be written the traceback goes to stderr, and None comes back.
    """
    text = "\n".join(
        [
            f"grade {__version__}, Python {platform.python_version()}, torch {_torch()}",
            platform.platform(),
            f"grade {' '.join(map(repr, arguments))}",
            "",
            "".join(traceback.format_exception(error)),
        ]
    )
    moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    path = _folder() / f"error-{moment}-{os.getpid()}.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError:
        sys.stderr.write(text)
        return None
    return path


def _folder() -> Path:
    if chosen := os.environ.get("GRADE_STATE_DIR"):
        return Path(chosen)
    from platformdirs import user_log_path  # noqa: PLC0415 - only after an error

    return user_log_path("grade", appauthor=False)


def _torch() -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - 20 ms

    try:
        return version("torch")
    except PackageNotFoundError:
        return "not installed"
