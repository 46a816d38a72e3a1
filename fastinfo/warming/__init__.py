"""Compile functions ahead of time, and keep the compiled code on disk."""

from fastinfo._core.lazy.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {"fastinfo.warming.compiling": "warmup"})
