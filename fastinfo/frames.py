"""Tables of pandas, Polars and PyArrow: what is one, and its columns by name (through narwhals)."""

from __future__ import annotations

from typing import Any

__all__ = ["is_series", "is_table", "table_columns"]

_MISSING_EXTRA = (
    'tables need narwhals and pyarrow, which are not installed: pip install "fastinfo[frames]"'
)


def _narwhals() -> Any:
    try:
        import narwhals.stable.v2 as nw
        import pyarrow as pa  # noqa: F401
    except ImportError as error:
        raise ImportError(_MISSING_EXTRA) from error
    return nw


def is_table(data: Any) -> bool:
    """Whether the data is a table of named columns, and not an array or a list."""
    kind = type(data)  # a lazy table would warn of a look at its columns
    return hasattr(kind, "columns") or hasattr(kind, "column_names")


def is_series(data: Any) -> bool:
    """Whether the data is a column of some table library."""
    return type(data).__module__.partition(".")[0] in ("pandas", "polars", "pyarrow")


def table_columns(table: Any, name: str = "X") -> dict[str, Any]:
    """Columns of a table by name."""
    nw = _narwhals()
    try:
        frame = nw.from_native(table, eager_only=True)
    except TypeError as error:
        raise TypeError(
            f"{name} must be an array or a pandas, Polars or PyArrow table, "
            f"got {type(table).__name__}"
        ) from error
    except nw.exceptions.DuplicateError as error:
        raise ValueError(f"{name} must have columns of different names: {error}") from error
    columns = {str(column): frame.get_column(column) for column in frame.columns}
    if len(columns) < len(frame.columns):
        raise ValueError(
            f"{name} must have columns of different names when written out, "
            f"got {list(frame.columns)}"
        )
    return columns
