"""Throw-away servers for tests.

One process calls `cluster`; others, such as the workers of a parallel run, reach the same servers with `attach`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mace.embedded.servers import Postgres, Valkey


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A PostgreSQL with the product's roles, and a Valkey. Both forget everything."""

    postgres: Postgres
    valkey: Valkey

    def create_database(self, name: str, template: str | None = None) -> None:
        """Make a database of `mace_owner`'s with its extensions.

        Empty, or a copy of `template`, to which nobody may be connected.
        """
        self.postgres.create_database(name, template)

    def drop_database(self, name: str) -> None:
        """Remove a database, if it is there, and end its sessions."""
        self.postgres.drop_database(name)

    def database_url(self, name: str, role: str = "mace_web") -> str:
        """The address of a database for `mace_web`, `mace_worker`, `mace_owner` or the superuser, `postgres`."""
        return self.postgres.url(name, role)

    def redis_url(self, index: int = 0) -> str:
        """The address of one of 64 Valkey databases. The cache has the next, so parallel tests take every second."""
        return self.valkey.url(index)

    def environment(self, name: str, index: int = 0) -> dict[str, str]:
        """The four variables that lead a process of the product to this database and to Valkey's database `index`."""
        return {
            "DATABASE_URL": self.database_url(name, "mace_web"),
            "DATABASE_WORKER_URL": self.database_url(name, "mace_worker"),
            "DATABASE_OWNER_URL": self.database_url(name, "mace_owner"),
            "REDIS_URL": self.redis_url(index),
        }


def attach(path: Path) -> Cluster:
    """The cluster that another process has started in `path`."""
    return Cluster(postgres=Postgres(path / "postgres", durable=False), valkey=Valkey(path / "valkey", durable=False))


@contextmanager
def cluster(path: Path) -> Iterator[Cluster]:
    """Start both servers with their data in `path` and make the roles.

    Stop them at the end. They also end when this process does.

    Call it from the main thread: the kernel ends the servers with the thread that started them.
    """
    found = attach(path)
    with found.postgres, found.valkey:
        found.postgres.create_roles()
        yield found


def create_database(of: Cluster, name: str, template: str | None = None) -> None:
    """Make a database in the cluster `of`, see `Cluster.create_database`."""
    of.create_database(name, template)
