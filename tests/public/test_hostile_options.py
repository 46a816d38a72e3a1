"""Hostile options of every public function: refused by name, before anything is computed.

A function or an option without a line in options.py fails.
"""

import inspect
import re
import signal

import pytest
from hostile import OwnError, run
from options import ARRAYS, CALLS, FACTORS, HOSTILE, WORDS, arguments_of, x, y

import fastinfo

#: Other words for it, which are the reference's or Python's.
SAID = {"sample_weight": re.compile("[Ss]ample.weight"), "other": re.compile("JointCounts|counts")}

OPTIONS = [
    (name, option)
    for name, call in CALLS.items()
    for option in inspect.signature(call).parameters
    if option not in ARRAYS
]


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLS)
def test_without_hostile_options_all_work(name):
    got = run(lambda: CALLS[name](**arguments_of(name)))
    assert not isinstance(got, Exception), got


@pytest.mark.slow
@pytest.mark.parametrize(("name", "option"), OPTIONS)
def test_hostile_options_are_refused_by_name(name, option):
    wrong = []
    values = HOSTILE[option]
    if option == "sample_weight" and "loss" in CALLS[name].__module__:
        values = FACTORS  # those take any number
    said = SAID.get(option, re.compile(option))
    if option == "strategy" and name in ("MutualInfoSelector.fit", "entropy_of_samples"):
        values = WORDS  # None is their default
    if (name, option) == ("strongest_pairs", "k"):
        values = [value for value in values if value is not None]  # which is all
    for value in values:
        arguments = arguments_of(name) | {option: value}
        try:
            got = run(lambda arguments=arguments: CALLS[name](**arguments))
        except (Exception, Warning) as error:
            wrong.append(f"{value!r:.40}: raised {type(error).__name__}: {error}")
            continue
        if not isinstance(got, Exception):
            wrong.append(f"{value!r:.40}: accepted, returned {got!r:.40}")
        elif not isinstance(got, OwnError) and not said.search(str(got)):
            wrong.append(f"{value!r:.40}: not named in {got!r:.90}")
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize("option", ["n_neighbors", "jitter", "random_state", "discrete", "base"])
@pytest.mark.parametrize("function", ["mutual_information", "conditional_mutual_information"])
def test_hostile_options_of_neighbors_are_refused_by_name(function, option):
    for value in HOSTILE[option]:
        options = {"jitter": 0.5, "estimator": "ksg", option: value}
        arguments = arguments_of(function) | options
        got = run(lambda arguments=arguments: CALLS[function](**arguments))
        assert isinstance(got, Exception), value
        assert isinstance(got, OwnError) or option in str(got) or "labels" in str(got), got


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer that interrupts")
def test_too_many_resamples_are_refused_at_once():
    """Not after lists of them have filled the memory: a timer stops it before they do."""

    def stop(*args):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        with pytest.raises((ValueError, MemoryError), match="n_resamples"):
            fastinfo.bootstrap_interval(x, y, n_resamples=2**70)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
