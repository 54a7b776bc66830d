#!/usr/bin/env python
"""Django's command line. Which database role a command works as is the table in `mace/settings/roles.py`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command named on the command line, as the role it needs."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mace.settings.production")

    from mace.settings.roles import role_for

    os.environ["MACE_DB_ROLE"] = role_for(sys.argv[1:], os.environ.get("MACE_DB_ROLE"))

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
