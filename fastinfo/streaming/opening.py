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
    Open one or more files as a single table that is read part by part.

    Parameters
    ----------
    *paths : str or path-like
        Files with the same columns, in any format that :func:`fastinfo.files.read_table` reads, or
        patterns such as ``"flights-*.parquet"``, whose files are read in order. A folder means all
        tables in it and in its subfolders; folder names such as ``year=2024`` become columns.
    **options
        How to read the files: `sep`, `decimal`, `encoding`, `null_values`, `quoted_null`, `header`,
        `format`, `sheet` and `table`, as in :func:`fastinfo.files.read_table`.

    Returns
    -------
    Source
        A source for :func:`fastinfo.rank_features`, :func:`fastinfo.mutual_information_matrix` and
        other functions of tables.

    Raises
    ------
    OSError
        If a file does not exist or cannot be read.
    TypeError
        If an argument is not a path, for example a list of paths.
    ValueError
        If no file matches a pattern, or a file has an unknown format, is broken, or lacks a column.

    Warns
    -----
    UserWarning
        For columns of text that are converted: see :func:`fastinfo.files.read_table`.

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
    """Raise an error if an argument is not a path."""
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
    Survey each column of numbers in one pass, to find out what its bin edges depend on.

    A survey contains the range and the number of the samples, and their order, on which edges of
    equal counts depend. Up to 100,000 samples are kept. If there are more, the survey keeps counts
    for about 10,000 runs of neighbouring numbers, which takes about 100 kB for each column.

    Parameters
    ----------
    data : table, mapping, path, or source
        Any table that :func:`fastinfo.rank_features` accepts.
    names : sequence of str, optional
        Names of the columns; by default, all of them.

    Returns
    -------
    dict of str to Survey
        Survey of each column of numbers, with ``low``, ``high`` and ``n`` of the finite samples.
        ``a | b`` is the survey of two parts, in any order. Columns of labels have no survey.

    Raises
    ------
    TypeError, ValueError
        If the data is not a table, or a column does not exist or contains lists, structs or maps.

    Examples
    --------
    >>> import pandas as pd
    >>> from fastinfo.streaming import survey
    >>> survey(pd.DataFrame({"a": [3.0, 1.0], "b": ["x", "y"]}))["a"].low
    1.0
    """
    table = opened(data, "data")
    if isinstance(table, Features) and table.is_matrix:
        raise TypeError(f"data must be a table of named columns, got {type(data).__name__}")
    chosen = table.names if names is None else list(names)
    for name in chosen:
        refuse_nested(name, table.nested)
    keys: Sequence[Any] = table.keys if isinstance(table, Features) else ()
    check_names(chosen, [*table.names, *keys])
    return survey_stream(table, chosen)
