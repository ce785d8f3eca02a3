"""Keeps `torch._dynamo` from being imported where nothing is compiled.

The first step of any optimizer and the first operation on the meta device import the compiler
(1.3 s, 900 modules; measured with torch 2.15) only to tell it what not to compile. Every worker
would pay that again. Until somebody asks for anything else, a stand-in takes such notes; then the
real package takes its place.
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

_NAME = "torch._dynamo"


class _Dynamo(ModuleType):
    """Stands in for `torch._dynamo`."""

    @staticmethod
    def disable(function: Callable[..., Any] | None = None, *_args: Any, **_options: Any) -> Any:
        """Return the function itself: nothing compiles it as long as we stand here."""
        return _Dynamo.disable if function is None else function

    @staticmethod
    def graph_break(*_args: Any, **_options: Any) -> None:
        """Do nothing: there is no graph to break."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_real(), name)


class _Submodules(MetaPathFinder, Loader):
    """Lets the first import of a submodule import the real package, which imports it as well."""

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find what the real package has imported meanwhile."""
        if not name.startswith(_NAME + ".") or not _is_in_place():
            return None
        _real()
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
    """Put the stand-in in place, unless the compiler has been imported already."""
    import torch  # noqa: PLC0415  the callers decide when to pay for it

    if _NAME in sys.modules:
        return
    stand_in = _Dynamo(_NAME)
    stand_in.__path__ = [f"{torch.__path__[0]}/_dynamo"]
    sys.modules[_NAME] = stand_in
    torch._dynamo = stand_in  # noqa: SLF001  as an import would
    sys.meta_path.insert(0, _Submodules())


def _is_in_place() -> bool:
    return isinstance(sys.modules.get(_NAME), _Dynamo)


def _real() -> ModuleType:
    """Import the real package in our place."""
    if _is_in_place():
        del sys.modules[_NAME]
    return importlib.import_module(_NAME)
