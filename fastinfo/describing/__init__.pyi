"""What type checkers read of ``fastinfo.describing``, whose names are imported when used."""

from fastinfo.describing.description import DescribedColumn as DescribedColumn
from fastinfo.describing.description import Description as Description
from fastinfo.describing.each_column import describe as describe

__all__ = [
    "DescribedColumn",
    "Description",
    "describe",
]
