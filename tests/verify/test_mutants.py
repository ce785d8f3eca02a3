"""Mutants: each operator makes its mistake, and nothing that is no behaviour is touched."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

pytest.importorskip("libcst", reason="mutants need libcst")

from grader.verify.findings import Aspect
from grader.verify.mutants import Mutant, mutants_of, share_findings


def _changes(folder: Path, source: str) -> set[str]:
    """What the mutants of one file make of it, without their place."""
    path = folder / "reference.py"
    path.write_text(source, "utf-8")
    mutants = mutants_of([path])
    assert len({mutant.name for mutant in mutants}) == len(mutants)
    for mutant in mutants:
        ast.parse(mutant.source)
        assert mutant.source != source
    return {mutant.name.rpartition(" -> ")[2] for mutant in mutants}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("y = a + b\n", {"y = a - b"}),
        ("y = a <= b\n", {"y = a < b"}),
        ("y = a and b\n", {"y = a or b"}),
        ("y = not a\n", {"y = a"}),
        ("y = -a\n", {"y = a"}),
        (
            "y = x.sum(dim=1)\n",
            {"y = x.mean(dim=1)", "y = x.sum(dim=2)", "y = x.sum(dim=0)", "y = x.sum()"},
        ),
        (
            "y = x.max(1, keepdim=True)\n",
            {
                "y = x.min(1, keepdim=True)",
                "y = x.max(2, keepdim=True)",
                "y = x.max(0, keepdim=True)",
                "y = x.max(1, keepdim=False)",
                "y = x.max(1)",
            },
        ),
        ("y = x.detach()\n", {"y = x"}),
        (
            "y = torch.zeros(n, dtype=torch.float64)\n",
            {
                "y = torch.ones(n, dtype=torch.float64)",
                "y = torch.zeros(n, dtype=torch.float32)",
                "y = torch.zeros(n)",
            },
        ),
        ("optimizer.zero_grad()\n", {"pass", "optimizer"}),
        ("x *= k\n", {"x /= k", "pass"}),
        ("del x\n", {"pass"}),
        ("y = x[a:b:c]\n", {"y = x[:b:c]", "y = x[a::c]", "y = x[a:b:]"}),
        ("y = 0.5\n", {"y = 1.0"}),
        ("y = 'cuda'\n", {"y = 'cudax'"}),
        ("for i in range(n):\n    f = i\n", {"for i in range(n - 1)"}),
        ("if a:\n    y = b\n", {"if True", "if False"}),
        ("with no_grad():\n    y = b\n", {"if True"}),
        ("def f(n=0):\n    return n\n", {"n=1", "return"}),
        ("@cache\ndef f(n):\n    pass\n", {"def f(n)"}),
        ("raise ValueError('no 2')\n", {"pass"}),
    ],
)
def test_an_operator_makes_its_mistakes(source: str, expected: set[str], tmp_path: Path) -> None:
    """Every mistake that the operators know in this line, and no other."""
    assert _changes(tmp_path, source) == expected


@pytest.mark.parametrize(
    "source",
    [
        '"""Adds 1 to 2."""\n',
        'def f(x: Literal[1]) -> Literal["a"]:\n    """Return 1."""\n    ...\n',
        "import math\nfrom torch import sum, mean\n",
    ],
)
def test_what_is_no_behaviour_is_left_alone(source: str, tmp_path: Path) -> None:
    """Docstrings, types and imports have no mutants."""
    assert _changes(tmp_path, source) == set()


def test_a_mutant_says_where_it_is(tmp_path: Path) -> None:
    """The name has the method and the line of code, the line its number in the file."""
    path = tmp_path / "reference.py"
    path.write_text("class Net:\n    def forward(self, x):\n        return x + x\n", "utf-8")
    found = {(mutant.name, mutant.line) for mutant in mutants_of([path])}
    assert ("Net.forward: return x + x -> return x - x", 3) in found


def _mutant(name: str) -> Mutant:
    return Mutant(name, "a.py", 1, name)


@pytest.mark.parametrize(
    ("survivors", "equivalent", "said"),
    [
        (0, [], []),
        (1, [], []),
        (2, [], ["the checks kill 18 of 20 mutants; 95% are needed."]),
        (2, ["m0", "m1"], []),
        (1, ["m5"], ["declared equivalent, but the checks kill it: m5"]),
        (0, ["m99"], ["declared equivalent, but there is no such mutant: m99"]),
    ],
)
def test_the_share_that_the_checks_have_to_kill(
    survivors: int, equivalent: list[str], said: list[str]
) -> None:
    """Nineteen of twenty, those that do the same as the reference not counted."""
    tried = [_mutant(f"m{number}") for number in range(20)]
    findings = list(share_findings("ex01_add", tried, tried[:survivors], set(equivalent)))
    assert [finding.text.en for finding in findings] == said
    assert {finding.aspect for finding in findings} <= {Aspect.MUTANTS}


def test_a_match_statement(tmp_path: Path) -> None:
    """Its subject, its cases with their guards, and what stands in them."""
    source = "match a + b:\n    case 2 if a < b:\n        y = -a\n"
    assert _changes(tmp_path, source) >= {"match a - b", "case 2 if a <= b", "y = a"}


def test_what_the_stub_gives_is_left_as_it_is(tmp_path: Path) -> None:
    """A function or number that students find written is no work of theirs; a changed one is."""
    given = "LIMIT = 3\n\n\ndef draw(x):\n    {}return x + LIMIT\n"
    stub, reference = tmp_path / "stub.py", tmp_path / "reference.py"
    stub.write_text(given.format('"""Draw; ready for use."""\n    ') + "\n\nSIZE = 4\n", "utf-8")
    reference.write_text(
        given.format('"""Draw."""\n    ') + "\n\nSIZE = 5\n\n\ndef halve(x):\n    return x / 2\n",
        "utf-8",
    )
    found = {mutant.name.partition(" -> ")[0] for mutant in mutants_of([reference], [stub])}
    assert found == {"SIZE = 5", "halve: return x / 2"}
