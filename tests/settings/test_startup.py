"""The database must bind the role that signed in and must keep every letter of a name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db.backends.postgresql.base import DatabaseWrapper
from pytest_django import DjangoDbBlocker

from mace.embedded.testing import Cluster, cluster
from mace.settings.env import Refused
from mace.settings.startup import verify_database

NAME = "startup"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("startup")) as started:
        started.create_database(NAME)
        yield started


@pytest.fixture(autouse=True)
def databases_of_our_own(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def as_superuser(servers: Cluster) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(servers.database_url(NAME, "postgres"), autocommit=True) as connection:
        yield connection


def connect(folder: Path, role: str, name: str = NAME) -> DatabaseWrapper:
    return DatabaseWrapper(
        {
            "NAME": name,
            "USER": role,
            "PASSWORD": "",
            "HOST": str(folder),
            "PORT": "",
            "OPTIONS": {},
            "TEST": {},
            "TIME_ZONE": None,
            "CONN_MAX_AGE": 0,
            "CONN_HEALTH_CHECKS": False,
            "AUTOCOMMIT": True,
            "ATOMIC_REQUESTS": False,
        }
    )


def refusal(servers: Cluster, role: str = "mace_web", name: str = NAME) -> str:
    connection = connect(servers.postgres.socket, role, name)
    try:
        with pytest.raises(Refused) as refused:
            verify_database(connection, variable="DATABASE_URL")
    finally:
        connection.close()
    assert str(refused.value).count("\n") == 0
    return str(refused.value)


@pytest.mark.parametrize("role", ["mace_web", "mace_worker"])
def test_the_roles_as_they_are_made_are_accepted(servers: Cluster, role: str) -> None:
    connection = connect(servers.postgres.socket, role)
    verify_database(connection)
    connection.close()


def test_a_superuser_is_refused(servers: Cluster) -> None:
    assert refusal(servers, "postgres").startswith("The role in DATABASE_URL is a superuser or may become one")


def test_a_role_that_may_become_one_that_bypasses_is_refused(
    servers: Cluster, as_superuser: psycopg.Connection[Any]
) -> None:
    as_superuser.execute("create role passer bypassrls; grant passer to mace_web")
    try:
        assert refusal(servers).startswith("The role in DATABASE_URL has BYPASSRLS or may become one that has")
    finally:
        as_superuser.execute("drop role passer")


def test_a_role_that_owns_a_table_is_refused(servers: Cluster, as_superuser: psycopg.Connection[Any]) -> None:
    as_superuser.execute("create table thing (); alter table thing owner to mace_web")
    try:
        assert refusal(servers).startswith("The role in DATABASE_URL owns tables or may become their owner")
    finally:
        as_superuser.execute("drop table thing")


def test_a_role_that_may_become_the_owner_is_refused(servers: Cluster, as_superuser: psycopg.Connection[Any]) -> None:
    as_superuser.execute("create table thing (); alter table thing owner to mace_owner;grant mace_owner to mace_worker")
    try:
        assert refusal(servers, "mace_worker").startswith("The role in DATABASE_URL owns tables or may become")
    finally:
        as_superuser.execute("revoke mace_owner from mace_worker; drop table thing")


def test_a_role_that_may_create_objects_is_refused(servers: Cluster, as_superuser: psycopg.Connection[Any]) -> None:
    as_superuser.execute("grant create on schema public to public")
    try:
        assert refusal(servers).startswith("The role in DATABASE_URL may create objects in the schema public")
    finally:
        as_superuser.execute("revoke create on schema public from public")


def test_a_locale_that_loses_letters_is_refused(servers: Cluster, as_superuser: psycopg.Connection[Any]) -> None:
    as_superuser.execute("create database ascii template template0 locale_provider libc locale 'C'")
    servers.postgres.prepare_database("ascii")
    assert refusal(servers, name="ascii").startswith("The database's locale loses letters outside ASCII")


def test_a_database_without_trigrams_is_refused(servers: Cluster, as_superuser: psycopg.Connection[Any]) -> None:
    as_superuser.execute("create database bare template template0")
    with psycopg.connect(servers.database_url("bare", "postgres"), autocommit=True) as connection:
        connection.execute("revoke create on schema public from public")
    assert refusal(servers, name="bare").startswith("The database lacks the extension pg_trgm")
