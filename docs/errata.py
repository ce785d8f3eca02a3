"""Write the errata of the notes: `python -m docs.errata`.

docs/errata.md and docs/errata.zh.md are made from docs/errata.yaml; a test holds the pages against
it, and each proof against the exercises.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from grader.text import LANGS, Lang, Text

_FOLDER = Path(__file__).parent
_FILES = {"en": "errata.md", "zh": "errata.zh.md"}
_TITLE = Text("Where the notes are wrong", "笔记勘误")
_INTRODUCTION = Text(
    "The course goes with a set of lecture notes on PyTorch that many students use. They have\n"
    "{count} places that are wrong, out of date or misleading: {kinds}. Behind each stands\n"
    "the check of an exercise that proves it, run by `grade verify` with the course.",
    "这门课配合许多同学在用的一份 PyTorch 讲义。其中有 {count} 处有误、过时或容易误解：{kinds}。\n"
    "每一处后面都列出能证明它的练习检查项，`grade verify` 会随课程一起运行。",
)
_KINDS = {
    "breaks": Text("the code fails", "代码无法运行"),
    "wrong": Text("wrong", "错误"),
    "outdated": Text("out of date", "过时"),
    "misleading": Text("misleading", "容易误解"),
    "typo": Text("spelling", "笔误"),
}
_NOTES, _RIGHT = Text("The notes", "笔记"), Text("Right", "正确")
_PROOF, _UNPROVEN = Text("Proved by", "证明"), Text("Not proved by a check", "没有检查项证明")
_COLON = Text(": ", "：")


@dataclass(frozen=True)
class Erratum:
    """One place where the notes are wrong."""

    id: str
    kind: str
    where: tuple[str, ...]
    """Files and sections of the notes."""
    notes: Text
    right: Text
    proof: tuple[str, ...]
    """Checks, as `exercise::check`."""
    unproven: Text | None
    """Why there is no proof."""


def load() -> list[Erratum]:
    """Read docs/errata.yaml."""
    document = yaml.safe_load((_FOLDER / "errata.yaml").read_text("utf-8"))
    return [_erratum(**each) for each in document["errata"]]


def _erratum(
    *,
    notes: Mapping[str, str],
    right: Mapping[str, str],
    where: list[str],
    proof: list[str],
    **rest: Any,
) -> Erratum:
    why_not = rest.pop("unproven", None)
    return Erratum(
        notes=Text(**notes),
        right=Text(**right),
        where=tuple(where),
        proof=tuple(proof),
        unproven=Text(**why_not) if why_not else None,
        **rest,
    )


def page(errata: list[Erratum], lang: Lang) -> str:
    """All of them in one language, in the order of the file."""
    counts = Counter(each.kind for each in errata)
    separator = Text(", ", "、")[lang]
    kinds = separator.join(f"{_KINDS[kind][lang]} {counts[kind]}" for kind in _KINDS)
    introduction = _INTRODUCTION[lang].format(count=len(errata), kinds=kinds)
    lines = [f"# {_TITLE[lang]}", "", introduction]
    for number, each in enumerate(errata, 1):
        lines += ["", f"## {number} {each.id}", "", *_told(each, lang)]
    return "\n".join(lines) + "\n"


def _told(erratum: Erratum, lang: Lang) -> Iterator[str]:
    where = "; ".join(erratum.where)
    yield f"*{_KINDS[erratum.kind][lang]}* ({where})"
    yield ""
    yield f"- {_NOTES[lang]}{_COLON[lang]}{erratum.notes[lang]}"
    yield f"- {_RIGHT[lang]}{_COLON[lang]}{erratum.right[lang]}"
    if erratum.unproven:
        yield f"- {_UNPROVEN[lang]}{_COLON[lang]}{erratum.unproven[lang]}"
    else:
        proofs = ", ".join(f"`{each}`" for each in erratum.proof)
        yield f"- {_PROOF[lang]}{_COLON[lang]}{proofs}"


def main() -> None:
    """Write both pages, or below another folder that is named."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else _FOLDER
    errata = load()
    for lang in LANGS:
        (folder / _FILES[lang]).write_text(page(errata, lang), "utf-8")


if __name__ == "__main__":
    main()
