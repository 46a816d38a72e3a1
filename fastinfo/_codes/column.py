"""A column of samples from any library, read once, as numbers or as labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fastinfo import _column_readers
from fastinfo._codes.label_or_number import MOST_LABELS, few_values
from fastinfo._codes.labels import encode, encode_few, is_missing
from fastinfo._column_readers.forms import Categories, Form, Values
from fastinfo._column_readers.python_objects import Numbers as ObjectNumbers
from fastinfo._column_readers.python_objects import numbers_of
from fastinfo._core.checks import Array, as_array, not_empty, refuse_unreadable
from fastinfo._core.coded_variable import Coded, code_dtype
from fastinfo._core.messages import warn

UNIQUE_FROM = 100  #: fewer samples may all be different by chance
BY_CHANCE = "by chance alone, such labels share almost all of their information with anything"
TAKE_CHANCE_OFF = f'{BY_CHANCE}. correction="chance" of mutual_information subtracts that'


@dataclass(frozen=True)
class Numbers:
    """Samples that will be binned."""

    values: Array  #: integers or floats; missing ones are NaN, unless there is a mask
    origin: int = 0  #: what was subtracted from integers that float64 can't represent
    whole: bool = False  #: whether they are integers or times, which could be labels
    n_values: int = 0  #: number of distinct values, if known
    many: bool = False  #: whether they are numbers only because of many distinct values
    missing: Array | None = None  #: which samples are missing, if values are integers

    def __len__(self) -> int:
        return self.values.size

    @property
    def present(self) -> Array:
        """The samples that are not missing."""
        return self.values if self.missing is None else self.values[~self.missing]


class Column:
    """Samples of one variable, as they were given; errors call it `subject`."""

    __slots__ = ("form", "subject")

    def __init__(self, form: Form, subject: str) -> None:
        self.form, self.subject = form, subject

    @classmethod
    def of(cls, samples: Any, subject: str) -> Column:
        """Read samples from any library."""
        return cls(_column_readers.read(samples, subject), subject)

    def __len__(self) -> int:
        return self.form.size

    def read(
        self, discrete: bool | None, *, moved: bool = True, if_unique: str | None = None
    ) -> Numbers | Coded:
        """
        Read the samples as numbers or as labels.

        `discrete` is what the user says. Otherwise floats, decimals and fractions are numbers.
        Integers, points in time and durations are labels up to 32 distinct values, and numbers
        above. Everything else is labels. `if_unique` is None, or says in words what labels that
        look like an identifier mean. With a text, there is a warning about numbers that could be
        labels and, unless the text is empty, about such labels.
        """
        found: Numbers | Coded | None = self._few_labels() if discrete is None else None
        if found is None and not discrete:
            found = self._numbers_by_rule(moved) if discrete is None else self.numbers(moved=moved)
        if found is None:
            found = self.labels()
        if if_unique is not None:
            self._tell(found, discrete, if_unique)
        return found

    def _tell(self, found: Numbers | Coded, discrete: bool | None, if_unique: str) -> None:
        """Warn about numbers that could be labels, and labels that look like an identifier."""
        name = self.subject
        if isinstance(found, Numbers):
            if found.many:
                n = found.n_values or self.labels().n_levels
                warn(
                    f"{name} has {n} different values, more than {MOST_LABELS}, and is taken as a "
                    f"number, not as labels: "
                    f"discrete={{{name!r}: True}} takes it as labels, "
                    f"discrete={{{name!r}: False}} says that it is a number"
                )
        elif discrete is None and if_unique:
            tell_if_unique(found, name, if_unique)

    @property
    def kind(self) -> str | None:
        """The kind: "numbers", times in some unit, "labels", or None if all are missing."""
        form = self.form
        if isinstance(form, Categories):
            return "labels" if (form.codes >= 0).any() else None
        array = form.array
        if array.dtype.kind == "O":
            found = numbers_of(array)
            if found is None:
                return None if all(map(is_missing, array)) else "labels"
            array = found.values
        if array.dtype.kind in "mM":
            return str(array.dtype.newbyteorder("="))
        return "numbers" if array.dtype.kind in "iuf" else "labels"

    @property
    def first_object(self) -> Any:
        """The first sample if samples are Python objects, else None."""
        form = self.form
        if isinstance(form, Categories) or form.array.dtype.kind != "O":
            return None
        return form.array[0]

    @property
    def integers(self) -> Array | None:
        """Integers or booleans that may be labels, without missing ones; else None."""
        form = self.form
        if isinstance(form, Categories) or form.missing is not None or form.real:
            return None
        return form.array if form.array.dtype.kind in "biu" else None

    def _few_labels(self) -> Coded | None:
        """A few integers that are labels because few of them are distinct, else None."""
        integers = self.integers
        few = None if integers is None else encode_few(integers)
        return None if few is None or few.n_levels > MOST_LABELS else few

    def _numbers_by_rule(self, moved: bool) -> Numbers | None:
        """Numbers, if the type or the number of distinct values says so; else None."""
        form = self.form
        if isinstance(form, Categories) or form.array.dtype.kind in "bSU":
            return None
        kind = form.array.dtype.kind
        if kind == "f" or form.real:
            return self.numbers(moved=moved)
        if kind != "O":
            if few_values(form.array if form.missing is None else form.array[~form.missing]):
                return None
            return replace(self.numbers(moved=moved), many=True)
        found = numbers_of(form.array)
        if found is None:
            return None
        if found.whole and found.n_levels <= MOST_LABELS:
            return None
        return replace(self._of_objects(found, False, moved), many=found.whole)

    def _of_objects(self, found: ObjectNumbers, exact: bool, moved: bool) -> Numbers:
        """Numbers of objects."""
        values, origin = found.values, found.origin
        if origin and (exact or not moved):
            values, origin = values + float(origin), 0
        numbers = _as_numbers(values, found.missing, exact, moved)
        return replace(
            numbers, origin=numbers.origin + origin, whole=found.whole, n_values=found.n_levels
        )

    def _encoded(self, array: Array) -> Coded:
        coded = encode(array)
        levels = coded.levels if array.dtype.kind == "O" else None
        if levels is not None and any(issubclass(kind, complex) for kind in {*map(type, levels)}):
            raise TypeError("complex numbers are neither")
        return coded

    def few_numbers(self) -> Coded | None:
        """Numbers as labels if at most 32 are distinct, else None."""
        numbers = self.numbers()
        present = numbers.values[~np.isnan(numbers.values)]
        return self.labels() if few_values(present) else None

    def numbers(self, *, exact: bool = False, moved: bool = True) -> Numbers:
        """
        Read the samples as numbers; raise an error if they are not.

        With `exact`, integers stay integers even beside missing ones, and are not shifted.
        """
        form = self.form
        if isinstance(form, Categories):
            return self._of_categories(form).numbers(exact=exact, moved=moved)
        array = form.array
        whole = array.dtype.kind in "biumM" and not form.real
        if array.dtype.kind == "O":
            found = numbers_of(array)
            if found is not None:
                return self._of_objects(found, exact, moved)
            if self.kind is None:
                return Numbers(np.full(form.size, np.nan))
        if array.dtype.kind not in "biufmM":
            raise TypeError(
                f"{self.subject} must be real numbers to be binned, got dtype {array.dtype}"
            )
        return replace(_as_numbers(array, form.missing, exact, moved), whole=whole)

    def _of_categories(self, form: Categories) -> Column:
        """The value of each sample's category; None if there is none."""
        missing = form.codes < 0
        if missing.all():
            return Column(Values(np.full(form.size, np.nan)), self.subject)
        array = _common(form.names)[form.codes]
        if array.dtype.kind == "O":
            array[missing] = None
            return Column(Values(array), self.subject)
        return Column(Values(array, missing), self.subject)

    def labels(self) -> Coded:
        """Read the samples as labels: their codes, and the levels that occur."""
        form = self.form
        if isinstance(form, Categories):
            return _encode_categories(form)
        try:
            if form.missing is None or not form.missing.any():
                return self._encoded(form.array)
            if form.missing.all():
                return Coded(np.zeros(form.size, np.uint8), 0, levels=form.array[:0])
            filler = form.array[form.missing.argmin()]
            coded = encode(np.where(form.missing, filler, form.array))
        except (TypeError, ValueError) as error:  # labels that can't be compared
            raise TypeError(f"{self.subject} must hold numbers or labels: {error}") from error
        coded.codes[form.missing] = coded.n_levels
        return coded


def _common(names: Array) -> Array:
    """Categories as an array of their common type."""
    try:
        found = np.array(names.tolist())
    except ValueError:
        return names
    return found if found.shape == names.shape and found.dtype.kind in "biuf" else names


def _as_numbers(
    array: Array, missing: Array | None, exact: bool = False, moved: bool = True
) -> Numbers:
    """Numbers with NaN for missing; large integers minus the smallest, so float64 is exact."""
    if array.dtype.kind in "mM":
        absent = np.isnat(array)
        array = array.astype(array.dtype.newbyteorder("="), copy=False).view(np.int64)
        missing = absent if missing is None else missing | absent
    elif array.dtype.kind == "b":
        array = array.view(np.uint8)
    if missing is None or not missing.any():
        return Numbers(array)
    if exact and array.dtype.kind in "iu":
        return Numbers(array, missing=missing)
    origin = 0
    if moved and array.dtype.kind in "iu" and array.dtype.itemsize == 8 and not missing.all():
        present = array[~missing]
        least, most = int(present.min()), int(present.max())
        if max(-least, most) > 2**53 > most - least:  # then the differences are exact in float64
            origin = least
            array = np.where(missing, present[0], array) - array.dtype.type(least)
    values = array.astype(np.float64)
    values[missing] = np.nan
    return Numbers(values, origin)


def _encode_categories(form: Categories) -> Coded:
    """Codes of the categories that occur, sorted by name."""
    if form.in_order:
        n = form.names.size
        codes = form.codes.astype(code_dtype(n))
        codes[form.codes < 0] = n
        return Coded(codes, n, levels=form.names)
    occurs = np.zeros(form.names.size + 1, np.bool_)
    occurs[form.codes] = True  # -1 is the last one
    kept = np.flatnonzero(occurs[:-1])
    names = np.empty(kept.size + 1, object)  # the last one, None, is for missing samples
    names[:-1] = form.names if kept.size == form.names.size else form.names[kept]
    coded = encode(names)
    lookup = np.full(form.names.size + 1, coded.n_levels, code_dtype(coded.n_levels))
    lookup[kept] = coded.codes[:-1]
    return Coded(lookup[form.codes], coded.n_levels, levels=coded.levels)


def columns_of(samples: Any, name: str) -> list[Any]:
    """Columns of a matrix or table of samples; a vector is one column."""
    try:
        columns = _columns_of(samples, name)
    except Exception as error:
        refuse_unreadable(samples, name, error)
        raise
    if not columns:
        raise ValueError(f"{name} must have at least one column, got none")
    return columns


def _columns_of(samples: Any, name: str) -> list[Any]:
    kind = type(samples)
    if kind is np.ndarray and samples.ndim == 1:
        return [samples]
    columns: list[Any]
    if hasattr(kind, "to_native"):  # narwhals
        return _columns_of(samples.to_native(), name)
    if hasattr(kind, "iloc") and hasattr(kind, "columns"):  # pandas
        columns = [samples.iloc[:, i] for i in range(samples.shape[1])]
    elif hasattr(kind, "column_names"):  # PyArrow
        columns = [samples.column(i) for i in range(samples.num_columns)]
    elif hasattr(kind, "get_columns"):  # Polars
        columns = samples.get_columns()
    elif hasattr(samples, "type") or (
        hasattr(samples, "dtype") and not isinstance(samples, np.ndarray)
    ):
        return [samples]
    else:
        array = as_array(samples, name).view(np.ndarray)  # slices of a subclass may differ
        if array.ndim < 2:
            return [samples]
        if array.ndim > 2:
            raise ValueError(f"{name} must be one- or two-dimensional, got shape {array.shape}")
        if array.shape[1]:
            not_empty(len(array), name)
        columns = [array[:, i] for i in range(array.shape[1])]
    return columns


def tell_if_unique(coded: Coded, name: str, meaning: str = TAKE_CHANCE_OFF) -> None:
    """Warn about labels of which most occur once (from 100 samples on), and what it means."""
    if 2 * coded.n_levels <= UNIQUE_FROM or coded.codes.size < UNIQUE_FROM:
        return
    n = coded.codes.size - int(np.count_nonzero(coded.invalid))
    if n >= UNIQUE_FROM and 2 * coded.n_levels > n:
        warn(
            f"{name} has {coded.n_levels} different labels among {n} samples, like an identifier: "
            f"{meaning}"
        )
