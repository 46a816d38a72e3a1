"""What type checkers read of ``fastinfo.selection``, whose names are imported when used."""

from fastinfo.selection.selecting import SelectedFeature as SelectedFeature
from fastinfo.selection.selecting import Selection as Selection
from fastinfo.selection.selecting import select_features as select_features
from fastinfo.selection.selector import MutualInfoSelector as MutualInfoSelector

__all__ = [
    "SelectedFeature",
    "Selection",
    "select_features",
]
