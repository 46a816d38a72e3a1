"""From FILE words to the table that is ranked: opened, with the columns that are asked for."""

from __future__ import annotations

import copy
import fnmatch
import glob
import os
import shlex
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fastinfo._bins.surveys import needs_all_samples
from fastinfo._core.messages import shown_name
from fastinfo._tables.features import Features
from fastinfo._tables.table_readers import opened
from fastinfo.files.finding import find_files
from fastinfo.files.formats.file import unknown_column
from fastinfo.files.many_files import Files
from fastinfo.files.options import ReadOptions
from fastinfo.files.reading import open_path, read_table
from fastinfo.files.sources import Source


def open_table(
    files: Sequence[str],
    *,
    in_parts: bool = False,
    bins: Any = "mi",
    reading: Mapping[str, Any] | None = None,
) -> Features | Source:
    """
    Open FILE words: one file of moderate size in memory, else a table to read part by part.

    `reading` is what people say of the files, as :func:`fastinfo.files.read_table` takes it.
    """
    said = ReadOptions.of(**(reading or {}))
    if len(files) == 1 and not in_parts:
        (file,) = files
        if needs_all_samples(bins) and (os.path.exists(file) or not glob.has_magic(file)):
            return opened(read_table(file, **(reading or {})))
        return opened(open_path(file, said))
    return Files(find_files(files), said)


class Chosen(NamedTuple):
    """What a command works on."""

    table: Features | Source
    target: str | None
    discrete: Any  #: "auto", or what is said of some columns
    given: list[str] | None = None  #: columns that are known

    @property
    def names(self) -> list[str]:
        """The columns of numbers or labels."""
        return list(self.table.names)


def choose(
    files: Sequence[str],
    *,
    target: str | None = None,
    needs_target: bool = False,
    demo: bool = False,
    columns: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
    labels: Sequence[str] | None = None,
    numbers: Sequence[str] | None = None,
    checkpoint: str | None = None,
    bins: Any = "mi",
    reading: Mapping[str, Any] | None = None,
    given: Sequence[str] | None = None,
    weights: str | None = None,
) -> Chosen:
    """Open the table of a command, and see to it that it has what is named."""
    table: Features | Source
    if demo:
        table, label, target = _demo(files, target, checkpoint)
    elif not files:
        raise ValueError("give a FILE to rank the columns of, or --demo for an example")
    else:
        if needs_target and target is None:
            _refuse_a_column_as_file(files, reading)
        in_parts = checkpoint is not None
        table = open_table(files, in_parts=in_parts, bins=bins, reading=reading)
        label = repr(files[0])
    names = [*table.names, *map(str, table.nested)]
    if needs_target:
        _check_target(target, names, label)
    known = named(given, names, "--given", label)
    if target in known:
        raise ValueError(f"--given must not name the target {target!r}")
    if weights is not None:
        if weights not in names:
            raise ValueError(f"--weights: {label} has {unknown_column(weights, names)}")
        if weights in (target, *known):
            raise ValueError(f"--weights must not name the target or what is given: {weights!r}")
    if columns is not None or exclude is not None:
        kept = set(named(columns, names, "--columns", label)) if columns else set(names)
        gone = set(named(exclude, names, "--exclude", label))
        if target in gone:
            raise ValueError(f"--exclude must not name the target {target!r}")
        both = [name for name in known if name in gone]
        if both:
            raise ValueError(f"--given and --exclude must not both name {both[0]!r}")
        kept = (kept - gone) | {name for name in (*known, weights, target) if name is not None}
        table = only(table, kept)
        if not table.names:
            raise ValueError(f"{label} has no column left: --exclude names all of them")
    if needs_target and table.names == [target]:
        raise ValueError(f"{label} has no column besides {target!r}: nothing to rank")
    said = _discrete(labels, numbers, names, table.names, label)
    return Chosen(table, target, said, known or None)


def _demo(
    files: Sequence[str], target: str | None, checkpoint: str | None
) -> tuple[Features | Source, str, str]:
    if files:
        raise ValueError(f"give either {files[0]!r} or --demo, not both")
    if checkpoint is not None:
        raise ValueError("--checkpoint is for files, not for --demo")
    from fastinfo.cli import demo as _demo

    return opened(_demo.flights()), "the demo", _demo.TARGET if target is None else target


def _refuse_a_column_as_file(files: Sequence[str], reading: Mapping[str, Any] | None) -> None:
    """Raise where a word that is no file is a column of the first file."""
    first, *others = files
    for word in others:
        if not os.path.exists(word) and os.path.exists(first) and not glob.has_magic(word):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                table = open_table([first], in_parts=True, reading=reading)
            assert isinstance(table, Source)
            if word in table.columns:
                raise ValueError(
                    f"no such file: {word!r}, which is a column of {first!r}: did you mean "
                    f"--target {shlex.quote(word)}?"
                )


def _check_target(target: str | None, names: Sequence[str], label: str) -> None:
    if target is None:
        shown = ", ".join([*map(shown_name, names[:20]), *(["…"] if len(names) > 20 else [])])
        raise ValueError(f"name the column to explain with --target; the columns are: {shown}")
    if target not in names:
        raise ValueError(f"{label} has {unknown_column(target, names)}")


def named(words: Sequence[str] | None, names: Sequence[str], option: str, label: str) -> list[str]:
    """
    Columns that the words of an option name, in the order of the table.

    A word is a name, a pattern, or several of those with commas between; what is a name as a whole
    is that.
    """
    found: set[str] = set()
    for word in words or ():
        for part in [word] if word in names else word.split(","):
            fitting = [part] if part in names else fnmatch.filter(names, part.strip())
            if not fitting:
                raise ValueError(f"{option}: {label} has {unknown_column(part, names)}")
            found.update(fitting)
    return [name for name in names if name in found]


def only(table: Features | Source, kept: set[str]) -> Features | Source:
    """Some columns of a table."""
    nested = {name: kind for name, kind in table.nested.items() if str(name) in kept}
    if isinstance(table, Features):
        chosen = [i for i, name in enumerate(table.names) if name in kept]
        return table._replace(
            names=[table.names[i] for i in chosen],
            columns=[table.columns[i] for i in chosen],
            keys=[table.keys[i] for i in chosen],
            places=[table.places[i] for i in chosen],
            nested=nested,
        )
    source = copy.copy(table)
    source.columns = [name for name in table.columns if name in kept]
    source.names = [name for name in table.names if name in kept]
    source.nested = nested
    return source


def _discrete(
    labels: Sequence[str] | None,
    numbers: Sequence[str] | None,
    names: Sequence[str],
    kept: Sequence[str],
    label: str,
) -> Any:
    """What the user says of columns, as the library takes it."""
    as_labels = named(labels, names, "--labels", label)
    as_numbers = named(numbers, names, "--numbers", label)
    both = [name for name in as_labels if name in set(as_numbers)]
    if both:
        raise ValueError(f"--labels and --numbers must not both name {both[0]!r}")
    said = dict.fromkeys(as_labels, True) | dict.fromkeys(as_numbers, False)
    there = set(kept)
    return {name: word for name, word in said.items() if name in there} or "auto"
