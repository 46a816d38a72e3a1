"""Edges of data in parts: those of memory up to 100,000 rows, within a stated error above."""

from __future__ import annotations

import functools
import itertools
import json
import pickle
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import helpers
import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastinfo._bins.quantiles import code_equal_counts
from fastinfo._bins.sketches import EXACT, Sketch
from fastinfo._bins.surveys import Survey
from fastinfo._codes.coder import bin_samples
from fastinfo._core.checks import read_only
from fastinfo.kernels.binning import sketches as kernels
from fastinfo.kernels.binning.sorted_samples import sorted_edges

pa = pytest.importorskip("pyarrow")
pytest.importorskip("narwhals")
parquet = pytest.importorskip("pyarrow.parquet")

import fastinfo  # noqa: E402
from fastinfo.streaming import ColumnCounts, PairCounts, open_files, survey  # noqa: E402

N = 300_000
BINS = [1, 2, 3, 16, 50]


def columns(n: int) -> dict[str, np.ndarray]:
    """Numbers of many kinds."""
    rng = np.random.default_rng(n)
    normal = rng.normal(size=n)
    return {
        "normal": normal,
        "gaps": np.where(rng.random(n) < 0.2, np.nan, normal),
        "single": normal.astype(np.float32),
        "half": normal.astype(np.float16),
        "skewed": rng.lognormal(0, 3, n),
        "zeros": rng.gamma(1, 1, n) * (rng.random(n) < 0.1),
        "both zeros": np.where(rng.random(n) < 0.5, 0.0, -0.0),
        "ties": np.round(normal, 1),
        "nested": np.where(rng.random(n) < 0.5, rng.uniform(1000, 1000.001, n), normal),
        "nested twice": np.where(rng.random(n) < 0.9, 1 + rng.uniform(0, 1e-12, n), normal),
        "one value": np.full(n, 2.5),
        "integers": rng.integers(-50, 50, n),
        "bytes": rng.integers(0, 256, n).astype(np.uint8),
        "long": rng.integers(0, 10**6, n) - 10**17,
        "longer": np.uint64(2**63) + rng.integers(0, 10**9, n).astype(np.uint64),
        "hashes": rng.integers(-(2**62), 2**62, n),
    }


def off(found: Survey, bins: int) -> float:
    """By how many bins' samples an edge may be off."""
    return found._by_counts(bins, None)[1]


def whole_of(parts: list[np.ndarray]) -> Survey:
    return functools.reduce(Survey.__or__, [Survey.of(part, ordered=True) for part in parts])


def split(a: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """In parts of any size, in any order."""
    cuts = np.sort(rng.integers(0, a.size + 1, rng.integers(1, 9)))
    parts = [a[i:j] for i, j in itertools.pairwise([0, *cuts.tolist(), a.size])]
    return [parts[i] for i in rng.permutation(len(parts))]


def known_well(found: Survey, a: np.ndarray, bins: int) -> tuple[Survey, int]:
    """The range after further passes, and how many those were."""
    passes = 0
    while (within := found.unclear(bins, "quantile")) is not None:
        found = found.refined(within, within.look(a))
        passes += 1
    return found, passes


class TestFew:
    """Up to 100,000 samples edges and codes are those of memory."""

    @pytest.mark.parametrize("n", [1, 2, 7, 1000, EXACT])
    def test_edges_of_memory(self, n: int) -> None:
        rng = np.random.default_rng(n)
        for name, a in columns(n).items():
            found = whole_of(split(a, rng))
            for bins in BINS if n < EXACT else [16]:
                expected = code_equal_counts(a, bins)
                edges = found.edges("x", bins, "quantile")
                assert np.array_equal(edges.values + float(edges.origin), expected.edges), name
                np.testing.assert_array_equal(edges.code(a).codes, expected.codes, name)
                assert found.unclear(bins, "quantile") is None
                assert off(found, bins) == 0.0

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.one_of(
                st.floats(allow_nan=True, allow_infinity=False),
                st.integers(-3, 3).map(float),
                st.just(float("nan")),
            ),
            min_size=1,
            max_size=60,
        ),
        st.integers(1, 12),
        st.data(),
    )
    def test_any_floats(self, values: list[float], bins: int, data: Any) -> None:
        a = np.array(values)
        seed = data.draw(st.integers(0, 2**32))
        try:
            expected = code_equal_counts(a, bins)
        except ValueError:
            return
        parts = split(np.random.default_rng(seed).permutation(a), np.random.default_rng(seed))
        edges = whole_of(parts).edges("x", bins, "quantile")
        assert np.array_equal(edges.values, expected.edges)

    def test_infinity_is_refused(self) -> None:
        a = np.array([1.0, np.inf, 2.0])
        with pytest.raises(ValueError, match="not finite"):
            Survey.of(a, ordered=True).edges("x", 4, "quantile")

    def test_a_range_alone_knows_no_order(self) -> None:
        with pytest.raises(ValueError, match="needs surveys made by"):
            Survey.of(np.arange(5.0)).edges("x", 2, "quantile")


@pytest.fixture(scope="module")
def many() -> dict[str, np.ndarray]:
    return columns(N)


class TestMany:
    """Above 100,000 samples."""

    @pytest.mark.slow
    def test_parts_and_their_order_make_no_difference(self, many: dict[str, np.ndarray]) -> None:
        rng = np.random.default_rng(0)
        for name, a in many.items():
            one = Survey.of(a, ordered=True)
            two = whole_of(split(rng.permutation(a), rng))
            sizes = [EXACT - 1, 2, EXACT // 2, N]
            three = whole_of([a[i:j] for i, j in itertools.pairwise(np.cumsum([0, *sizes]))])
            folded = Survey()
            for part in np.array_split(a, 11):  # as files are read
                folded = Survey.of(part, ordered=True, known=folded) | (
                    folded if folded.n else Survey.of(part[:0], ordered=True)
                )
            for other in (two, three, folded):
                for x, y in ((one.order, other.order), (one.long, other.long)):
                    assert (x is None) == (y is None)
                    if x is None:
                        continue
                    x, y = (part if isinstance(part, Sketch) else part.order for part in (x, y))
                    for p, q in zip(x.cells(), y.cells(), strict=True):
                        np.testing.assert_array_equal(p, q, name)

    @pytest.mark.slow
    @pytest.mark.parametrize("bins", BINS)
    def test_ranks_are_off_by_a_twentieth_at_most(
        self, many: dict[str, np.ndarray], bins: int
    ) -> None:
        for name, a in many.items():
            found, passes = known_well(Survey.of(a, ordered=True), a, bins)
            assert passes <= 2
            assert off(found, bins) <= 0.05
            edges = found.edges("x", bins, "quantile")
            numbers = a.astype(np.float64)
            if edges.origin:
                numbers = (a - a.dtype.type(edges.origin)).astype(np.float64)
            values = np.sort(numbers[~np.isnan(numbers)])
            places = np.searchsorted(values, edges.values)
            kernel = np.empty(3 * bins + 3)
            exact = kernel[: kernels_of_sorted(values, bins, kernel)]
            assert exact.size == edges.values.size, name
            apart = np.abs(np.searchsorted(values, exact) - places).max() * bins / values.size
            assert apart <= 0.05, (name, apart)

    def test_values_that_fill_a_bin_have_their_own(self, many: dict[str, np.ndarray]) -> None:
        a = many["zeros"]
        edges = known_well(Survey.of(a, ordered=True), a, 8)[0].edges("x", 8, "quantile")
        counts = np.bincount(edges.code(a).codes)
        assert counts[0] == np.count_nonzero(a == 0)
        assert np.ptp(counts[1:]) < 0.1 * counts[1:].mean()

    def test_what_lies_close_together_needs_one_more_pass(
        self, many: dict[str, np.ndarray]
    ) -> None:
        for name in ("nested", "nested twice"):
            a = many[name]
            found = Survey.of(a, ordered=True)
            assert off(found, 16) > 1
            better, passes = known_well(found, a, 16)
            assert passes == 1
            counts = np.bincount(better.edges("x", 16, "quantile").code(a).codes)
            assert np.ptp(counts) < 0.2 * counts.mean()

    def test_few_different_values_are_known_exactly(self) -> None:
        a = np.random.default_rng(0).integers(0, 16_000, N) / 7
        found = Survey.of(a, ordered=True)
        assert off(found, 2000) == 0.0
        kernel = np.empty(3 * 2000 + 3)
        exact = kernel[: kernels_of_sorted(np.sort(a), 2000, kernel)]
        np.testing.assert_array_equal(found.edges("x", 2000, "quantile").values, exact)


def kernels_of_sorted(values: np.ndarray, bins: int, out: np.ndarray) -> int:
    return int(sorted_edges(read_only(values), bins, out))


@pytest.mark.filterwarnings("ignore:x. edges may be off")
@pytest.mark.parametrize("n", [1000, 150_000])
def test_ranges_are_written_and_read(n: int) -> None:
    for a in columns(n).values():
        found = Survey.of(a, ordered=True)
        plain = Survey.from_plain(json.loads(json.dumps(found.to_plain())))
        for copy in (plain, pickle.loads(pickle.dumps(found))):
            assert copy.bare == found.bare
            assert copy.edges("x", 9, "quantile").same_as(found.edges("x", 9, "quantile"))
            again = copy | Survey.of(a, ordered=True)
            assert again.edges("x", 5, "quantile").same_as(
                (found | Survey.of(a, ordered=True)).edges("x", 5, "quantile")
            )


def test_ranges_of_an_earlier_version_are_refused() -> None:
    with pytest.raises(ValueError, match="not enough values"):
        Survey.from_plain([(1.5).hex(), (2.5).hex(), 3, "f8"])


def test_integers_become_floats_where_some_parts_have_gaps() -> None:
    a = np.random.default_rng(0).integers(0, 10**6, 2000) + 10**17
    mixed = Survey.of(a[:1000], ordered=True) | Survey.of(a[1000:].astype(float), ordered=True)
    expected = code_equal_counts(a.astype(float), 9)
    assert np.array_equal(mixed.edges("x", 9, "quantile").values, expected.edges)


def test_codes_of_what_lies_outside() -> None:
    a = np.arange(10) + 10**17
    edges = Survey.of(a, ordered=True).edges("x", 3, "quantile")
    outside = np.array([0, 10**17 - 1, 10**17, 10**17 + 9, 10**17 + 10, -(2**62)])
    assert edges.code(outside).codes.tolist() == [3, 3, 0, 2, 3, 3]
    floats = Survey.of(np.arange(10.0), ordered=True).edges("x", 3, "quantile")
    assert np.array_equal(floats.code(outside).codes, bin_samples(outside, floats.values).codes)


class TestKernels:
    """Kernels are callable in compiled code, and say what their docstrings do."""

    def test_shifts(self) -> None:
        rng = np.random.default_rng(0)

        @numba.njit
        def call(keys: Any, most: int) -> int:
            return kernels.shift_of_sorted(keys, most)

        for keys in (
            np.sort(rng.integers(0, 2**64, 3000, np.uint64)),
            np.arange(3000, dtype=np.uint64),
            np.zeros(3, np.uint64),
        ):
            shift = call(keys, 100)
            sizes = [np.unique(keys >> np.uint64(s)).size for s in (shift, max(shift - 1, 0))]
            assert sizes[0] <= 100
            assert not shift or sizes[1] > 100

    @pytest.mark.slow
    def test_cells_add_up(self) -> None:
        rng = np.random.default_rng(1)
        x = rng.normal(size=5000)
        keys = np.empty(x.size, np.uint64)

        @numba.njit
        def count(x: Any, keys: Any, firsts: Any, tallies: Any) -> Any:
            n = kernels.write_keys(x, keys)
            return kernels.add_keys(keys[:n], firsts, tallies, 0, 0, 200)

        table = np.empty(512, np.uint64), np.zeros(512, np.uint64)
        shift, found = count(x, keys, *table)
        order = np.argsort(x)
        assert (np.diff(keys[order].astype(object)) > 0).all()
        counts = np.unique(keys >> np.uint64(shift), return_counts=True)[1]
        kept = table[1] > 0
        assert (kept.sum(), counts.size) == (found, found)
        tallies = table[1][kept] & ~kernels.MIXED
        np.testing.assert_array_equal(tallies[np.argsort(table[0][kept])], counts)
        mixed = table[1][kept] >= kernels.MIXED
        np.testing.assert_array_equal(mixed, tallies > 1)

    def test_keys_within(self) -> None:
        keys = np.arange(50, dtype=np.uint64)
        starts, stops = np.array([3, 20], np.uint64), np.array([5, 20], np.uint64)
        out = np.empty_like(keys)
        assert out[: kernels.keep_within(keys, starts, stops, out)].tolist() == [3, 4, 5, 20]

    def test_bounds_of_keys(self) -> None:
        x = np.array([-2.0, 0.0, 3.0])
        keys = np.empty(3, np.uint64)
        kernels.write_keys(x, keys)
        lows, highs = np.empty((2, 3))
        kernels.key_bounds(keys, np.array([0, 0, 52], np.uint8), lows, highs)
        assert lows.tolist() == [-2.0, 0.0, 3.0]
        assert highs[:2].tolist() == [-2.0, 0.0]
        assert highs[2] == np.nextafter(4.0, 0.0)


# The same answer through each door


def table_of(n: int) -> Any:
    rng = np.random.default_rng(n)
    y = rng.integers(0, 3, n)
    x = rng.normal(size=n) + y
    found = {k: v for k, v in columns(n).items() if k != "half"}
    found |= {
        "x": np.where(rng.random(n) < 0.1, np.nan, x),
        "few floats": rng.integers(0, 5, n) / 4,
        "some floats": rng.integers(0, 25, n) / 4,
        "few": rng.integers(0, 6, n),
        "integers with gaps": pa.array(rng.integers(0, 500, n), mask=rng.random(n) < 0.05),
        "few with gaps": pa.array(rng.integers(0, 5, n), mask=rng.random(n) < 0.05),
        "dates": np.datetime64("2020-01-01") + rng.integers(0, 900, n).astype("m8[D]"),
        "moments": np.datetime64("2020-01-01T00", "ns")
        + rng.integers(0, 10**15, n).astype("m8[ns]"),
        "text": rng.choice(["a", "bb", "c"], n),
        "flag": rng.random(n) < 0.3,
        "nothing": np.full(n, np.nan),
        "y": y,
    }
    return pa.table({name: pa.array(v) for name, v in found.items()})


def same_rankings(a: Any, b: Any) -> None:
    assert a.names == b.names
    for p, q in zip(a, b, strict=True):
        np.testing.assert_equal(
            *[
                tuple(row._replace(note=row.note.partition("same as")[0].rstrip("; ")))
                for row in (p, q)
            ]
        )


def files_of(table: Any, folder: Path, cuts: list[int]) -> Any:
    ends = [0, *cuts, table.num_rows]
    for i, (a, b) in enumerate(itertools.pairwise(ends)):
        parquet.write_table(table.slice(a, b - a), folder / f"{i}.parquet")
    return open_files(str(folder / "*.parquet"))


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "column")  # constants and columns without a value
        warnings.filterwarnings("ignore", "these columns")
        yield


OPTIONS: list[dict[str, Any]] = [
    {},
    {"strategy": "uniform"},
    {"bins": 7},
    {"bins": "rice"},
    {"bins": "sqrt", "strategy": "quantile"},
    {"missing": "category"},
    {"discrete": {"some floats": True, "few": False, "dates": True, "y": True}},
]


@pytest.mark.slow
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_files_rank_as_the_table(options: dict[str, Any], tmp_path: Path) -> None:
    table = table_of(1500)
    files = files_of(table, tmp_path, [400, 405])
    whole = fastinfo.rank_features(table, "y", **options)
    same_rankings(fastinfo.rank_features(files, "y", **options), whole)


@pytest.mark.slow
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_dask_ranks_as_the_table(options: dict[str, Any]) -> None:
    dd = pytest.importorskip("dask.dataframe")
    pd = pytest.importorskip("pandas")
    from fastinfo import dask as fd

    table = table_of(1500)
    frame = dd.from_pandas(table.to_pandas(types_mapper=pd.ArrowDtype), npartitions=4)
    whole = fastinfo.rank_features(table, "y", **options)
    same_rankings(fd.rank_features(frame, "y", **options).compute(), whole)


@pytest.mark.parametrize("options", [{}, {"bins": 5, "strategy": "uniform"}], ids=str)
def test_parts_are_as_the_table(options: dict[str, Any]) -> None:
    table = table_of(1500)
    names = [name for name in table.column_names if name != "y"]
    parts = [table.slice(a, b - a) for a, b in itertools.pairwise([0, 3, 700, 1500])]
    surveys = functools.reduce(
        lambda a, b: {name: a[name] | b[name] for name in a}, map(survey, parts[::-1])
    )
    counts = ColumnCounts(names, "y", surveys=surveys, **options)
    pairs = PairCounts(table.column_names, surveys=surveys, **options)
    for part in (parts[2], parts[0], parts[1]):
        counts.update(part)
        pairs.update(part)
    same_rankings(counts.ranking(), fastinfo.rank_features(table, "y", **options))
    whole = fastinfo.mutual_information_matrix(table, **options)
    np.testing.assert_allclose(pairs.matrix(), whole, rtol=1e-13, atol=1e-14)
    read = ColumnCounts.from_dict(json.loads(json.dumps(counts.to_dict())))
    same_rankings(read.ranking(), counts.ranking())


@pytest.mark.parametrize("options", [{}, {"bins": 3}, {"bins": np.linspace(0, 6, 4)}], ids=str)
def test_few_floats_are_numbers_without_a_survey_too(options: dict[str, Any]) -> None:
    table = table_of(1500).select(["few floats", "some floats", "few", "few with gaps", "y"])
    counts = ColumnCounts(table.column_names[:-1], "y", **options)
    pairs = PairCounts(table.column_names, **options)
    halves = table.slice(0, 700), table.slice(700)
    for part in halves:
        counts.update(part)
        pairs.update(part)
    whole = fastinfo.rank_features(table, "y", **options)
    same_rankings(counts.ranking(), whole)
    matrix = fastinfo.mutual_information_matrix(table, **options)
    np.testing.assert_allclose(pairs.matrix(), matrix, rtol=1e-13, atol=1e-14)
    a, b = (ColumnCounts(table.column_names[:-1], "y", **options).update(part) for part in halves)
    same_rankings(a.merge(b).ranking(), whole)


def test_arrays_of_integers_are_numbers_where_they_are_many() -> None:
    da = pytest.importorskip("dask.array")
    from fastinfo import dask as fd

    X = np.random.default_rng(0).integers(0, 100, (1200, 3))
    y = X[:, 0] > 40
    lazy = da.from_array(X, chunks=(500, 3)), da.from_array(y, chunks=500)
    same_rankings(fd.rank_features(*lazy).compute(), fastinfo.rank_features(X, y))


@pytest.mark.parametrize(
    "options",
    [{}, {"bins": 4}, {"strategy": "uniform"}, {"bins": (3, "rice")}, {"range": [(-1, 1), None]}],
    ids=str,
)
def test_pairs_by_dask_are_those_of_memory(options: dict[str, Any]) -> None:
    da = pytest.importorskip("dask.array")
    from fastinfo import dask as fd

    numbers = columns(1200)
    for names in (("normal", "skewed"), ("gaps", "integers"), ("long", "ties"), ("zeros", "bytes")):
        x, y = (numbers[name] for name in names)
        lazy = [da.from_array(a, chunks=500) for a in (x, y)]
        options = {"nan_policy": "omit", **options}
        whole = helpers.quiet(fastinfo.mutual_information, x, y, **options)  # integers as numbers
        found = fd.mutual_information(*lazy, **options).compute()
        np.testing.assert_allclose(found, whole, rtol=1e-13, atol=1e-15, err_msg=str(names))


def test_integers_that_are_few_in_each_partition_alone() -> None:
    da = pytest.importorskip("dask.array")
    from fastinfo import dask as fd

    x, y = np.arange(600) // 6, np.arange(600) % 7
    lazy = [da.from_array(a, chunks=100) for a in (x, y)]
    with pytest.warns(UserWarning, match="x has 100 different"):
        whole = fastinfo.mutual_information(x, y)
    np.testing.assert_allclose(fd.mutual_information(*lazy).compute(), whole, rtol=1e-13)


@pytest.fixture(scope="module")
def table() -> Any:
    rng = np.random.default_rng(0)
    n = 220_000
    y = rng.integers(0, 2, n)
    half = rng.random(n) < 0.5
    return pa.table(
        {
            "normal": rng.normal(size=n) + y,
            "nested": np.where(half, rng.uniform(1000, 1000.001, n) + y * 2e-4, rng.normal(size=n)),
            "y": y,
        }
    )


def test_a_pair_that_one_more_pass_does_not_tell_apart() -> None:
    da = pytest.importorskip("dask.array")
    from fastinfo import dask as fd

    rng = np.random.default_rng(0)
    x = rng.normal(size=N)
    for depth in (-3, -9, -15):  # each time half of what is left, around 1
        near = np.abs(x - 1) < 10.0 ** (depth + 6) if depth > -3 else rng.random(N) < 0.9
        near &= rng.random(N) < 0.9
        x = np.where(near, 1 + rng.random(N) * 10.0**depth, x)
    y = rng.random(N) < 0.5
    lazy = [da.from_array(a, chunks=100_000) for a in (x, y)]
    value = fd.mutual_information(*lazy)
    assert 0 < float(value) < 1e-2


def test_partitions_are_not_read_for_nothing() -> None:
    da = pytest.importorskip("dask.array")
    from fastinfo import dask as fd

    read: list[int] = []

    def make(a: Any, place: Any) -> Any:
        read.append(place)
        return np.random.default_rng(place).normal(size=1000)

    lazy = [
        da.map_blocks(make, da.zeros(4000, chunks=1000), place, dtype=float, meta=np.zeros(0))
        for place in (0, 1)
    ]
    float(fd.mutual_information(*lazy))
    assert sorted(read) == [0] * 8 + [1] * 8  # for the order, and to count


class TestManyRows:
    """Doors agree with one another above 100,000 rows, where the order is in cells."""

    def test_doors(self, table: Any, tmp_path: Path) -> None:
        dd = pytest.importorskip("dask.dataframe")
        from fastinfo import dask as fd

        files = files_of(table, tmp_path, [90_000, 90_001])
        ranking = fastinfo.rank_features(files, "y")
        frame = dd.from_pandas(table.to_pandas(), npartitions=3)
        same_rankings(fd.rank_features(frame, "y").compute(), ranking)
        whole = fastinfo.rank_features(table, "y")
        for name in ("normal", "nested"):
            assert ranking[name].levels == whole[name].levels
            np.testing.assert_allclose(ranking[name].mi, whole[name].mi, rtol=5e-3)

    def test_a_stopped_run_goes_on(
        self, table: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        files = files_of(table, tmp_path, [90_000, 180_000])
        whole = fastinfo.rank_features(files, "y")
        add = Survey.of

        class StoppedError(Exception):
            pass

        for calls in (3, 5):
            left = itertools.count(calls, -1)

            def stop(*args: Any, left: Iterator[int] = left, **options: Any) -> Survey:
                if not next(left):
                    raise StoppedError
                return add(*args, **options)

            path = tmp_path / "state.json"
            with monkeypatch.context() as patch:
                patch.setattr(Survey, "of", stop)
                with pytest.raises(StoppedError):
                    fastinfo.rank_features(files, "y", checkpoint=path)
            assert json.loads(path.read_text())["state"]["survey"][1] > 0
            same_rankings(fastinfo.rank_features(files, "y", checkpoint=path), whole)
            assert not path.exists()

    def test_a_survey_that_is_not_enough_is_told(self, table: Any) -> None:
        with pytest.warns(UserWarning, match="'nested': edges may be off by"):
            ColumnCounts(["normal", "nested"], "y", surveys=survey(table))


def test_columns_are_surveyed_some_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    table = table_of(800)
    files = files_of(table, tmp_path, [300])
    from fastinfo.streaming import runs

    monkeypatch.setattr(runs, "_SAMPLES_AT_ONCE", 3 * 800)
    same_rankings(fastinfo.rank_features(files, "y"), fastinfo.rank_features(table, "y"))
