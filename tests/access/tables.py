"""The tables written by hand, and what the tests that walk them share: addresses, digests, comparing two answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver

from mace.access.checks import declaration, patterns
from mace.audit.models import ReadEntry
from tests.factories.cast import Cast
from tests.factories.owner import as_owner

HERE = Path(__file__).parent
CLOSED = {"accounts/signup/", "accounts/email/"}
OF_PEOPLE = {"somebody", "held", "agreement", "import", "brought", "export", "question"}
"""What is no record and hangs on no case: a person, a role, an agreement, a file in or out, a question to others."""
ABSENT = "X-0000-0000"

READ, SEND = ("GET", "HEAD"), ("POST",)
ASKED_BY = {"read": READ, "form": (*READ, *SEND), "send": SEND}
EVERY_METHOD = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FROBNICATE")
READ_LOG = {"audit_readentry"}
SESSIONS = {"django_session"}


def rows_of(name: str) -> list[list[str]]:
    """The lines of a table, split at spaces; comments left out."""
    lines = (HERE / name).read_text().splitlines()
    return [line.split() for line in lines if line.strip() and not line.startswith("#")]


def table() -> tuple[list[str], dict[str, tuple[str, list[int]]]]:
    """The seats, and for each route the kind of object it is tried with and the status for each seat."""
    seats, *lines = rows_of("matrix.txt")
    found = {}
    for route, subject, *statuses in lines:
        assert route not in found, f"{route} stands there twice"
        assert len(statuses) == len(seats), f"{route}: {len(statuses)} statuses for {len(seats)} seats"
        found[route] = (subject, [int(status) for status in statuses])
    return seats, found


def methods() -> dict[str, tuple[str, ...]]:
    """The methods that each route takes."""
    found = {route: ASKED_BY[how] for route, how in rows_of("methods.txt")}
    assert len(found) == len(rows_of("methods.txt"))
    return found


def routes() -> dict[str, str]:
    """Each route of ours and what its view declares; the routes of the sign-in package are its own."""
    return {
        route: declaration(entry.callback)
        for route, entry in patterns(get_resolver())
        if declaration(entry.callback) != "sign-in" and route not in CLOSED
    }


KEYS = {"/plans/": "plan", "/missing/": "episode", "/moments/": "moment"}
"""What the second key of a route is of, by a part of it."""


def address(route: str, subject: str, references: dict[str, str]) -> str:
    filled = route.replace("<str:reference>", references.get(subject, ABSENT))
    for name, value in (
        ("<slug:section>", "child"),
        ("<slug:name>", "wider_factor"),
        ("<str:kind>", "person"),
        ("<str:what>", "case"),
        ("<str:table>", "cases"),
        ("<str:number>", "1"),
        ("<str:field>", "rating"),
        ("<str:address>", "B2"),
        ("<str:key>", references.get(next((of for part, of in KEYS.items() if part in route), "assessment"), "absent")),
    ):
        filled = filled.replace(name, value)
    assert "<" not in filled, route
    return "/" + filled.removeprefix("home")


# --- What stands in the database -------------------------------------------------------------------------------------


class Digests(dict[str, tuple[int, str]]):
    """How many rows each table has and a digest of them; ``written`` by then in this transaction, taken back or not."""

    written: dict[str, int]


def digests() -> Digests:
    """As the owner sees them: no table is left out but the read log and sessions."""
    counters = written()
    found = _digests(counters)
    found.written = counters
    return found


def _digests(names: Iterable[str]) -> Digests:
    each = [
        f"select '{name}', count(*), coalesce(md5(string_agg(t::text, chr(10) order by t::text)), '') from \"{name}\" t"
        for name in names
    ]
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(" union all ".join(each))
        return Digests((name, (count, digest)) for name, count, digest in cursor.fetchall())


def written() -> dict[str, int]:
    """How many rows of each of those tables this transaction has added, changed or removed so far, each time anew."""
    counted = " + ".join(f"pg_stat_get_xact_tuples_{what}(oid)" for what in ("inserted", "updated", "deleted"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"select relname, {counted} from pg_class where relkind in ('r', 'p') "
            "and relnamespace = 'public'::regnamespace and relname <> all (%s) order by 1",
            [sorted(READ_LOG | SESSIONS)],
        )
        return dict(cursor.fetchall())


def count_rows() -> Counter[str]:
    """The digests as a counter: equal when nothing was added, changed or taken away."""
    return Counter({f"{name} {digest}": count for name, (count, digest) in digests().items()})


def changed(before: Digests) -> list[str]:
    """The tables in which anything differs from then. None is looked at to which nothing was written since."""
    counters = written()
    touched = [name for name in counters if counters[name] != before.written.get(name)]
    if not touched:
        return []
    now = _digests(touched)
    differ = sorted(name for name in touched if before.get(name) != now.get(name))
    if not differ:
        before.written = counters
    return differ


def read_entries() -> list[tuple[Any, ...]]:
    """What was put on the read log, in order, without number and time."""
    with as_owner():
        return list(
            ReadEntry.objects.order_by("pk").values_list(
                "membership_id", "kind", "action", "record_id", "reference", "records", "rows", "refused"
            )
        )


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written within is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# --- Methods ---------------------------------------------------------------------------------------------------------


def some_methods(turn: int) -> tuple[str, ...]:
    """A third of all methods, another third at every turn: seats by pages, each method meets every page and seat."""
    return EVERY_METHOD[turn % 3 :: 3]


# --- Answers ---------------------------------------------------------------------------------------------------------


def browser(cast: Cast, seat: str) -> Client:
    """Somebody's browser, which is answered 500 where something breaks."""
    client = cast.client(seat)
    client.raise_request_exception = False
    return client


def asked(client: Client, method: str, path: str) -> Any:
    """One request without content, by any method; a form when it is a POST."""
    return client.post(path) if method == "POST" else client.generic(method, path)


def without_token(body: bytes) -> bytes:
    """A page without what is drawn anew for each answer: the token of its forms and the seconds a session has left."""
    body = re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", body)
    return re.sub(rb'name="session-seconds" content="\d+"', b"", body)


def whole(answer: Any, *references: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body, but the tokens and the references asked for."""
    body = without_token(answer.content)
    headers = {name: value for name, value in answer.headers.items() if name != "Set-Cookie"}
    for reference in references:
        body = body.replace(reference.encode(), b"?")
        headers = {name: value.replace(reference, "?") for name, value in headers.items()}
    return answer.status_code, headers, body
