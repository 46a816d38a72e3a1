"""Information for bug reports."""

from __future__ import annotations

import importlib.metadata
import os
import platform

import numba
from llvmlite.binding import get_host_cpu_name

from fastinfo._core.compiled_code import cache_directory, read_only_directories, why_unusable
from fastinfo._core.messages import printable
from fastinfo._core.threads import get_num_threads
from fastinfo._version import __version__

_PACKAGES = (
    "numba",
    "llvmlite",
    "numpy",
    "scipy",
    "scikit-learn",
    "pandas",
    "polars",
    "pyarrow",
    "narwhals",
    "dask",
    "matplotlib",
    "typer",
    "rich",
)


def _read_only_code() -> list[tuple[str, str]]:
    """Read-only directories of compiled code, and why the code cannot be used, if so."""
    given = numba.config.CACHE_DIR
    found = dict.fromkeys(map(os.path.dirname, read_only_directories()))
    if given and os.path.dirname(cache_directory() or "") != os.path.abspath(given):
        found[os.path.abspath(given)] = None
    reasons = {place: why_unusable(place) for place in found}
    return [
        ("read only", place if reason is None else f"{place}: can't be used, {reason}")
        for place, reason in reasons.items()
    ]


def show_versions() -> None:
    """
    Print versions, platform, CPU, threads and the directory of compiled code, for bug reports.

    Returns
    -------
    None
        One line is printed for each item.

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.show_versions()
    python       ...
    """
    facts = [
        ("python", platform.python_version()),
        ("platform", platform.platform()),
        ("cpu", f"{get_host_cpu_name()}, {os.cpu_count()} logical"),
        ("threads", str(get_num_threads())),
        ("jit", "off" if numba.config.DISABLE_JIT else "on"),
        ("jit cache", cache_directory() or "no directory that can be written"),
        *_read_only_code(),
        ("fastinfo", __version__),
        *((package, _version(package)) for package in _PACKAGES),
    ]
    for name, value in facts:
        print(f"{name:<12} {printable(value)}")


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
