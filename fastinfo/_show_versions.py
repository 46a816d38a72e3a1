"""What a bug report needs."""

from __future__ import annotations

import importlib.metadata
import os
import platform

import numba
from llvmlite.binding import get_host_cpu_name

from fastinfo._core.compiled_code import cache_directory
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


def show_versions() -> None:
    """
    Print what a bug report needs: versions, platform, CPU, threads, where compiled code is kept.

    Returns
    -------
    None
        It prints a line for each fact.

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.show_versions()
    python       ...
    """
    facts = {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu": f"{get_host_cpu_name()}, {os.cpu_count()} logical",
        "threads": str(get_num_threads()),
        "jit": "off" if numba.config.DISABLE_JIT else "on",
        "jit cache": cache_directory() or "no directory that can be written",
    }
    facts["fastinfo"] = __version__
    for package in _PACKAGES:
        try:
            facts[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            facts[package] = "not installed"
    for name, value in facts.items():
        print(f"{name:<12} {printable(value)}")
