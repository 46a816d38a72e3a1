"""
Two pictures of one scene, and their mutual information: ``python docs/make_images.py``.

Draws docs/tutorials/images.png from what the page beside it computes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import fastinfo

HERE = Path(__file__).resolve().parent
SHIFT = (7, -4)  # rows and columns, as the page has it
REACH = 12


def scene(size: int = 160) -> np.ndarray:
    """Discs and bars of several materials, as numbers from 0 to 5."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:size, :size]
    image = np.zeros((size, size))
    for _ in range(40):
        cy, cx, radius = *rng.uniform(0, size, 2), rng.uniform(4, 16)
        image[(y - cy) ** 2 + (x - cx) ** 2 < radius**2] = rng.integers(1, 6)
    return image


def two_pictures() -> tuple[np.ndarray, np.ndarray]:
    """The scene in two kinds of light: no brightness of one is that of the other."""
    rng = np.random.default_rng(8)
    materials = scene()
    first = np.array([10, 60, 110, 160, 210, 250])[materials.astype(int)]
    second = np.array([120, 220, 20, 180, 60, 150])[materials.astype(int)]
    first = first + rng.normal(0, 12, first.shape)
    second = second + rng.normal(0, 12, second.shape)
    return first, np.roll(second, SHIFT, axis=(0, 1))


def information(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Mutual information in nats at each shift, of the part that both pictures show."""
    inner = slice(REACH, -REACH)
    fixed = first[inner, inner].ravel()
    out = np.empty((2 * REACH + 1, 2 * REACH + 1))
    for dy in range(-REACH, REACH + 1):
        for dx in range(-REACH, REACH + 1):
            moved = np.roll(second, (-dy, -dx), axis=(0, 1))[inner, inner]
            out[dy + REACH, dx + REACH] = fastinfo.mutual_information(fixed, moved.ravel(), bins=16)
    return out


def main() -> None:
    """Draw the pictures, their joint histograms and the peak."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    first, second = two_pictures()
    values = information(first, second)
    aligned = np.roll(second, (-SHIFT[0], -SHIFT[1]), axis=(0, 1))

    figure, axes = plt.subplots(1, 5, figsize=(13, 2.9), dpi=80, layout="constrained")
    for panel, image, title in zip(axes, (first, second), ("first", "second"), strict=False):
        panel.imshow(image, cmap="gray")
        panel.set(title=title, xticks=[], yticks=[])
    for panel, other, title in zip(
        axes[2:], (second, aligned), ("joint counts, as they are", "aligned"), strict=False
    ):
        counts, _, _ = fastinfo.histogram2d(first.ravel(), other.ravel(), bins=48)
        panel.imshow(np.log1p(counts.T), origin="lower", cmap="viridis")
        panel.set(title=title, xlabel="first", ylabel="second", xticks=[], yticks=[])
    extent = (-REACH - 0.5, REACH + 0.5, REACH + 0.5, -REACH - 0.5)
    drawn = axes[4].imshow(values, cmap="magma", extent=extent)
    axes[4].set(title="mutual information, nats", xlabel="columns", ylabel="rows")
    figure.colorbar(drawn, ax=axes[4], shrink=0.8)
    figure.savefig(HERE / "tutorials" / "images.png", metadata={"Software": None})


if __name__ == "__main__":
    main()
