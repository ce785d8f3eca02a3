"""Short texts of values for causes: bounded however large the value is, and safe to build."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Sequence

import numpy as np
import torch

_LONGEST = 60
"""Characters shown of one string or one number."""
_LONGEST_KEYS = 120
"""Characters of a list of keys."""
_LONGEST_ITEMS = 120
"""Characters of a short list that is shown with all its items."""
_BEFORE = 15
"""Characters shown before the place where two long strings begin to differ."""
_STRETCH = 1 << 16
"""Characters compared at once while looking for that place."""

_NAMES = {
    np.ndarray: "NumPy array",
    torch.Size: "torch.Size",
    torch.dtype: "torch.dtype",
    torch.device: "torch.device",
    type(None): "None",
}


class _Excerpt(reprlib.Repr):
    """`repr`, but cut: by depth, by number of items and by characters."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 3
        self.maxlist = self.maxtuple = self.maxdict = 6
        self.maxstring = self.maxother = _LONGEST

    # reprlib calls repr_<name of the type>.

    def repr_bytes(self, value: bytes, _level: int) -> str:
        cut = value[:_LONGEST]
        return repr(cut) + ("..." if len(value) > len(cut) else "")

    def repr_Tensor(self, value: torch.Tensor, _level: int) -> str:  # noqa: N802 - reprlib's name
        return f"{dtype_text(value.dtype)} tensor {shape_text(value.shape)}"

    def repr_ndarray(
        self, value: np.ndarray[tuple[int, ...], np.dtype[np.generic]], _l: int
    ) -> str:
        return f"{value.dtype} array {shape_text(value.shape)}"

    def repr_device(self, value: torch.device, _level: int) -> str:
        return repr(str(value))


_excerpt = _Excerpt()


def type_name(value: object) -> str:
    """The name of a value's type, as a student knows it."""
    if isinstance(value, torch.Tensor):
        return "tensor"
    return _NAMES.get(type(value), type(value).__name__)


def phrase(value: object) -> str:
    """The type of a value within a sentence: "a list", "an int", "a NumPy array"."""
    name = type_name(value)
    if value is None or name == "bytes":
        return name
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def value_text(value: object) -> str:
    """A value as Python writes it, cut."""
    return _excerpt.repr(value)


def value_texts(expected: object, got: object) -> tuple[str, str]:
    """Two different values as text, cut so that a difference between long strings is seen."""
    if isinstance(expected, (str, bytes)) and isinstance(got, (str, bytes)):
        start = max(0, _first_difference(expected, got) - _BEFORE)
        if start and max(len(expected), len(got)) > _LONGEST:
            return f"...{value_text(expected[start:])}", f"...{value_text(got[start:])}"
    return value_text(expected), value_text(got)


def item_texts(expected: Sequence[object], got: Sequence[object]) -> dict[str, str]:
    """Two lists with all their items, where both are short; a cut one would not tell them apart."""
    if max(len(expected), len(got)) > _excerpt.maxlist:
        return {}
    texts = {"expected_items": value_text(expected), "got_items": value_text(got)}
    return texts if max(map(len, texts.values())) <= _LONGEST_ITEMS else {}


def _first_difference(one: str | bytes, other: str | bytes) -> int:
    shorter = min(len(one), len(other))
    start = 0
    # Whole stretches first: letter by letter, a reply of the largest size takes half a minute.
    while start < shorter and one[start : start + _STRETCH] == other[start : start + _STRETCH]:
        start += _STRETCH
    pairs = zip(one[start : start + _STRETCH], other[start : start + _STRETCH], strict=False)
    return next((start + place for place, (a, b) in enumerate(pairs) if a != b), shorter)


def keys_text(keys: Iterable[str]) -> str:
    """Keys of a dict, sorted, on one line."""
    text = ", ".join(sorted(value_text(key) for key in keys)[:_LONGEST])
    return text if len(text) <= _LONGEST_KEYS else text[:_LONGEST_KEYS] + "..."


def shape_text(shape: Iterable[int]) -> str:
    """A shape as Python writes a tuple: "(3, 4)"."""
    return str(tuple(shape))


def dtype_text(dtype: torch.dtype) -> str:
    """The name of a dtype without its module: "float32"."""
    return str(dtype).removeprefix("torch.")
