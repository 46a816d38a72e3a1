"""interaction_information and transfer_entropy inside @njit: as from Python."""

import numba
import numpy as np
import pytest
from helpers import compiled
from numba.core.errors import TypingError

import fastinfo

pytestmark = [compiled, pytest.mark.filterwarnings("ignore:.*what chance alone gives")]


@numba.njit
def interaction(x, y, z):
    return fastinfo.interaction_information(x, y, z, (3, "mi", 4), base=2)


@numba.njit
def interaction_of_labels(x, y, z):
    return fastinfo.interaction_information(x, y, z)


@numba.njit
def transfer(source, target, history, source_history, lag, bins):
    return fastinfo.transfer_entropy(
        source, target, history, source_history, lag, bins=bins, base=2
    )


@pytest.mark.slow
def test_interaction_information(rng):
    x, y, z = rng.normal(size=(3, 500))
    wanted = fastinfo.interaction_information(x, y, z, bins=(3, "mi", 4), base=2)
    assert interaction(x, y, z) == pytest.approx(wanted, abs=1e-13)
    a, b = rng.integers(0, 2, (2, 400))
    found = interaction_of_labels(a, b, a ^ b)
    assert found == pytest.approx(fastinfo.interaction_information(a, b, a ^ b), abs=1e-13)
    assert found == pytest.approx(np.log(2), abs=0.02)
    x[4] = np.nan
    assert np.isnan(interaction(x, y, z))


@pytest.mark.slow
@pytest.mark.parametrize(
    "steps", [(1, 1, 1), (2, 3, 2), (0, 1, 0), (0, 2, 5), (12, 1, 1), (3, 1, 7)]
)
def test_transfer_entropy(steps, rng):
    source = rng.normal(size=300)
    target = np.roll(source, 1) + rng.normal(size=300)
    names = dict(zip(("history", "source_history", "lag"), steps, strict=True))
    for bins in (3, 8):
        wanted = fastinfo.transfer_entropy(source, target, bins=bins, base=2, **names)
        assert transfer(source, target, *steps, bins) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.slow
def test_transfer_entropy_of_labels(rng):
    source = rng.integers(-3, 2, 500)
    target = np.roll(source, 2)
    wanted = fastinfo.transfer_entropy(source, target, lag=2, base=2)
    assert transfer(source, target, 1, 1, 2, 4) == pytest.approx(wanted, abs=1e-12)


def test_samples_that_are_missing_or_wrong(rng):
    x, y = rng.normal(size=(2, 20))
    with pytest.raises(ValueError, match="more samples than the number of steps looked back"):
        transfer(x, y, 20, 1, 1, 3)
    with pytest.raises(ValueError, match="source_history at least 1"):
        transfer(x, y, 1, 0, 1, 3)
    with pytest.raises(ValueError, match="the same length"):
        transfer(x, y[1:], 1, 1, 1, 3)
    with pytest.raises(ValueError, match="at least one sample"):
        transfer(x[:0], y[:0], 1, 1, 1, 3)
    x[3] = np.nan
    assert np.isnan(transfer(x, y, 1, 1, 1, 3))


def test_what_only_python_takes(rng):
    x = rng.normal(size=20)
    with pytest.raises(TypingError, match="given"):
        numba.njit(lambda x: fastinfo.transfer_entropy(x, x, given=x))(x)
    with pytest.raises(TypingError, match="correction"):
        numba.njit(lambda x: fastinfo.interaction_information(x, x, x, correction=1.0))(x)
