"""Sequences of labels of drawn samples, shared by all tables with the same columns."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from fastinfo._core.checks import Array, read_only
from fastinfo._measures.resampling import seed_key
from fastinfo.kernels.information.many import draws as kernels

MOST = 512  #: the most samples outside the largest row, for tables drawn in this way
_LABELS = np.uint16  # dtype of the columns' labels
MOST_COLUMNS = 1 << 16  #: number of possible labels


class Sequences:
    """Random orders of the samples of some columns, and sums over tables made from them."""

    def __init__(self, sizes: bytes, times: bytes, scale: float) -> None:
        """Set the distinct sizes of the columns and their frequencies, as bytes of float64."""
        words = np.frombuffer(sizes + times, np.uint32).tolist()
        self._key = seed_key(np.random.SeedSequence(words))
        counts = [np.frombuffer(part).astype(np.int64) for part in (sizes, times)]
        self.columns = read_only(np.repeat(*counts))
        terms = np.empty(int(self.columns.max()) + 1, np.int64)
        kernels.fixed_terms(scale, terms)
        self._terms = read_only(terms)
        self._labels = np.empty((0, 0), _LABELS)

    def _drawn(self, draws: int, size: int) -> Array:
        """The labels of at least the first `size` samples of each draw."""
        known = self._labels
        if known.shape[0] < draws or known.shape[1] < size:
            room = size if not known.size else 1 << (size - 1).bit_length()  # more was needed again
            shape = max(known.shape[0], draws), max(known.shape[1], room)
            labels = np.empty(shape, _LABELS)
            kernels.draw_labels(self.columns, self._key, 0, labels)
            self._labels = known = read_only(labels)
        return read_only(known[:draws])

    def sums(self, tables: Sequence[Array], draws: int) -> Array:
        """Sums of ``c log(c)`` of drawn tables, a row for each tuple of sizes of small rows."""
        falling = [np.sort(rows)[::-1] for rows in tables]
        ends = [np.cumsum(rows) for rows in falling]
        sizes = np.array([rows.size for rows in falling])
        flat = np.concatenate(ends)
        begins = flat - np.concatenate(falling)
        keys, places = np.unique(begins * (MOST + 1) + flat, return_inverse=True)
        parts = np.divmod(keys, MOST + 1)
        gone, left = np.unique([own[-1] for own in ends], return_inverse=True)
        bounds = np.concatenate([[0], np.cumsum(sizes + 1)])
        items = np.empty(int(bounds[-1]), np.int64)
        last = bounds[1:] - 1
        inner = np.ones(items.size, np.bool_)
        inner[last] = False
        items[inner], items[last] = places.reshape(-1), keys.size + left.reshape(-1)
        out = np.empty((len(tables), draws), np.int64)
        kernels.sums_of_rows(
            self._drawn(draws, int(gone[-1])),
            self.columns,
            self._terms,
            read_only(parts[0]),
            read_only(parts[1]),
            read_only(gone),
            read_only(bounds),
            read_only(items),
            out,
        )
        return out


#: Sequences of recent columns, kept; results do not depend on it.
sequences_of = functools.lru_cache(maxsize=8)(Sequences)
