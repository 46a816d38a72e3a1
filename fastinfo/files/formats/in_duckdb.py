"""DuckDB for reading files: its connections and its errors."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastinfo._core.messages import printable
from fastinfo._core.threads import get_num_threads


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(path: str) -> str:
    """A path as an SQL literal, without wildcards."""
    return quoted(re.sub(r"([*?\[])", r"[\1]", path))


@contextmanager
def connection(**options: Any) -> Iterator[Any]:
    """A new connection that downloads nothing."""
    import duckdb

    config = {
        "threads": get_num_threads(),
        "autoinstall_known_extensions": "false",
        **options,
    }
    with duckdb.connect(config=config) as found:
        yield found


def rows(relation: Any, size: int) -> Any:
    """A reader of the batches of a relation."""
    read = getattr(relation, "to_arrow_reader", None) or relation.fetch_record_batch
    return read(size)


def whole(relation: Any) -> Any:
    """A whole relation as an Arrow table."""
    read = getattr(relation, "to_arrow_table", None) or relation.fetch_arrow_table
    return read()


def is_failure(error: Exception) -> bool:
    """Whether DuckDB raised the error."""
    known = sys.modules.get("duckdb")
    return known is not None and isinstance(error, known.Error)


def said(error: Exception) -> str:
    """The first sentence of an error of DuckDB."""
    text = re.split(r"\n\s*(?:Possible|file =|LINE|Candidate)", str(error))[0]
    text = re.sub(r"^[A-Z]\w+(?: \w+)* Error: ", "", text)
    return printable(" ".join(text.split()))[:300].rstrip(". ")
