"""A cursor over the bytes of one frame."""

from __future__ import annotations

import struct

from grader.wire.errors import WireError


class Reader:
    """Reads a frame from front to back; nothing is read beyond its end."""

    def __init__(self, data: bytes | bytearray | memoryview) -> None:
        self._view = memoryview(data).cast("B")
        self._position = 0

    @property
    def remaining(self) -> int:
        """Bytes not read yet."""
        return len(self._view) - self._position

    def take(self, count: int) -> memoryview:
        """Return the next `count` bytes without copying; WireError if there are fewer."""
        start, end = self._position, self._position + count
        if end > len(self._view):
            raise WireError(f"{count} bytes are missing from the end")
        self._position = end
        return self._view[start:end]

    def u8(self) -> int:
        """Read one byte."""
        return self.take(1)[0]

    def u32(self) -> int:
        """Read an unsigned number of 4 bytes, the high one first."""
        return int.from_bytes(self.take(4), "big")

    def numbers(self, code: str, count: int) -> tuple[int, ...]:
        """Read `count` integers of the struct format `code`, high byte first."""
        layout = struct.Struct(f"!{count}{code}")
        return layout.unpack(self.take(layout.size))

    def text(self, size: int) -> str:
        """Read `size` bytes of strict UTF-8."""
        try:
            return str(self.take(size), "utf-8")
        except UnicodeDecodeError as error:
            raise WireError("a string is not UTF-8") from error
