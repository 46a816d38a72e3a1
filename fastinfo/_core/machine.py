"""How many CPUs this process may use: by its affinity, and by the limit of its control group."""

from __future__ import annotations

import functools
import math
import os
from pathlib import Path, PurePosixPath


def usable_cpus() -> int:
    """Return the number of CPUs that this process may use, at least 1."""
    count = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    limit = _group_limit()
    return count if limit is None else max(1, min(count, limit))


@functools.cache
def _group_limit() -> int | None:
    try:
        groups = Path("/proc/self/cgroup").read_text()
    except OSError:  # no Linux
        return None
    return group_limit(groups, Path("/sys/fs/cgroup"))


def group_limit(groups: str, root: Path) -> int | None:
    """
    The limit of control groups (containers): CPUs, rounded up; None for none.

    `groups` is the text of ``/proc/self/cgroup``, `root` where the groups are mounted. A container
    may see its own group at the root, whatever its name outside.
    """
    found = []
    for line in groups.splitlines():
        _, controllers, name = [*line.split(":", 2), "", ""][:3]
        if controllers and "cpu" not in controllers.split(","):
            continue
        path = PurePosixPath(name.lstrip("/"))
        for parent in (path, *path.parents):
            mounts = [controllers, "cpu"] if controllers else ["", "unified"]
            found += [_limit_of(root / mount / parent) for mount in mounts]
    limits = [limit for limit in found if limit is not None]
    return math.ceil(min(limits)) if limits else None


def _limit_of(group: Path) -> float | None:
    """CPUs of one group, of either version of control groups."""
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
