"""Make the pictures of the README from a real run: `python docs/pictures/make.py`.

Grades a wrong solution of ex07_conv with a fixed seed, once, and lets Chromium take a picture of
the terminal report and of the HTML report. Wants the command `chromium`.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.terminal_theme import MONOKAI

from grader.judge.results import SubmissionResult
from grader.reports import load_json, print_rich, write_report

_HERE = Path(__file__).parent
_ROOT = _HERE.parent.parent
_SUBMISSION = "solutions/ex07_conv/wrong/averages_the_loss.py"
_SEED = "7"
_COLUMNS = 96
_TERMINAL = (980, 900)
_PAGE = (900, 1240)
"""Width and height of the pictures, in CSS pixels; each is drawn with twice as many."""
_COLOURS = 128

_SCREEN = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: {background}; color: {foreground}; }}
pre {{ margin: 0; padding: 6px 24px; font: 14px/1.36 "DejaVu Sans Mono", monospace; }}
</style><pre><span style="opacity:.7">$</span> <b>grade ex07_conv</b>
{code}</pre>"""


def main() -> None:
    """Write terminal.png and report.png beside this file."""
    result = _graded()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        screen, page = folder / "screen.html", folder / "report.html"
        screen.write_text(_terminal(result), encoding="utf-8")
        write_report(result, page, "en")
        for source, target, size in (
            (screen, _HERE / "terminal.png", _TERMINAL),
            (page, _HERE / "report.png", _PAGE),
        ):
            _photograph(source, target, size, folder)


def _graded() -> SubmissionResult:
    """Run the real command; its exit code is 1, for the solution is wrong."""
    command = [sys.executable, "-m", "grader.cli", "ex07_conv", _SUBMISSION]
    done = subprocess.run(
        [*command, "--seed", _SEED, "--format", "json"],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        check=False,
    )
    shown = json.loads(done.stdout)
    # In a student's copy the file has this name.
    shown["submission"] = "exercises/ex07_conv/ex07_conv.py"
    return load_json(json.dumps(shown))


def _terminal(result: SubmissionResult) -> str:
    """What a terminal shows, as a page."""
    console = Console(record=True, width=_COLUMNS, force_terminal=True, file=io.StringIO())
    print_rich(result, console, "en")
    return console.export_html(theme=MONOKAI, inline_styles=True, code_format=_SCREEN)


def _photograph(page: Path, target: Path, size: tuple[int, int], folder: Path) -> None:
    """Take a picture of a local page, with few colours to keep it small."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("The command chromium is missing.")
    shot = folder / "shot.png"
    quiet = "disable-gpu disable-quic no-first-run disable-background-networking"
    quiet += " disable-component-update disable-sync hide-scrollbars"
    subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",  # as root it does not start with its own; the page is ours
            *(f"--{flag}" for flag in quiet.split()),
            "--force-device-scale-factor=2",
            f"--window-size={size[0]},{size[1]}",
            f"--user-data-dir={folder / 'profile'}",
            f"--screenshot={shot}",
            page.as_uri(),
        ],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    with Image.open(shot) as picture:
        picture.convert("RGB").quantize(_COLOURS).save(target, optimize=True)


if __name__ == "__main__":
    main()
