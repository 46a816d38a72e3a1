"""Compile ahead of time: what the first calls of functions would compile, into numba's cache."""

from __future__ import annotations

from fastinfo.warming.compiling import warmup

__all__ = ["warmup"]
