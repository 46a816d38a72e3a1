"""Who owns an array: what stays is copied when it is handed in, and read-only when handed out."""

from __future__ import annotations

import contextlib
import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fastinfo import JointCounts, discretize
from fastinfo.streaming import ColumnCounts, PairCounts

EDGES = [-3.0, -0.5, 0.5, 3.0]
N = 40


def samples(dtype: Any = np.float64, seed: int = 0) -> Any:
    values = np.random.default_rng(seed).normal(size=(N, 2))
    return (values * 2).clip(0, 3).astype(dtype) if dtype is not np.float64 else values


def spoil(*arrays: Any) -> None:
    """Change what was handed in, as a caller does who uses an array again."""
    for array in arrays:
        array[...] = array[::-1].copy() + 5 if array.dtype.kind in "iuf" else array[-1]


def same(a: Any, b: Any) -> bool:
    """Whether two counts are the same, as they are written."""
    return json.dumps(a.to_dict()) == json.dumps(b.to_dict())


# Arrays handed in


def joint_of_edges(edges: Any, a: Any) -> Any:
    return JointCounts.empty(edges, edges), lambda c: c.update(a[:, 0], a[:, 1])


def joint_of_samples(edges: Any, a: Any) -> Any:
    counts = JointCounts.from_samples(a[:, 0], a[:, 1], bins=(edges, edges), discrete=False)
    return counts, lambda c: c


def joint_of_labels(edges: Any, a: Any) -> Any:
    return JointCounts.from_labels(a[:, 0], a[:, 1]), lambda c: c


def joint_of_table(edges: Any, a: Any) -> Any:
    return JointCounts.from_table(np.abs(a)), lambda c: c


def joint_by_hand(edges: Any, a: Any) -> Any:
    table, levels = np.ones((3, N), np.int64), a[:, 0]
    counts = JointCounts(table, x_edges=edges, y_levels=levels)
    table[:] = 0
    return counts, lambda c: c


def columns(edges: Any, a: Any) -> Any:
    def finish(counts: Any) -> Any:
        return counts.update(samples(), samples(np.uint8, 1)[:, 0])

    return ColumnCounts(["u", "v"], bins=edges, discrete=(False, True)), finish


def columns_updated(edges: Any, a: Any) -> Any:
    counts = ColumnCounts(["u", "v"], bins=edges)
    return counts.update(a, a[:, 0].astype(np.int64)), lambda c: c


def pairs(edges: Any, a: Any) -> Any:
    return PairCounts(["u", "v"], bins=edges, discrete=False), lambda c: c.update(samples())


def pairs_of_a_list(edges: Any, a: Any) -> Any:
    counts = PairCounts(["u", "v"], bins=[edges, edges], discrete=False)
    return counts, lambda c: c.update(samples())


def pairs_updated(edges: Any, a: Any) -> Any:
    counts = PairCounts(["u", "v"], bins=edges)
    return counts.update(a).update(a), lambda c: c


OBJECTS: list[Callable[[Any, Any], Any]] = [
    *(joint_of_edges, joint_of_samples, joint_of_labels, joint_of_table, joint_by_hand),
    *(columns, columns_updated, pairs, pairs_of_a_list, pairs_updated),
]


@pytest.mark.parametrize("make", OBJECTS)
@pytest.mark.parametrize("dtype", [np.float64, np.uint8, np.uint16, np.int64, np.bool_, "U5"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_may_be_changed_afterwards(
    make: Callable[[Any, Any], Any], dtype: Any, order: Any
) -> None:
    takes_labels = make in (joint_of_labels, joint_by_hand, columns, pairs, pairs_of_a_list)
    if dtype == "U5" and not takes_labels:
        pytest.skip("only numbers are taken here")

    def given() -> tuple[Any, Any]:
        return np.array(EDGES), np.array(samples(dtype), order=order)

    edges, a = given()
    expected, finish = make(edges, a)
    expected = finish(expected)
    edges, a = given()
    found, finish = make(edges, a)
    if make is not joint_of_edges:
        spoil(a)
    spoil(edges)
    assert same(finish(found), expected)


@pytest.mark.parametrize("make", OBJECTS)
def test_inputs_keep_their_values_and_flags(make: Callable[[Any, Any], Any]) -> None:
    edges, a = np.array(EDGES), samples(np.int64)
    before = edges.copy(), a.copy()
    found, finish = make(edges, a)
    finish(found).to_dict()
    for array, known in zip((edges, a), before, strict=True):
        assert array.flags.writeable
        assert np.array_equal(array, known)
    for array in (edges, a):
        array.flags.writeable = False
    found, finish = make(edges, a)  # read-only ones are taken, too
    finish(found)


@pytest.mark.parametrize("kind", [ColumnCounts, PairCounts])
def test_lists_may_be_changed_afterwards(kind: Any) -> None:
    def finished(spoiled: bool) -> Any:
        names, edges, surveys = ["u", "v"], list(EDGES), {}
        counts = kind(names, bins=edges, surveys=surveys, discrete=False)
        if spoiled:
            names[0], edges[1], surveys["u"] = "w", -2.5, None
        return (
            counts.update(samples(), samples()[:, 0])
            if kind is ColumnCounts
            else counts.update(samples())
        )

    assert same(finished(True), finished(False))


def test_a_list_of_bins_may_be_changed_afterwards() -> None:
    bins = [np.array(EDGES), list(EDGES)]
    counts = PairCounts(["u", "v"], bins=bins, discrete=False)
    bins[0][1] = -2.5
    bins[1][1] = -2.5
    bins.clear()
    expected = PairCounts(["u", "v"], bins=np.array(EDGES), discrete=False).update(samples())
    assert np.array_equal(counts.update(samples()).matrix(), expected.matrix())


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_columns_of_tables_may_be_changed_afterwards(library: str) -> None:
    pytest.importorskip("narwhals")
    module = pytest.importorskip(library)
    pytest.importorskip("pyarrow")

    def table() -> tuple[Any, Any]:
        values = samples(), samples(np.int64, 1)[:, 0].copy()
        words = np.array(["p", "q"], object)[values[1] % 2]
        columns = {"u": values[0][:, 0].copy(), "v": values[1], "w": words}
        make = module.table if library == "pyarrow" else module.DataFrame
        return make(columns), [columns["u"], columns["v"]]

    for kind in (lambda: ColumnCounts(["u", "v"], "w", bins=EDGES), lambda: PairCounts(["u", "v"])):
        expected, found = kind(), kind()
        if isinstance(expected, PairCounts):
            expected, found = (PairCounts(["u", "v", "w"], bins=EDGES) for _ in range(2))
        expected.update(table()[0])
        data, arrays = table()
        found.update(data)
        spoil(*arrays)
        assert same(found, expected)


def test_categories_may_be_changed_afterwards() -> None:
    pandas = pytest.importorskip("pandas")
    categories = np.array([10.0, 20.0, 30.0])
    values = pandas.Categorical.from_codes([0, 1, 2, 1], pandas.Index(categories))
    counts = JointCounts.from_labels(values, [0, 0, 1, 1])
    levels = counts.x_levels.tolist()
    categories[:] = -1
    assert counts.x_levels.tolist() == levels


# Arrays handed out


def frozen(*arrays: Any) -> None:
    for array in arrays:
        assert not array.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            array[...] = array[...]


def joint() -> dict[str, JointCounts]:
    a = samples()
    wide = np.arange(400)
    weights = np.linspace(0, 1, N)
    options: dict[str, Any] = {"bins": 3, "sample_weight": weights}
    return {
        "bins": JointCounts.from_samples(a[:, 0], a[:, 1], bins=EDGES),
        "weights": JointCounts.from_samples(a[:, 0], a[:, 1], **options),
        "labels": JointCounts.from_labels(a[:, 0] > 0, ["u", "v"] * (N // 2)),
        "table": JointCounts.from_table([[1, 2], [3, 4]]),
        "floats": JointCounts.from_table([[1.5, 2], [3, 4]]),
        "empty": JointCounts.empty(EDGES, EDGES),
        "occupied": JointCounts.from_labels(wide, wide[::-1]),
    }


THROUGH: dict[str, Callable[[JointCounts], JointCounts]] = {
    "itself": lambda c: c,
    "pickle": lambda c: pickle.loads(pickle.dumps(c)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "dict": lambda c: JointCounts.from_dict(c.to_dict()),
    "sum": lambda c: c + c,
    "merge": lambda c: copy.copy(c).merge(c),
}


@pytest.mark.parametrize("name", joint())
@pytest.mark.parametrize("way", THROUGH)
def test_what_counts_hand_out_is_read_only(name: str, way: str) -> None:
    counts = joint()[name]
    before = json.dumps(counts.to_dict())
    found = THROUGH[way](counts)
    arrays = [getattr(found, f"{s}_{k}") for s in "xy" for k in ("edges", "levels")]
    frozen(found.table, *(a for a in arrays if a is not None))
    assert len([a for a in arrays if a is not None]) == 2
    if name == "table":
        found.update([0, 1], [1, 1])
    elif name not in ("empty", "bins", "weights"):
        found.update(found.x_levels[:1], found.y_levels[:1])
    else:
        found.update([0.1], [0.1])
    frozen(found.table)
    if way != "itself":
        assert json.dumps(counts.to_dict()) == before


def test_pointwise_information_is_the_callers() -> None:
    counts = joint()["bins"]
    before = counts.mutual_information()
    found = counts.pointwise_mutual_information()
    found[:] = 0.0
    assert counts.mutual_information() == before


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_edges_of_codes_are_copies_and_read_only(strategy: str) -> None:
    edges, a = np.array(EDGES), samples()
    for X in (a, a[:, 0]):
        for bins in (edges, 4):
            found = discretize(X, bins, strategy=strategy)
            frozen(*found.edges)
            assert all(not np.shares_memory(e, edges) for e in found.edges)
            again = pickle.loads(pickle.dumps(found))
            assert np.array_equal(again.codes, found.codes)
    assert edges.flags.writeable
    edges[:] = 0
    assert found.edges[0].tolist() != edges.tolist()


def test_what_streamed_counts_hand_out_is_apart() -> None:
    counts = ColumnCounts(["u", "v"], bins=EDGES).update(samples(), samples(np.int64)[:, 0])
    pairs_of = PairCounts(["u", "v"], bins=EDGES).update(samples())
    before = [json.dumps(c.to_dict()) for c in (counts, pairs_of)]
    with contextlib.suppress(ValueError):  # read-only
        counts.counts(0)[0].dense()[:] = 7
    counts.streamed().clear()
    pairs_of.streamed().clear()
    pairs_of.matrix()[:] = 7
    counts.ranking().to_dict()["mi"][0] = 7
    counts.ranking().names.clear()
    for c in (counts, pairs_of):
        c.to_dict()["columns"].clear()
        c.to_dict()["tables"][0]["table"][0][0] = 7
    assert [json.dumps(c.to_dict()) for c in (counts, pairs_of)] == before
    with pytest.raises(ValueError, match="read-only"):
        counts.columns[0].edges.values[0] = 7
    with pytest.raises(ValueError, match="read-only"):
        counts.columns[0].bins[0] = 7


@pytest.mark.parametrize("kind", ["column", "pair"])
def test_merged_counts_are_apart(kind: str) -> None:
    def make(seed: int) -> Any:
        a = samples(seed=seed)
        if kind == "pair":
            return PairCounts(["u", "v"], bins=EDGES).update(a)
        return ColumnCounts(["u", "v"], bins=EDGES).update(a, samples(np.int64, seed)[:, 0])

    whole, part = make(0), make(1)
    before = json.dumps(part.to_dict())
    whole.merge(part)
    whole.merge(make(2))
    assert json.dumps(part.to_dict()) == before
    both = make(0)
    both.merge(both)
    assert both.n_rows == 2 * N
    assert same(both, make(0).merge(make(0)))


def test_what_dask_computes_later_is_what_it_was_given() -> None:
    pytest.importorskip("dask")
    import dask.array as da

    from fastinfo import dask as fd

    a = samples()
    X, y = da.from_array(a, chunks=(10, 2)), da.from_array(samples(np.int64)[:, 0], chunks=10)
    weights = np.array([1.0, 3.0])
    edges = np.array(EDGES)
    counts = fd.joint_counts(X[:, 0], X[:, 1], bins=(edges, edges))
    information = fd.mutual_information_matrix(X, bins=edges)
    ranking = fd.rank_features(X, y, bins=edges)
    loss = fd.softmax_cross_entropy(X, y % 2, class_weight=weights)
    edges[1:3] = 2.0
    weights[:] = 1.0
    expected = JointCounts.from_samples(a[:, 0], a[:, 1], bins=EDGES)
    assert counts.compute().table.tolist() == expected.table.tolist()
    found = information.compute(), ranking.compute().to_dict(), float(loss)
    again = (
        fd.mutual_information_matrix(X, bins=np.array(EDGES)).compute(),
        fd.rank_features(X, y, bins=np.array(EDGES)).compute().to_dict(),
        float(fd.softmax_cross_entropy(X, y % 2, class_weight=np.array([1.0, 3.0]))),
    )
    assert found[0].tolist() == again[0].tolist()
    assert found[1:] == again[1:]


def test_records_of_a_benchmark_are_copied() -> None:
    from fastinfo.benchmark import Results

    record = {"estimator": "one", "n": 10}
    results = Results([record])
    record["n"] = 20
    assert results.records == [{"estimator": "one", "n": 10}]
