"""Choosing columns: :func:`select_features`, and the same as a scikit-learn transformer."""

from __future__ import annotations

from typing import Any

from fastinfo.selection.selecting import SelectedFeature, Selection, select_features

__all__ = ["SelectedFeature", "Selection", "select_features"]


def __getattr__(name: str) -> Any:
    """Load what needs scikit-learn when it is asked for."""
    if name == "MutualInfoSelector":
        try:
            from fastinfo.selection.selector import MutualInfoSelector
        except ImportError as error:
            raise ImportError(
                "MutualInfoSelector needs scikit-learn, which is not installed: "
                'pip install "fastinfo[sklearn]"'
            ) from error
        return MutualInfoSelector
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
