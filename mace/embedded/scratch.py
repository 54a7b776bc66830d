"""Runs a management command under the test settings on an empty database of its own, which is gone afterwards.

For checks of migrations.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mace.embedded import workplace
from mace.embedded.manage import run_here
from mace.embedded.testing import cluster


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its status."""
    with tempfile.TemporaryDirectory(prefix="mace-") as folder, cluster(Path(folder)) as servers:
        servers.create_database(workplace.DATABASE)
        environment = {
            **os.environ,
            **servers.environment(workplace.DATABASE),
            "DJANGO_SETTINGS_MODULE": "mace.settings.test",
        }
        return run_here(workplace.manage_command(*arguments), environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
