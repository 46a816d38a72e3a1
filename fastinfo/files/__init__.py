"""Read tables from files: text, JSON, Parquet, Feather, Arrow, NumPy, spreadsheets, databases.

This module needs pyarrow: ``pip install "fastinfo[frames]"``.
"""

from __future__ import annotations

from fastinfo.files.reading import open_path, read_table

__all__ = ["open_path", "read_table"]
