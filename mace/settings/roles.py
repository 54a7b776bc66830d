"""Which database role a management command works as.

The owner makes and changes tables and is bound by no policy, so only commands about the shape of the database have
it. The worker is bound by the same policies as the web and works with a signed system seat.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

ROLES: Final = ("web", "worker", "owner")

ROLE_OF_COMMAND: Final = {
    "bootstrap": "owner",
    "createcachetable": "owner",
    "dbshell": "owner",
    "demo_organisations": "owner",
    "lintmigrations": "owner",
    "makemigrations": "owner",
    "migrate": "owner",
    "optimizemigration": "owner",
    "showmigrations": "owner",
    "sqlflush": "owner",
    "sqlmigrate": "owner",
    "squashmigrations": "owner",
    "verify_audit": "owner",
    "chase": "worker",
    "clearsessions": "worker",
    "export_audit_heads": "worker",
    "demo_clock": "worker",
    "demo_people": "worker",
    "import_referrals": "worker",
    "referral_figures": "worker",
    "seed_demo": "worker",
}


def role_for(arguments: Sequence[str], asked: str | None = None) -> str:
    """The role of the command that `arguments` (without the program) begin with.

    The table goes before `asked`, the role named in the environment: in a container of the web, `migrate` must not
    run as the web. A command that is not in the table works as `asked`, or else as the web, which may do the least.
    """
    command = next((word for word in arguments if not word.startswith("-")), "")
    return ROLE_OF_COMMAND.get(command, asked or "web")
