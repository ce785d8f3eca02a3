"""What is fuzzed, without the fuzzer: what once found something, and damage of every kind."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzing.seeds import seeds
from fuzzing.targets import TARGETS, one_sentence, require_short
from grader.errors import UserError
from grader.judge.results import Cause
from grader.text import Text

_ROOT = Path(__file__).resolve().parents[1]
_CORPUS = sorted((_ROOT / "fuzzing" / "corpus").glob("*/*"))
# The same examples in every run; the time of one says nothing about right or wrong.
_same = settings(derandomize=True, database=None, deadline=None, max_examples=150)


@st.composite
def _damaged(draw: st.DrawFn, whole: list[bytes]) -> bytes:
    """Give one of `whole` with up to four stretches taken out, repeated or replaced."""
    data = draw(st.sampled_from(whole))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from([0, 1, 1, 4, 8, 40])))
        put = draw(st.binary(max_size=8) | st.just(2 * data[start:end]))
        data = data[:start] + put + data[end:]
    return data


@pytest.mark.parametrize("path", _CORPUS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_once_found_something_finds_nothing(path: Path) -> None:
    """Each input of the checked-in corpus passes the assertions of its target."""
    TARGETS[path.parent.name].run(path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_valid_input_passes(name: str) -> None:
    """Each input that fuzzing starts from passes the assertions of its target."""
    assert seeds(name)
    for data in seeds(name):
        TARGETS[name].run(data)


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_input_ends_as_documented(name: str) -> None:
    """Valid input with some damage gives a sound result or the documented error."""
    run = TARGETS[name].run
    _same(given(_damaged(seeds(name)))(run))()


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_end_as_documented(name: str) -> None:
    """Whatever the bytes, they give a sound result or the documented error."""
    run = TARGETS[name].run
    _same(given(st.binary(min_size=1, max_size=300))(run))()


@pytest.mark.parametrize(
    "said", ["two\nlines", "a \x1b[31mcolour", "Traceback (most recent call last)", "x" * 1000, ""]
)
def test_an_error_that_is_no_sentence_is_a_finding(said: str) -> None:
    """What a user cannot read as one sentence does not pass, in either language."""
    for text in (Text(said, "一句话。"), Text("A sentence.", said)):
        with pytest.raises(AssertionError), one_sentence():
            raise UserError(text)


def test_a_long_cause_is_a_finding() -> None:
    """A comparison that quotes a whole value does not pass."""
    with pytest.raises(AssertionError):
        require_short(Cause("value", {"expected": "1", "got": "2" * 1000}))


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed")
def test_the_fuzzer_runs(tmp_path: Path) -> None:
    """`python -m fuzzing source --runs 50` runs that many inputs, and covers the grader."""
    done = subprocess.run(
        [sys.executable, "-m", "fuzzing", "source", "--runs", "50", "--work", str(tmp_path)],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Instrumenting grader.submission.source" in done.stderr
    assert "Done 50 runs" in done.stderr
