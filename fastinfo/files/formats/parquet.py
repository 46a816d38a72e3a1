"""Parquet files, whole or by row groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from fastinfo._bins.surveys import Survey
from fastinfo.files.formats.file import File
from fastinfo.files.sources import in_parts, narrow_dictionaries, part_rows

if TYPE_CHECKING:
    import pyarrow as pa

_BUFFER = 1 << 18  # bytes of a column chunk that are read at a time
_NUMBERS = ("FLOAT", "DOUBLE", "INT32", "INT64")


class Parquet(File):
    """A Parquet file, read by row groups; column chunks are read in small pieces."""

    def look(self) -> None:
        with self._open(buffer_size=_BUFFER, pre_buffer=False) as file:
            self._metadata = file.metadata
            self._schema = file.schema_arrow
        self._know_schema(self.chosen(self._schema.names), self._schema)
        self.n_rows = self._metadata.num_rows

    def _open(self, **options: Any) -> Any:
        """The file; text with a dictionary gets codes of 32 bits, even if fewer are declared."""
        from pyarrow import parquet

        file = parquet.ParquetFile(self.path, **options)
        narrow = narrow_dictionaries(file.schema_arrow)
        if not narrow:
            return file
        file.close()
        return parquet.ParquetFile(self.path, read_dictionary=narrow, **options)

    def table(self, names: Sequence[str] | None = None) -> pa.Table:
        with self._open(memory_map=True) as file:
            return file.read(columns=self.chosen(file.schema_arrow.names, names))

    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        groups: list[int] = []
        for i in range(self._metadata.num_row_groups):
            size = self._metadata.row_group(i).num_rows
            if not groups and start >= size:
                start -= size
                continue
            groups.append(i)
        if not groups:
            return
        rows = part_rows(len(names))
        with self._open(buffer_size=_BUFFER, pre_buffer=False) as file:
            batches = file.iter_batches(rows, row_groups=groups, columns=list(names))
            yield from in_parts(batches, rows, start)

    def surveys(self, names: Sequence[str]) -> dict[str, Survey]:
        """Ranges from the statistics of the row groups, if all have them."""
        import pyarrow as pa

        found: dict[str, Survey] = {}
        places = {}
        for j in range(self._metadata.num_columns):
            column = self._metadata.schema.column(j)
            places[column.path] = (j, column.physical_type)
        for name in names:
            place, kind = places.get(name, (-1, ""))
            field = self._schema.field(name).type
            plain = pa.types.is_integer(field) or field in (pa.float32(), pa.float64())
            if place < 0 or kind not in _NUMBERS or not plain:
                continue
            whole = Survey()
            kind_of = "i" if pa.types.is_integer(field) else f"f{field.bit_width // 8}"
            for i in range(self._metadata.num_row_groups):
                chunk = self._metadata.row_group(i).column(place)
                statistics = chunk.statistics
                if statistics is None or not statistics.has_null_count:
                    break
                n = chunk.num_values - statistics.null_count
                if n and not statistics.has_min_max:
                    break
                if n:
                    low, high = float(statistics.min), float(statistics.max)
                    if not low <= high:  # NaN, or meaningless statistics
                        break
                    whole |= Survey(low, high, n, kind_of, kind_of == "i")
            else:
                rows = self._metadata.num_rows
                if kind_of == "i" and whole.n and whole.n < rows:  # floats, as nulls are NaN
                    whole = whole._replace(kind="f8")
                found[name] = whole
        return found
