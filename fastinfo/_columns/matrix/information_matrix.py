"""A matrix of mutual information: an array that can be indexed by column names."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from fastinfo._columns.information_units import unit_name
from fastinfo._columns.matrix.matrix_labels import (
    MatrixLabels,
    by_name,
    is_name,
    is_plain,
    place_of,
)
from fastinfo._columns.matrix.shown_matrix import as_html, as_text
from fastinfo._columns.matrix.strongest_pairs import Pairs, strongest_pairs
from fastinfo._core.checks import Array, base_divisor
from fastinfo._measures.chance import chance_by_sizes


class InformationMatrix(np.ndarray):
    """
    Matrix of mutual information, as an array that can be indexed by column names.

    :func:`mutual_information_matrix` returns it. ``matrix["age", "income"]`` is an entry,
    ``matrix["age"]`` a row, and ``matrix[:, "age"]`` a column. Integers and slices are positions,
    as in any array. All functions of arrays accept it; results of computations, and parts of the
    matrix, are plain arrays. ``matrix.T``, copies and pickled matrices keep the names.

    Parameters
    ----------
    values : (f, g) array_like
        The information.
    names : sequence of str
        Names of the rows.
    names_y : sequence of str, optional
        Names of the columns; by default, those of the rows.
    base : float, optional
        Base of the logarithm; None means nats.
    correction : str or float, optional
        Estimator of the entropies.
    normalized : str, optional
        Mean of the entropies that information is divided by.

    Attributes
    ----------
    names, names_y : list of str
        Names of the rows and of the columns.
    correction, normalized : str, float or None
        Options of :func:`mutual_information_matrix`.
    unit : str
        "nats", "bits" and so on; "share" if `normalized`; "changed values" if values were written
        into the matrix.

    Examples
    --------
    >>> import fastinfo
    >>> columns = {"a": [0, 0, 1, 1], "b": [0, 1, 0, 1], "c": ["x", "x", "y", "y"]}
    >>> matrix = fastinfo.mutual_information_matrix(columns, base=2)
    >>> matrix
         a    b    c
    a  1.0  0.0  1.0
    b  0.0  1.0  0.0
    c  1.0  0.0  1.0
    [3 x 3, bits, entropies on the diagonal]
    >>> float(matrix["a", "c"]), matrix["b"].tolist()
    (1.0, [0.0, 1.0, 0.0])
    >>> matrix.pairs(1)
    x  y  information
    a  c     1.000000
    [1 pairs; information in bits]
    """

    _labels: MatrixLabels | None
    _found: tuple[dict[Hashable, int], dict[Hashable, int]] | None  # places, once names are used

    def __new__(
        cls,
        values: Any,
        names: Sequence[Hashable],
        names_y: Sequence[Hashable] | None = None,
        *,
        base: float | None = None,
        correction: str | float | None = None,
        normalized: str | None = None,
    ) -> InformationMatrix:
        """Make a matrix of values and names, of which no levels are known."""
        values = np.asarray(values, np.float64)
        others = names if names_y is None else names_y
        if values.shape != (len(names), len(others)):
            raise ValueError(
                f"values must have a row and a column for each name, {len(names)} x {len(others)}, "
                f"got shape {values.shape}"
            )
        base_divisor(base)
        return labelled(
            values,
            MatrixLabels(
                list(names),
                list(others),
                names_y is None,
                base,
                correction,
                normalized,
                None,
                0,
            ),
        )

    # Any other array that is made from this one has no names.

    def __array_finalize__(self, obj: object) -> None:
        self._labels = self._found = None

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        out = kwargs.get("out")
        if out is not None:
            kwargs["out"] = tuple(map(_plain, out))
        found = getattr(ufunc, method)(*map(_plain, inputs), **kwargs)
        if out is None:
            return found
        for part in out:
            if isinstance(part, InformationMatrix):
                part._note_change()
        return found if isinstance(found, tuple) else out[0]  # `matrix += 1` is the matrix

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return func(*_plain(args), **_plain(kwargs))

    def __getitem__(self, key: Any) -> Any:
        return self.view(np.ndarray)[self._places(key)]

    def __setitem__(self, key: Any, value: Any) -> None:
        self.view(np.ndarray)[self._places(key)] = value
        self._note_change()

    def _note_change(self) -> None:
        """Note that values were written: names stay valid, but not the values' meaning."""
        if self._labels is not None:
            self._labels = self._labels._replace(changed=True, sizes=None)

    def _places(self, key: Any) -> Any:
        """A key in which names are replaced by places."""
        if is_plain(key) or not self.labelled:
            return key
        if isinstance(key, tuple) and len(key) == 2:
            found = tuple(place_of(part, side) for part, side in zip(key, self._sides, strict=True))
            if all(part is not None for part in found):
                lists = all(isinstance(part, list) and is_name(part[0]) for part in key)
                return np.ix_(*found) if lists else found
        place = None if key is None else place_of(key, self._sides[0])
        if place is not None:
            return place
        for part, side in zip(key if isinstance(key, tuple) else (key,), self._sides, strict=False):
            for name in part if isinstance(part, list) else [part]:
                if is_name(name) and name not in side:
                    raise KeyError(f"there is no column {name!r} in the matrix")
        return key

    @property
    def labelled(self) -> bool:
        """Whether the array has names; a part of a matrix has none."""
        known = self._labels
        return known is not None and self.shape == (len(known.keys), len(known.keys_y))

    @property
    def _known(self) -> MatrixLabels:
        if not self.labelled:
            raise ValueError("this array has no names: it is a part of a matrix, or was changed")
        assert self._labels is not None
        return self._labels

    @property
    def _sides(self) -> tuple[dict[Hashable, int], dict[Hashable, int]]:
        """Places of rows and columns by their names, original and as text."""
        known = self._known
        if self._found is None:
            self._found = by_name(known.keys), by_name(known.keys_y)
        return self._found

    @property
    def names(self) -> list[str]:
        """Names of the rows."""
        return [str(key) for key in self._known.keys]

    @property
    def names_y(self) -> list[str]:
        """Names of the columns."""
        return [str(key) for key in self._known.keys_y]

    @property
    def of_one_table(self) -> bool:
        """Whether rows and columns are the same, with their entropies on the diagonal."""
        return self._known.of_one_table

    @property
    def correction(self) -> str | float | None:
        """Estimator of the entropies."""
        return self._known.correction

    @property
    def normalized(self) -> str | None:
        """Mean of the entropies by which the information is divided."""
        return self._known.normalized

    @property
    def knows_chance(self) -> bool:
        """Whether :meth:`above_chance` can subtract the approximate expectation by chance."""
        known = self._known
        return known.correction is None and known.normalized is None and known.sizes is not None

    @property
    def unit(self) -> str:
        """Unit of the entries."""
        known = self._known
        if known.changed:
            return "changed values"
        return "share" if known.normalized else unit_name(known.base)

    @property
    def T(self) -> Any:  # noqa: N802
        """The transposed matrix, with its names."""
        plain = self.view(np.ndarray).T
        if not self.labelled:
            return plain
        known = self._known
        return labelled(
            plain,
            known._replace(
                keys=known.keys_y,
                keys_y=known.keys,
                sizes=None if known.sizes is None else known.sizes[::-1],
            ),
        )

    def copy(self, order: Any = "C") -> Any:
        """Return a copy, with the names."""
        plain = self.view(np.ndarray).copy(order)
        return labelled(plain, self._known) if self.labelled else plain

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()

    __copy__ = copy

    def __reduce__(self) -> Any:
        plain = self.view(np.ndarray)
        return (labelled, (plain, self._labels)) if self.labelled else plain.__reduce__()

    def sort(self, *args: Any, **kwargs: Any) -> None:
        """Sort the values in place, after which they have no names."""
        self._labels = None
        self.view(np.ndarray).sort(*args, **kwargs)

    def partition(self, *args: Any, **kwargs: Any) -> None:
        """Partition the values in place, after which they have no names."""
        self._labels = None
        self.view(np.ndarray).partition(*args, **kwargs)

    def among(self, names: Sequence[Hashable]) -> InformationMatrix:
        """
        Return the matrix of some columns, in this order, with their names.

        ``KeyError`` is raised if a name is unknown, and ``ValueError`` for a matrix of two tables.
        """
        known = self._known
        if not known.of_one_table:
            raise ValueError("among needs a matrix of one table, got a matrix of two tables")
        side = self._sides[0]
        absent = [name for name in names if name not in side]
        if absent:
            raise KeyError(f"there is no column {absent[0]!r} in the matrix")
        places = [side[name] for name in names]
        keys = [known.keys[i] for i in places]
        sizes = None if known.sizes is None else (known.sizes[0].at(places),) * 2
        return labelled(
            self.view(np.ndarray)[np.ix_(places, places)],
            known._replace(keys=keys, keys_y=keys, sizes=sizes),
        )

    def above_chance(self) -> Array:
        """
        Return plug-in information minus its approximate expectation by chance, as a plain array.

        The expectation is computed from approximate sizes of the levels of both columns. The
        diagonal is unchanged. For the exact expectation, use ``correction="chance"`` instead.
        ``ValueError`` is raised if the matrix has a correction or is normalised.
        """
        known = self._known
        if known.correction == "chance" and not known.normalized:
            return np.array(self)
        if known.sizes is None or not self.knows_chance:
            raise ValueError(
                f"above_chance needs a matrix of plug-in information of samples, got one with "
                f"correction={known.correction!r}, normalized={known.normalized!r}, "
                f"of {known.n_rows} rows"
            )
        taken = chance_by_sizes(*known.sizes, known.n_rows)
        if known.of_one_table:
            np.fill_diagonal(taken, 0.0)
        return np.array(self) - taken / base_divisor(known.base)

    def pairs(self, k: int | None = 20) -> Pairs:
        """
        Return the pairs of columns with the most information, with the strongest first.

        Parameters
        ----------
        k : int or None, optional
            Number of pairs, 20 by default; None returns all.

        Returns
        -------
        Pairs
            Rows with the names ``x`` and ``y`` and the entry of the matrix, ``information``. Pairs
            without a value (NaN) are omitted. For a single table, each pair is listed once, and no
            column is paired with itself.
        """
        values = np.array(self)
        if self.of_one_table:
            values[np.tril_indices(len(values))] = np.nan
        return strongest_pairs(values, self.names, self.names_y, k, self.unit)

    def to_pandas(self) -> Any:
        """Return a pandas DataFrame, with the original column names of the table."""
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("to_pandas needs pandas: pip install pandas") from error
        known = self._known
        index, columns = (pd.Index(list(keys)) for keys in (known.keys, known.keys_y))
        return pd.DataFrame(np.array(self), index=index, columns=columns)

    def to_polars(self) -> Any:
        """Return a Polars DataFrame, with the names of the rows in its first column, "column"."""
        try:
            import polars as pl
        except ImportError as error:
            raise ImportError("to_polars needs Polars: pip install polars") from error
        first = "column"
        while first in self.names_y:
            first += "_"
        columns = dict(zip(self.names_y, np.array(self).T, strict=True))
        return pl.DataFrame({first: self.names, **columns})

    def plot(self, *, ax: Any = None, **options: Any) -> Any:
        """
        Draw the matrix as colours, with the options of :func:`fastinfo.plot.plot_matrix`.

        Returns the axes, which are on a new pyplot figure unless `ax` is given.
        """
        from fastinfo.plot.matrices import plot_matrix

        return plot_matrix(self, ax=ax, **options)

    def _about(self) -> str:
        known = self._known
        parts = [" x ".join(map(str, self.shape)), self.unit]
        if known.changed:
            return ", ".join(parts)
        parts += [f"normalized by {known.normalized}"] if known.normalized else []
        parts += [f"correction {known.correction}"] if known.correction is not None else []
        if known.of_one_table:
            parts.append("1 on the diagonal" if known.normalized else "entropies on the diagonal")
        return ", ".join(parts)

    def __repr__(self) -> str:
        if not self.labelled:
            return repr(self.view(np.ndarray))
        return as_text(self.view(np.ndarray), self.names, self.names_y, self._about())

    __str__ = __repr__

    def _repr_html_(self) -> str | None:
        if not self.labelled:
            return None
        return as_html(self.view(np.ndarray), self.names, self.names_y, self._about())


def labelled(values: Array, labels: MatrixLabels) -> InformationMatrix:
    """A view of values with labels for its rows and columns."""
    found = np.asarray(values).view(InformationMatrix)
    found._labels = labels
    return found


def _plain(value: Any) -> Any:
    """An argument of a NumPy function, with matrices replaced by plain arrays."""
    if isinstance(value, InformationMatrix):
        return value.view(np.ndarray)
    if type(value) in (list, tuple):
        return type(value)(map(_plain, value))
    if type(value) is dict:
        return {key: _plain(part) for key, part in value.items()}
    return value
