"""The protocol between judge and worker: frames, the encoding of values, and the messages.

Both sides import this package; it imports neither. Names that need torch stay in their modules,
`grader.wire.codec` and `grader.wire.messages`, so that the channel can be set up without it.
"""

from grader.wire.errors import UnsendableError, WireError

__all__ = ["UnsendableError", "WireError"]
