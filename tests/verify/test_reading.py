"""What `grade verify` sees by reading: files, signatures, the two READMEs, secrecy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from grader.course import Course, load_exercise
from grader.course.solutions import load_solutions
from grader.errors import UserError
from grader.verify.findings import Finding
from grader.verify.layout import course_findings, layout_findings, solution_findings
from grader.verify.stub import stub_findings
from grader.verify.texts import readme_findings, secrecy_findings
from grader.verify.timed import timed_findings
from tests.authors import replace_in

_EXERCISE = Path("exercises/ex01_double")
_SOLUTION = Path("solutions/ex01_double")


def _all(course: Course) -> list[str]:
    """Everything that is found by reading, in English."""
    (ref,) = course.exercises()
    found: list[Iterable[Finding]] = [
        course_findings(course),
        layout_findings(course, ref),
        solution_findings(ref, load_solutions(ref)),
        stub_findings(ref),
        timed_findings(load_exercise(ref)),
        readme_findings(ref),
        secrecy_findings(course, load_exercise(ref)),
    ]
    return [finding.text.en for findings in found for finding in findings]


def _replace(course: Course, path: Path, old: str, new: str) -> None:
    replace_in(course.root / path, old, new)


def test_a_sound_course_has_no_findings(course: Course) -> None:
    """What `grade new` makes is sound, caches of Python included."""
    (course.root / _SOLUTION / "__pycache__").mkdir()
    assert _all(course) == []


@pytest.mark.parametrize("name", ["README.zh.md", "hints.yaml", "test_public.py"])
def test_a_missing_public_file(name: str, course: Course) -> None:
    """Every file of the public half has to be there."""
    (ref,) = course.exercises()
    (ref.folder / name).unlink()
    said = [finding.text.en for finding in layout_findings(course, ref)]
    assert said == [f"exercises/ex01_double/{name} is missing."]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (_EXERCISE / "notes.txt", "exercises/ex01_double/notes.txt belongs to no exercise."),
        (_SOLUTION / "old.py", "solutions/ex01_double/old.py belongs to no exercise."),
        (_SOLUTION / "right/a.csv", "solutions/ex01_double/right/a.csv belongs to no exercise."),
        (_SOLUTION / "wrong/forgets.py", "wrong/forgets.py is not declared in expected.yaml."),
        (Path("solutions/ex02_gone"), "solutions/ex02_gone belongs to no exercise."),
    ],
)
def test_a_stray_file(path: Path, said: str, course: Course) -> None:
    """A file that nobody expects, in either half."""
    (course.root / path).write_text("", "utf-8")
    assert _all(course) == [said]


def test_a_declared_solution_that_is_not_there(course: Course) -> None:
    """expected.yaml promises something of a file that is missing, and too few are left."""
    (course.root / _SOLUTION / "wrong" / "doubles_in_place.py").unlink()
    assert "expected.yaml declares wrong/doubles_in_place.py, which is missing." in _all(course)


@pytest.mark.parametrize("kind", ["right", "wrong"])
def test_too_few_solutions(kind: str, course: Course) -> None:
    """One alternative proves little."""
    files = sorted((course.root / _SOLUTION / kind).glob("*.py"))
    for path in files[1:]:
        path.unlink()
    assert any(f"{kind}/ has 1 solutions; at least" in said for said in _all(course))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("def double(x: Tensor)", "def double(y: Tensor)", "double is (y: Tensor)"),
        ("def double(", "def twice(", "the reference has no twice."),
        ("def double(", "def twice(", "the stub has no double; is it a helper, call it _double."),
    ],
)
def test_a_stub_of_another_signature(old: str, new: str, said: str, course: Course) -> None:
    """Names, parameters, defaults and types are the reference's."""
    _replace(course, _EXERCISE / "ex01_double.py", old, new)
    assert any(said in text for text in _all(course))


def test_methods_are_compared(course: Course) -> None:
    """Of a class the stub's methods have to be there; the reference may have more."""
    (ref,) = course.exercises()
    ref.stub.write_text("class Net(Module):\n    def forward(self, x, k=1): ...\n", "utf-8")
    ref.reference.write_text(
        "class Net(Module):\n    def forward(self, x, k=2): ...\n    def more(self): ...\n", "utf-8"
    )
    said = [finding.text.en for finding in stub_findings(ref)]
    place = "ex01_double.py: Net.forward is"
    assert said == [f"{place} (self, x, k=1) in the stub and (self, x, k=2) in the reference."]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("## 基本思路\n", "### 基本思路\n"),
        ("double(x) = 2 -4", "double(x) = 2 -5"),
        ("- 结果的 dtype，以及输入没有被改动。\n", ""),
        ("| `double(x)` |", "| `double(x)` | 1 | 2 | 3 |\n| `double(x)` |"),
    ],
)
def test_readmes_that_differ(old: str, new: str, course: Course) -> None:
    """In a heading, in code, in a list, in a table: the place is named."""
    _replace(course, _EXERCISE / "README.zh.md", old, new)
    (said,) = _all(course)
    assert said.startswith("README.md:")
    assert "differ" in said


def _append(course: Course, en: str, zh: str) -> None:
    (ref,) = course.exercises()
    for readme, more in ((ref.readme("en"), en), (ref.readme("zh"), zh)):
        readme.write_text(readme.read_text("utf-8") + more, "utf-8")


@pytest.mark.parametrize(
    ("en", "zh"),
    [
        ("x = [1]  # a list", "x = [1]  # 列表"),
        ("x = [1]\n\ny = x", "x = [1]\ny = x  # 同一个列表"),
    ],
)
def test_comments_are_translated(en: str, zh: str, course: Course) -> None:
    """Code is the same in both READMEs when it does the same."""
    _append(course, f"\n```python\n{en}\n```\n", f"\n```python\n{zh}\n```\n")
    assert _all(course) == []


def test_words_of_an_example_are_translated(course: Course) -> None:
    """Its numbers are not."""
    _append(course, "\n```text\n2 rows -> 0.5\n```\n", "\n```text\n2 行 -> 0.5\n```\n")
    assert _all(course) == []
    _replace(course, _EXERCISE / "README.zh.md", "2 行 -> 0.5", "2 行 -> 0.6")
    assert "2 0.5" in _all(course)[0]


def test_a_picture_is_shown_by_both_readmes(course: Course) -> None:
    """It is there, it is shown, and in both languages."""
    picture = course.root / _EXERCISE / "picture.svg"
    picture.write_text("<svg/>", "utf-8")
    (said,) = _all(course)
    assert "picture.svg" in said
    _append(course, "\n![Two](picture.svg)\n", "\n")
    assert "differ" in _all(course)[0]
    _append(course, "", "\n![二](picture.svg)\n")
    assert _all(course) == []
    picture.unlink()
    assert _all(course) == ["exercises/ex01_double/picture.svg is missing."]


@pytest.mark.parametrize(
    "leak",
    [
        lambda root: (root / _SOLUTION / "ex01_double.py").read_text("utf-8"),
        lambda _: "See test_double_keeps_the_dtype.",
        lambda _: "2 * x keeps the dtype of x, 2.0 * x turns whole numbers into float32.",
        lambda _: "结果的 dtype 与输入相同。",
        lambda _: "double leaves its input as it is.",
    ],
)
@pytest.mark.parametrize("where", ["exercises/ex01_double/README.md", "student_template/NOTES.md"])
def test_a_secret_in_public(leak: Callable[[Path], str], where: str, course: Course) -> None:
    """Code of a solution, the name, the sentence or a hint of a hidden check."""
    path = course.root / where
    path.parent.mkdir(exist_ok=True)
    told = path.read_text("utf-8") if path.exists() else ""
    secret = leak(course.root)
    _replace(
        course,
        _SOLUTION / "ex01_double.py",
        "    return 2 * x",
        "    total = x.clone()\n    total += x.detach()\n    return total",
    )
    if "def double" in secret:
        secret = (course.root / _SOLUTION / "ex01_double.py").read_text("utf-8")
    path.write_text(f"{told}\n{secret}\n", "utf-8")
    said = [
        text for text in _all(course) if text.startswith(f"{where} shows a passage of solutions/: ")
    ]
    assert said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("wrong:\n", "wrongs:\n", "unknown key 'wrongs'; did you mean 'wrong'?"),
        (": failed\n", ": fails\n", "'fails' must be one of failed, crashed,"),
        (": failed\n", ": passed\n", "'passed' must be one of"),
        ("      zh: 把", "      cn: 把", "unknown key 'cn'"),
    ],
)
def test_expected_yaml_is_read_strictly(old: str, new: str, said: str, course: Course) -> None:
    """A mistake in it is told with file and line."""
    _replace(course, _SOLUTION / "expected.yaml", old, new)
    with pytest.raises(UserError) as caught:
        load_solutions(course.exercises()[0])
    assert said in caught.value.message.en
    assert "expected.yaml:" in caught.value.message.en


def test_timed_tasks_and_timed_checks_are_the_same(course: Course) -> None:
    """A task that times nothing and a check whose time nobody judges are both mistakes."""
    yaml = course.root / _EXERCISE / "exercise.yaml"
    yaml.write_text(yaml.read_text("utf-8") + "timed:\n  - check: test_gone\n", "utf-8")
    hidden = course.root / _SOLUTION / "test_hidden.py"
    check = '\n\n@check(points=1, zh="快。")\ndef test_new(timed):\n    """Fast."""\n'
    hidden.write_text(hidden.read_text("utf-8") + check, "utf-8")
    assert _all(course) == [
        "exercise.yaml times test_gone, but test_hidden.py has no such check with `timed`.",
        "test_new uses `timed`, but exercise.yaml does not list it.",
    ]
    replace_in(yaml, "test_gone", "test_new")
    assert _all(course) == []  # a timed check is no secret: exercise.yaml has to name it
