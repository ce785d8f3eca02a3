"""What is run at once: one attack, or several that leave each other alone, as one submission.

Starting the command costs more than most attacks. Those that only look for a way out, and spoil
their own answer where they find one, are marked `together` and run after each other, each as a
file of one submission.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.attacks.table import ATTACKS
from tests.outcomes import Promise

_AT_ONCE = 6
_LIMITS = {"request_seconds": 30, "check_seconds": 60, "submission_seconds": 240}
"""One request makes all of these attacks, on a machine that may be busy."""
_ENTRY = '''
"""Several attacks after each other; one that succeeds has no right answer."""

import importlib

import torch

ATTACKS = [importlib.import_module(name) for name in {names!r}]


def add(a, b):
    for attack in ATTACKS:
        answer = attack.add(a, b)
        assert answer is not None and torch.equal(answer, a + b), attack.__name__
    return answer
'''


@dataclass(frozen=True)
class Unit:
    """One or several attacks, run as one submission."""

    names: tuple[str, ...]
    needs_a_sandbox: bool = True
    """Whether it is stopped only where the worker is confined."""
    is_asked_for: bool = False
    """Whether its promise names a tier of its own."""

    def __str__(self) -> str:
        """The names, as pytest shows and selects them."""
        return "+".join(self.names)

    def case(self, folder: Path) -> Path:
        """The outcome folder: that of the only attack, or one made in `folder`."""
        if len(self.names) == 1:
            return ATTACKS / self.names[0]
        case = folder / "case"
        case.mkdir()
        (case / "entry.py").write_text(_ENTRY.format(names=self.names), "utf-8")
        files = {"ex01_add.py": "entry.py"}
        for name in self.names:
            files[f"{name}.py"] = f"{name}.py"
            shutil.copy(ATTACKS / name / "ex01_add.py", case / f"{name}.py")
        said = {"exit": 0, "submission": "homework", "files": files, "checks": "passed"}
        said["limits"] = _LIMITS
        (case / "promise.yaml").write_text(yaml.safe_dump(said), "utf-8")
        return case


def units(promises: Mapping[str, Promise]) -> list[Unit]:
    """These attacks, in as few runs as can be."""
    together = tuple(name for name, each in promises.items() if each.attack.get("together"))
    starts = range(0, len(together), _AT_ONCE)
    alone = [
        Unit((name,), "none" not in each.attack.get("tiers", ()), bool(each.arguments))
        for name, each in promises.items()
        if name not in together
    ]
    return [*(Unit(together[start : start + _AT_ONCE]) for start in starts), *alone]
