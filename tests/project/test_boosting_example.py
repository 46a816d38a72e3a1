"""The example of a boosting objective trains to the loss of the built-in one."""

from __future__ import annotations

import runpy

import pytest
from helpers import ROOT

pytest.importorskip("lightgbm")

EXAMPLE = ROOT / "examples" / "boosting_objective.py"


@pytest.mark.filterwarnings("ignore")
def test_same_loss_as_the_built_in_objective():
    built_in, custom = runpy.run_path(str(EXAMPLE))["train"]()
    assert custom == pytest.approx(built_in, rel=1e-3)
