"""Compile ahead of time: what the first calls of functions would compile, and keep it on disk."""

from __future__ import annotations

from fastinfo.warming.compiling import warmup

__all__ = ["warmup"]
