"""CPUs and memory that this process may use, within the limits of containers."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_PROCESSES = Path("/proc")
_GROUPS = Path("/sys/fs/cgroup")
_UNKNOWN = 1 << 36  # bytes of memory, if the machine does not say

#: Files of a control group's memory limit and use, in versions 2 and 1.
_LIMITS = {
    "memory.max": "memory.current",
    "memory.high": "memory.current",
    "memory.limit_in_bytes": "memory.usage_in_bytes",
}
_NO_LIMIT = 1 << 60  # version 1 has a number above this if there is no limit

#: Pages of files in the memory that is in use, which the system releases when needed.
_GIVEN_BACK = ("inactive_file", "active_file"), ("total_inactive_file", "total_active_file")


def usable_cpus() -> int:
    """Return the number of CPUs that this process may use, at least 1."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    limit = _cpus_of_groups()
    return count if limit is None else max(1, min(count, limit))


@functools.cache
def _cpus_of_groups() -> int | None:
    try:
        return cpus_of_groups((_PROCESSES / "self" / "cgroup").read_text(), _GROUPS)
    except OSError:  # not Linux
        return None


def cpus_of_groups(groups: str, root: Path) -> int | None:
    """
    The CPU limit of control groups (containers), rounded up; None if there is none.

    `groups` is the text of ``/proc/self/cgroup``, and `root` is where the groups are mounted.
    """
    limits = [limit for group in _groups(groups, root, "cpu") if (limit := _cpus_of(group))]
    return math.ceil(min(limits)) if limits else None


def _groups(groups: str, root: Path, controller: str) -> Iterator[Path]:
    """
    Directories with a controller's limits: the process's own groups and their parents.

    A container may see its own group at the root, whatever its name is outside.
    """
    for line in groups.splitlines():
        _, controllers, name = [*line.split(":", 2), "", ""][:3]
        if controllers and controller not in controllers.split(","):
            continue
        path = PurePosixPath(name.lstrip("/"))
        for parent in (path, *path.parents):
            for mount in (controllers, controller) if controllers else ("", "unified"):
                yield root / mount / parent


def _cpus_of(group: Path) -> float | None:
    """CPU limit of one group, in either version of control groups."""
    try:
        if (group / "cpu.max").exists():
            quota, period = (group / "cpu.max").read_text().split()
        else:
            quota = (group / "cpu.cfs_quota_us").read_text()
            period = (group / "cpu.cfs_period_us").read_text()
        limit = int(quota) / int(period)  # "max" is no number
    except (OSError, ValueError, ZeroDivisionError):
        return None
    return limit if limit > 0 else None


def free_memory(processes: Path = _PROCESSES, groups: Path = _GROUPS) -> int:
    """
    Bytes of memory that this process can still allocate, at least 0.

    This is the smallest of three: the free memory of the machine, what its control groups (those of
    a container) leave of their limits after the memory that is in use and can't be released, and
    the addresses that ``RLIMIT_AS`` leaves. Without ``/proc``, it is half of the machine's memory.
    """
    try:
        free = _numbers(processes / "meminfo")["MemAvailable:"] << 10
    except (OSError, KeyError):
        return _whole_memory() // 2
    found = [free]
    try:
        own = (processes / "self" / "cgroup").read_text()
        found += map(_left_of, _limits_of_memory(own, groups))
        found += _addresses_left(int((processes / "self" / "statm").read_text().split()[0]))
    except (OSError, ValueError):  # files in another format
        pass
    return max(min(found), 0)


@functools.lru_cache(16)
def _limits_of_memory(own: str, root: Path) -> list[Path]:
    """The limit files of the process's own groups and their parents."""
    paths = [group / name for group in _groups(own, root, "memory") for name in _LIMITS]
    return [path for path in dict.fromkeys(paths) if path.exists()]


def _left_of(path: Path) -> int:
    """What a control group leaves of its limit."""
    try:
        limit = int(path.read_text())
        if limit >= _NO_LIMIT:
            return limit
        used = int(path.with_name(_LIMITS[path.name]).read_text())
        known = _numbers(path.with_name("memory.stat"))
    except (OSError, ValueError):  # "max" is no number
        return _NO_LIMIT
    return limit - used + max(sum(known.get(name, 0) for name in names) for names in _GIVEN_BACK)


def _numbers(path: Path) -> dict[str, int]:
    """The number after each word, line by line."""
    lines = (line.split() for line in path.read_text().splitlines())
    return {words[0]: int(words[1]) for words in lines if len(words) > 1 and words[1].isdigit()}


def _addresses_left(pages: int) -> list[int]:
    """What ``RLIMIT_AS`` leaves after so many pages; None if there is no limit."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return [] if limit == resource.RLIM_INFINITY else [limit - pages * resource.getpagesize()]


def _whole_memory() -> int:
    """Bytes of memory of the machine."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # the system has no such call
        return _UNKNOWN
