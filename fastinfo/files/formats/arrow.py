"""Arrow's file format, which Feather files have too, and Arrow streams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fastinfo.files.formats.file import File
from fastinfo.files.sources import in_parts, part_rows

if TYPE_CHECKING:
    import pyarrow as pa


def _valid(data: Any) -> Any:
    """A table or batch whose values are all within its buffers."""
    data.validate(full=True)
    return data


class Arrow(File):
    """
    A file in Arrow's file format (also Feather), or an Arrow stream.

    Arrow uses offsets, codes and text as they are in the file. A damaged file could make it read
    beyond its buffers, so everything that is read is validated. Readers of Parquet and text create
    their own buffers.
    """

    @contextmanager
    def _open(self, source: Any) -> Iterator[tuple[Any, bool]]:
        import pyarrow as pa

        with source:
            is_file = source.read(6) == b"ARROW1"
            source.seek(0)
            yield (pa.ipc.open_file if is_file else pa.ipc.open_stream)(source), is_file

    def look(self) -> None:
        import pyarrow as pa

        with self._open(pa.OSFile(self.path)) as (file, _):
            self._know_schema(self.chosen(file.schema.names), file.schema)

    def table(self, names: Sequence[str] | None = None) -> pa.Table:
        """Map the file into memory, so that it is not copied."""
        import pyarrow as pa

        with self._open(pa.memory_map(self.path)) as (file, _):
            table = file.read_all()
        return _valid(table.select(self.chosen(table.column_names, names)))

    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        import pyarrow as pa

        with self._open(pa.OSFile(self.path)) as (file, is_file):
            batches: Any = file
            if is_file:
                batches = (file.get_batch(i) for i in range(file.num_record_batches))
            chosen = (_valid(batch.select(list(names))) for batch in batches)
            yield from in_parts(chosen, part_rows(len(names)), start)
