"""A machine without habits: what the tests may see of the one that they run on."""

from __future__ import annotations

import os
import time
from pathlib import Path

import inkcast

ROOT = Path(__file__).resolve().parents[2]

# Where programs are found and where temporary files go; and what pytest tells its own processes.
_KEPT = {"PATH", "LD_LIBRARY_PATH", "JAVA_HOME", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "CI"}
# OpenBLAS may have to be told which processor it runs on.
_KEPT_PREFIXES = ("PYTEST_", "OPENBLAS_")


def clean_environment(home: Path) -> None:
    """Leave nothing in the environment that a setting, a habit or a device of the user's could come from.

    ``home`` is where folders for settings, caches and passwords are looked for; it is empty.
    """
    kept = {
        name: value for name, value in os.environ.items() if name in _KEPT or name.startswith(_KEPT_PREFIXES)
    }
    os.environ.clear()
    os.environ |= kept | {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        # Processes that tests start run the same Inkcast, and may import from tests.support.
        "PYTHONPATH": os.pathsep.join([str(Path(inkcast.__file__).parents[1]), str(ROOT)]),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "CUDA_VISIBLE_DEVICES": "",
        # As many threads on any machine; those that spin while they wait take the time of other processes.
        "OMP_NUM_THREADS": "2",
        "OMP_WAIT_POLICY": "passive",
    }
    if hasattr(time, "tzset"):
        time.tzset()
