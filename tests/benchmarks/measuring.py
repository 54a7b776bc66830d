"""What one answer of the product costs: statements, Python function calls, PostgreSQL buffers, bytes. No times.

Asked of the WSGI application itself, in the process, as a worker of the web server would ask it: the test client's own
work is not counted.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories.owner import as_owner

BUFFERS = re.compile(r"^\s*Buffers: shared(?: hit=(\d+))?(?: read=(\d+))?")
COUNTED = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")
Data = Callable[[], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Cost:
    """One answer, sign-in and read log included; the begin and the end of the transaction are statements too."""

    status: int
    statements: int
    calls: int
    buffers: int
    content: int

    def __str__(self) -> str:
        return f"{self.statements} statements, {self.calls} calls, {self.buffers} buffers, {self.content} bytes"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content: bytes


def function_calls(run: Callable[[], object]) -> int:
    """How many functions, Python's own and built-in ones, are called while ``run`` runs: what cProfile would count."""
    count = 0

    def tally(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        if event in {"call", "c_call"}:
            count += 1

    before = sys.getprofile()
    sys.setprofile(tally)
    try:
        run()
    finally:
        sys.setprofile(before)
    return count - 1  # the call of ``setprofile`` that ends it


class Browser:
    """A browser that is signed in as a test client is, and asks the WSGI application."""

    def __init__(self, client: Client) -> None:
        self.client, self.application = client, get_wsgi_application()

    def ask(self, url: str, data: dict[str, Any] | None = None) -> Answer:
        """Get ``url``, or post ``data`` to it."""
        path, _, query = url.partition("?")
        body = urlencode(data or {}, doseq=True).encode()
        base: Any = self.client  # the environ of a request with its cookies is the test client’s own affair
        environ = base._base_environ(PATH_INFO=path, QUERY_STRING=query, REQUEST_METHOD="GET")
        if data is not None:
            token = self.client.cookies[settings.CSRF_COOKIE_NAME].value
            environ |= {
                "REQUEST_METHOD": "POST",
                "CONTENT_TYPE": "application/x-www-form-urlencoded",
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_X_CSRFTOKEN": token,
                "wsgi.input": io.BytesIO(body),
            }
        started: list[str] = []

        def start(status: str, _headers: object, _error: object = None) -> Any:
            started.append(status)

        signals.request_started.disconnect(close_old_connections)  # the test's transaction stands on this connection
        try:
            content = b"".join(self.application(environ, start))
        finally:
            signals.request_started.connect(close_old_connections)
        return Answer(int(started[0].split()[0]), content)

    def cost(self, url: str, data: dict[str, Any] | None = None, *, fresh: Data | None = None) -> Cost:
        """What ``url`` costs once everything that a process remembers is remembered.

        ``fresh`` gives other data for each time, for a form that makes a record when it is sent.
        """

        def ask() -> Answer:
            return self.ask(url, fresh() if fresh else data)

        ask()
        ask()
        with CaptureQueriesContext(connection) as caught:
            answer = ask()
            statements = len(caught.captured_queries)
        calls = function_calls(ask)
        return Cost(answer.status, statements, calls, buffers_of(ask), len(answer.content))


def buffers_of(run: Callable[[], object]) -> int:
    """Pages of tables and indexes that PostgreSQL touches while ``run`` runs, found in its caches or not.

    Each statement is explained, and its effect taken back, before it runs. A few rows are planned as many are, by
    keys and from statistics: PostgreSQL would otherwise read a table of one page from end to end, again and again.
    """
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("analyze")
        cursor.execute("set local enable_seqscan = off")
    run()  # what is planned anew after new statistics is planned now
    seen = buffers_as_planned(run)
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = on")
    return seen


def buffers_as_planned(run: Callable[[], object]) -> int:
    """The same with the plans that PostgreSQL chooses, for tables of many rows. In a transaction."""
    seen = 0

    def explained(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        if isinstance(sql, str) and sql.lstrip().upper().startswith(COUNTED):
            with connection.create_cursor() as cursor:
                cursor.execute("savepoint explained")
                cursor.execute(f"explain (analyze, buffers, costs off, timing off, summary off) {sql}", params)
                seen += plan_buffers([row[0] for row in cursor.fetchall()])
                cursor.execute("rollback to savepoint explained")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        run()
    return seen


def plan_buffers(lines: list[str]) -> int:
    """Of a plan as text: its topmost node counts what all below it touched; planning is left out."""
    for line in lines:
        if line.startswith("Planning"):
            break
        if found := BUFFERS.match(line):
            return sum(int(number) for number in found.groups() if number)
    return 0
