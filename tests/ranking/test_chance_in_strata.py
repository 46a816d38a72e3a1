"""What chance gives many columns in the same strata: as one by one, for any number of threads."""

import numpy as np
import pytest

from fastinfo import num_threads, rank_features
from fastinfo._core.coded_variable import Coded
from fastinfo._measures.joint_entropies import Joint, Variable
from fastinfo._measures.strata import Strata
from fastinfo.ranking import chance_in_strata
from fastinfo.ranking.chance_in_strata import ChanceInStrata


def strata_of(x, y, z):
    columns = [Coded(c.astype(np.uint8), int(c.max()) + 1) for c in (x, y, z)]
    return Strata.of(Joint([Variable(c, c.n_levels) for c in columns], None))


@pytest.mark.parametrize("n", [30, 400, 40_000])
def test_the_mean_is_that_of_each(n, rng):
    y, z = rng.integers(0, [[5], [3]], (2, n))
    chance = ChanceInStrata()
    for levels in (2, 7, 7, 25):
        strata = strata_of(np.minimum(rng.geometric(2 / levels, n) - 1, levels - 1), y, z)
        assert chance.mean(strata) == pytest.approx(strata.mean, rel=1e-11)
        assert chance.mean(strata) == chance.mean(strata)
    nothing = strata_of(np.zeros(n), y, z)
    assert chance.mean(nothing) == nothing.mean == 0.0


@pytest.mark.parametrize(("kept", "rows"), [(0, 1 << 14), (4, 1 << 14), (4, 3)])
def test_what_is_kept_changes_nothing(kept, rows, rng, monkeypatch):
    table = {f"c{i}": rng.normal(size=800) for i in range(9)}
    for i in range(2, 9):
        table[f"c{i}"][rng.random(800) < 0.02 * i] = np.nan  # strata of its own
    table |= {"g": rng.integers(0, 4, 800), "y": table["c0"] + rng.normal(size=800)}
    wanted = rank_features(table, "y", given="g")
    monkeypatch.setattr(chance_in_strata, "_KEPT", kept)
    monkeypatch.setattr(chance_in_strata, "_MOST_ROWS", rows)
    found = []
    for threads in (1, 2):
        with num_threads(threads):
            found.append(rank_features(table, "y", given="g").rows)
    assert found[0] == found[1]
    for row, other in zip(found[0], wanted, strict=True):
        np.testing.assert_allclose(row[1:6], other[1:6], rtol=1e-11, atol=1e-13)
    if rows > 3:
        assert found[0] == wanted.rows
