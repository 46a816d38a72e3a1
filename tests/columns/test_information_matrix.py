"""The matrix with names: an array where arrays are wanted, and never a wrong name."""

import copy
import pickle
import warnings

import numba
import numpy as np
import pandas as pd
import pytest

import fastinfo
from fastinfo import InformationMatrix
from fastinfo._measures.chance import size_weights
from fastinfo.streaming import PairCounts

NAMES = ["a", "b", "c"]


@pytest.fixture
def table(rng):
    """Three columns, of which the last two say the same."""
    a, b = rng.integers(0, 3, (2, 200))
    return {"a": a, "b": b, "c": 2 - b}


@pytest.fixture
def matrix(table):
    return fastinfo.mutual_information_matrix(table)


def test_entries_by_name(matrix):
    plain = np.asarray(matrix)
    assert type(plain) is np.ndarray
    assert matrix.names == matrix.names_y == NAMES
    assert matrix["b", "c"] == plain[1, 2] == matrix[1, 2]
    assert isinstance(float(matrix["b", "c"]), float)
    np.testing.assert_array_equal(matrix["b"], plain[1])
    np.testing.assert_array_equal(matrix[:, "b"], plain[:, 1])
    np.testing.assert_array_equal(matrix["b", 1:], plain[1, 1:])
    np.testing.assert_array_equal(matrix[["c", "a"]], plain[[2, 0]])
    np.testing.assert_array_equal(matrix["a", ["c", "a"]], plain[0, [2, 0]])
    np.testing.assert_array_equal(matrix[plain > 0.5], plain[plain > 0.5])
    np.testing.assert_array_equal(matrix[..., None], plain[..., None])


@pytest.mark.parametrize("key", ["d", ("a", "d"), ("d", "a"), ["a", "d"], (slice(None), "d")])
def test_names_that_are_not_there(matrix, key):
    with pytest.raises(KeyError, match="there is no column 'd' in the matrix"):
        matrix[key]
    with pytest.raises(IndexError):
        matrix[7]


def test_columns_named_by_numbers_and_tuples(table):
    columns = [2020, ("b", 1), 0.5]
    frame = pd.DataFrame(dict(zip(range(3), table.values(), strict=True)))
    frame.columns = pd.Index(columns, tupleize_cols=False)
    found = fastinfo.mutual_information_matrix(frame)
    assert found.names == ["2020", "('b', 1)", "0.5"]
    plain = np.asarray(found)
    np.testing.assert_array_equal(found["2020"], plain[0])
    np.testing.assert_array_equal(found["b", 1], plain[1])
    np.testing.assert_array_equal(found[0.5], plain[2])
    assert found[("b", 1), 0.5] == found["('b', 1)", "0.5"] == plain[1, 2]
    assert found[0, 1] == plain[0, 1]  # integers are places
    assert found.to_pandas().loc[2020, 0.5] == plain[0, 2]


def test_what_is_computed_is_a_plain_array(matrix):
    plain = np.asarray(matrix).copy()
    for found, expected in (
        (matrix + 1, plain + 1),
        (2 * matrix, 2 * plain),
        (matrix @ matrix, plain @ plain),
        (np.exp(matrix), np.exp(plain)),
        (matrix[:2], plain[:2]),
        (matrix[::-1], plain[::-1]),
        (np.diag(matrix), np.diag(plain)),
        (np.sort(matrix), np.sort(plain)),
        (np.roll(matrix, 1), np.roll(plain, 1)),
        (np.transpose(matrix), plain.T),
        (np.vstack([matrix, matrix]), np.vstack([plain, plain])),
        (matrix.sum(axis=0), plain.sum(axis=0)),
        (np.array(matrix), plain),
        (matrix == plain, plain == plain),
    ):
        assert type(found) is np.ndarray
        np.testing.assert_array_equal(found, expected)
    assert matrix.max() == plain.max()
    np.testing.assert_array_equal(matrix, plain)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.reshape(-1),
        lambda m: m.astype(np.float32),
        lambda m: m.transpose(),
        lambda m: m.flatten(),
        lambda m: m.view(InformationMatrix),
        lambda m: m.take([1, 0], axis=0),
        lambda m: m.repeat(2, axis=0),
        lambda m: m.round(2),
        lambda m: np.array(m, subok=True),
        lambda m: m.swapaxes(0, 1),
    ],
)
def test_methods_of_arrays_lose_the_names(matrix, change):
    found = change(matrix)
    assert not getattr(found, "labelled", False)
    assert repr(found).startswith("array(")
    assert found[0] is not None
    if isinstance(found, InformationMatrix):
        with pytest.raises(ValueError, match="has no names"):
            _ = found.names
        assert found._repr_html_() is None


def test_in_place(matrix):
    plain = np.asarray(matrix).copy()
    same = matrix
    matrix *= 2
    assert matrix is same
    assert (matrix.names, matrix.unit) == (NAMES, "changed values")
    assert repr(matrix).splitlines()[-1] == "[3 x 3, changed values]"
    with pytest.raises(ValueError, match="above_chance needs a matrix of plug-in information"):
        matrix.above_chance()
    np.testing.assert_array_equal(matrix, 2 * plain)
    np.fill_diagonal(matrix, 0.0)
    assert matrix["a", "a"] == 0.0
    matrix["a", "b"] = 7.0
    assert matrix[0, 1] == 7.0
    np.add(plain, 1, out=matrix)
    np.testing.assert_array_equal(matrix, plain + 1)
    matrix.sort()
    assert not matrix.labelled
    np.testing.assert_array_equal(matrix, np.sort(plain + 1))


@pytest.mark.parametrize(
    "again",
    [
        lambda m: m.copy(),
        copy.copy,
        copy.deepcopy,
        *(lambda m, p=p: pickle.loads(pickle.dumps(m, p)) for p in range(2, 6)),
    ],
)
def test_copies_keep_the_names(matrix, again):
    found = again(matrix)
    assert type(found) is InformationMatrix
    assert (found.names, found.unit) == (NAMES, "nats")
    np.testing.assert_array_equal(found, matrix)
    found[0, 0] = -1.0
    assert (found.unit, matrix.unit) == ("changed values", "nats")
    assert matrix[0, 0] > 0.0
    assert type(again(matrix.reshape(-1))) in (np.ndarray, InformationMatrix)


def test_two_tables_and_the_transpose(table):
    found = fastinfo.mutual_information_matrix({"u": table["a"]}, table, base=2)
    assert (found.names, found.names_y, found.of_one_table) == (["u"], NAMES, False)
    turned = found.T
    assert (turned.names, turned.names_y, turned.unit) == (NAMES, ["u"], "bits")
    assert turned["c", "u"] == found["u", "c"]
    np.testing.assert_array_equal(turned.T, found)
    assert [tuple(row)[:2] for row in found.pairs()] == [("u", "a"), ("u", "b"), ("u", "c")]
    with pytest.raises(ValueError, match="of one table"):
        found.among(["u"])


def test_pairs(matrix):
    pairs = matrix.pairs()
    assert next((row.x, row.y) for row in pairs) == ("b", "c")
    assert len(pairs) == 3
    assert pairs[0].information == matrix["b", "c"]
    assert matrix.pairs(1).to_dict() == {
        "x": ["b"],
        "y": ["c"],
        "information": [matrix["b", "c"]],
    }
    assert list(matrix.pairs(None)) == list(pairs)
    holes = matrix.copy()
    holes[0, 1] = np.nan
    assert len(holes.pairs()) == 2
    with pytest.raises(ValueError, match="k must be an integer of at least 1, got 0"):
        matrix.pairs(0)


def test_pairs_of_many_columns_are_the_largest(rng):
    values = rng.random((40, 40))
    values = values + values.T
    found = InformationMatrix(values, [f"x{i}" for i in range(40)]).pairs(25)
    expected = np.sort(values[np.triu_indices(40, 1)])[::-1][:25]
    np.testing.assert_array_equal([row.information for row in found], expected)


def test_frames(matrix):
    pl = pytest.importorskip("polars")
    frame = matrix.to_pandas()
    assert list(frame.index) == list(frame.columns) == NAMES
    assert frame.loc["a", "c"] == matrix["a", "c"]
    frame = matrix.to_polars()
    assert isinstance(frame, pl.DataFrame)
    assert frame.columns == ["column", *NAMES]
    odd = InformationMatrix(np.eye(2), ["column", "column_"]).to_polars()
    assert odd.columns == ["column__", "column", "column_"]


def test_among(matrix):
    found = matrix.among(["c", "a"])
    assert found.names == found.names_y == ["c", "a"]
    assert found["c", "a"] == matrix["a", "c"]
    assert found.above_chance()[0, 1] == matrix.above_chance()[2, 0]
    with pytest.raises(KeyError, match="there is no column 'z'"):
        matrix.among(["z"])


def test_options_are_said(table):
    found = fastinfo.mutual_information_matrix(
        table, base=10, correction="chance", normalized="min"
    )
    assert (found.unit, found.correction, found.normalized) == ("share", "chance", "min")
    said = repr(found).splitlines()[-1]
    assert said == "[3 x 3, share, normalized by min, correction chance, 1 on the diagonal]"
    assert fastinfo.mutual_information_matrix(table, base=10).unit == "base 10"


def test_parts_and_dask_give_names(table, tmp_path):
    frame = pd.DataFrame(table)
    frame.to_csv(tmp_path / "t.csv", index=False)
    expected = fastinfo.mutual_information_matrix(frame)
    from_file = fastinfo.mutual_information_matrix(tmp_path / "t.csv")
    streamed = fastinfo.mutual_information_matrix(
        fastinfo.streaming.open_files(tmp_path / "t.csv"), checkpoint=tmp_path / "c"
    )
    counted = PairCounts(NAMES).update(frame).matrix()
    for found in (from_file, streamed, counted):
        assert found.names == NAMES
        np.testing.assert_allclose(found, expected, rtol=1e-13)
        np.testing.assert_allclose(found.above_chance(), expected.above_chance(), atol=0.005)
    dd = pytest.importorskip("dask.dataframe")
    lazy = fastinfo.dask.mutual_information_matrix(dd.from_pandas(frame, npartitions=3))
    found = lazy.compute()
    assert found.names == NAMES
    assert type(np.asarray((lazy + 1).compute())) is np.ndarray
    np.testing.assert_allclose((lazy + 1).compute(), expected + 1, rtol=1e-13)


def test_compiled_code_and_the_library_take_it_as_an_array(matrix):
    @numba.njit
    def trace(a):
        return a[0, 0] + a[1, 1] + a[2, 2]

    assert trace(matrix) == pytest.approx(np.trace(matrix))
    assert fastinfo.softmax(matrix).shape == (3, 3)
    assert fastinfo.mutual_information_matrix(matrix, discrete=True).names == ["x0", "x1", "x2"]


# What chance gives


@pytest.mark.parametrize("n", [300, 3000])
@pytest.mark.parametrize("holes", [False, True])
def test_chance_is_taken_off_about(rng, n, holes):
    columns = {f"k{k}": rng.integers(0, k, n).astype(float) for k in (1, 2, 5, 20, 100)}
    columns["id"] = rng.permutation(n).astype(float)
    columns["few large"] = np.minimum(rng.zipf(1.6, n), 400).astype(float)
    columns["binned"] = rng.normal(size=n)
    if holes:
        for values in columns.values():
            values[rng.random(n) < 0.2] = np.nan
    discrete = {name: name != "binned" for name in columns}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = fastinfo.mutual_information_matrix(columns, discrete=discrete)
        exact = fastinfo.mutual_information_matrix(columns, discrete=discrete, correction="chance")
        in_bits = fastinfo.mutual_information_matrix(columns, discrete=discrete, base=2)
        del columns["binned"]
        counted = PairCounts(list(columns), discrete=True).update(columns).matrix()
    taken = np.asarray(plain) - plain.above_chance()
    given = np.asarray(plain) - np.asarray(exact)
    np.testing.assert_allclose(taken, given, rtol=0.05, atol=0.03)
    np.testing.assert_array_equal(np.diag(plain.above_chance()), np.diag(plain))
    np.testing.assert_array_equal(exact.above_chance(), exact)
    np.testing.assert_allclose(in_bits.above_chance() * np.log(2), plain.above_chance())
    in_parts = counted - counted.above_chance()
    np.testing.assert_allclose(in_parts, given[:-1, :-1], rtol=0.05, atol=0.03)


@pytest.mark.parametrize("sizes", [[1, 1, 1], [5], [3, 7, 1000], [2**40]])
def test_weights_of_sizes_keep_samples_and_levels(sizes):
    found = size_weights(np.array(sizes, np.float64))
    grid = 2.0 ** (np.arange(found.size) / 2)
    assert found.sum() == pytest.approx(1.0)
    assert (found / grid).sum() * sum(sizes) == pytest.approx(len(sizes))
    assert not size_weights(np.zeros(3)).any()


def test_chance_that_is_not_known(table):
    corrected = fastinfo.mutual_information_matrix(table, correction="grassberger")
    for found in (corrected, InformationMatrix(np.eye(2), ["a", "b"])):
        with pytest.raises(
            ValueError, match="above_chance needs a matrix of plug-in information of samples"
        ):
            found.above_chance()
    with pytest.raises(ValueError, match=r"a row and a column for each name, 1 x 1, got shape \(2"):
        InformationMatrix(np.eye(2), ["a"])


# What people see


def test_the_printed_matrix(matrix):
    lines = repr(matrix).splitlines()
    assert lines[0].split() == NAMES
    assert lines[1].split() == ["a", *(f"{value:.4f}" for value in matrix["a"])]
    assert lines[-1] == "[3 x 3, nats, entropies on the diagonal]"
    assert str(matrix) == repr(matrix)


def test_large_matrices_and_odd_names_fit():
    names = ["x" * 60, "日本語の列名です", "a\x1b[31m", "", *(f"column {i}" for i in range(296))]
    found = InformationMatrix(np.full((300, 300), -1e-9), names)
    lines = repr(found).splitlines()
    assert len(lines) == 17
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in repr(found)
    assert "(no name)" in repr(found)
    assert "-0.0" not in repr(found)
    assert lines[1].startswith("x" * 10)
    assert lines[-2].startswith("column 295")
    assert lines[11].split()[0] == "…"
    page = found._repr_html_()
    assert page.count("<tr>") == 21
    assert "\x1b" not in page


def test_the_matrix_of_a_notebook_escapes_names():
    page = InformationMatrix(np.eye(2), ["<script>alert(1)</script>", "&"])._repr_html_()
    assert "<script>" not in page
    assert page.startswith("<table><caption>2 x 2, nats, entropies on the diagonal</caption>")
