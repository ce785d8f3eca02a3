"""Turns a result into text for people and machines: terminal, plain, HTML, Markdown, JSON, JUnit.

    SubmissionResult + language --> view.View --> terminal, plain, html, markdown, junit
    SubmissionResult            --> jsonreport (facts, with sentences in both languages)

`messages.toml` holds every sentence. Importing this package loads no rich, jinja2 or torch.
"""

from __future__ import annotations

from grader.reports.jsonreport import check_to_json, load_check, load_json, to_json
from grader.reports.messages import explain
from grader.reports.printing import print_plain, print_rich
from grader.reports.visible import visible
from grader.reports.write import write_report

__all__ = [
    "check_to_json",
    "explain",
    "load_check",
    "load_json",
    "print_plain",
    "print_rich",
    "to_json",
    "visible",
    "write_report",
]
