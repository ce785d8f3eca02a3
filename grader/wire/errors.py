"""What can go wrong with a value on its way through the wire."""

from __future__ import annotations


class UnsendableError(TypeError):
    """A value that the wire does not carry.

    `type_name` says what it is ("generator", "sparse tensor") and fits after "returned a value of
    type"; it may come from a student's code and be of any length.
    """

    def __init__(self, type_name: str) -> None:
        super().__init__(f"a value of type {type_name} cannot be sent")
        self.type_name = type_name


class WireError(ValueError):
    """Bytes that are not exactly one valid value, or a message that breaks its own rules."""
