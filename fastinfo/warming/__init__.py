"""Compile ahead of time: what the first calls of functions would compile, and keep it on disk."""

from fastinfo._core.lazy.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {"fastinfo.warming.compiling": "warmup"})
