"""Ranking of columns by their information about a target, with p-values."""

from fastinfo._core.lazy.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "fastinfo._columns.ranked": "RankedFeature Ranking",
        "fastinfo.ranking.features": "rank_features",
    },
)
