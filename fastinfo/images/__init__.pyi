"""What type checkers read of ``fastinfo.images``, whose names are imported when used."""

from fastinfo.images.normalizing import (
    normalized_mutual_information as normalized_mutual_information,
)

__all__ = [
    "normalized_mutual_information",
]
