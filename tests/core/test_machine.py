"""The CPUs and the memory that a process may use, by the control groups of containers."""

from __future__ import annotations

import os
import sys

import pytest
from helpers import printed

from fastinfo import get_num_threads
from fastinfo._core import machine, threads


@pytest.mark.parametrize(
    ("groups", "files", "limit"),
    [
        ("0::/", {}, None),
        ("0::/", {"cpu.max": "max 100000\n"}, None),
        ("0::/", {"cpu.max": "200000 100000\n"}, 2),
        ("0::/", {"cpu.max": "150000 100000\n"}, 2),
        ("0::/", {"cpu.max": "5000 100000\n"}, 1),
        ("0::/a/b", {"a/b/cpu.max": "max 100000", "a/cpu.max": "300000 100000"}, 3),
        ("0::/outer/name", {"cpu.max": "400000 100000"}, 4),
        ("0::/", {"cpu.max": "no numbers"}, None),
        ("0::/", {"cpu.max": "100000 0"}, None),
        (
            "4:memory:/m\n3:cpu,cpuacct:/c\n0::/",
            {
                "cpu,cpuacct/c/cpu.cfs_quota_us": "250000",
                "cpu,cpuacct/c/cpu.cfs_period_us": "100000",
                "memory/m/cpu.max": "100000 100000",
            },
            3,
        ),
        ("1:cpu:/", {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, None),
        ("nonsense", {}, None),
        ("", {}, None),
    ],
)
def test_the_limit_of_a_group(groups, files, limit, tmp_path):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert machine.cpus_of_groups(groups, tmp_path) == limit


def test_the_limit_bounds_the_threads(monkeypatch):
    monkeypatch.delenv("FASTINFO_NUM_THREADS", raising=False)
    monkeypatch.setattr(threads._state, "count", None)
    monkeypatch.setattr(machine, "_cpus_of_groups", lambda: 1)
    assert get_num_threads() == 1
    monkeypatch.setattr(machine, "_cpus_of_groups", lambda: 10**6)
    assert get_num_threads() == len(
        os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count())
    )


# Memory

MIB = 1 << 20
MEMINFO = f"MemTotal: {999 << 20} kB\nMemAvailable:   {1 << 20} kB\nHugePages_Total: 0\n"


def free(tmp_path, groups, files, meminfo=MEMINFO, pages=100):
    """Free memory of a machine that has these files."""
    own = {"meminfo": meminfo, "self/cgroup": groups}
    own["self/statm"] = f"{pages} 50 20 1 0 30 0"
    for folder, texts in (("proc", own), ("groups", files)):
        for name, text in texts.items():
            (tmp_path / folder / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / name).write_text(text)
    return machine.free_memory(tmp_path / "proc", tmp_path / "groups")


def v2(group, limit, used, cached=0, high="max"):
    """The files of a control group of version 2."""
    stat = f"anon 77\nfile 99\ninactive_file {cached // 2}\nactive_file {cached - cached // 2}\n"
    files = {"memory.max": limit, "memory.high": high, "memory.current": used, "memory.stat": stat}
    return {f"{group}{name}": f"{text}\n" for name, text in files.items()}


def v1(group, limit, used, cached=0):
    """The files of one of version 1."""
    stat = f"cache 5\ninactive_file 0\ntotal_inactive_file {cached}\ntotal_active_file 0\n"
    files = {"limit_in_bytes": limit, "usage_in_bytes": used, "stat": stat}
    return {f"memory/{group}memory.{name}": f"{text}\n" for name, text in files.items()}


@pytest.mark.parametrize(
    ("groups", "files", "left"),
    [
        ("0::/", {}, 1024),
        ("", {}, 1024),
        ("nonsense", {}, 1024),
        ("0::/", v2("", "max", 900 * MIB), 1024),
        ("0::/", v2("", 500 * MIB, 100 * MIB), 400),
        ("0::/", v2("", 500 * MIB, 400 * MIB, cached=300 * MIB), 400),
        ("0::/", v2("", "max", 100 * MIB, high=300 * MIB), 200),
        ("0::/", v2("", 500 * MIB, 100 * MIB, high=300 * MIB), 200),
        ("0::/", v2("", 50 * MIB, 100 * MIB), 0),
        ("0::/", v2("", 10**15, 100), 1024),
        ("0::/a/b", v2("a/b/", 500 * MIB, 100 * MIB) | v2("a/", 600 * MIB, 550 * MIB), 50),
        ("0::/a/b", v2("a/b/", "max", 100 * MIB) | v2("a/", 600 * MIB, 200 * MIB), 400),
        ("0::/outer/name", v2("", 300 * MIB, 100 * MIB), 200),
        ("0::/", {"memory.max": "no number", "memory.current": "3", "memory.stat": ""}, 1024),
        ("0::/", {"memory.max": "1000000"}, 1024),
        ("4:memory:/m\n0::/", v1("m/", 500 * MIB, 200 * MIB, cached=100 * MIB), 400),
        ("4:memory:/m\n0::/", v1("", 9223372036854771712, 200 * MIB), 1024),
        ("4:memory:/outer", v1("", 300 * MIB, 200 * MIB), 100),
        ("4:cpu:/m", v1("m/", 500 * MIB, 200 * MIB), 1024),
    ],
)
def test_free_memory_is_what_groups_leave(groups, files, left, tmp_path):
    machine._limits_of_memory.cache_clear()
    assert free(tmp_path, groups, files) == left * MIB


def test_free_memory_without_proc_is_half_of_the_machine(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "_whole_memory", lambda: 64 * MIB)
    assert machine.free_memory(tmp_path, tmp_path) == 32 * MIB
    assert free(tmp_path, "0::/", {}, meminfo="MemFree: 3 kB\n") == 32 * MIB


def test_a_system_that_does_not_tell_its_memory(monkeypatch):
    monkeypatch.delattr(os, "sysconf", raising=False)
    assert machine._whole_memory() == 1 << 36


@pytest.mark.skipif(machine.resource is None, reason="no limits of addresses")
def test_free_memory_is_what_the_limit_of_addresses_leaves(tmp_path, monkeypatch):
    page = machine.resource.getpagesize()
    limit = 200 * MIB
    monkeypatch.setattr(machine.resource, "getrlimit", lambda which: (limit, limit))
    assert free(tmp_path, "0::/", {}, pages=100 * MIB // page) == 100 * MIB


def test_free_memory_of_this_machine():
    assert 0 < machine.free_memory() < 1 << 50


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="no limit of addresses")
def test_past_the_limit_of_addresses_a_call_is_refused_and_the_process_lives_on():
    program = """
import resource
import numpy as np, fastinfo
from fastinfo import JointCounts
from fastinfo.streaming import PairCounts
x = np.arange(1000.0)
fastinfo.mutual_information(x, x)
pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + (512 << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
for call in (
    lambda: fastinfo.mutual_information(x, x, bins=8000),
    lambda: fastinfo.histogram2d(x, x, bins=8000),
    lambda: fastinfo.mutual_information_matrix(np.ones((1, 1), np.uint8).repeat(9000, axis=1)),
    lambda: PairCounts(list(map(str, range(2000)))),
):
    try:
        call()
    except ValueError as error:
        print(" ".join(str(error).split()[:5]), "bytes of memory" in str(error))
print(fastinfo.mutual_information(x, x, bins=10) > 2.0)
"""
    assert printed("-c", program) == [
        "a table of 8000 by True",
        "a table of 8000 by True",
        "a matrix of 9000 by True",
        "the tables of all pairs True",
        "True",
    ]
