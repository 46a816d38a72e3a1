"""Images as codes of their levels; edges are chosen once for all shifts."""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinfo._bins.edges import edges_between, given_edges
from fastinfo._bins.ranges import Range
from fastinfo._codes.coder import coder_of
from fastinfo._core.checks import Array, read_only, shown
from fastinfo._core.coded_variable import CHUNK, code_dtype
from fastinfo._core.threads import run_in_order, spans
from fastinfo.images.samples import part_of, range_in
from fastinfo.kernels.counting.tables import count_codes


@dataclass(frozen=True)
class CodedImage:
    """Codes of an image: from 0 for levels, and `levels` for pixels that are not counted."""

    codes: Array  #: of the image's shape
    counts: Array  #: of each level, none of them 0

    @classmethod
    def of(cls, codes: Array, levels: int) -> CodedImage:
        """Make an image from codes up to `levels`; levels that never occur are removed."""
        counts = np.zeros(levels + 1, np.int64)
        flat = codes.reshape(-1)
        for span in spans(flat.size, CHUNK):
            count_codes(read_only(flat[slice(*span)]), counts)
        occupied = counts[:-1] > 0
        if not occupied.all():
            places = np.full(levels + 1, occupied.sum(), code_dtype(levels))
            places[:-1][occupied] = np.arange(occupied.sum())
            codes = places[codes]
        return cls(codes, counts[:-1][occupied])

    @property
    def levels(self) -> int:
        """Number of levels that occur."""
        return int(self.counts.size)

    @property
    def n(self) -> int:
        """Number of pixels that are counted."""
        return int(self.counts.sum())


def coded_image(
    image: Array, name: str, setting: Any, bins: str, mask: Array | None, common: np.dtype[Any]
) -> CodedImage:
    """
    Bin an image into levels, by a number of equal bins or by edges, like `histogram2d`.

    `name` and `bins` are the names of the image and of its `setting` in errors. Pixels where the
    mask is 0, and values outside the edges, have no level.
    """
    flat = image.reshape(-1) if image.flags.c_contiguous else image
    masks = None if mask is None else mask.reshape(-1) if mask.flags.c_contiguous else mask
    edges = given_edges(setting, bins)
    if edges is not None and edges.size < 2:
        raise ValueError(f"`{bins}` must hold at least two edges, got {shown(edges)}")

    def range_of(span: tuple[int, int]) -> tuple[Range, int]:
        part = part_of(flat, span)
        if masks is not None:
            part = part[part_of(masks, span) != 0]
        return range_in(part, common), part.size

    found = run_in_order(range_of, spans(image.size, CHUNK))
    whole: Range = functools.reduce(operator.or_, (part for part, _ in found), Range())
    n = sum(size for _, size in found)
    if not n:
        raise ValueError(f"mask must keep at least one place of {name}, got one that keeps none")
    if whole.n < n:
        where = "" if mask is None else " that the mask keeps"
        raise ValueError(
            f"{name} must not hold NaN, got {n - whole.n} among {n} values{where}: leave them out "
            f"by a mask, or fill them"
        )
    if edges is None:
        bounds = whole.low, whole.high
        edges = edges_between(setting, bins, common, bounds, detected=True)
    levels = edges.size - 1
    codes = np.empty(image.size, code_dtype(levels))
    code = coder_of(image, edges, common)

    def fill(span: tuple[int, int]) -> None:
        out = codes[slice(*span)]
        code(part_of(flat, span), out)
        if masks is not None:
            out[part_of(masks, span) == 0] = levels

    run_in_order(fill, spans(image.size, CHUNK))
    return CodedImage.of(codes.reshape(image.shape), levels)
