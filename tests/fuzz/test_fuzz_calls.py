"""Random public functions with odd arguments: an answer, or an error that says what is wrong."""

import inspect

import pytest
from fuzzing import fuzz, pick
from hostile import OwnError, run
from odd import odd, scalar
from options import ARRAYS, CALLS, HOSTILE, arguments_of

NAMES = sorted(set(CALLS) - {"JointCounts.from_dict"})  # of which test_fuzz_states.py is
PARAMETERS = {name: list(inspect.signature(CALLS[name]).parameters) for name in NAMES}


#: Options of which Python's truth is taken, and its error where there is none.
FLAGS = {"keepdims", "density", "positive", "progress", "return_grad", "return_hess"}
FLAGS |= {"return_sign"}
#: What errors name beside arguments; Python's of an object's own methods name those.
SUBJECTS = ["__", "column", "target", "counts", "levels", "labels", "samples", "range"]
LOANED = {"MutualInfoSelector.fit"}  # many of its errors are scikit-learn's


def drawn(rng, name, option, clean):
    """An odd value in an argument's place."""
    if (option in ARRAYS) != (rng.random() < 0.1):
        try:
            return odd(rng, clean)
        except Exception:  # the library of that object, or the object itself, will not have it
            return None
    values = HOSTILE.get(option) or [None]
    return pick(rng, values) if rng.random() < 0.2 else scalar(rng)


def one_round(rng):
    name = pick(rng, NAMES)
    arguments = arguments_of(name)
    spoiled = {}
    for option in rng.permutation(PARAMETERS[name])[: pick(rng, [1, 1, 1, 2, 3])]:
        spoiled[str(option)] = drawn(rng, name, option, arguments.get(option))
    call = f"{name}({', '.join(f'{k}={show(v)}' for k, v in spoiled.items())})"
    try:
        got = run(lambda: CALLS[name](**arguments | spoiled))
    except Exception as error:
        raise AssertionError(f"{call}: {type(error).__name__}: {error}") from error
    refused = isinstance(got, (TypeError, ValueError)) and not isinstance(got, OwnError)
    if refused and name not in LOANED and FLAGS.isdisjoint(spoiled):
        kinds = [type(value).__name__ for value in spoiled.values()]  # as Python's own errors do
        words = [*PARAMETERS[name], *SUBJECTS, *kinds]
        said = str(got).replace("Sample weights", "sample_weight")  # scikit-learn's words
        assert any(word in said for word in words), f"{call}: {got!r}"


def show(value):
    try:
        return f"<{type(value).__name__}> {value!r:.80}"
    except Exception:
        return f"<{type(value).__name__}>"


@pytest.mark.slow
def test_odd_arguments_are_answered_or_refused():
    fuzz(one_round, 3000)
