"""The invented partnership in a database of its own, seeded as ``make demo`` does it: once a run, for all processes.

Nobody connects to it, so that it can be cloned at any time.
"""

from __future__ import annotations

import fcntl

from tests.cluster import clone, folder, manage

SEEDED = "mace_seeded"


def seeded() -> tuple[str, str]:
    """The name of the template, and what the command said when it was made."""
    said = folder() / "seeded.txt"
    with (folder() / "seeded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            clone(SEEDED)
            said.write_text(manage(SEEDED, "seed_demo", index=40))
    return SEEDED, said.read_text()
