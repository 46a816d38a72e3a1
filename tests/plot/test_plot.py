"""Pictures of rankings."""

import os
import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

import fastinfo
from fastinfo.plot import check_picture, plot_joint, plot_matrix, plot_ranking, save
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
    found = [bar for container in ax.containers for bar in container]
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
    assert [text.get_text() for text in ax.texts] == [
        f"{max(row.share, 0.0):.1%}" for row in ranking
    ]
    assert ax.get_xlabel() == "mutual information above chance (nats)"
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
        "25.0%",
        "12.5%  may leak; same as a_$dollar$_name",
        "0.0%",
        "no data  all missing",
    ]
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
    ax = plot_matrix(matrix, list("abcdef"), unit="bits")
    shown = np.asarray(ax.images[0].get_array().filled(np.nan))
    assert np.isnan(np.diag(shown)).all()
    apart = ~np.eye(6, dtype=bool)
    np.testing.assert_array_equal(shown[apart], matrix[apart])
    assert ax.images[0].get_clim() == (0.0, matrix[apart].max())
    assert labels(ax.xaxis) == labels(ax.yaxis) == list("abcdef")
    assert ax.figure.axes[1].get_ylabel() == "mutual information (bits)"
    assert matrix[0, 0] > 0, "the input is as it was"


def test_the_diagonal_on_request(matrix):
    shown = plot_matrix(matrix, diagonal=True).images[0].get_array()
    np.testing.assert_array_equal(shown, matrix)


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
        ((np.zeros((2, 2)), ["a"]), {}, "names must be those of a square matrix, got 1"),
        ((np.zeros((2, 3)), ["a", "b"]), {}, "names must be those of a square matrix"),
        ((np.zeros((2, 3)),), {"clustered": True}, "a clustered matrix must be square"),
    ],
)
def test_bad_matrices(arguments, options, said):
    with pytest.raises(ValueError, match=said):
        plot_matrix(*arguments, **options)


def test_clustering_names_the_extra(matrix, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.cluster.hierarchy", None)
    with pytest.raises(ImportError, match=r'needs SciPy: pip install "fastinfo\[plot\]"'):
        plot_matrix(matrix, clustered=True)


# Joint counts


def test_counts_and_margins(rng):
    x, y = rng.normal(size=(2, 500))
    counts = fastinfo.JointCounts.from_samples(x, y, bins=(4, 6))
    ax = plot_joint(counts, names=("height", "weight"))
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
