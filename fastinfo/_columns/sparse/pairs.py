"""Count all pairs of sparse columns and other columns, of two groups."""

from __future__ import annotations

import numpy as np

from fastinfo._columns.code_matrix import CodeMatrix
from fastinfo._core.checks import Array, read_only
from fastinfo.kernels.counting import sparse_columns as kernels

#: A matrix of codes, the places of some columns, and the position of each in the counts: first,
#: size and levels.
Side = tuple[CodeMatrix, Array, Array]


def count_sparse(x: Side, y: Side) -> Array:
    """Counts of all levels of some columns against those of others; one side is sparse."""
    if x[0].sparse is None:
        return read_only(np.ascontiguousarray(count_sparse(y, x).T))
    (matrix, columns, layout), (others, other_columns, other_layout) = x, y
    codes = matrix.sparse
    assert codes is not None
    out = np.zeros((int(layout[:, 2].sum()), int(other_layout[:, 2].sum())), np.int64)
    places = matrix.places[columns]
    plain = read_only(np.ascontiguousarray(layout[:, [0, 2]]))
    other_codes = others.sparse
    if other_codes is None:
        for j, (first, _, _) in zip(other_columns.tolist(), other_layout.tolist(), strict=True):
            codes.count_beside(places, plain, others.column(j), out, first)
        return read_only(out)
    other_places = others.places[other_columns]
    sizes = other_layout[:, 2] + 1
    ends = np.zeros(codes.n_rows + 1, np.int64)
    stored = np.diff(other_codes.starts)[other_places]
    slots = np.empty(int(stored.sum()), np.uint32)
    other_sides = other_codes.starts, other_codes.rows, other_codes.codes
    first = np.cumsum(sizes) - sizes
    kernels.rows_of_columns(*other_sides, other_places, read_only(first), ends, slots)
    kernels.count_both(
        *(codes.starts, codes.rows, codes.codes, codes.usual, codes.n_rows),
        places,
        read_only(other_codes.usual[other_places]),
        plain,
        read_only(np.ascontiguousarray(other_layout[:, [0, 2]])),
        read_only(ends),
        read_only(slots),
        out,
    )
    return read_only(out)
