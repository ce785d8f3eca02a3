"""The report as one HTML file that needs nothing else and can run nothing.

The page's own policy (CSP) allows the one style element, named by its hash, and nothing else: no
script, no image, no request. Should markup of a student ever get past the escaping, it stays dead.
"""

from __future__ import annotations

from functools import cache

import jinja2
from markupsafe import Markup

from grader.judge.results import SubmissionResult
from grader.reports.messages import label, number
from grader.reports.templating import TEMPLATES, environment, policy_hash
from grader.reports.view import build_view, spans
from grader.text import Lang


def render(result: SubmissionResult, lang: Lang) -> str:
    """The result as an HTML page in one language."""
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            view=build_view(result, lang),
            say=lambda key, **data: label(key, lang, **data),
            style=Markup(style),  # noqa: S704 - our own file, and its hash covers just this text
            style_hash=policy_hash(style),
        )
    )


@cache
def _environment() -> jinja2.Environment:
    made = environment()
    made.filters |= {"spans": spans, "number": number}
    return made
