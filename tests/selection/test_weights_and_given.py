"""select_features(sample_weight=…, given=…): rows that count for more, and columns known before."""

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

import fastinfo
import fastinfo.streaming
from fastinfo import (
    conditional_mutual_information,
    mutual_information,
    num_threads,
    rank_features,
    select_features,
)
from fastinfo.selection import MutualInfoSelector

METHODS = ("mrmr", "mrmr-quotient", "jmi", "jmim", "cmim", "disr")
LABELS = {"discrete": True, "nan_policy": "omit"}


def table_of(rng, n=600):
    a, b = rng.integers(0, 3, (2, n))
    y = np.where(rng.random(n) < 0.7, (a + b) % 3, rng.integers(0, 3, n))
    table = pd.DataFrame({"a": a, "b": b, "c": rng.integers(0, 4, n)})
    table["near"] = np.where(rng.random(n) < 0.8, y, rng.integers(0, 3, n))
    table["gaps"] = np.where(rng.random(n) < 0.2, None, (y // 2).astype(object))
    table["wide"] = rng.integers(0, 90, n)
    return table.assign(y=y)


def complete(table, names):
    return table[list(names)].notna().all(axis=1).to_numpy()


class Terms:
    """Terms of the scores above chance, each of rows with weights, by the public functions."""

    def __init__(self, table, w):
        self.table, self.w = table, w

    def _chance(self, dof, names):
        own = self.w[complete(self.table, names)]
        return dof * (own**2).sum() / (2 * own.sum() ** 2)

    def pair(self, x, y):
        options = {"sample_weight": self.w, "correction": "chance", **LABELS}
        return max(mutual_information(self.table[x], self.table[y], **options), 0.0)

    def joint(self, x, s, y):
        kept = complete(self.table, (x, s, y))
        pairs = self.table[x].astype(str) + "," + self.table[s].astype(str)
        options = {"sample_weight": self.w[kept], "correction": "chance", **LABELS}
        return max(mutual_information(pairs[kept], self.table[y][kept], **options), 0.0)

    def conditional(self, x, y, s):
        kept = self.table[complete(self.table, (x, s, y))]
        columns = self.table[x], self.table[y], self.table[s]
        found = conditional_mutual_information(*columns, sample_weight=self.w, **LABELS)
        dof = sum((g[x].nunique() - 1) * (g[y].nunique() - 1) for _, g in kept.groupby(s))
        return max(found - self._chance(dof, (x, s, y)), 0.0)

    def share(self, x, s, y):
        kept = complete(self.table, (x, s, y))
        parts = (self.table[c].astype(str) for c in (x, s, y))
        columns = [p[kept].to_numpy() for p in parts]
        options = {"sample_weight": self.w[kept], "discrete": True}
        return self.joint(x, s, y) / fastinfo.entropy_of_samples(*columns, **options)

    def score(self, method, x, chosen):
        own = self.pair(x, "y")
        if method.startswith("mrmr"):
            mean = np.mean([self.pair(x, s) for s in chosen])
            if method == "mrmr":
                return own - mean
            return own / mean if mean else np.inf if own else 0.0
        if method == "cmim":
            return min(self.conditional(x, "y", s) for s in chosen)
        terms = [
            self.share(x, s, "y") if method == "disr" else self.joint(x, s, "y") for s in chosen
        ]
        return min(terms) if method == "jmim" else sum(terms)


@pytest.mark.slow
@pytest.mark.parametrize("given", [None, "a", ["near", "gaps"]])
@pytest.mark.parametrize("method", METHODS)
def test_scores_are_those_of_the_functions(method, given, rng):
    table = table_of(rng)
    w = rng.gamma(2.0, 1.0, len(table))
    options = {"method": method, "given": given, "sample_weight": w, "discrete": True}
    found = select_features(table, "y", 3, **options)
    terms = Terms(table, w)
    chosen = [] if given is None else [given] if isinstance(given, str) else list(given)
    assert not {*chosen, "y"} & {*found.names}
    for row in found:
        wanted = terms.score(method, row.name, chosen) if chosen else terms.pair(row.name, "y")
        assert row.score == pytest.approx(wanted, rel=1e-9, abs=1e-12), row.name
        assert row.mi == pytest.approx(terms.pair(row.name, "y"), rel=1e-9, abs=1e-12)
        assert row.position == list(table).index(row.name)
        chosen.append(row.name)


@pytest.mark.parametrize("method", METHODS)
def test_equal_weights_are_none(method, rng):
    table = table_of(rng)
    for given in (None, "b"):
        options = {"method": method, "given": given, "discrete": True}
        wanted = select_features(table, "y", 3, **options)
        found = select_features(table, "y", 3, sample_weight=np.full(600, 1e-9), **options)
        assert found.rows == wanted.rows
        assert found.n_significant == wanted.n_significant


@pytest.mark.parametrize("method", ["mrmr", "jmi", "cmim"])
def test_given_columns_are_as_chosen_ones(method, rng):
    table = table_of(rng).drop(columns="gaps")
    first = select_features(table, "y", 3, method=method, discrete=True)
    rest = select_features(table, "y", 2, method=method, given=first.names[:1], discrete=True)
    assert rest.names == first.names[1:]
    np.testing.assert_allclose([r.score for r in rest], [r.score for r in first[1:]], rtol=1e-12)
    assert rest.given == (first.names[0],)
    assert f"given {first.names[0]}" in str(rest)
    assert rest[:1].given == rest.given


def test_what_is_in_a_given_column_comes_last(rng):
    table = table_of(rng).assign(copy=lambda t: 2 - t["a"])[["a", "copy", "b", "y"]]
    for method in ("jmi", "jmim", "cmim", "disr"):
        found = select_features(table, "y", 2, method=method, given="a")
        assert found.names == ["b", "copy"], method
        assert found.n_significant == (1 if method in ("jmim", "cmim") else 2)


def test_weights_change_what_is_chosen(rng):
    n = 1000
    y, a, b = rng.integers(0, 2, (3, n))
    half = np.arange(n) < n // 2
    table = {"a": np.where(half, y, a), "b": np.where(half, b, y), "y": y}
    for weights, wanted in ((np.where(half, 5.0, 1.0), "a"), (np.where(half, 1.0, 5.0), "b")):
        for method in (*METHODS, "mim"):
            found = select_features(table, "y", 1, method=method, sample_weight=weights)
            assert found.names == [wanted]
            ranking = rank_features(table, "y", sample_weight=weights)
            assert found[0].mi == pytest.approx(ranking[0].above_chance, rel=1e-12)


def test_threads_and_inputs(rng):
    table = table_of(rng)
    w = rng.random(len(table))
    kept = w.copy()
    found = []
    for threads in (1, 2):
        with num_threads(threads):
            found.append(
                select_features(table, "y", 3, method="jmi", sample_weight=w, given="c").rows
            )
    assert found[0] == found[1]
    np.testing.assert_array_equal(w, kept)


def test_data_in_parts(rng, tmp_path):
    table = table_of(rng).drop(columns="wide").assign(w=rng.random(600))
    path = tmp_path / "table.parquet"
    table.to_parquet(path, row_group_size=100)
    source = fastinfo.streaming.open_files(path)
    for options in ({"given": "a"}, {"sample_weight": "w", "given": ["b"]}):
        wanted = select_features(table, "y", 2, **options)
        found = select_features(source, "y", 2, **options)
        assert found.rows == wanted.rows
        assert found.given == wanted.given
    with pytest.raises(ValueError, match="given must be a column of X"):
        select_features(source, "y", 2, given="nothing")
    with pytest.raises(ValueError, match="sample_weight must not name the target 'y'"):
        select_features(source, "y", 2, sample_weight="y")


def test_gaps_of_what_is_given_under_propagate(rng):
    table = table_of(rng)
    found = select_features(table, "y", 2, given="gaps", nan_policy="propagate", method="jmi")
    assert np.isnan([row.score for row in found]).all()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"given": "nothing"}, "given must be a column of X"),
        ({"given": "y"}, "given must not name the target 'y'"),
        ({"given": []}, "given must name at least one column"),
        ({"given": "a", "method": "mim"}, "given must be None with method='mim'"),
        ({"given": ["a", "b"], "k": 5}, "columns beside those that are given, 4, got 5"),
        ({"sample_weight": [1.0]}, "one weight for each of the 600 samples"),
        ({"sample_weight": np.zeros(600)}, "positive for"),
    ],
)
def test_wrong_options(options, said, rng):
    with pytest.raises(ValueError, match=said):
        select_features(table_of(rng), "y", **({"k": 2} | options))


def test_a_constant_that_is_given_is_left_out(rng):
    table = table_of(rng).assign(one=1)
    with pytest.warns(UserWarning, match="constant.*one"):
        found = select_features(table, "y", 2, given="one")
    assert found.names == select_features(table.drop(columns="one"), "y", 2).names


def test_the_selector_takes_weights(rng):
    table = table_of(rng).drop(columns=["gaps", "wide"])
    X, y, w = table.drop(columns="y"), table["y"], rng.random(len(table))
    selector = MutualInfoSelector(2, method="jmi").fit(X, y, sample_weight=w)
    wanted = select_features(X, y, 2, method="jmi", sample_weight=w)
    assert selector.selection_.rows == wanted.rows
    pipeline = make_pipeline(MutualInfoSelector(2, method="jmi"), GaussianNB())
    pipeline.fit(X, y, mutualinfoselector__sample_weight=w)
    assert pipeline[0].selection_.rows == wanted.rows
    with config_context(enable_metadata_routing=True):
        request = selector.set_fit_request(sample_weight=True).get_metadata_routing()
        assert request.fit.requests == {"sample_weight": True}
    with pytest.raises(TypeError, match="fit takes only X, y and sample_weight, got other"):
        selector.fit(X, y, other=1)
