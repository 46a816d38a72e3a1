"""A report: what it says, that nothing in it does anything, and how a browser shows it."""

import datetime as dt
import html.parser
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from helpers import compiled, quiet
from pyarrow import parquet

import fastinfo
from fastinfo.cli import run
from fastinfo.report import drawing, findings, joint_histograms, write_report, writing
from fastinfo.streaming import open_files

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
browser = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
VOID = {"meta", "link", "br", "wbr", "img", "hr", "input"}
HOSTILE = [
    "<script>document.title='gone'</script>",
    "\"'><img src=x onerror=alert(1)>",
    "\u202etxet desrever\u2066",
    "long " * 100,
    "",
    "a\x1b[31m\nred\x00",
    "{{ 7 * 7 }}{% raw %}",
    "&amp;</style></svg>",
    "x_" * 200,
]


def table_of(n=400, seed=1):
    """A table of all kinds of columns, some of which say something of the target."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=n)
    y = np.where(z + rng.normal(size=n) * 0.5 > 0, "yes", "no")
    days = np.datetime64("2024-01-01") + (z * 100).astype(int)
    return {
        "strong": z,
        "weak": z + 3 * rng.normal(size=n),
        "noise": rng.normal(size=n),
        "label": np.array(["low", "middle", "high"])[np.digitize(z, [-0.5, 0.5])].tolist(),
        "many": [f"k{i}" for i in rng.integers(0, 60, n)],
        "day": days.tolist(),
        "gaps": np.where(rng.random(n) < 0.7, np.nan, z),
        "constant": [1] * n,
        "y": y.tolist(),
    }


def hostile_table(n=600):
    rng = np.random.default_rng(2)
    z = rng.normal(size=n)
    table = {name: z + i * rng.normal(size=n) for i, name in enumerate(HOSTILE, 1)}
    labels = np.array([*HOSTILE[:3], "x" * 500], object)
    table["<b>labels"] = labels[np.digitize(z, [-1, 0, 1])]
    table["</title><script>t"] = labels[np.digitize(z + rng.normal(size=n) / 2, [-1, 0, 1])]
    return table


def page_of(data, target, tmp_path, **options):
    """The page as a text."""
    path = tmp_path / "report.html"
    quiet(write_report, data, target, path, **options)
    return path.read_text("utf-8")


class Elements(html.parser.HTMLParser):
    """All elements of a page, and whether they are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open, self.texts = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def check_harmless(text):
    """No scripts, nothing from elsewhere, nothing that turns text round."""
    page = Elements(text)
    allowed = {"href": "data:,", "http-equiv": "Content-Security-Policy"}
    for tag, attributes in page.found:
        assert tag not in ("script", "img", "iframe", "object", "embed", "form", "base", "a"), tag
        for name, value in attributes.items():
            assert not name.startswith("on"), name
            assert name not in ("src", "srcset", "href", "action", "http-equiv") or (
                value == allowed.get(name)
            )
    assert not re.search(r"url\(|@import|javascript:", text.split("</style>")[0])
    for letter in "\u202e\u202a\u2066\x00\x1b":
        assert letter not in text
    return page


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory):
    return page_of(table_of(), "y", tmp_path_factory.mktemp("page"))


# What it says


def test_the_sections(ordinary):
    page = check_harmless(ordinary)
    text = " ".join(" ".join(page.texts).split())
    assert "What is informative about y" in text
    for heading in (
        *("To look at first", "Ranking", "The best columns and y", "Strongest pairs"),
        *("What the significant columns share", "Columns", "How it was computed"),
    ):
        assert heading in text
    for said in ("400 rows", "8 columns", "mostly missing", "constant", "seed 0", "numba"):
        assert said in text, said
    assert "fastinfo.report.write_report(data, 'y'," in text


def test_the_ranking_is_that_of_the_library(ordinary):
    ranking = quiet(fastinfo.rank_features, table_of(), "y")
    names = re.findall(r'<td class="text name" title="([^"]*)">', ordinary)
    assert names == ranking.names
    cell = '<td class="minor">'
    nats = re.findall(rf"{cell}(\S+)</td>\n{cell}(\S+ to \S+|–)</td>", ordinary)
    assert len(nats) == len(ranking)
    for row, (value, interval) in zip(ranking, nats, strict=True):
        assert value == f"{row.above_chance:z.4f}".replace("-", "−")
        low, high = (float(end.replace("−", "-")) for end in interval.split(" to "))
        assert low <= row.above_chance <= high
    assert ordinary.count('class="unsure"') == len(ranking) - len(ranking.significant())
    widths = [float(w) for w in re.findall(r'<i style="width:([\d.]+)%"', ordinary)]
    assert max(widths) <= 100
    lengths = np.maximum([row.above_chance for row in ranking], 0.0)
    assert widths == pytest.approx(widths[0] * lengths / lengths[0], abs=0.02)


def test_other_options(tmp_path):
    text = page_of(
        table_of(), "y", tmp_path, top=2, bins=5, alpha=0.01, seed=7, title="A <title>",
        label="a & b", command="run 'this'",
    )  # fmt: skip
    page = check_harmless(text)
    said = " ".join(page.texts)
    for part in ("A <title>", "a & b", "run 'this'", "5 bins", "at most 0.01", "seed 7"):
        assert part in said, part
    assert "6 more columns" in said
    assert len(re.findall('class="text name"', text)) == 2


def test_seeds_change_the_intervals_alone(tmp_path):
    pages = [page_of(table_of(), "y", tmp_path, seed=seed) for seed in (1, 1, 2)]
    plain = [re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "", page) for page in pages]
    assert plain[0] == plain[1]
    assert plain[0] != plain[2]


def test_nothing_is_significant(tmp_path):
    rng = np.random.default_rng(3)
    text = page_of({"a": rng.normal(size=60), "y": rng.integers(0, 2, 60)}, "y", tmp_path)
    said = " ".join(check_harmless(text).texts)
    assert "None of the 1 columns" not in said
    assert "The column tells nothing about" in said
    assert "Strongest pairs" not in said


@pytest.mark.parametrize("make", [dict, pa.table, pd.DataFrame])
def test_tables_of_any_library(make, tmp_path):
    assert "strong" in page_of(make(table_of()), "y", tmp_path)


def test_an_array_and_its_target(tmp_path):
    X = np.column_stack([table_of()[name] for name in ("strong", "noise")])
    text = page_of(X, table_of()["y"], tmp_path)
    assert 'title="x0"' in text
    assert "write_report(data, target," in " ".join(Elements(text).texts)


@pytest.mark.slow
def test_targets_of_numbers_and_times(tmp_path):
    for target in ("strong", "day", "gaps", "many"):
        check_harmless(page_of(table_of(), target, tmp_path))


@compiled
def test_identifiers_stop_nothing(tmp_path):
    n = 3000
    rng = np.random.default_rng(0)
    table = {"id": [f"{i}" for i in range(n)], "y": rng.integers(0, 9, n), "z": rng.normal(size=n)}
    said = " ".join(check_harmless(page_of(table, "y", tmp_path)).texts)
    assert "nearly unique" in said


def test_large_tables_have_no_intervals(tmp_path, monkeypatch):
    monkeypatch.setattr(findings, "MOST_CELLS", 30)
    text = page_of(table_of(), "y", tmp_path)
    assert 0 < len(re.findall('<td class="minor">–</td>', text)) < 8


def test_of_many_columns_the_matrix_shows_the_best(tmp_path, monkeypatch):
    monkeypatch.setattr(findings, "MOST_IN_MATRIX", 2)
    said = " ".join(check_harmless(page_of(table_of(), "y", tmp_path)).texts)
    assert re.search(r"Shown are the best 2 of \d significant columns", said)


@compiled
def test_wide_tables_are_small_pages(tmp_path):
    rng = np.random.default_rng(4)
    z = rng.normal(size=1500)
    table = {f"a sensor with a name {i}": z + rng.normal(size=1500) for i in range(200)}
    table["y"] = z > 0
    assert len(page_of(table, "y", tmp_path).encode()) < 5_000_000


# Hostile names


def test_names_do_nothing(tmp_path):
    table = hostile_table()
    text = page_of(table, list(table)[-1], tmp_path, title="</title><script>x</script>")
    page = check_harmless(text)
    said = " ".join(page.texts)
    for shown in (HOSTILE[0], "\\u202etxet", "(no name)", "{{ 7 * 7 }}"):
        assert shown in said, shown
    assert "49" not in re.findall(r"<b title=[^>]*>([^<]*)", text)


# In parts


def test_parts_give_the_same_page(tmp_path):
    table = pa.table(table_of())
    parquet.write_table(table, tmp_path / "t.parquet", row_group_size=90)
    whole = page_of(table, "y", tmp_path, command="c")
    parts = page_of(open_files(tmp_path / "t.parquet"), "y", tmp_path, command="c")
    check_harmless(parts)
    dates = r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"
    parts = parts.replace("read part by part", "read as a whole")
    assert re.sub(dates, "", parts) == re.sub(dates, "", whole)


def test_a_path_is_read(tmp_path):
    parquet.write_table(pa.table(table_of()), tmp_path / "my table.parquet")
    said = " ".join(Elements(page_of(tmp_path / "my table.parquet", "y", tmp_path)).texts)
    assert "my table.parquet · 400 rows" in said


# Writing


def test_the_target_is_checked_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr(findings, "find_out", lambda *_: pytest.fail("work was done"))
    for data in (table_of(), pa.table(table_of())):
        with pytest.raises(ValueError, match="no column 'Y', but 'y'"):
            write_report(data, "Y", tmp_path / "r.html")
    with pytest.raises(ValueError, match=r"path must end in \.html or \.htm, got '.*r\.txt'"):
        write_report(table_of(), "y", tmp_path / "r.txt")
    with pytest.raises(FileNotFoundError, match="no such folder"):
        write_report(table_of(), "y", tmp_path / "nowhere" / "r.html")
    for option in ({"top": 0}, {"alpha": 2.0}, {"seed": -1}, {"top": 1.5}):
        with pytest.raises((TypeError, ValueError), match=next(iter(option))):
            write_report(table_of(), "y", tmp_path / "r.html", **option)
    assert not list(tmp_path.iterdir())


def test_what_is_no_report_is_not_replaced(tmp_path):
    path = tmp_path / "r.html"
    path.write_text("<h1>mine</h1>")
    with pytest.raises(ValueError, match="path must be a new file or a report that fastinfo wrote"):
        write_report(table_of(), "y", path)
    assert path.read_text() == "<h1>mine</h1>"
    path.write_text("")
    quiet(write_report, table_of(), "y", path)
    first = path.read_text("utf-8")
    quiet(write_report, table_of(), "y", path, title="again")
    assert path.read_text("utf-8") != first


def test_a_page_that_fails_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "r.html"
    quiet(write_report, table_of(), "y", path)
    before = path.read_bytes()

    def fail(_):
        raise RuntimeError("no picture")

    monkeypatch.setattr(writing, "picture_of", fail)
    with pytest.raises(RuntimeError, match="no picture"):
        quiet(write_report, table_of(), "y", path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["r.html"]


@pytest.mark.parametrize("absent", ["jinja2", "scipy.cluster"])
def test_what_is_missing_is_said(absent, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(ImportError, match=r'pip install "fastinfo\[report\]"'):
        write_report(table_of(), "y", tmp_path / "r.html")


def test_a_target_of_one_value(tmp_path):
    with pytest.raises(ValueError, match="at least two values"):
        write_report({"a": [1, 2], "y": [1, 1]}, "y", tmp_path / "r.html")


# The command


def test_the_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    parquet.write_table(pa.table(table_of()), "a table.parquet")
    assert run(["report", "a table.parquet", "-t", "y", "-o", "out.html", "--top", "3"]) == 0
    assert capsys.readouterr().out == "wrote out.html\n"
    said = " ".join(Elements((tmp_path / "out.html").read_text("utf-8")).texts)
    assert "fastinfo report 'a table.parquet' -t y -o out.html --top 3" in said
    assert "a table.parquet" in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["t.parquet"], "name the column to explain with --target; the columns are: strong"),
        (["t.parquet", "-t", "Y"], "no column 'Y', but 'y'"),
        (["t.parquet", "-t", "y", "-o", "r.txt"], "--output must end in .html or .htm"),
        (["t.parquet", "-t", "y", "--bins", "foo"], "'foo'"),
        (["nowhere.csv", "-t", "y"], "no such file"),
    ],
)
def test_the_command_says_what_is_wrong(words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    parquet.write_table(pa.table(table_of()), "t.parquet")
    assert run(["report", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert len([line for line in err.splitlines() if line.startswith("error")]) == 1


# Pictures


def joint_of(x, y, *kinds):
    from fastinfo._codes.column import Column
    from fastinfo._counts.table import Table

    coded = [Column.of(v, "v").labels() for v in (x, y)]
    both = [
        joint_histograms.Side(name, kind, None, c.levels)
        for name, kind, c in zip("xy", kinds, coded, strict=True)
    ]
    return joint_histograms.Joint(Table.count(*coded), *both)


def test_rare_labels_are_shown_as_one():
    x = np.repeat([f"k{i:02d}" for i in range(40)], np.arange(40) + 1)
    small = joint_histograms.small_table(joint_of(x, np.arange(x.size) % 2, "labels", "numbers"))
    assert small.x.labels[:2] == ["k39", "k38"]
    assert small.x.labels[-1] == "17 others"
    assert small.counts.sum() == x.size
    assert small.counts[0].sum() == 40
    assert small.counts[-1].sum() == sum(range(1, 18))
    assert small.share.sum(axis=1) == pytest.approx(1.0)


def test_bins_are_joined_evenly():
    from fastinfo._counts.table import Table

    edges = np.arange(51.0)
    side = joint_histograms.Side("x", "numbers", edges, None)
    table = Table.of(np.eye(50, dtype=np.int64) * 3)
    small = joint_histograms.small_table(joint_histograms.Joint(table, side, side))
    assert small.counts.sum() == 150
    sizes = np.bincount(small.x.places)
    assert sizes.max() - sizes.min() <= 1
    assert len(small.x.ends) == len(small.x.labels) + 1 <= 25
    assert small.x.ends[0] == "0"
    assert small.x.ends[-1] == "50"
    assert small.y.labels[0].startswith("0 to ")


def test_edges_of_times_are_dates():
    times = np.array(["2024-01-01", "2024-02-01", "2024-03-01"], "M8[us]").view(np.int64)
    assert joint_histograms._texts(times.astype(float).tolist(), "datetime64[us]") == [
        *("2024-01-01", "2024-02-01", "2024-03-01")
    ]
    hours = np.array(["2024-01-01T01:00", "2024-01-01T02:00"], "M8[m]").view(np.int64)
    shown = joint_histograms._texts(hours.astype(float).tolist(), "datetime64[m]")
    assert shown == ["2024-01-01 01:00", "2024-01-01 02:00"]
    assert joint_histograms._texts([3.6e9, 7.2e9], "timedelta64[us]") == ["1:00:00", "2:00:00"]


def test_edges_that_differ_have_texts_that_differ():
    assert joint_histograms._texts([1.0001, 1.0002, -3.0], "numbers") == ["1.0001", "1.0002", "−3"]
    assert joint_histograms._texts([1234567.0, 2e6], "numbers") == ["1,234,567", "2,000,000"]


def test_cells_lie_inside(rng):
    x, y = rng.integers(0, 30, 500), rng.integers(0, 5, 500)
    picture = drawing.picture_of(joint_of(x, y, "numbers", "numbers"))
    assert all(0.0 <= cell.strength <= 1.0 for cell in picture.cells)
    right = picture.width + picture.beside
    assert max(cell.x + cell.width for cell in picture.cells) <= right + 1e-9
    assert max(cell.y + cell.height for cell in picture.cells) <= picture.height + 1e-9
    assert max(bar.height for bar in picture.bars) <= picture.above


def test_the_matrix_is_clustered():
    share = np.eye(6)
    for i, j in ((0, 3), (1, 4), (2, 5)):
        share[i, j] = share[j, i] = 0.9
    squares = drawing.squares_of(findings.Matrix(list("abcdef"), share, share))
    order = "".join(tick.text for tick in squares.ticks)
    for pair in ("ad", "be", "cf"):
        assert pair in order or pair[::-1] in order
    assert len(squares.cells) == 6
    assert squares.largest == 0.9


def test_a_matrix_without_values_is_drawn():
    nothing = np.full((3, 3), np.nan)
    assert drawing.squares_of(findings.Matrix(list("abc"), nothing, nothing)).cells == []


# In a browser


def show(page, folder, *options, size=(1200, 2400)):
    """Open a page in Chromium; its output, which has no message of the page."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    path = folder / "page.html"
    path.write_text(page, "utf-8")
    words = [
        *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
        *("--disable-background-networking", "--disable-component-update", "--no-first-run"),
        *("--enable-logging=stderr", f"--user-data-dir={folder / 'profile'}"),
        *(f"--window-size={size[0]},{size[1]}", *options, path.as_uri()),
    ]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=True)
    assert "CONSOLE" not in done.stderr, done.stderr
    return done.stdout


def picture_at(folder, name):
    """Where a picture is kept: in FASTINFO_PICTURES, if that names a folder."""
    kept = os.environ.get("FASTINFO_PICTURES", folder)
    return os.path.join(kept, f"{name}.png")


@browser
@pytest.mark.parametrize(
    ("name", "size", "more"),
    [
        ("report-wide", (1200, 2600), ()),
        ("report-phone", (390, 4000), ()),
        ("report-dark", (1200, 2600), ("--blink-settings=preferredColorScheme=0",)),
    ],
)
def test_pictures(name, size, more, ordinary, tmp_path):
    import matplotlib.image

    path = picture_at(tmp_path, name)
    show(ordinary, tmp_path, f"--screenshot={path}", *more, size=size)
    image = matplotlib.image.imread(path)
    assert image.shape[:2] == size[::-1]
    corner = image[-1, -1, :3].mean()
    assert (corner < 0.2) == (name == "report-dark")
    assert len(np.unique((image[::7, ::7, :3] * 255).astype(int).reshape(-1, 3), axis=0)) > 30


@browser
@pytest.mark.parametrize("width", [390, 768, 1200])
def test_pages_do_not_scroll_sideways(width, tmp_path):
    table = hostile_table()
    page = page_of(table, list(table)[-1], tmp_path)
    tell = "<script>parent.postMessage(document.documentElement.scrollWidth, '*')</script>"
    page = re.sub(r"<meta http-equiv[^>]*>", "", page).replace("</body>", f"{tell}</body>")
    (tmp_path / "inner.html").write_text(page, "utf-8")
    outer = (
        "<script>onmessage = e => document.body.dataset.wide = e.data</script>"
        f'<body><iframe src="inner.html" style="width: {width}px; border: 0"></iframe></body>'
    )
    dom = show(outer, tmp_path, "--dump-dom", "--virtual-time-budget=3000", size=(1400, 1000))
    assert int(re.search(r'data-wide="(\d+)"', dom)[1]) == width


@browser
def test_a_browser_sees_no_more_than_is_written(tmp_path):
    table = hostile_table()
    page = page_of(table, list(table)[-1], tmp_path)
    dom = show(page, tmp_path, "--dump-dom")
    check_harmless(dom)
    assert "<title>What is informative about &lt;/title&gt;&lt;script&gt;t</title>" in dom


@browser
def test_a_script_would_not_run(ordinary, tmp_path):
    page = ordinary.replace("</body>", "<script>document.title = 'ran'</script></body>")
    path = tmp_path / "page.html"
    with pytest.raises(AssertionError, match="Content Security Policy"):
        show(page, tmp_path, "--dump-dom")
    assert path.exists()


@browser
def test_it_prints(ordinary, tmp_path):
    path = tmp_path / "page.pdf"
    show(ordinary, tmp_path, f"--print-to-pdf={path}", "--no-pdf-header-footer")
    assert path.read_bytes().startswith(b"%PDF")
    assert 10_000 < path.stat().st_size < 3_000_000


def test_dates_of_pages_are_of_now(ordinary):
    when = re.search(r"(\d{4}-\d\d-\d\d) \d\d:\d\d UTC", ordinary)[1]
    assert abs(dt.date.fromisoformat(when) - dt.datetime.now(dt.UTC).date()) <= dt.timedelta(1)
