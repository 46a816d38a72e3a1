"""Samples of any number of variables to codes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from fastinfo._codes import Coded
from fastinfo._samples import read_variable
from fastinfo._validate import Array, as_array, choice, same_length
from fastinfo.binning import STRATEGIES, bin_samples, code_numbers, find_edges, find_range
from fastinfo.encoding import said_discrete

__all__ = [
    "MANY_BINS",
    "Binning",
    "any_of",
    "as_columns",
    "code_columns",
    "refuse_missing",
]

MANY_BINS = 8  #: bins of each variable by the rule "mi", where there are three or more


class Binning(NamedTuple):
    """How variables are coded: the options of the functions, as they were given."""

    bins: Any
    strategy: str
    range: Any
    discrete: Any


def any_of(masks: Iterable[Array | None]) -> Array | None:
    """Where any of the masks is true; None where none is anywhere."""
    found = None
    for mask in masks:
        if mask is not None and mask.any():
            found = mask if found is None else found | mask
    return found


def as_columns(a: Any, name: str) -> list[Any]:
    """Columns of a matrix or table of samples; a vector is one column."""
    kind = type(a)
    columns: list[Any]
    if hasattr(kind, "iloc") and hasattr(kind, "columns"):  # pandas
        columns = [a.iloc[:, i] for i in range(a.shape[1])]
    elif hasattr(kind, "column_names"):  # PyArrow
        columns = [a.column(i) for i in range(a.num_columns)]
    elif hasattr(kind, "get_columns"):  # Polars
        columns = a.get_columns()
    else:
        array = a if hasattr(a, "dtype") and not isinstance(a, np.ndarray) else as_array(a, name)
        if isinstance(array, np.ndarray):
            array = array.view(np.ndarray)  # a subclass may cut itself otherwise
        if getattr(array, "ndim", 1) < 2:
            return [a]
        if array.ndim > 2:
            raise ValueError(f"{name} must be one- or two-dimensional, got shape {array.shape}")
        columns = [array[:, i] for i in range(array.shape[1])]
    if not columns:
        raise ValueError(f"{name} must have at least one column, got none")
    return columns


def _each(value: Any, what: str, groups: Sequence[int]) -> list[Any]:
    """One setting for each column: one for all, for each group of columns, or for each column."""
    if isinstance(value, str) or getattr(value, "ndim", 1) == 0 or not hasattr(value, "__len__"):
        if what == "range" and value is not None:
            raise ValueError(f"range must have an entry for each variable, got {value!r}")
        return [value] * sum(groups)
    if len(value) == len(groups):
        return [value[i] for i, size in enumerate(groups) for _ in range(size)]
    if len(value) == sum(groups):
        return list(value)
    if what == "bins":
        return [value] * sum(groups)
    wanted = "'auto', True, False or one of those" if what == "discrete" else "an entry"
    raise ValueError(f"{what} must be or have {wanted} for each variable, got {value!r}")


def code_columns(
    columns: Sequence[Any],
    names: Sequence[str],
    groups: Sequence[int],
    binning: Binning,
    mi_rule: Callable[[int], int],
    *,
    together: bool,
    stacklevel: int,
) -> tuple[list[Coded], list[Array | None]]:
    """
    Codes of columns of the same length, and where each is missing; None where it is nowhere.

    Edges are found in the rows without a missing sample if the columns go `together`, else in what
    each has. `mi_rule` is the number of bins of the rule "mi" for so many samples.
    """
    choice(binning.strategy, "strategy", STRATEGIES)
    if isinstance(binning.discrete, Mapping):
        said = [said_discrete(binning.discrete, i, names) for i in range(len(names))]
        binning = binning._replace(discrete=["auto" if word is None else word for word in said])
    settings = _each(binning.bins, "bins", groups)
    ranges = _each(binning.range, "range", groups)
    words = _each(binning.discrete, "discrete", groups)
    samples: list[Array] = []
    coded: list[Coded | None] = []
    for column, word, name in zip(columns, words, names, strict=True):
        a, labels = read_variable(column, name, said_discrete(word, 0), stacklevel + 1)
        samples.append(a)
        same_length(samples[0], a, names[0], name)
        coded.append(labels)
    numbers = [a for a, c in zip(samples, coded, strict=True) if c is None]
    common = np.result_type(*numbers) if numbers else np.dtype(np.float64)
    found = [_find_range(a, common) for a in numbers]
    ranges_found = iter(found)
    missing: list[Array | None] = []
    for a, labels in zip(samples, coded, strict=True):
        if labels is not None:
            missing.append(any_of([labels.invalid]))
        else:
            missing.append(np.isnan(a) if next(ranges_found)[2] < a.size else None)
    incomplete = any_of(missing) if together else None
    out: list[Coded] = []
    ranges_found = iter(found)
    for i, (a, labels) in enumerate(zip(samples, coded, strict=True)):
        if labels is not None:
            out.append(labels)
            continue
        low, high, n = next(ranges_found)
        absent = incomplete if together else missing[i]
        dtype = common if together else a.dtype
        present = a
        if absent is not None:
            present = a[~absent]
            low, high, n = _find_range(present, dtype)
        setting = settings[i]
        if isinstance(setting, str) and setting == "mi":
            setting = mi_rule(n)
        options = ("bins", (low, high), n, 0.0, ranges[i], dtype, binning.strategy)
        if present is a:
            out.append(code_numbers(a, setting, *options))
        else:
            out.append(bin_samples(a, find_edges(present, setting, *options), dtype))
    return out, missing


def _find_range(a: Array, dtype: np.dtype[Any]) -> tuple[float, float, int]:
    return find_range(a.astype(dtype) if dtype.itemsize > 8 else a)


def refuse_missing(
    missing: int | Array | None, names: str, nan_policy: str, what: str = "rows"
) -> bool:
    """
    Whether missing samples make the result NaN; raises where they are to be refused.

    `missing` is their number, or where they are: None for nowhere.
    """
    n_missing = 0 if missing is None else int(np.sum(missing))
    if n_missing and nan_policy == "raise":
        raise ValueError(
            f"The input contains nan values: {names} must have no missing samples under "
            f"nan_policy='raise', got {n_missing} incomplete {what}"
        )
    return bool(n_missing) and nan_policy == "propagate"
