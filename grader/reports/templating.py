"""What every page in HTML has: escaped templates, and a policy that names its style by a hash."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import jinja2

TEMPLATES = Path(__file__).with_name("templates")


def environment(*folders: Path) -> jinja2.Environment:
    """Templates of these folders and of our own; all that they are given is escaped."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, TEMPLATES]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def policy_hash(text: str) -> str:
    """By what a page's policy (CSP) allows one element with this text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
