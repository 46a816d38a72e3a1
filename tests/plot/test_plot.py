"""Pictures of rankings, matrices and joint counts, and the files they are written to."""

import os
import sys
from itertools import pairwise

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from helpers import printed
from matplotlib.figure import Figure

import fastinfo
from fastinfo.plot import check_picture, figure_of, plot_joint, plot_matrix, plot_ranking, save
from fastinfo.ranking import RankedFeature


@pytest.fixture
def ranking(rng):
    """Rank six columns, of which the first two tell about the target."""
    y = rng.integers(0, 4, 2000)
    X = rng.integers(0, 4, (2000, 6))
    X[:, 0] = np.where(rng.random(2000) < 0.9, y, X[:, 0])
    X[:, 1] = y // 2
    return fastinfo.rank_features(X, y)


class Rows(list):
    """Rows as a ranking has them, of any content."""

    target, base, alpha, n_rows = "the $target$_", 10.0, 0.01, 9


def row(name, above, p, note=""):
    return RankedFeature(name, above, above / 2, 9.0, 0.9, p, p, "g", 3, 9, 0, note)


def bars(ax):
    """Return the bars from top to bottom: (length, hatched)."""
    found = [
        bar for container in ax.containers if hasattr(container, "patches") for bar in container
    ]
    found.sort(key=lambda bar: bar.get_y())
    return [(bar.get_width(), bool(bar.get_hatch())) for bar in found]


def test_bars_are_the_ranking(ranking):
    ax = plot_ranking(ranking)
    assert [length for length, _ in bars(ax)] == [max(row.above_chance, 0.0) for row in ranking]
    assert any(row.above_chance < 0 for row in ranking)
    expected = [row.adjusted_pvalue > ranking.alpha for row in ranking]
    assert [hatched for _, hatched in bars(ax)] == expected
    assert expected[:2] == [False, False]
    assert [label.get_text() for label in ax.get_yticklabels()] == [row.name for row in ranking]
    numbers = [float(text.get_text()) for text in ax.texts]
    np.testing.assert_allclose(numbers, [row.above_chance for row in ranking], atol=5e-4)
    assert ax.get_xlabel() == "mutual information above chance (nats)"
    lower, upper = ax.get_ylim()
    assert lower > upper, "the best column is on top"


def test_whiskers(ranking):
    ax = plot_ranking(ranking)
    (whiskers,) = (c for c in ax.containers if not hasattr(c, "patches"))
    lines = whiskers.lines[2][0].get_segments()
    shown = [(i, row) for i, row in enumerate(ranking) if row.above_chance > 0]
    assert len(lines) == len(shown) >= 2
    for (i, row), line in zip(shown, lines, strict=True):
        error = 1.96 * ranking.standard_errors[row.name]
        low, high = max(row.above_chance - error, 0.0), row.above_chance + error
        np.testing.assert_allclose(line, [[low, i], [high, i]])
    assert ax.get_xlim()[1] > high


def test_top(ranking):
    assert len(bars(plot_ranking(ranking, top=2))) == 2
    assert plot_ranking(ranking, top=2).get_title() == "Columns by information: 2 of 6 columns"
    assert plot_ranking(ranking[:3], top=3).get_title() == "Columns by information"
    assert len(bars(plot_ranking(ranking, top=None))) == len(ranking)
    with pytest.raises(ValueError, match="top must be at least 1, got 0"):
        plot_ranking(ranking, top=0)


def test_given_axes_are_drawn_on_and_other_figures_are_those_of_pyplot(ranking, matrix, rng):
    before = mpl.rcParams.copy()
    counts = fastinfo.JointCounts.from_labels([0, 1, 1], [0, 1, 0])
    for result in (ranking, matrix, counts):
        plt.close("all")
        ax = result.plot()
        assert [plt.figure(number) for number in plt.get_fignums()] == [ax.figure]
        plt.close("all")
        assert figure_of(result).axes
        assert plt.get_fignums() == []
    for result in (ranking, matrix):
        ax = Figure().subplots()
        assert result.plot(ax=ax) is ax
    assert plt.get_fignums() == []
    assert mpl.rcParams == before


def test_the_legend_is_outside_of_the_axes(ranking):
    figure = figure_of(ranking)
    figure.draw_without_rendering()
    (ax,) = figure.axes
    legend, labels = ax.get_legend().get_window_extent(), ax.xaxis.label.get_window_extent()
    assert legend.y1 < labels.y0
    assert legend.y0 >= 0
    assert legend.x0 >= 0
    assert legend.x1 <= figure.bbox.x1


@pytest.mark.slow
def test_files_are_drawn_outside_of_pyplot(tmp_path):
    program = (
        "import sys, fastinfo; counts = fastinfo.JointCounts.from_table([[1, 2], [3, 4]]); "
        f"fastinfo.plot.save(counts, {str(tmp_path / 'c.png')!r}); "
        "print('matplotlib.pyplot' in sys.modules)"
    )
    assert printed("-c", program) == ["False"]


def test_axes_of_a_part_of_a_figure(ranking, matrix, tmp_path):
    figure = Figure(figsize=(12, 6), layout="constrained")
    left, right = figure.subfigures(1, 2)
    ranking.plot(ax=left.subplots())
    ax = matrix.plot(ax=right.subplots())
    save(ax, tmp_path / "both.png")
    assert plt.imread(tmp_path / "both.png").shape[1] == 12 * 150


def test_the_module_is_there_without_its_import():
    program = "import fastinfo; print(fastinfo.plot.plot_matrix.__module__)"
    assert printed("-c", program) == ["fastinfo.plot.matrices"]


def test_odd_names_and_values(tmp_path):
    rows = Rows(
        [
            row("a_$dollar$_name", 0.5, 0.001),
            row("two\nlines", 0.25, 0.02, "may leak; same as a_$dollar$_name"),
            row("x" * 100, 0.0, 1.0),
            row("nothing there", np.nan, np.nan, "all missing"),
        ]
    )
    ax = plot_ranking(rows)
    assert ax.get_title() == "Columns by information about the $target$_"
    assert ax.get_xlabel() == "mutual information above chance (base 10)"
    assert bars(ax) == [(0.5, False), (0.25, True), (0.0, True), (0.0, True)]
    assert [text.get_text() for text in ax.texts] == [
        "0.500",
        "0.250  may leak; same as a_$dollar$_name",
        "0.000",
        "no data  all missing",
    ]
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels[0] == "a_$dollar$_name"
    assert "\n" not in labels[1]
    assert len(labels[2]) == 36
    assert labels[2][18] == "…"
    save(ax, tmp_path / "odd.png")


def test_all_zero_and_no_rows():
    assert plot_ranking(Rows([row("a", 0.0, 1.0)])).get_xlim() == (0, 1)
    with pytest.raises(ValueError, match="no rows"):
        plot_ranking(Rows())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["r.png", "r.SVG", "r.pdf"])
def test_save(tmp_path, ranking, name):
    ax = plot_ranking(ranking)
    save(ax, tmp_path / name)
    save(ax.figure, str(tmp_path / ("figure_" + name)))
    save(ranking, tmp_path / ("result_" + name), top=3)
    assert (tmp_path / ("result_" + name)).stat().st_size > 1000
    with pytest.raises(TypeError, match=r"options must be left out beside a figure, got \['top'\]"):
        save(ax, tmp_path / name, top=3)
    assert (tmp_path / name).stat().st_size > 1000
    assert (tmp_path / ("figure_" + name)).stat().st_size > 1000


def test_where_no_picture_can_be_written(tmp_path, ranking):
    ax = plot_ranking(ranking)
    with pytest.raises(ValueError, match=r"\.png, .*no known kind of picture"):
        save(ax, tmp_path / "r.xyz")
    with pytest.raises(ValueError, match="no known kind of picture"):
        save(ax, tmp_path / "png")
    with pytest.raises(FileNotFoundError, match="no such folder"):
        save(ax, tmp_path / "no" / "r.png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(ValueError, match=r"path must be a plain file, .*, a directory"):
        save(ax, tmp_path / "folder.png")
    with pytest.raises(ValueError, match=r"^--plot must end in one of .*, no known kind"):
        check_picture(tmp_path / "r.xyz", "--plot")
    if sys.platform == "linux":
        with pytest.raises(ValueError, match="must be a plain file, got '/dev/null', a dev"):
            check_picture("/dev/null")
        with pytest.raises(ValueError, match="got '/dev/stdout', a link"):
            check_picture("/dev/stdout")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.png"]


KINDS = ["png", "svg", "svgz", "pdf", "ps", "eps", "jpg", "tiff", "webp", "gif", "raw"]
UNMARKED = ["gif", "raw"]


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_are_written_over_those_of_fastinfo_and_nothing_else(tmp_path, kind):
    figure, path = Figure(figsize=(1, 1)), tmp_path / f"r.{kind}"
    if kind not in figure.canvas.get_supported_filetypes():
        pytest.skip("this Matplotlib writes none")
    path.touch()  # an empty file, as programs make one to have its name
    save(figure, path)
    drawn = path.read_bytes()
    figure.savefig(path)
    of_others = path.read_bytes()
    for other in (of_others, b"my notes\n", b"\0" * 50, b"x", *([drawn] * (kind in UNMARKED))):
        path.write_bytes(other)
        with pytest.raises(ValueError, match=f"path must be a new file or a picture.*r.{kind}'"):
            save(figure, path)
        assert path.read_bytes() == other
    if kind in UNMARKED:
        return
    path.write_bytes(drawn)
    path.chmod(0o640)
    os.link(path, tmp_path / f"same.{kind}")
    figure.set_facecolor("red")
    save(figure, path)
    assert path.read_bytes() != drawn
    assert (tmp_path / f"same.{kind}").read_bytes() == drawn
    assert sorted(tmp_path.iterdir()) == [path, tmp_path / f"same.{kind}"]
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o777 == 0o640
        path.write_bytes(drawn)
        link = tmp_path / f"link.{kind}"
        link.symlink_to(path)
        with pytest.raises(ValueError, match=r"path must be a plain file, got .* a link"):
            save(figure, link)
        assert path.read_bytes() == drawn


@pytest.mark.slow
def test_the_mark_is_found_in_large_pictures(tmp_path, rng):
    figure = Figure(figsize=(5, 5))
    axes = figure.subplots()
    axes.plot(*rng.random((2, 20_000)))
    axes.set_title("".join(map(chr, range(33, 127))), parse_math=False)
    for kind in ("png", "svg", "svgz", "pdf", "eps", "jpg", "webp"):
        path = tmp_path / f"r.{kind}"
        for _ in range(2):
            save(figure, path, dpi=50)


def test_a_picture_that_fails_leaves_the_earlier_one_whole(tmp_path, monkeypatch):
    figure, path = Figure(figsize=(1, 1)), tmp_path / "r.png"
    save(figure, path)
    drawn = path.read_bytes()

    def fail(new, **options):
        with open(new, "wb") as file:
            file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(figure, "savefig", fail)
    with pytest.raises(OSError, match=r"r.png' can't be written: No space left on device"):
        save(figure, path)
    assert path.read_bytes() == drawn
    assert list(tmp_path.iterdir()) == [path]


def test_matplotlib_is_missing(monkeypatch, ranking):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for call in (lambda: plot_ranking(ranking), lambda: check_picture("r.png")):
        with pytest.raises(ImportError, match=r'pip install "fastinfo\[plot\]"'):
            call()


# Matrices


@pytest.fixture
def matrix(rng):
    """Three pairs of columns that tell about each other, the partners three columns apart."""
    X = rng.integers(0, 4, (2000, 6))
    X[:, 3:] = (X[:, :3] + (rng.random((2000, 3)) < 0.2)) % 4
    return fastinfo.mutual_information_matrix(X)


def labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def test_colours_are_the_matrix(matrix):
    ax = plot_matrix(np.asarray(matrix), list("abcdef"), unit="bits")
    shown = np.asarray(ax.images[0].get_array().filled(np.nan))
    assert np.isnan(np.diag(shown)).all()
    apart = ~np.eye(6, dtype=bool)
    np.testing.assert_array_equal(shown[apart], matrix[apart])
    assert labels(ax.xaxis) == labels(ax.yaxis) == list("abcdef")
    assert bar_of(ax).get_ylabel().startswith("mutual information (bits)")
    assert matrix[0, 0] > 0, "the input is as it was"


def bar_of(ax):
    """Return the axes of the bar of colours."""
    (bar,) = ax.child_axes
    return bar


def test_plug_in_information_is_drawn_above_chance(matrix):
    ax = matrix.plot()
    shown = np.asarray(ax.images[0].get_array().filled(np.nan))
    apart = ~np.eye(6, dtype=bool)
    np.testing.assert_array_equal(shown[apart], matrix.above_chance()[apart])
    said = " ".join(bar_of(ax).get_ylabel().split())
    assert said == "mutual information above chance, approximate (nats)"
    assert labels(ax.xaxis) == labels(ax.yaxis) == [f"x{i}" for i in range(6)]


def test_what_the_colours_are_is_said(rng):
    X = rng.integers(0, 3, (200, 3))
    for options, said in (
        ({"correction": "chance", "base": 2}, "mutual information above chance (bits)"),
        ({"normalized": "min"}, "normalized mutual information (share)"),
        ({"correction": "grassberger"}, "mutual information (nats)"),
    ):
        found = fastinfo.mutual_information_matrix(X, **options)
        assert " ".join(bar_of(found.plot()).get_ylabel().split()) == said


def test_cells_are_squares_and_the_bar_is_as_tall():
    for shape in ((3, 3), (30, 30), (120, 120), (20, 2)):
        ax = figure_of(np.ones(shape)).axes[0]
        ax.figure.draw_without_rendering()
        matrix, bar = ax.get_window_extent(), bar_of(ax).get_window_extent()
        assert matrix.width / shape[1] == pytest.approx(matrix.height / shape[0], rel=1e-3)
        assert bar.height == pytest.approx(matrix.height, rel=1e-3)
        assert ax.figure.bbox.contains(matrix.x0, matrix.y1)
        assert bar.x1 < ax.figure.bbox.x1
    sizes = [figure_of(np.ones((n, n))).get_figwidth() for n in (5, 20, 30, 300)]
    assert sizes[0] < sizes[1] < sizes[2] == sizes[3]


@pytest.mark.slow
@pytest.mark.parametrize(("n", "every"), [(40, 1), (100, 1), (300, 3)])
def test_names_are_legible_or_left_out(n, every):
    names = [f"column {i}" for i in range(n)]
    ax = figure_of(np.ones((n, n)), names=names).axes[0]
    assert labels(ax.xaxis) == labels(ax.yaxis) == names[::every]
    ax.figure.draw_without_rendering()
    texts = ax.get_yticklabels()
    assert texts[0].get_fontsize() >= 6
    ends = [(t.get_window_extent().y0, t.get_window_extent().y1) for t in texts]
    assert all(upper[0] > lower[1] - 2 for upper, lower in pairwise(ends))


def test_a_cap_on_the_columns(rng):
    values = rng.random((400, 400))
    values = values + values.T
    names = [f"c{i}" for i in range(400)]
    values[:, 7] = values[7] = 0.0
    ax = plot_matrix(values, names)
    assert ax.images[0].get_array().shape == (300, 300)
    assert ax.get_title() == ("Mutual information: the 300 of 400 columns with the strongest pairs")
    ax = plot_matrix(values, names, top=399)
    assert "c7" not in labels(ax.yaxis)
    assert ax.images[0].get_array().shape == (399, 399)
    assert plot_matrix(values, top=None).images[0].get_array().shape == (400, 400)
    assert "strongest 2 x 1 of 5 x 1" in plot_matrix(np.ones((5, 1)), top=2).get_title()
    with pytest.raises(ValueError, match="top must be at least 2, got 1"):
        plot_matrix(values, top=1)


def test_few_columns_far_above_all_others_are_cut_off(rng):
    values = rng.uniform(0.05, 0.1, (20, 20))
    values = values + values.T
    usual = values[~np.eye(20, dtype=bool)].max()
    ax = plot_matrix(values)
    assert ax.images[0].get_clim() == (0.0, usual)
    assert "end at" not in bar_of(ax).get_ylabel()
    values[3] = values[:, 3] = 3.0  # one column of many levels
    values[5, 6] = values[6, 5] = 2.0  # and a copy
    ax = plot_matrix(values)
    assert ax.images[0].get_clim()[1] < 0.21
    said = " ".join(bar_of(ax).get_ylabel().split())
    assert said.startswith("mutual information (nats) colours end at 0.1")
    assert said.endswith("the strongest pair has 3")
    assert ax.images[0].colorbar.extend == "max"
    values[3] = values[:, 3] = 0.01
    values[5, 6] = values[6, 5] = 20.0  # all others are next to nothing beside it
    assert plot_matrix(values).images[0].get_clim() == (0.0, 20.0)


def test_the_diagonal_on_request(matrix):
    shown = plot_matrix(np.asarray(matrix), diagonal=True).images[0].get_array()
    np.testing.assert_array_equal(shown, matrix)


def test_two_tables_of_as_many_columns_have_no_diagonal(rng):
    X = rng.integers(0, 3, (300, 3))
    found = fastinfo.mutual_information_matrix(X, X, correction="chance")
    shown = np.ma.getmaskarray(found.plot().images[0].get_array())
    assert not shown.any()
    with pytest.raises(ValueError, match="a clustered matrix must be square, of one table"):
        found.plot(clustered=True)


def test_nothing_but_missing():
    ax = plot_matrix(np.full((3, 3), np.nan))
    assert ax.images[0].get_clim() == (0.0, 1.0)


def test_clustering_brings_partners_together(matrix):
    ax = plot_matrix(matrix, list("abcabc"), clustered=True)
    found = labels(ax.xaxis)
    assert sorted(found) == sorted("abcabc")
    assert found[0::2] == found[1::2]
    shown = ax.images[0].get_array()
    assert all(shown[i, i + 1] > 0.3 for i in (0, 2, 4))


def test_clustering_of_few_columns_and_of_missing_values(matrix):
    for size in (1, 2, 3):
        part = matrix[:size, :size].copy()
        part[0, -1] = part[-1, 0] = np.nan
        assert plot_matrix(part, clustered=True).images[0].get_array().shape == (size, size)


def test_matrix_of_two_tables(matrix):
    ax = plot_matrix(matrix[:2])
    np.testing.assert_array_equal(ax.images[0].get_array(), matrix[:2])


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        ((np.zeros(3),), {}, "matrix must be two-dimensional"),
        ((np.zeros((0, 0)),), {}, "not empty"),
        (
            (np.zeros((2, 2)), ["a"]),
            {},
            "names must hold one name for each row of a square matrix, got 1",
        ),
        ((np.zeros((2, 3)), ["a", "b"]), {}, "for each row of a square matrix, got 2"),
        ((np.zeros((2, 3)),), {"clustered": True}, "a clustered matrix must be square"),
    ],
)
def test_bad_matrices(arguments, options, said):
    with pytest.raises(ValueError, match=said):
        plot_matrix(*arguments, **options)


def test_clustering_names_the_extra(matrix, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.cluster.hierarchy", None)
    with pytest.raises(ImportError, match=r'needs scipy: pip install scipy .*"fastinfo\[plot\]"'):
        plot_matrix(matrix, clustered=True)


# Joint counts


def test_counts_and_margins(rng):
    x, y = rng.normal(size=(2, 500))
    counts = fastinfo.JointCounts.from_samples(x, y, bins=(4, 6))
    ax = counts.plot(names=("height", "weight"))
    mesh = ax.collections[0].get_array()
    np.testing.assert_array_equal(np.ma.filled(mesh, 0), counts.table.T)
    above, beside = (a for a in ax.figure.axes[1:] if a.get_label() != "<colorbar>")
    np.testing.assert_array_equal(above.patches[0].get_data().values, counts.table.sum(axis=1))
    np.testing.assert_array_equal(beside.patches[0].get_data().values, counts.table.sum(axis=0))
    np.testing.assert_array_equal(above.patches[0].get_data().edges, counts.x_edges)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("height", "weight")


def test_levels_are_named(tmp_path):
    counts = fastinfo.JointCounts.from_labels(["$a", "b", "$a"], [True, False, True])
    ax = plot_joint(counts)
    assert labels(ax.xaxis) == ["$a", "b"]
    assert labels(ax.yaxis) == ["False", "True"]
    save(ax, tmp_path / "joint.png")
    assert (tmp_path / "joint.png").read_bytes()[1:4] == b"PNG"


def test_no_counts():
    with pytest.raises(ValueError, match="counts must not be empty"):
        plot_joint(fastinfo.JointCounts.empty([0, 1], [0, 1]))


def test_bins_of_unequal_width_are_drawn_equally_wide(rng):
    x = rng.lognormal(sigma=3, size=1000)
    counts = fastinfo.JointCounts.from_samples(x, x, bins=(30, 4), strategy="quantile")
    ax = counts.plot()
    assert ax.get_xlabel() == "x (bins drawn equally wide)"
    assert ax.get_xlim() == (0.0, 30.0)
    edges = [float(text) for text in labels(ax.yaxis)]
    np.testing.assert_allclose(edges, counts.y_edges, rtol=1e-3)
    assert len(labels(ax.xaxis)) == 12


def test_dates_are_written(rng):
    days = np.datetime64("2020-01-01") + rng.integers(0, 60, 500)
    edges = np.arange("2020-01-01", "2020-03-11", 23, dtype="M8[D]")
    counts = fastinfo.JointCounts(np.ones((len(edges) - 1, 2)), x_edges=edges)
    expected = [str(edge) for edge in edges]
    assert labels(counts.plot().xaxis) == expected
    counts = fastinfo.JointCounts(np.ones((3, 2)), x_edges=edges.astype(float) + 0.5)
    ax = counts.plot(dates=("D", None))
    assert labels(ax.xaxis) == expected
    assert ax.get_xlabel() == "x"
    counts = fastinfo.JointCounts.from_labels(days.astype("M8[ns]"), days.astype("M8[ns]"))
    assert labels(counts.plot().yaxis)[0] == "2020-01-01"


def test_many_levels_and_steep_counts():
    x = np.repeat(np.arange(100), np.arange(100) + 1)
    counts = fastinfo.JointCounts.from_labels(x, x)
    ax = counts.plot()
    assert ax.get_xlabel() == "x (the 40 most frequent of 100 levels)"
    assert labels(ax.xaxis) == [str(i) for i in range(60, 100)]
    shown = np.ma.filled(ax.collections[0].get_array(), 0.0)
    np.testing.assert_array_equal(shown, np.diag(np.arange(61, 101)))
    steep = fastinfo.JointCounts.from_table([[1, 2], [3, 100_000]])
    assert "logarithmic" in " ".join(a.get_ylabel() for a in steep.plot().figure.axes)
    large = fastinfo.JointCounts.from_labels(np.arange(100_000), np.arange(100_000))
    assert large.plot().collections[0].get_array().shape == (40, 40)


def test_the_information_is_said():
    counts = fastinfo.JointCounts.from_labels([0, 0, 1, 1] * 50, [0, 0, 1, 1] * 50)
    said = counts.plot().figure.get_suptitle()
    assert said.startswith("200 pairs, mutual information 0.693 nats (0.69")


def test_bins_without_an_end():
    counts = fastinfo.JointCounts.empty([-np.inf, 0.0, np.inf], [0.0, 1.0, 2.0])
    ax = counts.update([-1.0, 3.0], [0.5, 1.5]).plot()
    assert labels(ax.xaxis) == ["-inf", "0", "inf"]
