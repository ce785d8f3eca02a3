"""Make the pictures of the README from real runs: `python docs/pictures/make.py`.

Grades two wrong solutions of ex07_conv with a fixed seed, and lets Chromium take a picture of the
terminal report of one and of the HTML report of the other. Wants the command `chromium`.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.terminal_theme import TerminalTheme

from grader.reports import load_json, print_rich

_HERE = Path(__file__).parent
_ROOT = _HERE.parent.parent
_WRONG = "solutions/ex07_conv/wrong"
_SEED = "7"
_COLUMNS = 96
_LINE, _MARGIN = 19, 16
"""Height of a line of the terminal, and the space around all of them, in CSS pixels."""
_TERMINAL_WIDTH = 850
_PAGE = (860, 1146)
"""Width and height of the HTML report's picture, in CSS pixels: as much as fits is shown."""
_COLOURS = 64

_BLACK, _WHITE = (24, 26, 33), (222, 225, 232)
_NORMAL = [_BLACK, (255, 107, 107), (126, 211, 120), (235, 200, 100)]
_NORMAL += [(122, 168, 250), (199, 146, 234), (96, 205, 215), _WHITE]
_THEME = TerminalTheme(_BLACK, _WHITE, _NORMAL, [(90, 94, 108), *_NORMAL[1:]])
_SCREEN = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: {background}; color: {foreground}; }}
pre {{ margin: 0; padding: MARGINpx 20px; font: 14px/LINEpx "DejaVu Sans Mono", monospace; }}
</style><pre>{code}</pre>"""


def main() -> None:
    """Write terminal.png and report.png beside this file."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("The command chromium is missing.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page, lines = _terminal(f"{_WRONG}/averages_the_loss.py", folder)
        size = (_TERMINAL_WIDTH, lines * _LINE + 2 * _MARGIN)
        _photograph(chromium, page, _HERE / "terminal.png", size)
        page = folder / "report.html"
        _grade(f"{_WRONG}/flips_the_kernel.py", page)
        _photograph(chromium, page, _HERE / "report.png", _PAGE)


def _grade(submission: str, report: Path) -> None:
    """Run the real command; its exit code is 1, for the solution is wrong."""
    command = [sys.executable, "-m", "grader.cli", "ex07_conv", submission, "--lang", "en"]
    done = subprocess.run(
        [*command, "--seed", _SEED, "--report", str(report)],
        cwd=_ROOT,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 1:
        raise SystemExit(f"grade ended with {done.returncode}")


def _terminal(submission: str, folder: Path) -> tuple[Path, int]:
    """What a terminal shows, as a page, and how many lines it has."""
    report = folder / "report.json"
    _grade(submission, report)
    console = Console(record=True, width=_COLUMNS, force_terminal=True, file=io.StringIO())
    console.print(f"[dim]$[/] [bold]grade ex07_conv {submission} --seed {_SEED}", highlight=False)
    print_rich(load_json(report.read_text(encoding="utf-8")), console, "en")
    lines = console.export_text(clear=False).rstrip().count("\n") + 1
    screen = _SCREEN.replace("MARGIN", str(_MARGIN)).replace("LINE", str(_LINE))
    page = folder / "screen.html"
    page.write_text(
        console.export_html(theme=_THEME, inline_styles=True, code_format=screen),
        encoding="utf-8",
    )
    return page, lines


def _photograph(chromium: str, page: Path, target: Path, size: tuple[int, int]) -> None:
    """Take a picture of a local page, with twice as many pixels and few colours."""
    shot = page.with_suffix(".png")
    flags = "no-sandbox disable-gpu disable-quic no-first-run disable-background-networking"
    flags += " disable-component-update disable-sync hide-scrollbars force-device-scale-factor=2"
    subprocess.run(
        [
            chromium,
            "--headless",
            *(f"--{flag}" for flag in flags.split()),
            f"--window-size={size[0]},{size[1]}",
            f"--user-data-dir={page.parent / 'profile'}",
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
