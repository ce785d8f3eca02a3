"""Files as text, for messages in JSON."""

from __future__ import annotations

import base64
from collections.abc import Mapping


def encoded(files: Mapping[str, bytes]) -> dict[str, str]:
    """Each file in base64, by its name."""
    return {name: base64.b64encode(data).decode() for name, data in files.items()}


def decoded(files: Mapping[str, str]) -> dict[str, bytes]:
    """What was encoded."""
    return {name: base64.b64decode(data) for name, data in files.items()}
