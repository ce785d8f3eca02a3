"""What two works have in common, for people to look at."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.similarity.passages import GIVEN, OWN, passages, states
from tests.similarity.copies import renamed, stub_of, work

FIRST = "a = torch.stack(parts).sum(dim=0)\nb = a.reshape(-1, 3) @ weight\n"
SECOND = "for row in range(9):\n    out[row] = image[row] - mean.log()\n"
STUB = "import torch\nfrom torch import nn, Tensor\n\n\ndef f(x: Tensor, y: Tensor) -> Tensor:\n"


def test_two_passages_in_another_order() -> None:
    """Each is found where it stands, with its lines."""
    left, right = work("left", FIRST + "q = 1\n" + SECOND), work("right", SECOND + FIRST)
    found = passages(left, right, [])
    assert [each.lines for each in found] == [2, 2]
    runs = [(each.left, each.length) for each in found]
    assert states(left, runs) == [(1,), (1,), OWN, (2,), (2,)]
    assert states(right, [(each.right, each.length) for each in found]) == [(2,), (2,), (1,), (1,)]


def test_it_is_known_who_else_has_a_passage() -> None:
    """Also with other names."""
    left, right = work("left", FIRST), work("right", FIRST)
    others = [work("one", renamed(FIRST)), work("two", SECOND)]
    assert [each.others for each in passages(left, right, others)] == [1]


def test_the_stub_is_grey_and_no_passage() -> None:
    """Its lines, blank ones between them, its docstring; a passage ends where it begins."""
    text = STUB + '    """Do it."""\n    ' + FIRST.replace("\n", "\n    ").strip() + "\n"
    stub = stub_of(STUB + '    """Do it."""\n    raise NotImplementedError\n')
    left, right = work("left", text, stub), work("right", text, stub)
    (found,) = passages(left, right, [])
    assert states(left, [(found.left, found.length)]) == [GIVEN] * 6 + [(1,), (1,)]
    assert found.lines == 2


def test_comments_go_with_their_neighbours() -> None:
    """Within a passage they are marked, elsewhere not."""
    left = work("left", FIRST.replace("\n", "\n# why\n", 1) + "\nq = 1\n")
    (found,) = passages(left, work("right", FIRST), [])
    assert states(left, [(found.left, found.length)]) == [(1,), (1,), (1,), OWN, OWN]


@settings(deadline=None)
@given(st.lists(st.sampled_from([FIRST, SECOND, "q = 1\n", "w(2)\n"]), max_size=8), st.data())
def test_passages_are_equal_and_apart(parts: list[str], data: st.DataObject) -> None:
    """Tokens agree on both sides, and none is in two."""
    mixed = "".join(data.draw(st.permutations(parts)))
    left, right = work("left", "x = 1\n" + "".join(parts)), work("right", "x = 1\n" + mixed)
    found = passages(left, right, [])
    for each in found:
        on_left = left.source.tokens[each.left : each.left + each.length]
        on_right = right.source.tokens[each.right : each.right + each.length]
        assert [token.symbol for token in on_left] == [token.symbol for token in on_right]
    for side in ("left", "right"):
        places = [at for each in found for at in _places(getattr(each, side), each.length)]
        assert len(set(places)) == len(places)


def _places(start: int, length: int) -> range:
    return range(start, start + length)


def test_a_thousand_times_the_same_takes_no_time() -> None:
    """Every fingerprint stands in every place on both sides, and yet this test ends."""
    text = "f(a, b)\n" * 3000
    assert passages(work("left", text), work("right", text + "g = 1\n"), [])
