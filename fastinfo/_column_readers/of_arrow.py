"""Columns of Arrow: arrays, and those that come in chunks."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from fastinfo._column_readers.forms import Categories, Form, Values, nothing
from fastinfo._core.checks import Array, not_empty
from fastinfo._core.messages import printable

_MANY = 1_000_000  # texts, which Arrow makes objects of faster than a loop, once pandas is there
_INTERVAL = "pandas.interval"  # stored as a struct of two ends


def is_nested(kind: Any) -> bool:
    """Whether a type is of lists, structs, maps or unions, or holds such."""
    import pyarrow as pa

    if isinstance(kind, pa.BaseExtensionType):
        return kind.extension_name != _INTERVAL and is_nested(kind.storage_type)
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        return is_nested(kind.value_type)
    return bool(pa.types.is_nested(kind))


def read(samples: Any, subject: str) -> Form:
    """Read an array, one in chunks, or a table of one column."""
    if hasattr(samples, "column_names"):
        if samples.num_columns != 1:
            raise ValueError(f"{subject} must be one-dimensional, got shape {samples.shape}")
        samples = samples.column(0)
    not_empty(len(samples), subject)
    if is_nested(samples.type):
        kind = printable(str(samples.type))
        raise TypeError(f"{subject} must hold numbers or labels, got nested type {kind}")
    return _read(samples)


def _read(samples: Any) -> Form:
    """Read an array of a type that is not nested."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind, types = samples.type, pa.types
    if isinstance(kind, pa.BaseExtensionType):
        return _extension(samples, kind)
    if types.is_run_end_encoded(kind):
        return _read(_each(samples, pc.run_end_decode))
    if types.is_dictionary(kind):
        return _dictionary(samples)
    if types.is_null(kind):
        return nothing(len(samples))
    if types.is_decimal(kind):
        return _decimals(samples)
    if types.is_floating(kind):
        return Values(_numbers(_one(samples), np.nan))
    if types.is_integer(kind) or types.is_boolean(kind):
        return _masked(samples, False if types.is_boolean(kind) else 0)
    if types.is_temporal(kind) and not types.is_interval(kind):
        return _times(samples)
    if types.is_interval(kind):
        return Values(_objects(_one(samples)))
    return _strings(samples)


def _one(samples: Any) -> Any:
    """An array in one chunk."""
    if not hasattr(samples, "num_chunks"):
        return samples
    return samples.chunk(0) if samples.num_chunks == 1 else samples.combine_chunks()


def _numbers(array: Any, filler: Any = 0) -> Array:
    """
    Numbers or booleans as NumPy's, a filler where they are null; read-only if none is.

    They are read from Arrow's buffers: its ``to_numpy`` and ``fill_null`` import pandas where it is
    installed, which takes 0.3 s.
    """
    import pyarrow as pa

    start, n, (_, buffer) = array.offset, len(array), array.buffers()
    found: Array
    if pa.types.is_boolean(array.type):
        found = _bits(buffer, start, n)
    else:
        dtype = array.type.to_pandas_dtype()
        found = np.frombuffer(buffer or b"", dtype)[start : start + n]
    if array.null_count:
        found = np.where(missing_in(array), found.dtype.type(filler), found)
    return found


def missing_in(array: Any) -> Array:
    """Where an array is null."""
    if not array.null_count:
        return np.zeros(len(array), np.bool_)
    return ~_bits(array.buffers()[0], array.offset, len(array))


def _bits(buffer: Any, start: int, n: int) -> Array:
    """Booleans that are packed in bits."""
    packed = np.frombuffer(buffer or b"", np.uint8)[start // 8 : (start + n + 7) // 8]
    return np.unpackbits(packed, bitorder="little")[start % 8 :][:n].view(np.bool_)


def _each(samples: Any, function: Any) -> Any:
    """What a function makes of an array, or of each of its chunks."""
    import pyarrow as pa

    chunks = getattr(samples, "chunks", None)
    if chunks is None:
        return function(samples)
    if not chunks:
        return function(pa.array([], samples.type))
    return pa.chunked_array([function(chunk) for chunk in chunks])


def _masked(samples: Any, filler: Any) -> Values:
    if not samples.null_count:
        return Values(_numbers(_one(samples)))
    array = _one(samples)
    return Values(_numbers(array, filler), missing_in(array))


def _times(samples: Any) -> Values:
    """Points of time and durations, in their unit, NaT where they are null."""
    import pyarrow as pa

    kind = samples.type
    span = pa.types.is_time(kind) or pa.types.is_duration(kind)
    unit = "D" if pa.types.is_date32(kind) else "ms" if pa.types.is_date64(kind) else kind.unit
    array = _one(samples)
    if kind.bit_width == 32:
        array = array.cast(pa.int32())
    values = _numbers(array.cast(pa.int64()), np.iinfo(np.int64).min)
    return Values(values.view(f"{'m' if span else 'M'}8[{unit}]"))


def _strings(samples: Any) -> Categories:
    """Text or bytes: Arrow hashes them, and sorts what is different."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = samples.type
    views = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}
    if kind in views:
        samples = samples.cast(views[kind])
    encoded = samples.dictionary_encode()
    form = _dictionary(encoded)
    chunks = getattr(encoded, "chunks", [encoded])
    if not chunks or len(chunks[0].dictionary) != form.names.size:
        return form
    order = _numbers(pc.sort_indices(chunks[0].dictionary))
    ranks = np.full(order.size + 1, -1, np.int64)  # the last one is that of -1
    ranks[order] = np.arange(order.size)
    return Categories(ranks[form.codes], form.names[order], in_order=True)


def _dictionary(samples: Any) -> Categories:
    """Codes of categories; each chunk may have a dictionary of its own."""
    codes, names, n, last = [], [np.empty(0, object)], 0, None
    for chunk in getattr(samples, "chunks", [samples]):
        if last is None or not chunk.dictionary.equals(last):
            last = chunk.dictionary
            n += names[-1].size
            names.append(_objects(last))
        places = chunk.indices
        if places.null_count:
            found = _numbers(places).astype(np.int64) + n
            found[missing_in(places)] = -1
        else:
            found = _numbers(places).astype(np.int64) + n
        codes.append(found)
    if len(codes) == 1:
        return Categories(codes[0], names[-1])
    return Categories(np.concatenate(codes), np.concatenate(names))


def _objects(values: Any) -> Array:
    """The values of a dictionary as Python objects."""
    imported = "pandas" in sys.modules or len(values) > _MANY
    if imported and str(values.type) in ("string", "large_string"):
        texts: Array = values.to_numpy(zero_copy_only=False)
        return texts
    out = np.empty(len(values), object)
    if getattr(values.type, "extension_name", None) == _INTERVAL:
        ends = values.storage.flatten()
        found = zip(
            values.storage.is_valid().to_pylist(), *(e.to_pylist() for e in ends), strict=True
        )
        out[:] = [(left, right) if valid else None for valid, left, right in found]
    else:
        out[:] = values.to_pylist()
    return out


def _extension(samples: Any, kind: Any) -> Form:
    """What is stored: of UUIDs themselves, of 8-bit booleans booleans."""
    name = kind.extension_name
    if name == _INTERVAL:
        return Values(_objects(_one(samples)))
    if name == "arrow.uuid":
        coded = _strings(_storage(samples))
        names = np.empty(len(coded.names), object)
        import uuid

        names[:] = [uuid.UUID(bytes=value) for value in coded.names]
        return Categories(coded.codes, names)
    if name == "arrow.bool8":
        found = _masked(_storage(samples), 0)
        return Values(found.array != 0, found.missing)
    return _read(_storage(samples))


def _storage(samples: Any) -> Any:
    return _each(samples, lambda chunk: chunk.storage)


def _decimals(samples: Any) -> Values:
    """Numbers as float64; whole ones that it would merge as integers, of Python if need be."""
    import pyarrow as pa

    array = _one(samples)
    values = _numbers(array.cast(pa.float64(), safe=False), np.nan)
    most = float(np.fmax.reduce(np.abs(values), initial=0.0))
    if most < 2.0**53:
        return Values(values)
    try:
        whole = array.cast(pa.decimal256(76, 0)) if samples.type.scale else array
    except pa.ArrowInvalid:  # they have a fraction
        return Values(values)
    try:
        found = _masked(whole.cast(pa.int64()), 0)
    except pa.ArrowInvalid:  # they have more digits
        objects = _objects(whole)
        objects[:] = [None if value is None else int(value) for value in objects]
        return Values(objects)
    return Values(found.array, found.missing, real=True)
