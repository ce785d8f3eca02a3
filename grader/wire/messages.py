"""The messages between judge and worker.

A frame holds one value, the tuple `(id, kind, fields)`: `kind` is the name of a class below and
`fields` a dict with exactly that class's fields, in their order. A reply repeats the id of its
request; `Ready`, which answers nothing, has READY_ID. A message that breaks a rule of its fields
cannot be made, on either side: WireError.

    judge    Load  Call  Run  Start  Resume  Profile  Rules
    worker   Ready  Returned  Yielded  Raised  Missing  Unsendable
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Self, TypeAlias, TypeVar, get_type_hints

from grader.wire.codec import Value, decode, encode
from grader.wire.errors import WireError
from grader.wire.limits import (
    MAX_FRAMES,
    MAX_MRO,
    MAX_NAME,
    MAX_NAMES,
    MAX_PATH,
    MAX_TEXT,
    MAX_THREADS,
)
from grader.wire.tensors import is_device

PROTOCOL_VERSION = 4
"""Goes up with every change of the encoding or of a message; the two sides must agree exactly."""

READY_ID = 0
"""The id of `Ready`; requests count from 1."""

TIERS = ("full", "lite", "none")
PHASES = ("import", "call")
PROFILES = {
    "times": ("forward", "backward", "step", "loading", "total"),
    "operations": ("all", "reading", "indexing", "multiplying", "moving", "unused_graph"),
    "": (),
}
"""What can be watched, and the names of the numbers that are told of it."""
_MAX_I64 = (1 << 63) - 1

Rule: TypeAlias = Callable[[object], bool]


def clipped(text: str, limit: int = MAX_TEXT) -> str:
    """Return at most `limit` characters of `text`, half surrogate pairs replaced by `?`."""
    return text[:limit].encode(errors="replace").decode()


def _text(limit: int) -> Rule:
    return lambda value: type(value) is str and len(value) <= limit


def _one_of(*choices: str) -> Rule:
    return lambda value: type(value) is str and value in choices


def _number(least: int, most: int) -> Rule:
    return lambda value: type(value) is int and least <= value <= most


def _or_none(rule: Rule) -> Rule:
    return lambda value: value is None or rule(value)


def _exactly(kind: type) -> Rule:
    return lambda value: type(value) is kind


def _names(limit: int) -> Rule:
    return lambda value: type(value) is list and len(value) <= limit and all(map(_name, value))


def _is_device(value: object) -> bool:
    return type(value) is str and is_device(value)


def _are_files(value: object) -> bool:
    if type(value) is not dict:
        return False
    return all(_path(name) and type(content) is bytes for name, content in value.items())


def _are_frames(value: object) -> bool:
    return type(value) is list and len(value) <= MAX_FRAMES and all(map(_is_frame, value))


def _is_frame(value: object) -> bool:
    if type(value) is not tuple or len(value) != len(_FRAME):
        return False
    return all(rule(part) for rule, part in zip(_FRAME, value, strict=True))


_name = _text(MAX_NAME)
_path = _text(MAX_PATH)
_FRAME: tuple[Rule, ...] = (_path, _number(1, _MAX_I64), _name)

Name: TypeAlias = Annotated[str, _name]
Path: TypeAlias = Annotated[str, _path]
Device: TypeAlias = Annotated[str, _is_device]
Files: TypeAlias = Annotated[dict[str, bytes], _are_files]
Frames: TypeAlias = Annotated[list[tuple[str, int, str]], _are_frames]
Args: TypeAlias = Annotated[list[Value], _exactly(list)]
Kwargs: TypeAlias = Annotated[dict[str, Value], _exactly(dict)]


# The rules of the fields of each kind of message, in order.
_RULES: dict[type, dict[str, Rule]] = {}


def _anything(_value: object) -> bool:
    return True


class Message:
    """What all messages have in common: checked fields, to and from a value of the codec."""

    def __init_subclass__(cls) -> None:
        hints = get_type_hints(cls, include_extras=True)
        _RULES[cls] = {
            name: getattr(hint, "__metadata__", (_anything,))[0] for name, hint in hints.items()
        }

    def __post_init__(self) -> None:
        for name, rule in _RULES[type(self)].items():
            if not rule(getattr(self, name)):
                raise WireError(f"{type(self).__name__} has a field that breaks its rule: {name}")

    def to_value(self) -> dict[str, Value]:
        """Return the fields by name."""
        return {name: getattr(self, name) for name in _RULES[type(self)]}

    @classmethod
    def from_value(cls, value: Value) -> Self:
        """Return the message with exactly these fields in order; WireError if they are not."""
        if type(value) is not dict or list(value) != list(_RULES[cls]):
            raise WireError(f"{cls.__name__} has other fields than it should")
        return cls(**value)


@dataclass(frozen=True)
class Load(Message):
    """Import a submission: answered by `Returned(None)` or `Raised` with phase "import"."""

    files: Files
    """The submission's files by name, folders separated by `/`."""
    entry: Path
    """The file to import."""
    device: Device
    seed: Annotated[int, _number(0, _MAX_I64)]
    threads: Annotated[int, _number(1, MAX_THREADS)]


@dataclass(frozen=True)
class Call(Message):
    """Call a name: answered by `Returned`, `Raised`, `Missing` or `Unsendable`."""

    name: Name
    args: Args
    kwargs: Kwargs
    device: Device
    """Where tensors among the arguments are put."""


@dataclass(frozen=True)
class _Probe(Message):
    name: Name
    source: Annotated[str | None, _or_none(_exactly(str))]
    """The text of the probe and of what it needs; None for a standard probe."""
    file: Path
    """The check file that the probe stands in, for tracebacks."""
    args: Args
    kwargs: Kwargs
    device: Device


@dataclass(frozen=True)
class Run(_Probe):
    """Run a probe: answered like `Call`."""


@dataclass(frozen=True)
class Start(_Probe):
    """Start a generator probe: answered like `Call`, or by `Yielded` with its first value."""


@dataclass(frozen=True)
class Resume(Message):
    """Send a value to the generator probe that yielded last: answered like `Start`."""

    value: Value
    device: Device


@dataclass(frozen=True)
class Profile(Message):
    """Watch all requests from now on, until the next: answered by `Returned` with what was seen.

    That is a dict of numbers, as far as the worker can be believed (`worker.profile`).
    """

    what: Annotated[str, _one_of(*PROFILES)]
    """What to watch; "" for nothing more."""


@dataclass(frozen=True)
class Rules(Message):
    """Judge source rules on text that is never imported: answered by `Returned` or `Raised`."""

    files: Files
    entry: Path
    rules: Args


@dataclass(frozen=True)
class Ready(Message):
    """The first message of a worker, sent once and unasked."""

    tier: Annotated[str, _one_of(*TIERS)]
    witnessed: Annotated[list[str], _names(MAX_NAMES)]
    """What the worker tried and was denied."""
    version: Annotated[int, _number(PROTOCOL_VERSION, PROTOCOL_VERSION)] = PROTOCOL_VERSION


@dataclass(frozen=True)
class Returned(Message):
    """The function or the probe returned."""

    value: Value


@dataclass(frozen=True)
class Yielded(Message):
    """The generator probe yielded and waits for `Resume`."""

    value: Value


@dataclass(frozen=True)
class Raised(Message):
    """An exception left the submission or a probe. All of it is the worker's testimony."""

    type: Name
    bases: Annotated[list[str], _names(MAX_MRO)]
    """The names of the exception's class and its bases, in order."""
    text: Annotated[str, _text(MAX_TEXT)]
    frames: Frames
    """The last places in the submission's files on the way to the exception, the outermost first:
    (file, line, function), each place once. The function is "" where a file cannot be parsed."""
    phase: Annotated[str, _one_of(*PHASES)]


@dataclass(frozen=True)
class Missing(Message):
    """The submission has no such name."""

    name: Name
    near: Annotated[list[str], _names(MAX_NAMES)]
    """Names in it that look alike, the most alike first."""


@dataclass(frozen=True)
class Unsendable(Message):
    """The value that was returned or yielded is of a type that the wire does not carry."""

    type: Name


Request: TypeAlias = Load | Call | Run | Start | Resume | Profile | Rules
Reply: TypeAlias = Ready | Returned | Yielded | Raised | Missing | Unsendable

ANSWERS: dict[type[Request], tuple[type[Reply], ...]] = {
    Load: (Returned, Raised),
    Call: (Returned, Raised, Missing, Unsendable),
    Run: (Returned, Raised, Missing, Unsendable),
    Start: (Returned, Yielded, Raised, Missing, Unsendable),
    Resume: (Returned, Yielded, Raised, Missing, Unsendable),
    Profile: (Returned, Raised),
    Rules: (Returned, Raised),
}
"""Which replies a request may get."""

_M = TypeVar("_M", bound=Message)
_REQUESTS: dict[str, type[Request]] = {
    kind.__name__: kind for kind in (Load, Call, Run, Start, Resume, Profile, Rules)
}
_REPLIES: dict[str, type[Reply]] = {
    kind.__name__: kind for kind in (Ready, Returned, Yielded, Raised, Missing, Unsendable)
}


def encode_message(message: Request | Reply, id: int) -> bytes:  # noqa: A002 - its name on the wire
    """Return the bytes of a frame; UnsendableError if a value in the message cannot cross."""
    return encode((id, type(message).__name__, message.to_value()))


def decode_request(data: bytes | bytearray | memoryview) -> tuple[int, Request]:
    """Return the id and the request in a frame; WireError for any other bytes."""
    return _decode(data, _REQUESTS)


def decode_reply(data: bytes | bytearray | memoryview) -> tuple[int, Reply]:
    """Return the id and the reply in a frame; WireError for any other bytes."""
    return _decode(data, _REPLIES)


def _decode(data: bytes | bytearray | memoryview, kinds: Mapping[str, type[_M]]) -> tuple[int, _M]:
    match decode(data):
        case (int(number), str(kind), fields) as frame if type(frame) is tuple:
            if type(number) is not int or number < 0 or kind not in kinds:
                raise WireError("a message has no id or is of no known kind")
            return number, kinds[kind].from_value(fields)
        case _:
            raise WireError("not a message")
