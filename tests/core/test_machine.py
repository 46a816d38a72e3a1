"""The CPUs that a process may use, by the control groups of containers."""

from __future__ import annotations

import os

import pytest

from fastinfo import get_num_threads
from fastinfo._core import cpus, threads


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
    assert cpus.group_limit(groups, tmp_path) == limit


def test_the_limit_bounds_the_threads(monkeypatch):
    monkeypatch.delenv("FASTINFO_NUM_THREADS", raising=False)
    monkeypatch.setattr(threads._state, "count", None)
    monkeypatch.setattr(cpus, "_group_limit", lambda: 1)
    assert get_num_threads() == 1
    monkeypatch.setattr(cpus, "_group_limit", lambda: 10**6)
    assert get_num_threads() == len(
        os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count())
    )
