"""
Pictures of the page of images: ``python docs/make_images.py``.

Draws docs/tutorials/images.png from what the page beside it computes, and images_registered.png
from the rigid registration of examples/register_images.py.
"""

from __future__ import annotations

import io
import runpy
from pathlib import Path
from typing import Any

import numpy as np

import fastinfo

HERE = Path(__file__).resolve().parent
SHIFT = (7, -4)  # rows and columns, as the page has it
REACH = 40


def two_pictures() -> tuple[np.ndarray, np.ndarray]:
    """Discs of six materials in two kinds of light, as the page has them."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:200, :200]
    materials = np.zeros((200, 200), int)
    for _ in range(60):
        row, column, radius = *rng.uniform(0, 200, 2), rng.uniform(4, 16)
        materials[(y - row) ** 2 + (x - column) ** 2 < radius**2] = rng.integers(1, 6)
    first = np.array([10, 60, 110, 160, 210, 250])[materials][20:180, 20:180]
    second = np.array([120, 220, 20, 180, 60, 150])[materials][13:173, 24:184]
    return tuple(image + rng.normal(0, 12, image.shape) for image in (first, second))


def show(panel: Any, image: np.ndarray, title: str, **options: Any) -> Any:
    """An image without ticks."""
    panel.set(title=title, xticks=[], yticks=[])
    return panel.imshow(image, **options)


def show_counts(panel: Any, x: np.ndarray, y: np.ndarray, title: str) -> None:
    """The logarithms of joint counts."""
    counts = fastinfo.images.joint_histogram(x, y, bins=48)
    show(panel, np.log1p(counts.T), title, origin="lower", cmap="viridis")
    panel.set(xlabel="first", ylabel="second")


def of_shifts(axes: Any) -> None:
    """Two pictures, the map of shifts, and joint counts before and after."""
    first, second = two_pictures()
    information = fastinfo.images.shift_map(first, second, bins=16, max_shift=REACH)
    peak = np.subtract(np.unravel_index(information.argmax(), information.shape), REACH)
    assert tuple(peak) == SHIFT
    show(axes[0], first, "first", cmap="gray")
    show(axes[1], second, "second", cmap="gray")
    extent = (-REACH - 0.5, REACH + 0.5, REACH + 0.5, -REACH - 0.5)
    drawn = axes[2].imshow(information, cmap="magma", extent=extent)
    axes[2].set(title="mutual information, nats", xlabel="columns", ylabel="rows")
    axes[2].figure.colorbar(drawn, ax=axes[2], shrink=0.8)
    show_counts(axes[3], first, second, "joint counts, as they are")
    show_counts(axes[4], first[:-7, 4:], second[7:, :-4], "aligned")


def of_registration(axes: Any) -> None:
    """Two pictures, one over the other, and joint counts, before and after."""
    example = runpy.run_path(str(HERE.parent / "examples" / "register_images.py"))
    known = example["rigid"](np.array([0.157 * example["SIZE"] / 2, 6.4, -8.7]))[0]
    fixed, moving = example["pictures"](known)
    found = example["register"](fixed, moving, example["rigid"])
    assert example["largest_error"](found, known) < 0.5
    warped = example["warped"](moving, found)

    def share(image: np.ndarray) -> np.ndarray:
        low, high = np.percentile(image, (1, 99))
        return np.clip((image - low) / (high - low), 0, 1)

    def overlay(other: np.ndarray) -> np.ndarray:
        return np.dstack([share(fixed), share(other), share(fixed)])  # magenta, and green

    for image, name, panel in ((fixed, "first", axes[0]), (moving, "second", axes[1])):
        show(panel, image, name, cmap="gray")
    show(axes[2], overlay(moving), "first magenta, second green")
    show(axes[3], overlay(warped), "registered")
    show_counts(axes[4], fixed, moving, "joint counts, before")
    show_counts(axes[5], fixed, warped, "after")


def main() -> None:
    """Draw both pictures."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt
    from PIL import Image

    for name, draw, columns in (
        ("images", of_shifts, 5),
        ("images_registered", of_registration, 6),
    ):
        size = (2.6 * columns, 2.9)
        figure, axes = plt.subplots(1, columns, figsize=size, dpi=72, layout="constrained")
        draw(axes)
        drawn = io.BytesIO()
        figure.savefig(drawn, metadata={"Software": None})
        plt.close(figure)
        with Image.open(drawn) as picture:
            kept = picture.convert("RGB")
            if draw is of_registration:  # the grain of its pictures needs few colours
                kept = kept.quantize(200)
            kept.save(HERE / "tutorials" / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
