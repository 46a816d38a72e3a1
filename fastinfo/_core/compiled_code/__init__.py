"""Compiled code on disk: where it lies, what it was compiled from, whether it is whole."""

from fastinfo._core.compiled_code.files import CodeFiles
from fastinfo._core.compiled_code.places import cache_directory

__all__ = ["CodeFiles", "cache_directory"]
