"""Tables that are read part by part, and the first pass over them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from fastinfo._bins.surveys import Survey
from fastinfo._tables.features import Features, refuse_nested
from fastinfo._tables.table_readers import opened
from fastinfo.files.finding import find_files
from fastinfo.files.many_files import Files
from fastinfo.files.options import ReadOptions
from fastinfo.files.sources import Source
from fastinfo.streaming.runs import check_names, survey_stream


def open_files(*paths: str | os.PathLike[str], **options: Any) -> Source:
    r"""
    Open files as one table that is read part by part.

    Parameters
    ----------
    *paths : str or path-like
        Files of any kind that :func:`fastinfo.files.read_table` reads, with the same columns, or
        patterns of names, as ``"flights-*.parquet"``: those that fit are taken in their order. Of a
        folder all tables in it and below; names of folders such as ``year=2024`` are columns.
    **options
        How they are read: `sep`, `decimal`, `encoding`, `null_values`, `quoted_null`, `header`,
        `format`, `sheet` and `table`, as in :func:`fastinfo.files.read_table`.

    Returns
    -------
    Source
        What :func:`fastinfo.rank_features` and :func:`fastinfo.mutual_information_matrix` take.

    Raises
    ------
    OSError
        If there is no such file, or it may not be read.
    TypeError
        If a path is something else, as a list of paths.
    ValueError
        If no file fits a pattern, or a file is of an unknown kind, broken, or lacks a column.

    Warns
    -----
    UserWarning
        Of columns of text that are taken as something else, as
        :func:`fastinfo.files.read_table` does.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import fastinfo
    >>> from fastinfo.streaming import open_files
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for i in range(2):
    ...         _ = pathlib.Path(folder, f"{i}.csv").write_text("a,b\n0,0\n1,1\n")
    ...     table = open_files(f"{folder}/*.csv")
    ...     fastinfo.mutual_information_matrix(table, base=2)
            a       b
    a  1.0000  1.0000
    b  1.0000  1.0000
    [2 x 2, bits, entropies on the diagonal]
    """
    _refuse_lists(paths)
    return Files(find_files([os.fspath(path) for path in paths]), ReadOptions.of(**options))


def _refuse_lists(paths: Sequence[Any]) -> None:
    """Raise where a path is none."""
    for path in paths:
        if isinstance(path, str | os.PathLike):
            continue
        hint = ""
        if isinstance(path, list | tuple) and all(isinstance(p, str | os.PathLike) for p in path):
            named = [repr(os.fspath(part)) for part in path]
            hint = f": open_files({', '.join([*named[:2], *['...'][: len(named) - 2]])})"
        raise TypeError(f"paths must be paths, got {type(path).__name__}{hint}")


def survey(data: Any, names: Sequence[str] | None = None) -> dict[str, Survey]:
    """
    Range, number and order of the samples of each column of numbers, in one pass.

    The order is what bins of equally many samples depend on: all of no more than 100,000 samples,
    of more their counts in about 10,000 runs of neighbouring numbers, some 100 kB for each column.

    Parameters
    ----------
    data : table, mapping, path, or source
        Whatever table :func:`fastinfo.rank_features` takes.
    names : sequence of str, optional
        The columns. All of them by default.

    Returns
    -------
    dict of str to Survey
        With ``low``, ``high`` and ``n`` of the finite samples; ``a | b`` is that of two parts,
        whatever their order. Labels have none.

    Raises
    ------
    TypeError, ValueError
        If the data is no table, or has no such column, or that is of lists, structs or maps.

    Examples
    --------
    >>> import pandas as pd
    >>> from fastinfo.streaming import survey
    >>> survey(pd.DataFrame({"a": [3.0, 1.0], "b": ["x", "y"]}))["a"].low
    1.0
    """
    table = opened(data, "data")
    if isinstance(table, Features) and table.array is not None:
        raise TypeError(f"data must be a table of named columns, got {type(data).__name__}")
    chosen = table.names if names is None else list(names)
    for name in chosen:
        refuse_nested(name, table.nested)
    keys: Sequence[Any] = table.keys if isinstance(table, Features) else ()
    check_names(chosen, [*table.names, *keys])
    return survey_stream(table, chosen)
