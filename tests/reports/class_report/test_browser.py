"""The class report in a real browser, opened from disk: it works, and loads nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from playwright.sync_api import Browser, Page, sync_playwright

from grader.batch.files import folder_name
from tests.reports.class_report.classes import HOSTILE_ID, STUDENTS
from tests.reports.class_report.conftest import Report

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs the program chromium")
LIGHT, DARK = "rgb(246, 247, 249)", "rgb(18, 21, 27)"
NAMES = ".heat tbody tr:not([hidden]) th a"
Open = Callable[..., Page]


@pytest.fixture(scope="module", name="browser")
def _browser() -> Iterator[Browser]:
    """Start the browser once."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(name="opened")
def _opened(browser: Browser, report: Report) -> Iterator[Open]:
    """Give a function that opens a page; afterwards nothing was loaded, run or said by others."""
    wrong: list[str] = []
    contexts = []

    def opened(name: str, **options: object) -> Page:
        context = browser.new_context(**options)  # type: ignore[arg-type] # as playwright checks them
        contexts.append(context)
        page = context.new_page()
        page.on("dialog", lambda dialog: wrong.append(f"dialog {dialog.message}"))
        page.on("pageerror", lambda error: wrong.append(f"error {error}"))
        page.on("console", lambda message: wrong.append(f"console {message.text}"))
        page.on("request", lambda request: requests.append(request.url))
        requests: list[str] = []
        page.goto((report.out / name).as_uri())
        wrong.extend(url for url in requests if not url.startswith(report.out.as_uri()))
        assert len(requests) == 1
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def test_sorting(opened: Open) -> None:
    """A click sorts, another one turns it round; cells without a number stay at the end."""
    page = opened("index.html")
    header = page.locator(".heat thead th").nth(2)
    header.get_by_role("button").click()
    totals = [int(text) for text in page.locator(".heat td.total").all_inner_texts()]
    assert totals == sorted(totals)
    assert header.get_attribute("aria-sort") == "ascending"
    header.get_by_role("button").click()
    assert page.locator(".heat td.total").all_inner_texts() == [str(n) for n in totals[::-1]]
    assert header.get_attribute("aria-sort") == "descending"
    page.locator(".heat thead th").nth(3).get_by_role("button").click()
    assert header.get_attribute("aria-sort") is None
    column = page.locator(".heat tbody td:nth-child(4)").all_inner_texts()
    assert {*column[-2:]} == {"exc", "?"}


def test_searching_and_choosing(opened: Open) -> None:
    """By name and by what is amiss; the count is told."""
    page = opened("index.html")
    page.get_by_role("searchbox").first.fill("meier")
    assert page.locator(NAMES).all_inner_texts() == ["Anna Meier"]
    assert page.locator("output").first.inner_text() == f"1 of {len(STUDENTS)} rows"
    page.get_by_role("searchbox").first.fill("")
    page.get_by_role("combobox").select_option("stuck")
    assert page.locator(NAMES).all_inner_texts() == ["Anna Meier"]
    page.get_by_role("combobox").select_option(label="section B")
    assert page.locator(NAMES).all_inner_texts() == ["Ben Kim", "Eve Ill"]


def test_keyboard(opened: Open) -> None:
    """The first stop skips to the content; a header sorts by Enter and keeps the focus."""
    page = opened("index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    header = page.locator(".heat thead th").first
    header.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert header.get_attribute("aria-sort") == "ascending"
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"


def test_links_lead_from_cell_to_report(opened: Open) -> None:
    """From the heat map to a student's exercise and back."""
    page = opened("index.html")
    page.locator(".heat tbody tr", has_text="Ben Kim").locator("td a").nth(1).click()
    assert page.url.endswith("staff/ben.html#ex02_mean")
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("link", name="ex03_line").first.click()
    assert page.locator("svg.plot").count() == 2
    box = page.locator("svg.plot rect, svg.plot path").last.bounding_box()
    assert box is not None


def test_dark_mode(opened: Open) -> None:
    """The page follows the system's choice."""
    for scheme, colour in (("light", LIGHT), ("dark", DARK)):
        page = opened("index.html", color_scheme=scheme)
        shown = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert shown == colour


_CONTRAST = """() => {
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (text) => parts(text).slice(0, 3).map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  function ground(element) {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if (parts(colour)[3] !== 0) return colour;
    }
  }
  const low = [];
  for (const element of document.querySelectorAll("main *, header *")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || element.closest("svg")) continue;
    const one = light(getComputedStyle(element).color), two = light(ground(element));
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < 4.5) low.push([element.tagName, element.className, ratio]);
  }
  return low;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(opened: Open, scheme: str) -> None:
    """All text stands out from its ground by 4.5 to 1."""
    for name in ("index.html", "staff/ben.html", "students/ben.html", "exercises/ex03_line.html"):
        assert opened(name, color_scheme=scheme).evaluate(_CONTRAST) == []


def test_without_javascript_everything_is_there(opened: Open) -> None:
    """No control that does nothing, and every row."""
    page = opened("index.html", java_script_enabled=False)
    assert page.locator("button, input, select").count() == 0
    assert page.locator(".heat tbody tr").count() == len(STUDENTS)
    assert page.locator(".heat tbody tr").first.is_visible()


def test_hostile_students_run_nothing(opened: Open, report: Report) -> None:
    """Names, ids, addresses, places, outputs, exceptions and comments are shown as text."""
    hostile = f"{folder_name(HOSTILE_ID)}.html"
    names = ["index.html", "exercises/ex01_add.html", f"students/{hostile}", f"staff/{hostile}"]
    for name in names:
        page = opened(name)
        page.locator("details").evaluate_all("all => all.forEach((each) => { each.open = true; })")
        assert "owned" in page.locator("body").inner_text()
        assert page.locator("img, script:not(:last-of-type)").count() == 0
        if "students" not in name and "staff" not in name:
            assert page.title() != "owned"
    page = opened("index.html")
    page.get_by_role("searchbox").first.fill("<img src=x onerror=document.title='owned'>")
    page.get_by_role("combobox").select_option(index=4)
    assert page.title() != "owned"
    assert (report.out / "index.html").exists()


def test_policy_stops_what_got_past_the_escaping(
    browser: Browser, report: Report, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Markup put into a page does not run, though it would without the policy."""
    attack = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    page = report("index.html").replace("</main>", f"{attack}</main>")
    lax = page.replace("Content-Security-Policy", "X-Nothing")
    folder = tmp_path_factory.mktemp("pages")
    titles = []
    for name, text in (("strict.html", page), ("lax.html", lax)):
        (folder / name).write_text(text, "utf-8")
        tab = browser.new_page()
        tab.goto((folder / name).as_uri())
        titles.append(tab.title())
        tab.close()
    assert titles[0] != "owned"
    assert titles[1] == "owned"
