"""Threads: their number, the order of results, and what happens when something goes wrong.

What could hang runs with a time limit, and what ends an interpreter in a process of its own.
"""

import asyncio
import contextvars
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from helpers import needs_fork, run_python

import fastinfo
from fastinfo import get_num_threads, num_threads, set_num_threads
from fastinfo._core.threads import run_in_order, spans

VARIABLE = "FASTINFO_NUM_THREADS"
CPUS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
LIMIT = 30.0  # seconds after which something hangs


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """Neither a variable nor a number that was set, before and after."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr("fastinfo._core.threads._state.count", None)


def within_limit(function):
    """Call a function in a thread, in this context; what it returns or raises, unless it hangs."""
    outcome = []
    context = contextvars.copy_context()

    def target():
        try:
            outcome.append((context.run(function), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    thread.join(LIMIT)
    assert not thread.is_alive(), f"no end after {LIMIT} s"
    ((value, error),) = outcome
    if error is not None:
        raise error
    return value


def run_program(program, **environment):
    """What a program prints in an interpreter of its own, line by line."""
    done = run_python("-c", program, timeout=60, **environment)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout.split("\n")[:-1]


# The number of threads


def test_the_default_is_the_cpus_of_this_process():
    assert 1 <= get_num_threads() <= CPUS  # a control group may allow fewer


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system can't pin a process")
def test_the_default_follows_the_affinity():
    program = """if True:
        import os
        import fastinfo
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        print(fastinfo.get_num_threads())
    """
    assert run_program(program) == ["1"]


def test_set_num_threads():
    set_num_threads(5)
    assert get_num_threads() == 5
    set_num_threads(np.int64(3))
    assert get_num_threads() == 3
    assert type(get_num_threads()) is int


@pytest.mark.parametrize("text", ["3", " 3 ", "+3", "03"])
def test_the_environment_variable(monkeypatch, text):
    monkeypatch.setenv(VARIABLE, text)
    assert get_num_threads() == 3
    set_num_threads(4)
    assert get_num_threads() == 4  # what the program says comes first
    with num_threads(2):
        assert get_num_threads() == 2


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_environment_variable_is_none(monkeypatch, text):
    monkeypatch.setenv(VARIABLE, text)
    assert get_num_threads() == CPUS


@pytest.mark.parametrize("text", ["0", "-2", "two", "1.5", "2 4", "1e3"])
def test_a_bad_environment_variable(monkeypatch, text):
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(ValueError, match=f"{VARIABLE} must be an integer of at least 1") as info:
        get_num_threads()
    assert repr(text) in str(info.value)
    set_num_threads(2)
    assert get_num_threads() == 2


SHOW = """if True:
    import threading
    import numpy as np
    import fastinfo
    from fastinfo._core.threads import run_in_order
    try:
        print(fastinfo.get_num_threads())
        barrier = threading.Barrier(3)
        run_in_order(lambda _: barrier.wait(20), range(3))
        print("three at once")
    except ValueError as error:
        print(error)
    with fastinfo.num_threads(1):
        print(float(fastinfo.entropy([0.5, 0.5], base=2)))
"""


def test_the_variable_of_a_process():
    assert run_program(SHOW, **{VARIABLE: "3"}) == ["3", "three at once", "1.0"]


@pytest.mark.slow
def test_a_bad_variable_of_a_process():
    message, value = run_program(SHOW, **{VARIABLE: "many"})
    assert message.endswith(f"{VARIABLE} must be an integer of at least 1, got 'many'")
    assert value == "1.0"


BAD = [(0, ValueError), (-3, ValueError), (1.0, TypeError), ("2", TypeError), (None, TypeError)]


@pytest.mark.parametrize(("n", "error"), [*BAD, (True, ValueError), ([2], TypeError)])
def test_a_bad_number_changes_nothing(n, error):
    set_num_threads(3)
    with pytest.raises(error, match="n must be an integer of at least 1") as info:
        set_num_threads(n)
    assert repr(n) in str(info.value)
    with pytest.raises(error, match="n must be an integer of at least 1"), num_threads(n):
        pytest.fail("the block ran")
    assert get_num_threads() == 3


def test_blocks_nest_and_end():
    set_num_threads(6)
    with num_threads(2):
        assert get_num_threads() == 2
        with num_threads(4):
            assert get_num_threads() == 4
            set_num_threads(7)  # for the process: not for this block
            assert get_num_threads() == 4
        assert get_num_threads() == 2
        with pytest.raises(ZeroDivisionError), num_threads(5):
            raise ZeroDivisionError
        assert get_num_threads() == 2
    assert get_num_threads() == 7


def test_a_block_is_for_its_own_thread():
    set_num_threads(6)
    with ThreadPoolExecutor(1) as other:
        assert other.submit(get_num_threads).result(LIMIT) == 6  # and its thread is there
        with num_threads(2):
            assert other.submit(get_num_threads).result(LIMIT) == 6
        other.submit(set_num_threads, 5).result(LIMIT)
    assert get_num_threads() == 5  # for all threads


def test_a_thread_that_is_started_in_a_block_has_pythons_own_context():
    # Python 3.14 can let it inherit that of the block; free-threaded builds do.
    set_num_threads(6)
    inherits = getattr(sys.flags, "thread_inherit_context", False)
    with num_threads(2), ThreadPoolExecutor(1) as other:
        assert other.submit(get_num_threads).result(LIMIT) == (2 if inherits else 6)


@pytest.mark.slow
@pytest.mark.parametrize("inherits", ["0", "1"])
def test_helpers_have_the_callers_context_wherever_threads_get_theirs(inherits):
    program = """if True:
        import threading
        import fastinfo
        from fastinfo._core.threads import run_in_order
        barrier = threading.Barrier(3)
        def seen(_):
            barrier.wait(20)
            return fastinfo.get_num_threads()
        with fastinfo.num_threads(4):  # in which the threads of the pool are started
            print(run_in_order(seen, range(3)))
        with fastinfo.num_threads(3):
            print(run_in_order(seen, range(3)))
    """
    found = run_program(program, PYTHON_THREAD_INHERIT_CONTEXT=inherits)
    assert found == ["[4, 4, 4]", "[3, 3, 3]"]


def test_a_block_is_for_its_own_task():
    async def user(n, entered, other):
        with num_threads(n):
            entered.set()
            await other.wait()
            return get_num_threads()

    async def both():
        first, second = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(user(2, first, second), user(5, second, first))

    assert asyncio.run(both()) == [2, 5]


# The pieces


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 16, 1000])
@pytest.mark.parametrize("size", [1, 8])
def test_spans_cover_a_range_in_order(n, size):
    pieces = spans(n, size)
    assert [i for start, stop in pieces for i in range(start, stop)] == list(range(n))
    assert all(0 < stop - start <= size for start, stop in pieces)
    assert all(stop - start == size for start, stop in pieces[:-1])


def test_results_are_in_order(threads):
    def slow_at_first(i):
        time.sleep(0.002 * (20 - i) / 20)
        return i * i

    assert within_limit(lambda: run_in_order(slow_at_first, range(20))) == [
        i * i for i in range(20)
    ]


@pytest.mark.parametrize("pieces", [[], ["a"], ["a", "b"], [None, None, None]])
def test_few_pieces(threads, pieces):
    assert run_in_order(lambda piece: piece, pieces) == pieces


def test_each_piece_is_taken_once(threads):
    calls = []
    lock = threading.Lock()

    def note(i):
        with lock:
            calls.append(i)

    run_in_order(note, range(500))
    assert sorted(calls) == list(range(500))


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_so_many_at_once(threads):
    barrier = threading.Barrier(threads)
    with num_threads(threads):
        found = run_in_order(
            lambda _: barrier.wait(LIMIT) * 0 + threading.get_ident(), range(threads)
        )
    assert len(set(found)) == threads
    assert threading.get_ident() in found  # the caller works too


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_no_more_at_once(threads):
    running, most = 0, 0
    lock = threading.Lock()

    def piece(_):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.001)
        with lock:
            running -= 1

    with num_threads(7):  # a pool of more threads is there already
        run_in_order(lambda _: time.sleep(0.001), range(14))
    with num_threads(threads):
        run_in_order(piece, range(40))
    assert most == threads


def test_one_thread_is_the_callers():
    with num_threads(1):
        found = run_in_order(lambda _: threading.get_ident(), range(20))
    assert set(found) == {threading.get_ident()}


def test_the_pool_grows_and_shrinks_with_the_number():
    for threads in (2, 6, 3, 8, 1, 4):
        barrier = threading.Barrier(threads)
        with num_threads(threads):
            run_in_order(lambda _, b=barrier: b.wait(LIMIT), range(threads))


def test_the_context_is_the_callers_in_every_thread():
    def piece(_):
        time.sleep(0.001)
        return np.geterr()["divide"], get_num_threads()

    with num_threads(3), np.errstate(divide="raise"):
        assert set(run_in_order(piece, range(30))) == {("raise", 3)}


def test_progress_is_told_in_the_callers_thread(threads):
    told = []

    def done(count):
        told.append((count, threading.get_ident()))

    def piece(i):
        time.sleep(0.001)
        return i

    assert run_in_order(piece, range(30), done=done) == list(range(30))
    counts = [count for count, _ in told]
    assert counts == sorted(counts)
    assert len(set(counts)) == len(counts)
    assert {thread for _, thread in told} == {threading.get_ident()}


def test_progress_ends_with_all_the_pieces():
    # Also where a helper has the last piece: a bar that stops short looks like a failure.
    told = []
    caller = threading.get_ident()
    helping = threading.Event()

    def piece(_):
        if threading.get_ident() == caller:
            assert helping.wait(LIMIT)
        else:
            helping.set()
            time.sleep(0.1)

    with num_threads(2):
        run_in_order(piece, range(2), done=told.append)
    assert told[-1] == 2


# Failures


class PieceError(Exception):
    pass


@pytest.mark.parametrize("bad", [0, 7, 19])
def test_an_exception_of_a_piece(threads, bad):
    def piece(i):
        if i == bad:
            raise PieceError(i)
        return i

    with pytest.raises(PieceError, match=f"^{bad}$"):
        within_limit(lambda: run_in_order(piece, range(20)))
    barrier = threading.Barrier(threads)  # every thread of the pool still works
    run_in_order(lambda _: barrier.wait(LIMIT), range(threads))


def test_an_exception_of_a_helper():
    caller = threading.get_ident()
    failed = threading.Event()

    def piece(_):
        if threading.get_ident() != caller:
            failed.set()
            raise PieceError
        assert failed.wait(LIMIT)

    with num_threads(2), pytest.raises(PieceError):
        run_in_order(piece, range(10))
    with num_threads(2):
        assert run_in_order(str, range(10)) == list("0123456789")


def test_the_first_exception_is_raised(threads):
    barrier = threading.Barrier(threads)

    def piece(i):
        barrier.wait(LIMIT)
        time.sleep(0.02 * (threads - i))  # the last piece fails first
        raise PieceError(i)

    with pytest.raises(PieceError, match=r"^0$"):
        within_limit(lambda: run_in_order(piece, range(threads)))


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_exceptions_that_are_no_errors(threads, error):
    def piece(i):
        if i == 3:
            raise error
        return i

    with pytest.raises(error):
        run_in_order(piece, range(10))
    assert run_in_order(str, range(3)) == ["0", "1", "2"]


def test_nothing_runs_once_the_exception_is_here():
    running = 0
    lock = threading.Lock()
    caller = threading.get_ident()
    everywhere = threading.Barrier(3)

    def piece(i):
        nonlocal running
        with lock:
            running += 1
        if i < 3:
            everywhere.wait(LIMIT)
        try:
            if threading.get_ident() == caller:
                raise PieceError
            time.sleep(0.1)
        finally:
            with lock:
                running -= 1

    with num_threads(3), pytest.raises(PieceError):
        run_in_order(piece, range(30))
    assert running == 0


def test_no_piece_starts_after_a_failure(threads):
    started = []

    def piece(i):
        started.append(i)
        if i == 0:
            raise PieceError
        time.sleep(0.05)

    with pytest.raises(PieceError):
        run_in_order(piece, range(100))
    assert len(started) <= 2 * threads


def test_an_exception_of_the_progress_report(threads):
    def done(_):
        raise PieceError

    with pytest.raises(PieceError):
        within_limit(lambda: run_in_order(str, range(20), done=done))
    assert run_in_order(str, range(3)) == ["0", "1", "2"]


# Many callers, and calls within calls


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_calls_within_calls(threads):
    def inner(i):
        return sum(run_in_order(lambda j: i * j, range(5)))

    def outer(i):
        return sum(run_in_order(inner, range(i, i + 4)))

    expected = [sum(k * j for k in range(i, i + 4) for j in range(5)) for i in range(30)]

    with num_threads(threads):
        assert within_limit(lambda: run_in_order(outer, range(30))) == expected


def test_many_callers_at_once():
    def caller(seed):
        threads = seed % 4 + 1
        with num_threads(threads):
            for _ in range(20):
                found = run_in_order(lambda i: i + seed, range(12))
                assert found == [i + seed for i in range(12)]
        return seed

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(caller, range(40), timeout=LIMIT)) == list(range(40))


def test_many_callers_of_a_measure(rng):
    data = rng.random((4, 600_000))
    with num_threads(1):
        expected = [fastinfo.entropy(p) for p in data]

    def caller(i):
        with num_threads(i % 3 + 1):
            return fastinfo.entropy(data[i % 4])

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(caller, range(32), timeout=LIMIT))
    assert found == expected * 8


@pytest.mark.slow
def test_first_use_in_many_threads():
    # Compiling, the cache and the pool, all of it for the first time and at once.
    program = """if True:
        import threading
        import numpy as np
        import fastinfo
        data = np.random.default_rng(1).random(600_000)
        barrier = threading.Barrier(6)
        found = []
        def user(threads):
            barrier.wait()
            with fastinfo.num_threads(threads):
                found.append(fastinfo.entropy(data))
        users = [threading.Thread(target=user, args=(i % 3 + 1,)) for i in range(6)]
        for user in users: user.start()
        for user in users: user.join()
        print(len(found), len(set(found)))
    """
    assert run_program(program) == ["6 1"]


# Fork, exit, Ctrl-C

FORK = """if True:
    import os, signal, sys, threading, time, warnings
    import numpy as np
    import fastinfo
    from fastinfo._core.threads import run_in_order
    warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads
    data = np.random.default_rng(1).random(1_000_000)

    def child_says(function):
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            signal.alarm(60)  # ends the child where it hangs
            try:
                os.write(write, repr(function()).encode())
            except BaseException as error:
                os.write(write, repr(error).encode())
            os._exit(0)
        os.close(write)
        answer = b""
        while part := os.read(read, 1000):
            answer += part
        os.close(read)
        _, status = os.waitpid(pid, 0)
        return answer.decode() if status == 0 else f"status {status}"

    def at_once(threads=3):
        barrier = threading.Barrier(threads)
        with fastinfo.num_threads(threads):
            run_in_order(lambda _: barrier.wait(20), range(threads))
        return threads
"""


@pytest.mark.slow
@needs_fork
def test_use_after_a_fork():
    program = (
        FORK
        + """
    with fastinfo.num_threads(3):
        expected = fastinfo.entropy(data)
        at_once()
        print(child_says(lambda: fastinfo.entropy(data)) == repr(expected))
        print(child_says(at_once))
        print(child_says(lambda: child_says(at_once)))  # a grandchild
        print(fastinfo.entropy(data) == expected, at_once())  # and the parent goes on
        # What was not compiled before the fork:
        print(child_says(lambda: bool(fastinfo.cross_entropy(data, data) > 13)))
    """
    )
    assert run_program(program) == ["True", "3", "'3'", "True 3", "True"]


@pytest.mark.slow
@needs_fork
def test_fork_while_other_threads_work():
    program = (
        FORK
        + """
    stop = threading.Event()
    def work():
        while not stop.is_set():
            with fastinfo.num_threads(2):
                fastinfo.entropy(data[:600_000])
    fastinfo.entropy(data)
    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers: worker.start()
    answers = {child_says(at_once) for _ in range(15)}
    stop.set()
    for worker in workers: worker.join()
    print(answers, at_once())
    """
    )
    assert run_program(program) == ["{'3'} 3"]


@pytest.mark.slow
@needs_fork
def test_fork_while_another_thread_compiles():
    program = (
        FORK
        + """
    import numba
    compiling = threading.Event()
    def work():
        compiling.set()
        for _ in range(4):
            numba.njit(lambda x: np.sort(x) + x.sum())(data[:4])
    worker = threading.Thread(target=work)
    worker.start()
    compiling.wait()
    answers = set()
    while worker.is_alive():
        time.sleep(0.05)
        answers.add(child_says(lambda: int(numba.njit(lambda x: x + 1)(1))))
    worker.join()
    print(answers)
    """
    )
    assert run_program(program) == ["{'2'}"]


@pytest.mark.slow
@needs_fork
def test_fork_within_a_piece():
    program = (
        FORK
        + """
    def piece(_):
        return child_says(lambda: sum(run_in_order(int, range(10))))
    with fastinfo.num_threads(2):
        print(set(run_in_order(piece, range(6))), at_once())
    """
    )
    assert run_program(program) == ["{'45'} 3"]


EXIT = """if True:
    import atexit, threading, time
    import numpy as np
    import fastinfo
    from fastinfo._core.threads import run_in_order
    data = np.random.default_rng(1).random(1_000_000)
    fastinfo.set_num_threads(3)

    def report(expected):
        found = run_in_order(lambda i: i, range(8))
        print(fastinfo.entropy(data) == expected, found == list(range(8)), flush=True)
"""


@pytest.mark.slow
def test_work_at_the_exit_of_the_interpreter():
    program = EXIT + "    atexit.register(report, fastinfo.entropy(data))\n"
    assert run_program(program) == ["True True"]


@pytest.mark.slow
def test_the_first_work_at_the_exit_of_the_interpreter():
    program = EXIT + (
        "    with fastinfo.num_threads(1): expected = fastinfo.entropy(data)\n"
        "    atexit.register(report, expected)\n"
    )
    assert run_program(program) == ["True True"]


@pytest.mark.slow
def test_work_in_a_thread_that_outlives_the_main_one():
    program = EXIT + (
        "    expected = fastinfo.entropy(data)\n"
        "    def later():\n"
        "        threading.main_thread().join()\n"
        "        time.sleep(0.1)\n"
        "        report(expected)\n"
        "    threading.Thread(target=later).start()\n"
    )
    assert run_program(program) == ["True True"]


@pytest.mark.slow
def test_the_interpreter_ends_while_helpers_wait():
    program = EXIT + "    print(fastinfo.entropy(data) > 13)\n"
    start = time.monotonic()
    assert run_program(program) == ["True"]
    assert time.monotonic() - start < LIMIT


INTERRUPT = """if True:
    import signal, threading, time
    import numpy as np
    import fastinfo
    from fastinfo._core.threads import run_in_order

    def handler(number, frame):
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, handler)
    state = {"running": 0, "started": 0}
    lock = threading.Lock()

    def piece(i):
        with lock:
            state["running"] += 1
            state["started"] += 1
        try:
            time.sleep(0.05)
        finally:
            with lock:
                state["running"] -= 1

    def usable():
        barrier = threading.Barrier(3)
        run_in_order(lambda _: barrier.wait(20), range(3))
        return run_in_order(lambda i: i, range(8)) == list(range(8))

    fastinfo.set_num_threads(3)
"""

needs_timer = pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="the system has no interval timer"
)


@pytest.mark.slow
@needs_timer
def test_an_interrupt_ends_the_work_and_leaves_the_library_usable():
    program = (
        INTERRUPT
        + """
    for delay in (0.01, 0.07, 0.12):
        state["started"] = 0
        try:
            signal.setitimer(signal.ITIMER_REAL, delay)
            run_in_order(piece, range(1000))
        except KeyboardInterrupt:
            print("interrupted", state["running"], state["started"] < 30, usable())
    """
    )
    assert run_program(program) == ["interrupted 0 True True"] * 3


@pytest.mark.slow
@needs_timer
def test_an_interrupt_while_the_caller_waits_for_a_helper():
    program = (
        INTERRUPT
        + """
    main = threading.get_ident()
    ready = threading.Barrier(3)
    def slow_helpers(i):
        ready.wait(20)
        if threading.get_ident() != main:
            with lock: state["running"] += 1
            time.sleep(0.4)
            with lock: state["running"] -= 1
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        run_in_order(slow_helpers, range(3))
    except KeyboardInterrupt:
        print("interrupted", state["running"], usable())
    """
    )
    assert run_program(program) == ["interrupted 0 True"]


@pytest.mark.slow
@needs_timer
def test_interrupts_of_a_measure():
    program = (
        INTERRUPT
        + """
    data = np.random.default_rng(1).random(3_000_000)
    expected = fastinfo.entropy(data)
    start = time.perf_counter()
    fastinfo.entropy(data)
    took = time.perf_counter() - start
    interrupts = 0
    for attempt in range(40):
        try:
            signal.setitimer(signal.ITIMER_REAL, max(took, 0.002) * (0.1 + attempt / 40))
            while True:
                assert fastinfo.entropy(data) == expected
        except KeyboardInterrupt:
            interrupts += 1
        assert fastinfo.entropy(data) == expected
    print(interrupts, usable())
    """
    )
    assert run_program(program) == ["40 True"]


# An interrupt comes between two instructions: where a function is called, or one in C returns. A
# profiler sees the same places, so that each of them can have its turn.
EACH_PLACE = (
    FORK
    + """
    import itertools
    fastinfo.set_num_threads(3)
    main = threading.get_ident()
    lock = threading.Lock()
    running = 0

    def piece(i):
        global running
        if threading.get_ident() == main:
            time.sleep(0.001)
        else:
            with lock: running += 1
            time.sleep(0.003)
            with lock: running -= 1
        return i

    def usable():
        barrier = threading.Barrier(3)
        run_in_order(lambda _: barrier.wait(1), range(3))
        return run_in_order(lambda i: i, range(6)) == list(range(6))

    def interrupted_at(place, warm):
        if warm:
            usable()
        count, here = itertools.count(), None
        def profile(frame, event, arg):
            nonlocal here
            if event in ("call", "c_return") and next(count) == place:
                sys.setprofile(None)
                code = frame.f_code
                here = f"{event} {os.path.basename(code.co_filename)}:{code.co_name}"
                raise KeyboardInterrupt
        def late(number, frame):
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(2)
            raise TimeoutError(here)
        signal.signal(signal.SIGALRM, late)
        signal.alarm(2)
        sys.setprofile(profile)
        try:
            outcome = run_in_order(piece, range(8)) == list(range(8))
        except KeyboardInterrupt:
            outcome = True
        except BaseException as error:
            outcome = repr(error)
        sys.setprofile(None)
        return here, outcome, running, usable()

    faults = 0
    for place in itertools.count():
        answer = child_says(lambda: interrupted_at(place, WARM))
        if answer.startswith("(None"):
            break
        if not answer.endswith(", True, 0, True)"):
            print(place, answer)
            faults += 1
            if faults == 3:
                break
    print("places", place > 20)
    """
)


@pytest.mark.slow
@needs_fork
@pytest.mark.parametrize("warm", [True, False], ids=["a pool that is there", "a new pool"])
def test_an_interrupt_at_each_place(warm):
    # Correct or interrupted, nothing left running, and usable afterwards.
    assert run_program(EACH_PLACE.replace("WARM", str(warm))) == ["places True"]


@pytest.mark.slow
def test_no_piece_is_lost_where_no_thread_can_be_started():
    # One helper, which two callers want; of the others none starts (a limit of the system).
    program = """if True:
        import threading, time
        import fastinfo
        from fastinfo._core.threads import run_in_order

        main = threading.get_ident()
        first_runs, end_of_first, helped = (threading.Event() for _ in range(3))

        def first(i):
            first_runs.set()
            end_of_first.wait(20)
            return i

        def second(i):
            if threading.get_ident() == main:
                end_of_first.set()
                helped.wait(1)
            else:
                helped.set()
                time.sleep(0.3)
            return i

        def call_first():
            with fastinfo.num_threads(3):
                found.extend(run_in_order(first, range(4)))

        found = []
        caller = threading.Thread(target=call_first)
        start, left = threading.Thread.start, 1

        def limited(thread):
            global left
            if thread is not caller:
                if not left:
                    raise RuntimeError("can't start new thread")
                left -= 1
            start(thread)

        threading.Thread.start = limited
        caller.start()
        first_runs.wait(20)
        with fastinfo.num_threads(3):
            also_found = run_in_order(second, range(2))
        caller.join()
        print(found, also_found)
    """
    assert run_program(program) == ["[0, 1, 2, 3] [0, 1]"]


# Signal handlers that raise whatever they like, before any bytecode of the module: a tracer sees
# each of them, and so more places than those where Python looks for signals.
EACH_BYTECODE = """if True:
    import dis, faulthandler, itertools, sys, threading, time
    import fastinfo
    from fastinfo._core import threads
    from fastinfo._core.threads import run_in_order

    faulthandler.dump_traceback_later(90, exit=True)
    fastinfo.set_num_threads(3)
    main = threading.get_ident()
    lock = threading.Lock()
    running = 0

    class Custom(BaseException):
        pass

    KINDS = KeyboardInterrupt, SystemExit, TimeoutError, Custom
    NOP = dis.opmap["NOP"]  # of which no handler of exceptions takes notice: nothing raises there

    def piece(i):
        global running
        if threading.get_ident() == main:
            time.sleep(0.0003)
        else:
            with lock: running += 1
            time.sleep(0.001)
            with lock: running -= 1
        return i

    def usable():
        barrier = threading.Barrier(3)
        run_in_order(lambda _: barrier.wait(5), range(3))
        return run_in_order(piece, range(6)) == list(range(6))

    def raised_before(place):
        count, hit = itertools.count(), False
        def local(frame, event, argument):
            nonlocal hit
            if event == "opcode" and frame.f_code.co_code[frame.f_lasti] != NOP:
                if next(count) == place:
                    hit = True
                    raise KINDS[place % 4]
            return local
        def trace(frame, event, argument):
            if frame.f_code.co_filename == threads.__file__:
                frame.f_trace = local  # Python 3.13 traces opcodes of frames that have one
                frame.f_trace_opcodes = True
                return local
        outcome = None
        sys.settrace(trace)
        try:
            run_in_order(piece, range(4))
        except KINDS as error:
            outcome = type(error)
        finally:
            sys.settrace(None)
        return hit, outcome is (KINDS[place % 4] if hit else None) and running == 0

    assert usable()
    for place in itertools.count():
        hit, right = raised_before(place)
        if not (right and usable()):
            print("place", place, hit, right, running)
        if not hit:
            break
    print("places", place > 200)
"""


@pytest.mark.slow
def test_what_a_signal_handler_raises_leaves_no_helper_at_work():
    assert run_program(EACH_BYTECODE) == ["places True"]


@pytest.mark.slow
def test_storms_of_signals_leave_no_helper_at_work():
    # Each wait is cut short by the next signal, but for the last one.
    program = (
        INTERRUPT
        + """
    def storm(number, frame):
        if armed: raise KeyboardInterrupt
    signal.signal(signal.SIGALRM, storm)
    left = 0
    for attempt in range(60):
        armed = True
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.001 + attempt * 1e-5, 0.0002)
            run_in_order(lambda i: time.sleep(0.002) if attempt % 2 else piece(i), range(30))
        except KeyboardInterrupt:
            armed = False
            left += state["running"]
    armed = False
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(left, usable())
    """
    )
    assert run_program(program) == ["0 True"]


def test_what_ends_the_program_comes_before_what_a_piece_raised(threads):
    both = threading.Barrier(2)
    caller = threading.get_ident()

    def piece(i):
        if i > 1:
            return
        both.wait(LIMIT)
        raise SystemExit if threading.get_ident() == caller else ValueError

    with num_threads(2), pytest.raises(SystemExit):
        run_in_order(piece, range(2))
