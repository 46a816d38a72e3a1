"""Compiled code on disk: where it lies, what it was compiled from, whether it is whole."""

from fastinfo._core.compiled_code.claims import can_claim
from fastinfo._core.compiled_code.collection import compile_uncollected
from fastinfo._core.compiled_code.files import CodeFiles
from fastinfo._core.compiled_code.made_for import why_unusable
from fastinfo._core.compiled_code.notice import say_when_compiling
from fastinfo._core.compiled_code.places import cache_directory, read_only_directories

__all__ = [
    "CodeFiles",
    "cache_directory",
    "can_claim",
    "compile_uncollected",
    "read_only_directories",
    "say_when_compiling",
    "why_unusable",
]
