"""Pictures of rankings."""

import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

import fastinfo
from fastinfo.plot import check_picture, plot_ranking, save
from fastinfo.ranking import RankedFeature


@pytest.fixture
def ranking(rng):
    """Rank six columns, of which the first two tell about the target."""
    y = rng.integers(0, 4, 2000)
    X = rng.integers(0, 4, (2000, 6))
    X[:, 0] = y
    X[:, 1] = y // 2
    return fastinfo.rank_features(X, y)


class Rows(list):
    """Rows as a ranking has them, of any content."""

    target, base, alpha, n_rows = "the $target$_", 10.0, 0.01, 9


def row(name, mi, p):
    return RankedFeature(name, mi, mi / 2, p, p, 9, 0)


def bars(ax):
    """Return the bars from top to bottom: (length, hatched)."""
    found = [bar for container in ax.containers for bar in container]
    found.sort(key=lambda bar: bar.get_y())
    return [(bar.get_width(), bool(bar.get_hatch())) for bar in found]


def test_bars_are_the_ranking(ranking):
    ax = plot_ranking(ranking)
    assert [length for length, _ in bars(ax)] == [row.mi for row in ranking]
    expected = [row.adjusted_pvalue > ranking.alpha for row in ranking]
    assert [hatched for _, hatched in bars(ax)] == expected
    assert expected[:2] == [False, False]
    assert [label.get_text() for label in ax.get_yticklabels()] == [row.name for row in ranking]
    assert [text.get_text() for text in ax.texts] == [f"{row.normalized_mi:.2g}" for row in ranking]
    assert ax.get_xlabel() == "mutual information (nats)"
    lower, upper = ax.get_ylim()
    assert lower > upper, "the best column is on top"


def test_top(ranking):
    assert len(bars(plot_ranking(ranking, top=2))) == 2
    assert len(bars(plot_ranking(ranking, top=None))) == len(ranking)
    with pytest.raises(ValueError, match="top must be at least 1, got 0"):
        plot_ranking(ranking, top=0)


def test_given_axes_are_drawn_on_and_pyplot_is_left_alone(ranking):
    ax = Figure().subplots()
    assert plot_ranking(ranking, ax=ax) is ax
    before = mpl.rcParams.copy()
    assert plot_ranking(ranking).figure is not ax.figure
    assert mpl.rcParams == before


def test_odd_names_and_values(tmp_path):
    rows = Rows(
        [
            row("a_$dollar$_name", 0.5, 0.001),
            row("two\nlines", 0.25, 0.02),
            row("x" * 100, 0.0, 1.0),
            row("nothing there", np.nan, np.nan),
        ]
    )
    ax = plot_ranking(rows)
    assert ax.get_title() == "Columns by mutual information with the $target$_"
    assert ax.get_xlabel() == "mutual information (base 10)"
    assert bars(ax) == [(0.5, False), (0.25, True), (0.0, True), (0.0, True)]
    assert ax.texts[-1].get_text() == "no data"
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels[0] == "a_$dollar$_name"
    assert "\n" not in labels[1]
    assert len(labels[2]) == 40
    save(ax, tmp_path / "odd.png")


def test_all_zero_and_no_rows():
    assert plot_ranking(Rows([row("a", 0.0, 1.0)])).get_xlim() == (0, 1)
    with pytest.raises(ValueError, match="no rows"):
        plot_ranking(Rows())


@pytest.mark.parametrize("name", ["r.png", "r.SVG", "r.pdf"])
def test_save(tmp_path, ranking, name):
    ax = plot_ranking(ranking)
    save(ax, tmp_path / name)
    save(ax.figure, str(tmp_path / ("figure_" + name)))
    assert (tmp_path / name).stat().st_size > 1000
    assert (tmp_path / ("figure_" + name)).stat().st_size > 1000


def test_where_no_picture_can_be_written(tmp_path, ranking):
    ax = plot_ranking(ranking)
    with pytest.raises(ValueError, match=r"no known kind of picture.*\.png, "):
        save(ax, tmp_path / "r.xyz")
    with pytest.raises(ValueError, match="no known kind of picture"):
        save(ax, tmp_path / "png")
    with pytest.raises(FileNotFoundError, match="no such folder"):
        save(ax, tmp_path / "no" / "r.png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(IsADirectoryError, match="is a directory"):
        save(ax, tmp_path / "folder.png")


def test_matplotlib_is_missing(monkeypatch, ranking):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for call in (lambda: plot_ranking(ranking), lambda: check_picture("r.png")):
        with pytest.raises(ImportError, match=r'pip install "fastinfo\[plot\]"'):
            call()
