"""Data that comes in parts: the same counts, ranking and matrix as of the whole."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import same_rankings

pa = pytest.importorskip("pyarrow")

from pyarrow import csv as arrow_csv  # noqa: E402
from pyarrow import dataset as pyarrow_dataset  # noqa: E402
from pyarrow import feather, parquet  # noqa: E402

import fastinfo  # noqa: E402
from fastinfo._tables.features import Features  # noqa: E402
from fastinfo._tables.table_readers import opened  # noqa: E402
from fastinfo.streaming import (  # noqa: E402
    ColumnCounts,
    PairCounts,
    Source,
    open_files,
    survey,
)

pytestmark = pytest.mark.filterwarnings("ignore:columns to look at")

N = 3000

#: Of a table in memory, where equal widths are not the default as they are of data in parts.
rank_whole = fastinfo.rank_features
matrix_of_whole = fastinfo.mutual_information_matrix
FEW_FLOATS = {"same": True}  # labels in parts, where corrections see no empty bins of them


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fastinfo.files.sources.FEWEST_ROWS", 701)
    monkeypatch.setattr("fastinfo.files.sources.MOST_ROWS", 701)
    monkeypatch.setattr("fastinfo._tables.library_sources.HELD_BYTES", 0)


def make_table(n: int = N, seed: int = 5) -> Any:
    """Columns of all kinds that files have."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    x = rng.normal(size=n) + y
    gaps = rng.random(n) < 0.1
    return pa.table(
        {
            "float": x,
            "single": (x**2).astype(np.float32),
            "gaps": pa.array(rng.normal(size=n) * y, mask=gaps),
            "few": np.sort(rng.integers(0, 7, n)),
            "late": np.sort(rng.integers(0, 200, n)),  # few numbers in a part, many in all
            "whole": pa.array(rng.integers(-500, 500, n), mask=gaps),
            "text": pa.array(rng.choice(["a", "bb", "c"], n), mask=rng.random(n) < 0.05),
            "flag": x > 0,
            "kind": pa.array(rng.choice(["u", "v"], n)).dictionary_encode(),
            "day": pa.array(np.datetime64("2013-01-01") + rng.integers(0, 300, n)),
            "empty": pa.array([None] * n, pa.float64()),
            "same": np.ones(n),
            "y": y,
        }
    )


def write(table: Any, path: Path) -> None:
    if path.suffix == ".parquet":
        parquet.write_table(table, path, row_group_size=1000)
    elif path.suffix == ".feather":
        feather.write_feather(table, path, chunksize=500)
    elif path.suffix == ".csv":
        arrow_csv.write_csv(table, path)
    else:
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
            for batch in table.to_batches(max_chunksize=333):
                writer.write_batch(batch)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".parquet", ".feather", ".csv", ".arrow"])
@pytest.mark.parametrize("target", ["y", "gaps", "text"])
def test_a_file_ranks_as_the_table(tmp_path: Path, suffix: str, target: str) -> None:
    table = make_table()
    if suffix == ".csv":
        table = table.drop_columns(["single", "kind"])
    path = tmp_path / f"table{suffix}"
    write(table, path)
    whole = rank_whole(fastinfo.files.read_table(path), target)
    same_rankings(fastinfo.rank_features(open_files(path), target), whole)


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {"bins": 7},
        {"bins": "sturges"},
        {"bins": "rice", "base": 2},
        {"bins": "sqrt", "correction": "miller-madow"},
        {"bins": np.linspace(-1.0, 2.0, 9)},
        {"missing": "category"},
        {"missing": "category", "bins": np.linspace(-1.0, 2.0, 9)},
        {"nan_policy": "propagate"},
        {"correction": "shrinkage"},
        {"correction": 0.5},
        {"n_permutations": 20, "seed": 3},
    ],
    ids=str,
)
def test_options_do_the_same(tmp_path: Path, options: dict[str, Any]) -> None:
    table = make_table()
    path = tmp_path / "table.parquet"
    write(table, path)
    whole = rank_whole(table, "y", discrete=FEW_FLOATS, **options)
    same_rankings(fastinfo.rank_features(open_files(path), "y", **options), whole)


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"bins": 5, "base": 2},
        {"normalized": "joint"},
        {"missing": "category"},
        {"nan_policy": "propagate"},
        {"correction": "grassberger", "normalized": "min"},
        {"correction": "shrinkage"},
        {"bins": np.linspace(-1.0, 2.0, 9)},
    ],
    ids=str,
)
def test_the_matrix_is_that_of_the_table(tmp_path: Path, options: dict[str, Any]) -> None:
    table = make_table()
    path = tmp_path / "table.parquet"
    write(table, path)
    whole = matrix_of_whole(table, discrete=FEW_FLOATS, **options)
    found = fastinfo.mutual_information_matrix(open_files(path), **options)
    np.testing.assert_allclose(found, whole, rtol=1e-13, atol=1e-14)


def test_several_files_are_one_table(tmp_path: Path) -> None:
    table = make_table()
    for i, part in enumerate((table.slice(0, 100), table.slice(100, 0), table.slice(100))):
        write(part, tmp_path / f"part-{i}.parquet")
    whole = rank_whole(table, "y")
    same_rankings(fastinfo.rank_features(open_files(tmp_path / "part-*.parquet"), "y"), whole)


def test_categories_may_differ_between_files(tmp_path: Path) -> None:
    first = pa.table({"k": pa.array(["b", "a"] * 50).dictionary_encode(), "y": [0, 1] * 50})
    second = pa.table({"k": pa.array(["c", "b"] * 50).dictionary_encode(), "y": [1, 0] * 50})
    for i, table in enumerate((first, second)):
        write(table, tmp_path / f"{i}.feather")
    text = pa.table({"k": ["b", "a"] * 50 + ["c", "b"] * 50, "y": [0, 1] * 50 + [1, 0] * 50})
    whole = rank_whole(text, "y")
    same_rankings(fastinfo.rank_features(open_files(tmp_path / "*.feather"), "y"), whole)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["f8", ">f4", "i2"])
def test_numpy_files(tmp_path: Path, order: str, dtype: str) -> None:
    X = np.random.default_rng(1).normal(size=(2000, 4)) * 30
    path = tmp_path / "X.npy"
    np.save(path, np.asarray(X, dtype, order=order))
    whole = rank_whole(fastinfo.files.read_table(path), "x2")
    same_rankings(fastinfo.rank_features(open_files(path), "x2"), whole)


def test_records_and_vectors_of_numpy(tmp_path: Path) -> None:
    records = np.zeros(1500, [("a", "f8"), ("b", "i4")])
    records["a"] = np.random.default_rng(1).normal(size=1500)
    records["b"] = records["a"] > 0
    np.save(tmp_path / "r.npy", records)
    np.save(tmp_path / "v.npy", records["a"])
    ranking = fastinfo.rank_features(open_files(tmp_path / "r.npy"), "b")
    same_rankings(ranking, rank_whole(pa.table({n: records[n] for n in "ab"}), "b"))
    matrix = fastinfo.mutual_information_matrix(open_files(tmp_path / "v.npy"))
    whole = matrix_of_whole(pa.table({"x0": records["a"]}))
    np.testing.assert_allclose(matrix, whole, rtol=1e-14)


@pytest.mark.parametrize("library", ["pyarrow", "polars", "duckdb"])
def test_lazy_tables_of_libraries(tmp_path: Path, library: str) -> None:
    table = make_table().drop_columns(["kind"])
    path = tmp_path / "table.parquet"
    write(table, path)
    if library == "pyarrow":
        lazy = pytest.importorskip("pyarrow.dataset").dataset(path)
    elif library == "polars":
        lazy = pytest.importorskip("polars").scan_parquet(path)
    else:
        lazy = pytest.importorskip("duckdb").sql(f"select * from read_parquet('{path}')")
    same_rankings(fastinfo.rank_features(lazy, "y"), rank_whole(table, "y"))
    found = fastinfo.mutual_information_matrix(lazy)
    whole = matrix_of_whole(table)
    np.testing.assert_allclose(found, whole, rtol=1e-13, atol=1e-14)


def test_nan_that_statistics_do_not_know(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=N)
    x[rng.random(N) < 0.5] = np.nan
    table = pa.table({"x": pa.array(x, from_pandas=False), "y": rng.integers(0, 2, N)})
    path = tmp_path / "table.parquet"
    write(table, path)
    source = open_files(path)
    assert source.surveys(["x"])["x"].n == N
    for strategy in ("uniform", "quantile"):
        found = fastinfo.rank_features(source, "y", strategy=strategy)
        same_rankings(found, rank_whole(table, "y", strategy=strategy))


def test_statistics_that_are_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = make_table().select(["float", "y"])
    path = tmp_path / "table.parquet"
    write(table, path)
    source = open_files(path)
    wrong = survey(table.slice(0, 500))
    monkeypatch.setattr(source, "surveys", lambda names: {"float": wrong["float"]})
    found = fastinfo.rank_features(source, "y", strategy="uniform")
    same_rankings(found, rank_whole(table, "y", strategy="uniform"))


def test_files_without_statistics(tmp_path: Path) -> None:
    table = make_table()
    path = tmp_path / "table.parquet"
    parquet.write_table(table, path, write_statistics=False)
    source = open_files(path)
    assert source.surveys(["float"]) == {}
    same_rankings(fastinfo.rank_features(source, "y"), rank_whole(table, "y"))


def parts_of(table: Any, sizes: list[int]) -> list[Any]:
    ends = np.cumsum([0, *sizes])
    return [table.slice(a, b - a) for a, b in itertools.pairwise(ends)]


@pytest.mark.parametrize("kind", [ColumnCounts, PairCounts])
def test_merged_counts_are_those_of_the_whole(kind: Any) -> None:
    table = make_table()
    surveys = survey(table)
    names = [n for n in table.column_names if kind is PairCounts or n != "y"]
    wanted = names if kind is PairCounts else (names, "y")

    def empty() -> Any:
        return (
            kind(names, surveys=surveys)
            if kind is PairCounts
            else kind(names, "y", surveys=surveys)
        )

    assert wanted
    merged = empty()
    for part in reversed(parts_of(table, [1, 999, 0, 700, 1300])):
        counts = empty().update(part)
        merged.merge(kind.from_dict(json.loads(json.dumps(counts.to_dict()))))
    assert merged.n_rows == N
    if kind is ColumnCounts:
        same_rankings(merged.ranking(), rank_whole(table, "y"))
    else:
        whole = matrix_of_whole(table)
        np.testing.assert_allclose(merged.matrix(), whole, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("discrete", ["auto", True])
def test_arrays_are_coded_as_in_memory(discrete: Any) -> None:
    rng = np.random.default_rng(0)
    X = rng.integers(0, 32 if discrete == "auto" else 50, (4000, 3))
    y = X[:, 0] // 25
    counts = ColumnCounts(["x0", "x1", "x2"], "y", discrete=discrete)
    for i in range(0, 4000, 1000):
        counts.update(X[i : i + 1000], y[i : i + 1000])
    for a, b in zip(counts.ranking(), rank_whole(X, y, discrete=True), strict=True):
        np.testing.assert_equal(tuple(a), tuple(b))


def test_inputs_stay_as_they_are() -> None:
    X = np.random.default_rng(0).normal(size=(100, 2))
    y = (X[:, 0] > 0).astype(np.int64)
    before = X.copy(), y.copy()
    ColumnCounts(["a", "b"], bins=np.linspace(-3, 3, 5)).update(X, y)
    PairCounts(["a", "b"], bins=np.linspace(-3, 3, 5)).update(X)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])


def test_any_number_of_threads(tmp_path: Path, threads: int) -> None:
    table = make_table()
    path = tmp_path / "table.parquet"
    write(table, path)
    same_rankings(fastinfo.rank_features(open_files(path), "y"), rank_whole(table, "y"))


def test_progress_counts_rows(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    write(make_table().select(["float", "y"]), path)
    seen: list[tuple[int, int]] = []
    fastinfo.rank_features(
        open_files(path), "y", progress=lambda done, total: seen.append((done, total))
    )
    assert seen[-1] == (N, N)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert len(seen) > 3
    assert seen[len(seen) // 2 - 1] == (N // 2, N), "what was looked at for edges is half done"


def test_progress_of_text_knows_its_rows_once_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,y\n" + "".join(f"{i},{i % 2}\n" for i in range(N)))
    seen: list[tuple[int, int]] = []
    fastinfo.rank_features(
        open_files(path), "y", progress=lambda done, total: seen.append((done, total))
    )
    totals = [total for _, total in seen]
    assert seen[-1] == (N, N)
    assert totals == [0] * totals.count(0) + [N] * totals.count(N)
    assert 0 in totals
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


class TestBadInput:
    def test_no_file_fits(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="no file fits the pattern"):
            open_files(tmp_path / "*.parquet")
        with pytest.raises(ValueError, match="at least one file"):
            open_files()
        with pytest.raises(FileNotFoundError, match="no such file"):
            open_files(tmp_path / "x.parquet")

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"bins": "fd"}, "bins must be .* got 'fd'"),
            ({"bins": "doane", "strategy": "quantile"}, "bins must be .* got 'doane'"),
            ({"adjustment": "max-statistic", "n_permutations": 3}, "adjustment must be"),
            ({"nan_policy": "raise"}, "gaps must have no missing samples"),
        ],
    )
    def test_what_needs_all_samples(
        self, tmp_path: Path, options: dict[str, Any], message: str
    ) -> None:
        path = tmp_path / "table.parquet"
        write(make_table(), path)
        with pytest.raises(ValueError, match=message):
            fastinfo.rank_features(open_files(path), "y", **options)

    def test_targets(self, tmp_path: Path) -> None:
        path = tmp_path / "table.parquet"
        write(make_table(), path)
        with pytest.raises(ValueError, match="no column 'z'"):
            fastinfo.rank_features(open_files(path), "z")
        with pytest.raises(TypeError, match="y must be the name of a column"):
            fastinfo.rank_features(open_files(path), np.zeros(N))
        with pytest.raises(ValueError, match="the target 'same' must have at least two values"):
            fastinfo.rank_features(open_files(path), "same")

    def test_a_checkpoint_of_data_in_memory(self) -> None:
        for function in (
            lambda: fastinfo.rank_features(np.eye(3), [0, 1, 0], checkpoint="c"),
            lambda: fastinfo.mutual_information_matrix(np.eye(3), checkpoint="c"),
        ):
            with pytest.raises(ValueError, match="checkpoint must be None"):
                function()

    def test_infinite_numbers(self, tmp_path: Path) -> None:
        x = np.random.default_rng(0).normal(size=N)
        x[[5, 7]] = np.inf, -np.inf
        x[9] = np.nan
        few = np.where(np.arange(N) % 7 < 3, 0.5, 1.5)
        few[11] = np.inf
        table = pa.table({"x": x, "few": few, "y": np.arange(N) % 2})
        path = tmp_path / "table.parquet"
        write(table, path)
        found = {}
        for strategy in ("quantile", "uniform"):
            for data in (table, open_files(path)):
                with pytest.warns(UserWarning, match=r"^infinite values .*: x \(2\), few \(1\)$"):
                    ranking = fastinfo.rank_features(data, "y", strategy=strategy)
                found[strategy, data is table] = ranking.to_dict()
                assert (ranking["x"].n, ranking["x"].n_missing) == (N - 3, 1)
                with pytest.warns(UserWarning, match=r"^infinite values .*: x \(2\), few \(1\)$"):
                    fastinfo.mutual_information_matrix(data, strategy=strategy, bins=8)
        for strategy in ("quantile", "uniform"):
            assert found[strategy, True] == found[strategy, False]

    def test_values_outside_of_a_survey_of_some_rows(self) -> None:
        x = np.arange(400.0)
        y = np.arange(400) % 2
        x[7] = np.inf
        first = pa.table({"x": x[:300], "y": y[:300]})
        surveys = fastinfo.streaming.survey(first)
        assert (surveys["x"].low, surveys["x"].high, surveys["x"].n) == (0.0, 299.0, 299)
        counts = fastinfo.streaming.ColumnCounts(["x"], "y", surveys=surveys)
        counts.update(first).update({"x": x[300:], "y": y[300:]})
        said = r"^infinite values, or values that were not in the surveys, .* left out: x \(101\)$"
        with pytest.warns(UserWarning, match=said):
            assert counts.ranking()["x"].n == 299

    def test_a_type_that_changes(self, tmp_path: Path) -> None:
        write(pa.table({"x": [1.0, 2.0], "y": [0, 1]}), tmp_path / "0.parquet")
        write(pa.table({"x": ["a", "b"], "y": [0, 1]}), tmp_path / "1.parquet")
        with pytest.raises(ValueError, match=r"column 'x' must be of one type.* \(in rows 2 to 3"):
            fastinfo.rank_features(open_files(tmp_path / "*.parquet"), "y")

    def test_a_column_that_is_missing(self, tmp_path: Path) -> None:
        write(pa.table({"x": [1.0, 2.0], "y": [0, 1]}), tmp_path / "0.parquet")
        write(pa.table({"z": [1.0, 2.0], "y": [0, 1]}), tmp_path / "1.parquet")
        with pytest.raises(ValueError, match=r"1\.parquet' has no column 'x'"):
            open_files(tmp_path / "*.parquet")
        counts = ColumnCounts(["x"], "y")
        with pytest.raises(ValueError, match="has no column 'x'"):
            counts.update(pa.table({"z": [1.0, 2.0], "y": [0, 1]}))

    @pytest.mark.parametrize("suffix", [".parquet", ".feather", ".npy"])
    def test_files_that_are_cut_off(self, tmp_path: Path, suffix: str) -> None:
        path = tmp_path / f"table{suffix}"
        if suffix == ".npy":
            np.save(path, np.random.default_rng(0).normal(size=(5000, 3)))
        else:
            write(make_table(), path)
        source = open_files(path)
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
        with pytest.raises(ValueError, match="table"):
            fastinfo.rank_features(source, source.names[-1])
        if suffix != ".npy":
            with pytest.raises(ValueError, match="cannot be read as"):
                open_files(path)

    def test_text_that_changes(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("fastinfo.files.formats.sniffing._SNIFFED", 100)
        lines = ["a,y", *(f"{i},{i % 2}" for i in range(200))]
        path = tmp_path / "table.csv"
        path.write_text("\n".join([*lines, "1,2,3", "4,1"]))
        with pytest.raises(ValueError, match=r"line 202 \('1,2,3'\): expected 2 values"):
            fastinfo.rank_features(open_files(path), "y")
        path.write_text("\n".join([*lines, "many,1"]))
        with pytest.warns(UserWarning, match="1 cell is none and counts as missing"):
            source = open_files(path)
        (row,) = fastinfo.rank_features(source, "y")
        assert (row.n, row.n_missing) == (200, 1)
        assert source.taken["a"] == "numbers; 1 cell is none and counts as missing: 'many' (1)"

    def test_counts_that_do_not_belong_together(self) -> None:
        with pytest.raises(TypeError, match="other must be ColumnCounts"):
            ColumnCounts(["a"]).merge(3)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="the same columns"):
            ColumnCounts(["a"]).merge(ColumnCounts(["b"]))
        with pytest.raises(ValueError, match="the same columns"):
            PairCounts(["a"]).merge(PairCounts(["b"]))
        a = ColumnCounts(["a"], bins=np.linspace(0, 1, 5)).update([[0.1], [0.2]], [0, 1])
        b = ColumnCounts(["a"], bins=np.linspace(0, 1, 4)).update([[0.1], [0.2]], [0, 1])
        with pytest.raises(ValueError, match="the same edges"):
            a.merge(b)

    def test_numbers_without_a_range(self) -> None:
        with pytest.raises(ValueError, match=r"give edges, or surveys=, which .*survey makes"):
            ColumnCounts(["a"]).update(np.arange(33.0)[:, None], np.arange(33) % 2)

    @pytest.mark.parametrize("kind", [ColumnCounts, PairCounts])
    @pytest.mark.parametrize("plain", [None, 3, {}, {"format": "x"}, "full"])
    def test_plain_values_that_are_none(self, kind: Any, plain: Any) -> None:
        if plain == "full":
            plain = kind(["a"]).to_dict() | {"tables": [{"shape": [1, 1]}]}
        with pytest.raises(ValueError, match="data must be a dict that"):
            kind.from_dict(plain)

    @pytest.mark.parametrize("kind", [ColumnCounts, PairCounts])
    def test_nothing_at_all(self, kind: Any) -> None:
        counts = kind(["a"])
        with pytest.raises(ValueError, match="at least one row"):
            counts.ranking() if kind is ColumnCounts else counts.matrix()


def test_lazy_is_told_from_whole() -> None:
    for whole in (np.zeros((2, 2)), make_table()):
        assert isinstance(opened(whole), Features)
    assert isinstance(opened(pyarrow_dataset.dataset(make_table())), Source)
    with pytest.raises(TypeError, match="X must be an array, a pandas, Polars or PyArrow table"):
        opened(3)
