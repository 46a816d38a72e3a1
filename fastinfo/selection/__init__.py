"""Selection of columns: :func:`select_features`, and a scikit-learn transformer."""

from fastinfo._core.lazy.names import lazy_names

# Not the transformer: a star import needs no scikit-learn.
__all__ = ["SelectedFeature", "Selection", "select_features"]

__getattr__, __dir__, _ = lazy_names(
    __name__,
    {
        "fastinfo.selection.selecting": "SelectedFeature Selection select_features",
        "fastinfo.selection.selector": "MutualInfoSelector",
    },
)
