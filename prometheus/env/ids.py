"""Ids: the names under which Gymnasium knows the shipped worlds, told to it when it is first imported."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from prometheus.data import data_path

_LIBRARY = "gymnasium"


def env_ids() -> dict[str, str]:
    """Return the world of each id, such as {"prometheus/Castle-v0": "castle"}."""
    names = sorted(path.stem for path in data_path("worlds").glob("*.yaml"))
    return {f"prometheus/{name.replace('_', ' ').title().replace(' ', '')}-v0": name for name in names}


def register() -> None:
    """Tell Gymnasium of every shipped world; what it knows already stays."""
    from gymnasium.envs.registration import register as add
    from gymnasium.envs.registration import registry

    for name, world in env_ids().items():
        if name not in registry:
            add(name, entry_point="prometheus.env.single:WorldEnv", kwargs={"world": world})


def register_later() -> None:
    """Register now where Gymnasium is imported already, else in the moment in which it is: it is not imported here."""
    if _LIBRARY in sys.modules:
        register()
    elif not any(isinstance(finder, _Later) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Later())


class _Later(MetaPathFinder):
    """Waits for the import of Gymnasium."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != _LIBRARY:
            return None
        sys.meta_path.remove(self)
        spec = find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _ThenRegister(spec.loader)
        return spec


class _ThenRegister(Loader):
    """Loads as another loader does, and registers."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        register()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)
