"""Notes on what to know about a column before trusting its rank, and warnings about them."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping, Sequence
from typing import Any

import numpy as np

from fastinfo._bins.options import Binning
from fastinfo._codes.column import UNIQUE_FROM, Column
from fastinfo._column_readers.sparse_columns import SparseColumn, SparseColumns
from fastinfo._columns.code_matrix import CodeMatrix, with_missing_level
from fastinfo._columns.coding import code_one, code_sparse_features
from fastinfo._core.coded_variable import Coded
from fastinfo._core.messages import listed, warn
from fastinfo._tables.features import Features

_CONSTANT, _NEARLY_UNIQUE, _ROW_NUMBER = "constant", "nearly unique", "row number"
_MOSTLY_MISSING, _MAY_LEAK = "mostly missing", "may leak"
_EMPTY = "all missing"
_SAME = "same as "

#: Notes in the order in which they are listed, with their meanings.
_MEANINGS = {
    _EMPTY: "information NaN",
    _CONSTANT: "information 0",
    _NEARLY_UNIQUE: "most of its labels occur once, as those of identifiers do",
    _ROW_NUMBER: "integers that only number the rows",
    _MOSTLY_MISSING: "fewer than half of the rows have a value",
    _MAY_LEAK: "almost completely decides the target: is it known before the target?",
}
_LEAKS = 0.95  # from this share on, a column may have been computed from the target
_INTEGERS = {f"{sign}int{8 << i}" for sign in ("", "u") for i in range(4)}  # Arrow's names
_NO_LEVEL = 2**32 - 1  # for a missing row
_FIRST, _LOOKED_AT = 8, 64  # so many integers are checked for duplicates first


def notes_of(
    levels: int, n: int, n_rows: int, share: float, *, labels: bool, row_number: bool
) -> tuple[str, ...]:
    """Notes on a column with `levels` levels in `n` of the `n_rows` rows that have a target."""
    notes = []
    if levels == 1:
        notes.append(_CONSTANT)
    if labels and levels > 1 and 2 * levels > n_rows:
        notes.append(_NEARLY_UNIQUE)
    if row_number:
        notes.append(_ROW_NUMBER)
    if 2 * n < n_rows:
        notes.append(_MOSTLY_MISSING)
    if share >= _LEAKS and not notes:
        notes.append(_MAY_LEAK)
    return tuple(notes)


def same_as(name: str) -> str:
    """The note on a column that groups the rows in the same way as an earlier column."""
    return _SAME + name


def counts_rows(values: Any) -> bool:
    """Whether a column consists of integers that are all different and equally spaced."""
    if isinstance(values, SparseColumn):
        if values.n_rows - values.rows.size > 1 or values.dtype.kind not in "iu":
            return False  # all samples that are not stored are equal
        values = np.asarray(values)
    if not isinstance(values, np.ndarray):
        kind: Any = values.dtype if hasattr(values, "dtype") else getattr(values, "type", None)
        whole = getattr(kind, "kind", "") in ("i", "u") or str(kind) in _INTEGERS
        if not (whole or (hasattr(kind, "is_integer") and kind.is_integer())):
            return False
        values = Column.of(values, "").numbers().values
    n = values.size
    if values.dtype.kind not in "iu" or n < 3:
        return False
    first = values[:_FIRST].tolist()
    if len({*first}) < len(first):
        return False
    some = values[:: max(n // _LOOKED_AT, 1)]
    if np.unique(some).size < some.size:
        return False
    low, high = int(values.min()), int(values.max())
    step, rest = divmod(high - low, n - 1)
    if rest or not 0 < high - low < 2**62:
        return False
    places = values.astype(np.int64) - low if high < 2**63 else (values - values.dtype.type(low))
    places, odd = np.divmod(places, places.dtype.type(step))
    if odd.any():
        return False
    seen = np.zeros(n, np.bool_)
    seen[places] = True
    return bool(seen.all())


def find_twins(
    features: Features, binning: Binning, keys: Sequence[tuple[Any, ...] | None]
) -> dict[int, str]:
    """
    Columns that group the rows as an earlier column does, by place, with that one's name.

    Only columns with the same key are compared; None means that a column is not compared.
    """
    groups: dict[tuple[Any, ...], list[int]] = {}
    for i, key in enumerate(keys):
        if key is not None:
            groups.setdefault(key, []).append(i)
    twins: dict[int, str] = {}
    alike = [group for group in groups.values() if len(group) > 1]
    options = binning.columns(features.names) if alike else []
    known = _sparse_partitions(features, binning, sorted({i for group in alike for i in group}))
    for group in alike:
        first: dict[bytes, int] = {}
        for i in group:
            digest = known.get(i)
            if digest is None:
                name = features.names[i]
                coded, absent, _ = code_one(features.values(i), name, options[i])
                if binning.missing == "category":
                    coded = with_missing_level(coded, absent)
                digest = _partition(coded)
            j = first.setdefault(digest, i)
            if j != i:
                twins[i] = features.names[j]
    return twins


def _sparse_partitions(
    features: Features, binning: Binning, places: Sequence[int]
) -> dict[int, bytes]:
    """Digests of :func:`_partition` of the sparse columns at some places."""
    known = isinstance(features.columns, SparseColumns)
    columns = [] if features.array is not None else features.columns
    kept = [i for i in places if known or (columns and isinstance(columns[i], SparseColumn))]
    if not kept:
        return {}
    matrix = code_sparse_features(features.chosen(kept), binning, as_array=False)
    assert matrix.sparse is not None
    found = matrix.sparse.partitions(matrix.n_levels)
    stored = np.diff(matrix.sparse.starts).tolist()
    out = {}
    for k, (i, (missing, rows)) in enumerate(zip(kept, found, strict=True)):
        if k in matrix.wide or 2 * stored[k] >= matrix.n_rows:
            out[i] = _partition(matrix.column(k))
        else:
            out[i] = _digest(missing, rows)
    return out


def _partition(coded: Coded) -> bytes:
    """Digest of which rows have the same level, whatever the levels are."""
    sizes = np.bincount(coded.codes, minlength=coded.n_levels + 1)
    usual = int(sizes.argmax())
    alike = 2 * int(sizes[usual]) > coded.codes.size
    rows = np.flatnonzero(coded.codes != usual) if alike else np.arange(coded.codes.size)
    codes = coded.codes[rows]
    found, places = np.unique(codes, return_index=True)
    places = places[found < coded.n_levels]
    numbers = np.full(coded.n_levels + 1, _NO_LEVEL, np.uint32)
    numbers[found[found < coded.n_levels]] = np.argsort(np.argsort(places))
    return _digest(
        alike and usual == coded.n_levels,
        rows.astype(np.int64).tobytes() + numbers[codes].tobytes(),
    )


def _digest(missing: bool, rows: bytes) -> bytes:
    return hashlib.blake2b(rows, digest_size=16, person=b"missing" if missing else b"").digest()


def warn_of_notes(notes: Mapping[str, str]) -> None:
    """Name the columns that have notes, with the notes, in one warning."""
    said = []
    for what, meaning in _MEANINGS.items():
        names = [name for name, note in notes.items() if what in note.split("; ")]
        if names:
            said.append(f"{what} ({meaning}): {listed(names)}")
    same = [name for name, note in notes.items() if _SAME in note]
    if same:
        said.append(f"same as another column: {listed(same)}")
    if said:
        warn(f"columns to look at: {'; '.join(said)}")


def warn_of_target(name: str, n: int, n_rows: int) -> None:
    """Warn if the target has a value in fewer than half of the rows, from 100 rows on."""
    if n_rows >= UNIQUE_FROM and 2 * n < n_rows:
        warn(f"the target {name!r} has a value in {n} of {n_rows} rows: only those rows are used")


def notes_of_samples(
    levels: int, n: int, n_rows: int, *, labels: bool, row_number: bool = False
) -> str:
    """Notes on a column without a target that has `levels` levels in `n` of the rows."""
    if not n:
        return _EMPTY
    notes = notes_of(levels, n, n_rows, 0.0, labels=labels, row_number=row_number)
    return "; ".join(note for note in notes if note == _CONSTANT or n_rows >= UNIQUE_FROM)


def notes_of_columns(matrix: CodeMatrix, as_labels: Container[str] = ()) -> dict[str, str]:
    """Notes on coded columns without a target, by name; some are known to be labels on purpose."""
    empty, constant = matrix.empty_and_constant()
    notes = dict.fromkeys(empty, _EMPTY) | dict.fromkeys(constant, _CONSTANT)
    n_rows, n_missing = matrix.n_rows, matrix.n_missing
    many = matrix.labels & (2 * matrix.n_levels > n_rows)  # some levels may not occur
    for i in np.flatnonzero(many | (2 * n_missing > n_rows)).tolist():
        name = matrix.names[i]
        known = notes.get(name)
        if known != _EMPTY:
            levels = 1 if known == _CONSTANT else matrix.occurring(i).n_levels
            labels = bool(many[i]) and name not in as_labels
            n = n_rows - int(n_missing[i])
            notes[name] = notes_of_samples(levels, n, n_rows, labels=labels)
    return notes


def without_information(notes: Mapping[str, str]) -> set[str]:
    """Names of the columns that are all missing or have a single value."""
    return {name for name, note in notes.items() if {_EMPTY, _CONSTANT} & {*note.split("; ")}}


def warn_of_infinite(infinite: Mapping[str, int]) -> None:
    """Warn about columns with infinite values, and how many each has."""
    _warn_of_outside(infinite, "infinite values")


def warn_of_outside(outside: Mapping[str, int]) -> None:
    """Warn about samples outside the bins of data in parts: infinite, or not in the surveys."""
    _warn_of_outside(outside, "infinite values, or values that were not in the surveys,")


def _warn_of_outside(outside: Mapping[str, int], what: str) -> None:
    if any(outside.values()):
        said = [f"{name} ({n:,})" for name, n in outside.items() if n]
        warn(f"{what} lie outside the bins of their column and are left out: {listed(said)}")


def warn_of_unreadable(unreadable: Mapping[str, str], names: Sequence[str]) -> None:
    """Warn about columns that are left out, being neither numbers nor labels, and say why."""
    if unreadable:
        first = unreadable[next(name for name in names if name in unreadable)]
        if len(unreadable) == len(names):
            raise TypeError(first)
        there = [name for name in names if name in unreadable]
        warn(f"columns that can't be read are left out: {listed(there)}: {first}")
