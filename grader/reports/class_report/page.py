"""From data to the text of a page: templates, the policy of the page, its style and its script.

Style and script stand in each page, named in its policy (CSP) by their hashes: a page opened from
disk may load nothing. Whatever text a template shows goes through `visible`, then is escaped.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from grader.reports.class_report.words import say
from grader.reports.messages import number
from grader.reports.templating import TEMPLATES, environment, policy_hash
from grader.reports.view import CheckView, spans
from grader.reports.visible import visible
from grader.text import Lang

_OWN = Path(__file__).with_name("templates")
_MOST = 200_000
"""Characters of one text."""
_BLOCKS = 4096
"""Checks that look the same for many students are rendered once."""


class Pages:
    """Renders the templates in one language."""

    def __init__(self, lang: Lang) -> None:
        self._environment = _environment(lang)
        blocks: Any = self._environment.get_template("blocks.html.j2").make_module()

        @lru_cache(_BLOCKS)
        def checked(check: CheckView, is_stopped: bool) -> Markup:  # noqa: FBT001 - for templates
            return Markup(blocks.checked(check, is_stopped, "h5"))  # noqa: S704 - a template's

        style = _text(TEMPLATES / "report.css") + _text(_OWN / "class.css")
        script = _text(_OWN / "class.js")
        self._environment.globals |= {
            "checked": checked,
            "line": blocks.line,
            "told": blocks.told,
            "ruled": blocks.ruled,
            "style": Markup(style),  # noqa: S704 - our own file
            "style_hash": policy_hash(style),
            "script": Markup(script),  # noqa: S704 - the same
            "script_hash": policy_hash(script),
        }

    def render(self, template: str, **data: object) -> str:
        """One page."""
        return self._environment.get_template(f"{template}.html.j2").render(data)


def _environment(lang: Lang) -> jinja2.Environment:
    made = environment(_OWN)
    made.finalize = _shown
    made.filters |= {"spans": spans, "number": number}
    made.globals |= {"lang": lang, "say": lambda key, **data: say(key, lang, **data)}
    return made


def _shown(value: object) -> object:
    """Text without invisible characters; markup is ours and stays."""
    return visible(value, _MOST) if type(value) is str else value


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
