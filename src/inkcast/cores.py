"""How many cores this process may keep busy."""

from __future__ import annotations

import os


def physical_cores() -> int:
    """Cores that this process may use; hyperthreads gain nothing in matrix products.

    OMP_NUM_THREADS counts as it does for torch: Ray sets it when several processes share a machine.
    """
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    cores = max(1, available if available <= 4 else available // 2)
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, int(wanted)) if wanted.isdecimal() and int(wanted) else cores
