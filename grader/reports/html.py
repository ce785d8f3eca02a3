"""The report as one HTML file that needs nothing else and can run nothing.

The page's own policy (CSP) allows the one style element, named by its hash, and nothing else: no
script, no image, no request. Should markup of a student ever get past the escaping, it stays dead.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from grader.judge.results import SubmissionResult
from grader.reports.messages import label, number
from grader.reports.view import build_view, spans
from grader.text import Lang

_TEMPLATES = Path(__file__).with_name("templates")


def render(result: SubmissionResult, lang: Lang) -> str:
    """The result as an HTML page in one language."""
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            view=build_view(result, lang),
            say=lambda key, **data: label(key, lang, **data),
            style=Markup(style),  # noqa: S704 - our own file, and its hash covers just this text
            digest=digest,
        )
    )


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"spans": spans, "number": number}
    return environment
