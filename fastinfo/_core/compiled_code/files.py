"""Files of compiled code: one per signature, named by a digest of all that the code depends on."""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba import types
from numba.core.runtime import rtsys
from numba.core.serialize import dumps

from fastinfo._core.compiled_code.claims import claim, release
from fastinfo._core.compiled_code.linked import rebuilt
from fastinfo._core.compiled_code.made_for import note_in
from fastinfo._core.compiled_code.places import cache_directory, read_only_directories
from fastinfo._core.compiled_code.sources import sources_of_kernels, sources_of_package
from fastinfo._core.own_files import replacing

_DIGEST = hashlib.sha256().digest_size


class CodeFiles:
    """
    Compiled code of one function on disk, in place of numba's ``FunctionCache``.

    numba keeps an index beside the code of each function, and uses the code as long as the file
    that declares the function does not change. Here the name of a file is a digest of everything
    its code depends on, including the sources of all kernels, and the file begins with a digest of
    its name and content. So there is no index that could be damaged. Versions of the package, and
    processes that start together, do not interfere. Incomplete files are compiled again and
    replaced.

    Nothing is read before the function is first compiled. A file that can't be read or written
    costs a compilation. An error is raised only if even that is impossible.
    """

    def __init__(self, function: Callable[..., Any], variety: str = "") -> None:
        self._function = function
        self._variety = variety  # the kind of callers that its code is compiled for

    @property
    def cache_path(self) -> str | None:
        """Where the files are, or None if there is no place for them."""
        return cache_directory()

    def load_overload(self, signature: Any, context: Any) -> Any:
        """Compiled code for a signature, or None if there is none that can be used."""
        try:
            name = self._file(signature, context.codegen())
        except Exception:
            name = None
        found = None
        if name is not None:
            found = self._loaded(name, signature, context)
            directory = cache_directory()
            if found is None and directory is not None:
                claim(directory, name)
                # Another process may have compiled it in the meantime.
                found = self._loaded(name, signature, context)
                if found is not None:
                    release(directory, name)
        if found is None:
            _need_directory()
        return found

    def _loaded(self, name: str, signature: Any, context: Any) -> Any:
        wanted = tuple(getattr(signature, "args", signature))
        for directory in filter(None, (*read_only_directories(), cache_directory())):
            try:
                found = _opened(name, Path(directory, name).read_bytes())
                code = None if found is None else _rebuilt(context, found)
            except Exception:
                continue
            if code is not None and tuple(code.signature.args) == wanted:
                return code
        return None

    def save_overload(self, signature: Any, code: Any) -> None:
        """Store compiled code, if possible."""
        directory, name = cache_directory(), self._file(signature, code.codegen)
        if directory is None or name is None:
            return
        try:
            # What uses addresses, or is compiled in pieces, only this process can use.
            if not code.library.has_dynamic_globals and not code.lifted:
                with contextlib.suppress(OSError):
                    os.makedirs(directory, exist_ok=True)
                    note_in(directory)
                    with replacing(Path(directory, name)) as new:
                        Path(new).write_bytes(_closed(name, dumps(_reduced(code))))
        finally:
            release(directory, name)

    def flush(self) -> None:
        """Remove what is stored of the function, because numba is about to compile it again."""
        directory = cache_directory()
        for path in Path(directory).glob(f"{self._name}-*.nbc") if directory else ():
            with contextlib.suppress(OSError):
                path.unlink()

    @property
    def _name(self) -> str:
        """The function's name, in a form that can be part of a file name."""
        module = self._function.__module__.rpartition(".")[2]
        return f"{module}.{self._function.__qualname__}".replace("<", "").replace(">", "")

    def _file(self, signature: Any, codegen: Any) -> str | None:
        """The name of the file for a signature, or None if there can be none."""
        sources = self._sources()
        if sources is None or self._function.__closure__:
            return None
        if any(isinstance(a, types.Dispatcher) for a in getattr(signature, "args", signature)):
            return None  # a function is identified by its address in memory
        key = (
            *(self._function.__module__, self._function.__qualname__, self._variety, sources),
            *(signature, codegen.magic_tuple()),
            *(numba.__version__, sys.implementation.cache_tag, getattr(sys, "abiflags", "")),
            bool(numba.config.BOUNDSCHECK),
        )
        digest = hashlib.sha256(repr(key).encode() + self._function.__code__.co_code).hexdigest()
        return f"{self._name}-{digest[:32]}.nbc"

    def _sources(self) -> str | None:
        """Digest of the sources of the function, or None if they are unknown."""
        package = __name__.partition(".")[0]
        module = self._function.__module__
        if module.startswith(f"{package}.kernels."):
            return sources_of_kernels()
        of_package = sources_of_package()
        if of_package is None or module.startswith(f"{package}."):
            return of_package
        try:
            own = Path(inspect.getfile(self._function)).read_bytes()
        except OSError:
            return None
        return of_package + hashlib.sha256(own).hexdigest()


def _reduced(code: Any) -> tuple[Any, ...]:
    """
    Compiled code as numba stores it, without what would make loading slow.

    This includes the environments of numba's own functions: they are empty, but each would import
    the module that declares its function, in some cases SciPy.
    """
    *kept, environments = code._reduce()
    needed = [e for e in environments if e.consts or not _is_of_numba(e)]
    return (*kept, tuple(needed))


def _is_of_numba(environment: Any) -> bool:
    return str(environment.globals.get("__name__")).partition(".")[0] == "numba"


def _rebuilt(context: Any, content: bytes) -> Any:
    """
    Compiled code, ready to be called.

    numba's own cache first calls ``context.refresh()``, which imports everything that numba can
    compile. This takes 0.3 s, but compiled code only needs the runtime for reference counts of
    arrays.
    """
    try:
        rtsys.initialize(context)
        return rebuilt(context, *pickle.loads(content))
    except Exception:
        context.refresh()
        return rebuilt(context, *pickle.loads(content))


def _need_directory() -> None:
    """Raise a clear error of one line if numba would fail to name its files."""
    try:
        os.getcwd()
    except OSError as error:
        raise FileNotFoundError(
            "the working directory no longer exists, and numba needs one: change to another one"
        ) from error


def _closed(name: str, content: bytes) -> bytes:
    """The content of a file, preceded by its digest."""
    return hashlib.sha256(name.encode() + content).digest() + content


def _opened(name: str, file: bytes) -> bytes | None:
    """The content of a file, or None if it is not what was written under that name."""
    content = file[_DIGEST:]
    return content if _closed(name, content) == file else None
