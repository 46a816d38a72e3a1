"""Code the samples of any number of variables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from fastinfo._bins.few_samples import code_few
from fastinfo._bins.options import Binning
from fastinfo._bins.ranges import Range
from fastinfo._codes.column import BY_CHANCE, TAKE_CHANCE_OFF, Column, Numbers
from fastinfo._column_readers.row_labels import warn_of_other_order
from fastinfo._core.checks import Array, same_length
from fastinfo._core.coded_variable import Coded

GIVEN_UNIQUE = "given such labels, hardly any information is left, and the result is close to 0"
MANY_BINS = 8  #: bins of each variable by the rule "mi", if there are three or more variables


def unique_means(correction: str | float | None) -> str:
    """What an identifier means for the information of two variables, unless it is corrected."""
    if correction is None:
        return TAKE_CHANCE_OFF
    corrected = isinstance(correction, str) and correction in ("chance", "nsb")
    return "" if corrected else f'{BY_CHANCE}. Only "chance" and "nsb" remove most of that'


def any_of(masks: Iterable[Array | None]) -> Array | None:
    """Where any of the masks is true; None if none is true anywhere."""
    found = None
    for mask in masks:
        if mask is not None and mask.any():
            found = mask if found is None else found | mask
    return found


def code_columns(
    samples: Sequence[Any],
    names: Sequence[str],
    groups: Sequence[int],
    binning: Binning,
    mi_rule: Callable[[int], int],
    *,
    together: bool,
    if_unique: Sequence[str],
) -> tuple[list[Coded], list[Array | None]]:
    """
    Codes of columns of the same length, and which samples of each are missing (None if none).

    With `together`, edges are found in the rows that are complete in all columns, else in each
    column separately. `mi_rule` returns the number of bins of the rule "mi" for a number of
    samples. `if_unique` says for each group what it means if one of its columns looks like an
    identifier; it is empty if that need not be reported.
    """
    few = code_few(samples, binning, mi_rule)
    if few is not None:
        return few, [None] * len(few)
    options = binning.split(names, groups)
    found = []
    meanings = [meaning for meaning, k in zip(if_unique, groups, strict=True) for _ in range(k)]
    for a, own, name, meaning in zip(samples, options, names, meanings, strict=True):
        column = Column.of(a, name)
        found.append(column.read(own.said, moved=not own.limited, if_unique=meaning))
        same_length(found[0], found[-1], names[0], name)
    warn_of_other_order(samples, names)
    missing = [_missing(read) for read in found]
    incomplete = any_of(missing) if together else None
    numbers = [read.values for read in found if isinstance(read, Numbers)]
    common = np.result_type(*numbers) if numbers and together else None
    coded: list[Coded] = []
    for read, own, absent in zip(found, options, missing, strict=True):
        if isinstance(read, Coded):
            coded.append(read)
            continue
        without = incomplete if together else absent
        n = len(read) if without is None else len(read) - int(np.count_nonzero(without))
        present = None if without is None else ~without
        coded.append(own.with_number(mi_rule(n)).code(read.values, present, common))
    return coded, missing


def _missing(read: Numbers | Coded) -> Array | None:
    if isinstance(read, Coded):
        return any_of([read.invalid])
    return np.isnan(read.values) if Range.of(read.values).n < len(read) else None


def refuse_missing(
    missing: int | Array | None, names: str, nan_policy: str, what: str = "rows"
) -> bool:
    """Whether missing samples (a number or a mask) make the result NaN; an error under "raise"."""
    n_missing = 0 if missing is None else int(np.sum(missing))
    if n_missing and nan_policy == "raise":
        raise ValueError(
            f"The input contains nan values: {names} must have no missing samples under "
            f"nan_policy='raise', got {n_missing} incomplete {what}"
        )
    return bool(n_missing) and nan_policy == "propagate"
