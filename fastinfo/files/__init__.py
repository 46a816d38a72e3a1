"""Tables from files: CSV, TSV, Parquet, Feather, Arrow and NumPy's ``.npy``.

Needs pyarrow, which comes with ``pip install "fastinfo[frames]"``.
"""

from __future__ import annotations

from fastinfo.files.reading import open_path, read_table

__all__ = ["open_path", "read_table"]
