"""The HTML report: one file that shows everything and can run nothing, seen by a real browser."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from grader.reports import html
from grader.text import LANGS, Lang
from tests.reports import cases

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs the program chromium")

ATTACK = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
PAGE_COLOUR = (0xF6, 0xF7, 0xF9)


class _Elements(HTMLParser):
    """Collects the names and attributes of all elements, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def _browse(page: str, folder: Path, *flags: str) -> str:
    """What chromium prints when it opens a page."""
    path = folder / "report.html"
    path.write_text(page, encoding="utf-8")
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={folder / 'profile'}", *flags]
    done = subprocess.run(
        [*command, path.as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout


def _corner(page: str, folder: Path) -> tuple[int, ...]:
    """The colour of the page's corner in a screenshot."""
    _browse(page, folder, f"--screenshot={folder / 'page.png'}", "--window-size=400,300")
    with Image.open(folder / "page.png") as picture:
        colour = picture.convert("RGB").getpixel((2, 2))
    assert isinstance(colour, tuple)
    return colour


@pytest.mark.parametrize("lang", LANGS)
def test_hostile_text_stays_text(lang: Lang) -> None:
    """No element and no attribute comes from a student; what they wrote is shown."""
    page = _Elements(html.render(cases.hostile(), lang))
    tags = {tag for tag, _ in page.elements}
    attributes = {name for _, names in page.elements for name in names}
    assert not tags & {"script", "img", "a", "link", "iframe", "object", "form"}
    assert not [name for name in attributes if name.startswith("on") or name in ("style", "href")]
    assert "<script>document.title='owned'</script>" in page.text
    assert "\\x1b[2J" in page.text


@pytest.mark.parametrize(("lang", "code"), [("en", "en"), ("zh", "zh-Hans")])
def test_page_is_accessible(lang: Lang, code: str) -> None:
    """The page names its language, and each check's verdict is a word beside its colour."""
    page = _Elements(html.render(cases.mixed(), lang))
    assert ("html", {"lang": code}) in page.elements
    headings = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]
    assert headings[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(headings))
    verdicts = [names for _, names in page.elements if names.get("class") == "verdict"]
    assert len(verdicts) == 10
    assert ("details", {"open": None}) in page.elements


@needs_chromium
def test_policy_stops_scripts_that_got_past_the_escaping(tmp_path: Path) -> None:
    """Markup put into the page does not run, though it would in a page without the policy."""
    page = html.render(cases.all_passed(), "en").replace("</main>", f"{ATTACK}</main>")
    lax = re.sub(r"<meta http-equiv=[^>]*>", "", page)
    (tmp_path / "lax").mkdir()
    assert "<title>owned" in _browse(lax, tmp_path / "lax", "--dump-dom")
    assert "<title>owned" not in _browse(page, tmp_path, "--dump-dom")


@needs_chromium
def test_policy_lets_the_style_through(tmp_path: Path) -> None:
    """The browser applies the style, so its hash is right; a changed style it refuses."""
    page = html.render(cases.mixed(), "zh")
    (tmp_path / "changed").mkdir()
    assert _corner(page, tmp_path) == PAGE_COLOUR
    assert _corner(page.replace(":root {", ":root  {", 1), tmp_path / "changed") != PAGE_COLOUR
