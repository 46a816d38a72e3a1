"""What type checkers read of ``fastinfo.ranking``, whose names are imported when used."""

from fastinfo._columns.ranked import RankedFeature as RankedFeature
from fastinfo._columns.ranked import Ranking as Ranking
from fastinfo.ranking.features import rank_features as rank_features

__all__ = ["RankedFeature", "Ranking", "rank_features"]
