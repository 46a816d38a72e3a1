"""Drift between two tables, column by column: :func:`fastinfo.drift` and its result."""

from fastinfo._core.lazy.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "fastinfo.drifting.comparing": "drift",
        "fastinfo.drifting.table_drift": "ColumnDrift TableDrift",
    },
)
