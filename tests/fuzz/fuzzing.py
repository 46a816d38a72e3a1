"""What the fuzzers share: seeded rounds, bounded by their number or by time, and one report.

Each round has random numbers of its own, so that one alone can be run again.
"""

import itertools
import os
import signal
import time
import traceback
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from helpers import quiet

#: How long each fuzzer runs; without, for as many rounds as its test says.
SECONDS = float(os.environ.get("FASTINFO_FUZZ_SECONDS", "0"))
#: Another seed has other rounds.
SEED = int(os.environ.get("FASTINFO_FUZZ_SEED", "0"))
#: The one round to run.
ONLY = os.environ.get("FASTINFO_FUZZ_ROUND")

#: Seconds that no round needs, compilation included.
LONGEST = 60.0
_MOST_SHOWN = 30


def _numbers(n):
    if ONLY is not None:
        yield int(ONLY)
        return
    end = time.monotonic() + SECONDS
    for i in itertools.count():
        if (time.monotonic() > end) if SECONDS else (i >= n):
            return
        yield i


@contextmanager
def at_most(seconds):
    """Raise in what takes longer, where the system has timers."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*args):
        raise TimeoutError(f"longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def fuzz(one_round, n):
    """Call `one_round` with the random numbers of each round; fail with what was raised in any."""
    failed, rounds = {}, 0
    for i in _numbers(n):
        rounds += 1
        try:
            with at_most(LONGEST):
                one_round(np.random.default_rng([SEED, i]))
        except Exception as error:
            failed.setdefault(_place(error), []).append((i, error))
    print(f"{rounds} rounds, {sum(map(len, failed.values()))} failed")
    if failed:
        lines = [f"FASTINFO_FUZZ_SEED={SEED}, {len(failed)} kinds of failures in {rounds} rounds:"]
        for place, found in itertools.islice(failed.items(), _MOST_SHOWN):
            i, error = found[0]
            said = f"{type(error).__name__}: {error}"
            lines.append(f"FASTINFO_FUZZ_ROUND={i} ({len(found)} such) at {place}: {said:.500}")
        pytest.fail("\n".join(lines), pytrace=False)


def _place(error):
    """Where an error, or the one that it is about, arose within the library."""
    error = error.__cause__ or error
    frames = traceback.extract_tb(error.__traceback__)
    within = [f for f in frames if "fastinfo" in Path(f.filename).parts] or frames
    ours = [f for f in within if f"{os.sep}tests{os.sep}" not in f.filename] or within
    last = ours[-1]
    return f"{Path(last.filename).name}:{last.lineno} ({type(error).__name__})"


def answer(function, *arguments, **options):
    """What a function returns; None where it says what is wrong with its arguments."""
    try:
        return quiet(function, *arguments, **options)
    except (TypeError, ValueError) as error:
        if not str(error):
            raise
        return None


def pick(rng, options):
    """One of a sequence."""
    return options[int(rng.integers(len(options)))]
