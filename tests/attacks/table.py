"""The table of attacks in docs/threat-model.md, made from the promises of the attacks themselves.

python -m tests.attacks.table     writes it anew; a test says when it is stale
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
ATTACKS = Path(__file__).parent / "submissions"
ELSEWHERE = Path(__file__).parent / "elsewhere.yaml"
PAGE = ROOT / "docs" / "threat-model.md"
CATALOGUE = tuple(f"A{number:02}" for number in range(1, 83))
_BEGIN, _END = "<!-- table of attacks -->", "<!-- end of the table -->"


@dataclass(frozen=True)
class Row:
    """One attack and what becomes of it."""

    ids: tuple[str, ...]
    """A01 to A82: of the catalogue; B...: found while attacking what is built here."""
    tries: str
    stopped_by: str
    tiers: tuple[str, ...]
    """Where it is stopped; empty: nowhere, `stopped_by` then says what is left open."""
    tests: tuple[str, ...]
    """The tests that prove it, as pytest names them."""


def rows() -> list[Row]:
    """All rows in the order of their ids."""
    return sorted([*_submitted(), *_elsewhere()], key=lambda row: row.ids)


def later() -> list[tuple[str, str]]:
    """The attacks of the catalogue that wait for a later release: (id, why)."""
    said = yaml.safe_load(ELSEWHERE.read_text("utf-8"))["later"]
    return [(number, each["why"]) for each in said for number in each["rows"]]


def render() -> str:
    """The table, and below it what is left for later."""
    lines = ["| | attack | what stops it | tiers | proven by |", "|---|---|---|---|---|"]
    for row in rows():
        tiers = ", ".join(row.tiers) or "**not stopped**"
        tests = ", ".join(f"`{test}`" for test in row.tests)
        columns = [" ".join(row.ids), row.tries, row.stopped_by, tiers, tests]
        lines.append("| " + " | ".join(column.replace("|", r"\|") for column in columns) + " |")
    lines += ["", "Left for later:", ""]
    lines += [f"- {number}: {why}" for number, why in sorted(later())]
    return "\n".join(lines) + "\n"


def with_table(page: str) -> str:
    """The page with its table replaced."""
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n\n{render()}\n{_END}{after}"


def _submitted() -> Iterator[Row]:
    for path in sorted(ATTACKS.glob("*/promise.yaml")):
        attack = yaml.safe_load(path.read_text("utf-8"))["attack"]
        yield _row(attack, (f"test_attacks.py[{path.parent.name}]",))


def _elsewhere() -> Iterator[Row]:
    for attack in yaml.safe_load(ELSEWHERE.read_text("utf-8"))["proven"]:
        yield _row(attack, tuple(attack["tests"]))


def _row(attack: dict[str, Any], tests: tuple[str, ...]) -> Row:
    is_open = "not_stopped" in attack
    tiers = () if is_open else tuple(attack.get("tiers", ("full", "lite")))
    said = attack["not_stopped" if is_open else "stopped_by"]
    if "worked" in attack:
        said += f"; *worked at first: {attack['worked']}*"
    return Row(tuple(attack["rows"]), attack["tries"], said, tiers, tests)


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
