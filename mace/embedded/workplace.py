"""The folder `var/`: who works on its data, its secrets, and the environment in which the product runs on it."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from mace.embedded.servers import Postgres, ServerFailed, Valkey

ROOT: Final = Path(__file__).resolve().parents[2]
DATABASE: Final = "mace"
DATABASE_VARIABLES: Final = ("DATABASE_URL", "DATABASE_WORKER_URL", "DATABASE_OWNER_URL")
SECRETS: Final[dict[str, Callable[[], str]]] = {
    "MACE_SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "MACE_SEAT_KEY": lambda: secrets.token_hex(32),
    "MACE_AUDIT_KEY": lambda: secrets.token_hex(32),
    "MACE_FILES_KEY": lambda: secrets.token_hex(32),
}
DATA: Final = ("postgres", "postgres.log", "valkey", "valkey.log", "beat", "mail", "files", "demo-clock", "secrets.env")


class Busy(Exception):
    """Somebody else works on the data."""

    def __init__(self, holder: Holder) -> None:
        super().__init__(f"already running (pid {holder.pid})")
        self.holder = holder


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who works on the data: the demo with its address, or a command."""

    pid: int
    purpose: str
    address: str = ""


def var_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """`MACE_VAR`, or `var` in the project; made if it is not there."""
    folder = Path(environment.get("MACE_VAR") or ROOT / "var").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def hold(var: Path, holder: Holder, *, wait: bool = False) -> Iterator[None]:
    """Be the only one that works on the data, until the end or our death.

    Raises `Busy` when somebody else does, unless `wait` says to wait for them.
    """
    with (var / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise Busy(_read(file.name)) from None
        file.truncate(0)
        file.write(json.dumps(asdict(holder)))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _read(name: str) -> Holder:
    """What the holder wrote. It may be writing at this moment, hence the guess."""
    try:
        return Holder(**json.loads(Path(name).read_text()))
    except (ValueError, TypeError):
        return Holder(pid=0, purpose="demo")


def own_secrets(var: Path) -> dict[str, str]:
    """The secrets of this copy's demo, made when first asked for and kept in a file that only its owner may read."""
    file = var / "secrets.env"
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+") as kept:
        fcntl.flock(kept, fcntl.LOCK_EX)
        kept.seek(0)
        lines = (line.partition("=") for line in kept.read().splitlines() if "=" in line)
        found = {name: value for name, _, value in lines}
        missing = {name: make() for name, make in SECRETS.items() if name not in found}
        kept.write("".join(f"{name}={value}\n" for name, value in missing.items()))
    return found | missing


def product_environment(var: Path, address: str, given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment for every process of the demo. What is `given` goes before what the demo would choose.

    The servers' addresses are those of `var`, whether they run or not. Raises `ServerFailed` when only some of the
    database's three addresses are given, because a process of one role would then work on another database than the
    rest.
    """
    missing = [name for name in DATABASE_VARIABLES if not given.get(name)]
    if 0 < len(missing) < len(DATABASE_VARIABLES):
        raise ServerFailed(
            f"Set {' and '.join(missing)} as well: the owner's, the web's and the worker's addresses belong together."
        )
    host = address.partition("://")[2].partition(":")[0]
    chosen = {
        "MACE_BASE_URL": address,
        "MACE_ALLOWED_HOSTS": ",".join(dict.fromkeys([host, "127.0.0.1", "localhost"])),
        **own_secrets(var),
    }
    if not given.get("MACE_MAIL_URL"):
        chosen["MACE_MAIL_DIR"] = str(var / "mail")
    if missing:
        postgres = Postgres(var / "postgres")
        roles = dict(zip(DATABASE_VARIABLES, ("mace_web", "mace_worker", "mace_owner"), strict=True))
        chosen |= {name: postgres.url(DATABASE, role) for name, role in roles.items()}
    if not given.get("REDIS_URL"):
        chosen["REDIS_URL"] = Valkey(var / "valkey").url()
    return {
        **{name: value for name, value in chosen.items() if not given.get(name)},
        **given,
        "MACE_VAR": str(var),
        "DJANGO_SETTINGS_MODULE": "mace.settings.demo",
        "PYTHONUNBUFFERED": "1",
    }


def servers_needed(var: Path, given: Mapping[str, str] = os.environ) -> tuple[Postgres | None, Valkey | None]:
    """The servers that we must run ourselves, not started; none where the environment names another."""
    return (
        None if given.get("DATABASE_URL") else Postgres(var / "postgres"),
        None if given.get("REDIS_URL") else Valkey(var / "valkey"),
    )


def prepare_database(postgres: Postgres) -> bool:
    """Make the roles and the database of the demo, or mend them. Says whether the database is new."""
    postgres.create_roles()
    if postgres.has_database(DATABASE):
        postgres.prepare_database(DATABASE)
        return False
    postgres.create_database(DATABASE)
    return True


def manage_command(*words: str) -> list[str]:
    """The command line for `manage.py`."""
    return [sys.executable, str(ROOT / "manage.py"), *words]
