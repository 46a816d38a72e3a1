"""Exact counts of pairs of levels at every shift of two images, by Fourier transforms."""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.lazy.attributes import lazy
from fastinfo._core.threads import run_in_order, spans
from fastinfo.images.at_shifts.coded_images import CodedImage
from fastinfo.images.at_shifts.fourier_plans import Plan, steps
from fastinfo.images.at_shifts.packs import Pack, packs, pairs
from fastinfo.kernels.elementary.lanes import LANES
from fastinfo.kernels.images import shifted_counts as counting
from fastinfo.kernels.images import transforms

_PIECES = 16  # of a pass over an image
_SPECTRA = 1 << 29  # bytes of transforms that are kept for all partners; others are made anew
_LONGEST = 1 << 31  # places of an image, whose counts a transform can have


def _pieces(n: int) -> list[tuple[int, int]]:
    return spans(n, max(1, -(-n // _PIECES)))


def shortest_lengths(fixed: CodedImage, moving: CodedImage, radius: Sequence[int]) -> list[int]:
    """Shortest lengths of transforms in which different shifts do not overlap."""
    return [
        max(b + min(m, a - 1), a + min(m, b - 1))
        for a, b, m in zip(fixed.codes.shape, moving.codes.shape, radius, strict=True)
    ]


@dataclass(frozen=True)
class _Product:
    """Two images to correlate, and what to sum over the counts in the result."""

    fixed: Array  # weights of the codes
    moving: Array
    digits: tuple[Array, Array]
    sums: str


class Correlations:
    """Exact counts at every shift, by Fourier transforms."""

    def __init__(
        self,
        fixed: CodedImage,
        moving: CodedImage,
        radius: Sequence[int],
        plan: Plan,
        chosen: tuple[list[Pack], list[Pack], list[Pack], list[Pack]],
    ) -> None:
        self.fixed, self.moving, self.radius = fixed, moving, list(radius)
        self.plan = plan
        self.fixed_packs, self.moving_pairs, self.fixed_margins, self.moving_margins = chosen

    @classmethod
    def of(
        cls, fixed: CodedImage, moving: CodedImage, radius: Sequence[int]
    ) -> Correlations | None:
        """Set up the transforms of two images; None if their counts cannot be proven exact."""
        if max(fixed.codes.size, moving.codes.size) >= _LONGEST:  # below, overlaps are exact
            return None
        plan = Plan.of(shortest_lengths(fixed, moving, radius))
        error = plan.error()
        moving_pairs = pairs(moving.counts)
        norm = max(pack.norm() for pack in moving_pairs)
        chosen = (
            packs(fixed.counts, norm, error, both_parts=False),
            packs(fixed.counts, math.sqrt(moving.n), error, both_parts=True),
            packs(moving.counts, math.sqrt(fixed.n), error, both_parts=True),
        )
        if any(found is None for found in chosen):
            return None
        cells, of_fixed, of_moving = (found or [] for found in chosen)
        return cls(fixed, moving, radius, plan, (cells, moving_pairs, of_fixed, of_moving))

    def passes(self) -> tuple[int, int]:
        """Numbers of forward and inverse transforms."""
        cells, other = len(self.fixed_packs), len(self.moving_pairs)
        margins = len(self.fixed_margins) + len(self.moving_margins)
        return cells + other + margins + 2, cells * other + margins + 1

    def counts(self) -> int:
        """Number of counts that are read from all results."""
        chosen, low, high = self._blocks
        rows = low + self.plan.lengths[-2] - high
        each = self._outer_places.size * chosen.size * LANES * rows
        return each * (self.fixed.levels + 1) * (self.moving.levels + 1)

    @property
    def bytes(self) -> int:
        """Approximate memory of the transforms, in bytes."""
        kept = min(len(self.fixed_packs) * self.plan.bytes, _SPECTRA)
        return kept + 4 * self.plan.bytes

    @lazy
    def _blocks(self) -> tuple[Array, int, int]:
        """Blocks along x that hold requested shifts; end of the first rows, start of the last."""
        y, x = self.plan.lengths[-2:]
        if self.plan.one_dimension:
            return np.arange(x // LANES), y, y
        m = self.radius[-1]
        starts = np.arange(x // LANES) * LANES
        chosen = np.flatnonzero((starts <= m) | (starts + LANES > x - m))
        low = min(self.radius[-2] + 1, y)
        return chosen, low, max(y - self.radius[-2], low)

    @lazy
    def _outer_places(self) -> Array:
        """Positions along the outer dimensions that hold requested shifts."""
        places = np.zeros(1, np.int64)
        for n, m in zip(self.plan.lengths[:-2], self.radius[:-2], strict=False):
            k = np.arange(n)
            chosen = k[(k <= m) | (k >= n - m)]
            places = (places[:, None] * n + chosen).ravel()
        return places

    def _image(self, codes: Array, none: int) -> tuple[Array, Array]:
        """Codes as (outer, y, x), and the index of the slice at each outer position."""
        if self.plan.one_dimension:
            x = self.plan.lengths[-1]
            padded = np.full(-(-codes.size // x) * x, none, codes.dtype)
            padded[: codes.size] = codes
            return padded.reshape(1, -1, x), np.zeros(1, np.int64)
        image = codes.reshape(-1, *codes.shape[-2:]) if codes.ndim > 2 else codes[None]
        sources = np.full(self.plan.lengths[:-2], -1, np.int64)
        outer = codes.shape[:-2]
        sources[tuple(slice(n) for n in outer)] = np.arange(math.prod(outer)).reshape(outer)
        return np.ascontiguousarray(image), sources.ravel()

    def _along_outer(self, z: Array, chosen: Array, direction: int) -> None:
        """Transform along each outer dimension."""
        outer, (y, x) = self.plan.lengths[:-2], self.plan.lengths[-2:]
        for i, n in enumerate(outer):
            if n > 1:
                inner = math.prod(outer[i + 1 :])
                arguments = (n, inner, chosen, x // LANES, y, *steps(n), direction)

                def pass_along(span: tuple[int, int], arguments: tuple[object, ...]) -> None:
                    transforms.along_outer(z, *span, *arguments)

                runs = math.prod(outer) // n * chosen.size
                run_in_order(functools.partial(pass_along, arguments=arguments), _pieces(runs))

    def _transform(self, image: tuple[Array, Array], weights: Array, z: Array) -> Array:
        """Transform an image with a weight for each level."""
        y, x = self.plan.lengths[-2:]
        codes, sources = image
        outer, all_blocks = self.plan.outer, x // LANES
        blocks = all_blocks if outer > 1 else -(-codes.shape[2] // LANES)
        transforms.paint(codes, sources, weights, z, y, blocks, all_blocks)

        def along_y(span: tuple[int, int]) -> None:
            transforms.along_y(z, *span, y, blocks, all_blocks, *steps(y), self._twist)

        run_in_order(along_y, _pieces(outer * blocks))
        self._along_outer(z, np.arange(all_blocks), 1)
        out = np.empty_like(z)

        def along_x(span: tuple[int, int]) -> None:
            transforms.along_x(z, *span, y, blocks, all_blocks, *steps(x), out)

        run_in_order(along_x, _pieces(outer * y // LANES))
        return out

    def _add(
        self, f: Array, g: Array, z: Array, product: _Product, table: Array, sums: Array
    ) -> None:
        """Correlate two images by their transforms; add the `table` entries of counts to `sums`."""
        y, x = self.plan.lengths[-2:]
        all_blocks = x // LANES
        chosen, low, high = self._blocks
        places = self._outer_places

        def back_along_x(span: tuple[int, int]) -> None:
            transforms.back_along_x(f, g, *span, y, chosen, all_blocks, *steps(x), z)

        def back_along_y(span: tuple[int, int]) -> None:
            counting.back_along_y(
                *(z, *span, y, chosen, places, all_blocks, *steps(y), self._twist),
                *(low, high, *product.digits, table, sums),
            )

        run_in_order(back_along_x, _pieces(self.plan.outer * y // LANES))
        self._along_outer(z, chosen, -1)
        run_in_order(back_along_y, _pieces(places.size * chosen.size))

    def _products(self) -> list[_Product]:
        """All pairs of images to correlate; pairs with the same moving image are consecutive."""
        scale = 1.0 / self.plan.size
        every_fixed = Pack((0,), (), np.array([self.fixed.n])).weights()
        every_moving = Pack((0,), (), np.array([self.moving.n])).weights(scale=scale)
        every_fixed = np.repeat(every_fixed, [self.fixed.levels, 1], axis=0)
        every_moving = np.repeat(every_moving, [self.moving.levels, 1], axis=0)
        one = np.array([1, 0]), np.zeros(8)
        found = []
        for pair in self.moving_pairs:
            weights = pair.weights(scale=scale)
            for pack in self.fixed_packs:
                counts, digits = pack.digits()
                both = np.array([counts[0], counts[0] if pair.imaginary else 0])
                digits = np.tile(digits[:4], 2)
                found.append(_Product(pack.weights(), weights, (both, digits), "cells"))
        for pack in self.moving_margins:
            weights = pack.weights(scale=scale)
            found.append(_Product(every_fixed, weights, pack.digits(), "margins"))
        for pack in self.fixed_margins:  # conjugated in the product
            weights = pack.weights(sign=-1.0)
            found.append(_Product(weights, every_moving, pack.digits(), "margins"))
        found.append(_Product(every_fixed, every_moving, one, "totals"))
        return found

    def information(self, terms: Array, scale: float) -> Array:
        """Information at the requested shifts."""
        self._twist = self.plan.twist()
        size = self.plan.size
        z = np.empty(2 * size)
        sums, totals = np.zeros(size, np.int64), np.zeros(size, np.int64)
        tables = {
            "cells": (terms, sums),
            "margins": (-terms, sums),
            "totals": (np.arange(terms.size), totals),
        }
        fixed = self._image(self.fixed.codes, self.fixed.levels)
        moving = self._image(self.moving.codes, self.moving.levels)
        products = self._products()
        uses = Counter(product.fixed.tobytes() for product in products)
        kept: dict[bytes, Array] = {}
        last, g = b"", z
        for product in products:
            key = product.moving.tobytes()
            if key != last:
                last, g = key, self._transform(moving, product.moving, z)
            key = product.fixed.tobytes()
            uses[key] -= 1
            f = kept.pop(key) if key in kept else self._transform(fixed, product.fixed, z)
            if uses[key] and (len(kept) + 1) * self.plan.bytes <= _SPECTRA:
                kept[key] = f
            self._add(f, g, z, product, *tables[product.sums])
        out = np.empty([2 * m + 1 for m in self.radius])
        counting.information_of_sums(
            self._at_shifts(sums), self._at_shifts(totals), terms, scale, out.reshape(-1)
        )
        return out

    def _at_shifts(self, sums: Array) -> Array:
        """Sums in the order of the requested shifts; 0 without an overlap."""
        y, x = self.plan.lengths[-2:]
        image = sums.reshape(-1, x // LANES, y, LANES).transpose(0, 2, 1, 3)
        lengths = [self.plan.size] if self.plan.one_dimension else self.plan.lengths
        image = image.reshape(lengths)
        places, met = [], []
        shapes = zip(self.fixed.codes.shape, self.moving.codes.shape, strict=True)
        for n, m, (a, b) in zip(lengths, self.radius, shapes, strict=True):
            shifts = np.arange(-m, m + 1)
            inside = (shifts > -a) & (shifts < b)
            places.append(np.where(inside, shifts % n, 0))
            met.append(inside)
        found = image[np.ix_(*places)]
        for axis, inside in enumerate(met):
            found[(slice(None),) * axis + (~inside,)] = 0
        return found.reshape(-1)
