"""What type checkers read of ``fastinfo.drifting``, whose names are imported when used."""

from fastinfo.drifting.comparing import drift as drift
from fastinfo.drifting.table_drift import ColumnDrift as ColumnDrift
from fastinfo.drifting.table_drift import TableDrift as TableDrift

__all__ = [
    "ColumnDrift",
    "TableDrift",
    "drift",
]
