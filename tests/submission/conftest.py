"""Zips and notebooks made on the spot, honest and broken."""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

ENTRY = "ex07_conv.py"
Members = Iterable[tuple[str | zipfile.ZipInfo, bytes]]


@pytest.fixture
def make_zip(tmp_path: Path) -> Callable[..., Path]:
    """Write a zip with these members; each may give its own ZipInfo."""

    def make(members: Members, method: int = zipfile.ZIP_DEFLATED) -> Path:
        path = tmp_path / "handed-in.zip"
        with zipfile.ZipFile(path, "w", method) as archive:
            for name, data in members:
                archive.writestr(name, data)
        return path

    return make


@pytest.fixture
def patch_zip() -> Callable[..., None]:
    """Overwrite header fields of a zip with one member, in both places where each stands."""
    fields = {"flags": (6, 8, "<H"), "method": (8, 10, "<H"), "size": (22, 24, "<I")}

    def patch(path: Path, **values: int) -> None:
        data = bytearray(path.read_bytes())
        central = data.rindex(b"PK\x01\x02")
        for field, value in values.items():
            local_offset, central_offset, layout = fields[field]
            struct.pack_into(layout, data, local_offset, value)
            struct.pack_into(layout, data, central + central_offset, value)
        path.write_bytes(data)

    return patch


@pytest.fixture
def notebook() -> Callable[..., bytes]:
    """The bytes of a notebook with these code cells."""

    def make(*sources: str, tags: dict[int, list[str]] | None = None) -> bytes:
        cells: list[dict[str, Any]] = [
            {
                "cell_type": "code",
                "metadata": {"tags": (tags or {}).get(number, [])},
                "source": source.splitlines(keepends=True),
                "outputs": [],
                "execution_count": None,
            }
            for number, source in enumerate(sources, 1)
        ]
        content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
        return json.dumps(content).encode()

    return make
