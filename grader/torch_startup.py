"""Keeps parts of torch's compiler from being imported where nothing is compiled.

The first step of any optimizer and many operations on the meta device import the compiler (1.3 s,
900 modules; measured with torch 2.15) only to tell it what not to compile, and its arithmetic with
symbols (0.5 s) only to hear that a plain bool is what it is. Every worker would pay that again.
Until somebody asks for anything else, stand-ins answer; then the real modules take their places.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import ModuleType
from typing import Any

_DYNAMO = "torch._dynamo"
_SHAPES = "torch.fx.experimental.symbolic_shapes"


class _StandIn(ModuleType):
    """Stands in for a module; what it lacks is the real one's."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_real(self.__name__), name)


def _disable(function: Callable[..., Any] | None = None, *_args: Any, **_options: Any) -> Any:
    """Return the function itself: nothing compiles it as long as the compiler is not there."""
    return _disable if function is None else function


def _graph_break(*_args: Any, **_options: Any) -> None:
    """Do nothing: there is no graph to break."""


def _for_symbols(name: str, of_plain: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that asks the real one about symbols only."""

    def ask(*values: Any, **options: Any) -> Any:
        if not options and all(map(_is_plain, values)):
            return of_plain(*values)
        return getattr(_real(_SHAPES), name)(*values, **options)

    return ask


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return type(value) in (bool, int)


def _equal(x: Any, y: Any) -> bool:
    return tuple(x) == tuple(y) if isinstance(x, (list, tuple)) else bool(x == y)


_OF_PLAIN: dict[str, Callable[..., Any]] = {
    "expect_true": lambda value: value,
    "guard_int": lambda value: value,
    "guard_or_false": lambda value: value,
    "guard_or_true": lambda value: value,
    "guard_size_oblivious": lambda value: value,
    "guarding_hint_or_throw": lambda value: value,
    "has_free_symbols": lambda _: False,
    "has_free_unbacked_symbols": lambda _: False,
    "has_guarding_hint": lambda _: True,
    "is_nested_int": lambda _: False,
    "statically_known_true": lambda value: value,
    "sym_and": lambda *values: all(values),
    "sym_eq": _equal,
    "sym_or": lambda *values: any(values),
}
"""What functions on symbols return for bools, ints and sizes."""


class _Submodules(MetaPathFinder, Loader):
    """Lets the first import of a submodule import the real package, which imports it as well."""

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find what the real package has imported meanwhile."""
        if not name.startswith(_DYNAMO + ".") or not _is_in_place(_DYNAMO):
            return None
        _real(_DYNAMO)
        return spec_from_loader(name, self) if name in sys.modules else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Give back the imported module; the import system is about to take away its spec."""
        module = sys.modules[spec.name]
        self._own_spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module as it is, with its own spec."""
        module.__spec__ = self._own_spec


def defer_compiler() -> None:
    """Put the stand-ins in place, unless the compiler has been imported already."""
    import torch  # noqa: PLC0415  the callers decide when to pay for it

    if _DYNAMO not in sys.modules:
        dynamo = _StandIn(_DYNAMO)
        dynamo.__path__ = [f"{torch.__path__[0]}/_dynamo"]
        vars(dynamo).update(disable=_disable, graph_break=_graph_break)
        sys.modules[_DYNAMO] = dynamo
        torch._dynamo = dynamo  # noqa: SLF001  as an import would
        sys.meta_path.insert(0, _Submodules())
    if _SHAPES not in sys.modules:
        shapes = _StandIn(_SHAPES)
        vars(shapes).update({name: _for_symbols(name, of) for name, of in _OF_PLAIN.items()})
        sys.modules[_SHAPES] = shapes


def _is_in_place(name: str) -> bool:
    return isinstance(sys.modules.get(name), _StandIn)


def _real(name: str) -> ModuleType:
    """Import the real module in the place of its stand-in."""
    if _is_in_place(name):
        del sys.modules[name]
    return importlib.import_module(name)
