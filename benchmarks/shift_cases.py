"""Information at every shift of one image over another, against a loop over the shifts."""

from __future__ import annotations

from typing import Any

import numpy as np
from cases import Case, Work

import fastinfo

SIZE = 512
LEVELS = 16
SOME = 200


def _images() -> tuple[np.ndarray, np.ndarray]:
    """Codes of a smooth scene, and of another one that depends on it, with noise in both."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:SIZE, :SIZE] / 40
    scene = np.sin(x + np.cos(y)) + np.sin(0.7 * y + np.cos(1.3 * x))
    fixed = scene + 0.4 * rng.normal(size=scene.shape)
    moving = np.cos(2 * scene) + 0.4 * rng.normal(size=scene.shape)
    codes = [
        np.searchsorted(np.quantile(a, np.linspace(0, 1, LEVELS + 1)[1:-1]), a)
        for a in (fixed, moving)
    ]
    return codes[0].astype(np.uint8), codes[1].astype(np.uint8)


def _every_shift() -> Work:
    fixed, moving = _images()
    shifts = np.random.default_rng(1).integers(1 - SIZE, SIZE, (SOME, 2))

    def overlap(a: np.ndarray, sign: int, shift: Any) -> np.ndarray:
        places = [slice(max(0, sign * s), SIZE - max(0, -sign * s)) for s in shift]
        return a[tuple(places)].ravel()

    def loop() -> list[float]:
        return [
            fastinfo.mutual_information(overlap(fixed, -1, s), overlap(moving, 1, s))
            for s in shifts
        ]

    def check(ours: Any, theirs: Any) -> None:
        np.testing.assert_allclose(ours[tuple(shifts.T + SIZE - 1)], theirs, rtol=1e-9, atol=1e-9)

    return Work(
        ours=lambda: fastinfo.images.shift_map(fixed, moving, bins=LEVELS),
        peers={f"a loop of `fastinfo.mutual_information`, {SOME} shifts": loop},
        check=check,
        per=1,
        parts=((2 * SIZE - 1) ** 2, SOME),
    )


CASES = [Case(f"images.shift_map {SIZE}², {LEVELS} levels, all shifts", _every_shift)]
