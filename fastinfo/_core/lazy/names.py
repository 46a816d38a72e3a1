"""Names of a package that are imported when they are first used.

A package that declares its names by :func:`lazy_names` takes no time to import. Type checkers and
editors read the stub beside it, ``__init__.pyi``, as described in SPEC 1 of Scientific Python
(https://scientific-python.org/specs/spec-0001/).
"""

from __future__ import annotations

import os
import sys
from _thread import RLock  # the module threading takes a while to import
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:  # the module typing takes a while to import, too
    from collections.abc import Callable
    from typing import Any

# Held while names are imported, and while the process forks. Otherwise a child might wait forever
# for an import that another thread of its parent had begun.
_importing = RLock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_importing.acquire,
        after_in_parent=_importing.release,
        after_in_child=_importing.release,
    )


def lazy_names(
    package: str, names: dict[str, str], modules: str = ""
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """
    Declare the names of a package; return its ``__getattr__``, ``__dir__`` and ``__all__``.

    Parameters
    ----------
    package : str
        The name of the package.
    names : dict
        For each module, the names to import from it, separated by spaces.
    modules : str, optional
        Modules that are attributes of the package, separated by spaces.
    """
    module_of = {name: module for module, listed in names.items() for name in listed.split()}
    submodules = frozenset(modules.split())
    namespace = sys.modules[package].__dict__

    def attribute(name: str) -> Any:
        if name in submodules:
            with _importing:
                return import_module(f"{package}.{name}")
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with _importing:
            value = getattr(import_module(module_of[name]), name)
        namespace[name] = value  # from now on Python finds it without this function
        return value

    def names_there() -> list[str]:
        return sorted({*namespace, *module_of, *submodules})

    return attribute, names_there, sorted(module_of)
