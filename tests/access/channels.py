"""Every way in which a seat can be told something, in one place: pages, API, search, suggestions, documents, mail, SQL.

``everything`` asks them all and answers what came back, by channel, so that two moments can be compared byte for byte
and any answer searched for words. Nothing that it does stays: it works in a transaction that is taken back.
"""

from __future__ import annotations

import html
import io
import json
import logging
import os
import re
import tempfile
from collections import deque
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlencode, urlsplit

import redis
from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client, override_settings
from pypdf import PdfReader

from mace.access.policy import Capability, can
from mace.core import clock
from mace.core.seat import acting_as
from mace.notifications.models import Message
from mace.notifications.services import send_one
from mace.settings.logs import PlainFormatter
from panels import tasks
from panels.models import Meeting
from panels.services.meetings import request_document
from referrals.services import start_referral
from tests.access.tables import ABSENT, address, table, undone
from tests.factories.cast import Cast
from tests.factories.owner import as_owner

MOST_PAGES = 500
REFERENCE = re.compile(r"\b[A-Z]-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b")
BORN = ("27", "3", "2011")
NOT_FOR_A_SEAT = {
    "django_session": "every sign-in writes it; a session’s own content is a channel of its own",
    "mfa_authenticator": "of signing in; no content",
    "account_emailaddress": "of signing in; no content",
    "account_emailconfirmation": "of signing in; no content",
}
"""Tables that signing in changes by itself, and why they say nothing of a record."""


@dataclass
class Heard:
    """What a seat was told: by channel, the bytes of it. ``logs`` is what the servers wrote meanwhile."""

    answers: dict[str, bytes] = field(default_factory=dict)
    logs: list[str] = field(default_factory=list)

    def holding(self, word: str, *, but: Iterable[str] = ()) -> list[str]:
        """The channels that hold a word, whatever its case and however it is broken by spaces, hyphens or markup."""
        wanted = word.casefold()
        return [name for name, text in self._texts().items() if wanted in text and not name.startswith(tuple(but))]

    def words(self, pattern: re.Pattern[str]) -> dict[str, set[str]]:
        """Every match of the pattern, with the channels it was found in."""
        found: dict[str, set[str]] = {}
        for name, text in self._texts().items():
            for word in pattern.findall(text):
                found.setdefault(word, set()).add(name)
        return found

    def _texts(self) -> dict[str, str]:
        if not hasattr(self, "_made"):
            self._made = {
                name: plain(content.decode(errors="replace"))
                for name, content in {**self.answers, "logs": "\n".join(self.logs).encode()}.items()
            }
        return self._made


def plain(text: str) -> str:
    """Text as it could be read: as it stands, and once more without markup, spaces and hyphens; in small letters."""
    bare = re.sub(r"[\s­‐-]+", "", re.sub(r"<[^>]*>", "", html.unescape(text)))
    return f"{text}\n{bare}".casefold()


def normal(body: bytes) -> bytes:
    """Without what is drawn anew for each answer: tokens of forms and the seconds that a session has left."""
    for drawn in DRAWN:
        body = drawn.sub(b"", body)
    return body


DRAWN = (
    re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"'),
    re.compile(rb'name="operation" value="[^"]+"'),
    re.compile(rb'name="session-seconds" content="\d+"'),
    re.compile(rb'{"seconds": \d+}'),
)
OWN_LOG = re.compile(r"access-log/")
"""What the seat itself asked for stands there as soon as it asks, at the hour that it really is, under its own key."""
HOUR = re.compile(rb"\d{1,2} [A-Z][a-z]+ 20\d\d at [0-9:apmidnoht]+|after=[\w-]+|Content-Length: \d+")


# --- Asking ----------------------------------------------------------------------------------------------------------


def everything(
    cast: Cast,
    name: str,
    *,
    subjects: Mapping[str, str],
    known: Iterable[str] = (),
    terms: Iterable[str] = (),
    pdf: bool = True,
) -> Heard:
    """Ask every channel as the person of that name.

    ``subjects``: a reference of each kind of object in the matrix; ``known``: all references to try, of whatever kind;
    ``terms``: words to look for.
    """
    heard = Heard()
    terms = list(terms)
    with ExitStack() as stack:
        stack.enter_context(undone())
        stack.enter_context(_logs(heard))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(mock.patch.object(tempfile, "tempdir", str(folder)))
        heard.answers |= as_the_role(cast, name, terms)
        heard.answers |= mail_of(cast, name)
        client = cast.client(name)
        heard.answers |= crawled(client)
        heard.answers |= every_route(client, subjects, known, heard.answers)
        for path, word in (("/cases/search/", "text"), ("/volt/search/", "q")):
            for term in terms:
                heard.answers[f"POST {path} {term}"] = said(client.post(path, {word: term}))
        heard.answers |= suggestions(cast, name, client, terms)
        if pdf:
            heard.answers |= documents(cast, name, client)
        session = {key: value for key, value in client.session.items() if not key.endswith("_at")}
        session.pop("_auth_user_hash", None)
        heard.answers["session"] = json.dumps(session, sort_keys=True, default=str).encode()
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            heard.answers[f"temporary file {file.suffix}"] = file.read_bytes()
    return heard


def said(answer: Any) -> bytes:
    """Status, headers and body of an answer."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if answer.headers.get("Content-Type", "").startswith("application/pdf"):
        body = text_of(body).encode()
    headers = "\n".join(f"{key}: {value}" for key, value in sorted(answer.headers.items()) if key != "Set-Cookie")
    cookies = "\n".join(
        f"{key}={'…' if key in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME) else morsel.value}"
        for key, morsel in sorted(answer.cookies.items())
    )
    return f"{answer.status_code}\n{headers}\n{cookies}\n\n".encode() + normal(body)


class _Links(HTMLParser):
    """Addresses that a page leads to: its links, and what each of its GET forms would ask."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._form: str | None = None
        self._fields: list[tuple[str, str]] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag in ("a", "area") and given.get("href"):
            self.found.append(given["href"])
        elif tag == "form" and given.get("method", "get").lower() == "get":
            self._form, self._fields = given.get("action", ""), []
        elif self._form is not None and tag == "select":
            self._select = given.get("name", "")
        elif self._form is not None and tag == "option" and self._select:
            self._fields.append((self._select, given.get("value", "")))
        elif self._form is not None and tag == "input" and given.get("name"):
            self._fields.append((given["name"], given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "form" and self._form is not None:
            self.found += [f"{self._form}?{urlencode({name: value})}" for name, value in self._fields if value]
            self._form = None


def links(base: str, body: str) -> list[str]:
    """The addresses of ours that a page leads to, in order; ``?x=y`` alone is of the page itself."""
    parser = _Links()
    parser.feed(body)
    found = []
    for address_ in parser.found:
        parts = urlsplit(address_)
        if parts.netloc or parts.scheme or (not parts.path and not parts.query):
            continue
        path = parts.path or urlsplit(base).path
        found.append(f"{path}?{parts.query}" if parts.query else path)
    return list(dict.fromkeys(found))


def crawled(client: Client) -> dict[str, bytes]:
    """Every page that is reached from the first one by following links and filling in GET forms."""
    found: dict[str, bytes] = {}
    waiting, seen = deque(["/"]), {"/"}
    while waiting and len(found) < MOST_PAGES:
        page = waiting.popleft()
        answer = client.get(page)
        found[f"GET {page}"] = said(answer)
        if OWN_LOG.search(page):
            found[f"GET {page}"] = HOUR.sub(b"", found[f"GET {page}"])
            continue
        leads = [answer.headers["Location"]] if answer.status_code in (301, 302) else []
        if answer.headers.get("Content-Type", "").startswith("text/html") and not answer.streaming:
            leads += links(page, answer.content.decode())
        for lead in leads:
            if lead not in seen and not lead.startswith(("/accounts/", "/static/")):
                seen.add(lead)
                waiting.append(lead)
    assert not waiting, f"more than {MOST_PAGES} pages"
    return found


def every_route(
    client: Client, subjects: Mapping[str, str], known: Iterable[str], already: Container[str]
) -> dict[str, bytes]:
    """Every address there is, with every reference of its kind that is known, and one that does not exist."""
    by_letter: dict[str, list[str]] = {}
    for reference in known:
        by_letter.setdefault(reference[0], []).append(reference)
    found = {}
    for route, (subject, _) in table()[1].items():
        letter = subjects.get(subject, " ")[0]
        for reference in [*by_letter.get(letter, []), ABSENT] if "<str:reference>" in route else [ABSENT]:
            path = address(route, subject, {subject: reference})
            if f"GET {path}" not in already:
                found[f"GET {path}"] = (
                    HOUR.sub(b"", said(client.get(path))) if OWN_LOG.search(path) else said(client.get(path))
                )
    return found


def suggestions(cast: Cast, name: str, client: Client, terms: Iterable[str]) -> dict[str, bytes]:
    """Children who may be the same, as the page of a new referral offers them."""
    seat = cast[name]
    if not can(seat, Capability.FILE_REFERRAL):
        return {}
    with acting_as(seat):
        draft = start_referral(by=seat, at=clock.now())
    found = {}
    for term in terms:
        forename, _, surname = term.partition(" ")
        page = f"/referrals/{draft.reference}/pages/child/"
        form = dict(zip(("date_of_birth_day", "date_of_birth_month", "date_of_birth_year"), BORN, strict=True))
        client.post(page, form | {"forename": forename, "surname": surname or forename, "sex": "F"})
        body = said(client.get(page)).replace(draft.reference.encode(), b"R-DRAFT")
        found[f"suggestions {term}"] = re.sub(rb'name="(version|operation)" value="[^"]*"', b"", body)
    return found


# --- Documents and mail ----------------------------------------------------------------------------------------------


def text_of(content: bytes) -> str:
    """All that can be got out of a PDF: its text, what it says of itself, and the names of what it holds."""
    reader = PdfReader(io.BytesIO(content))
    said_of_itself = {key: value for key, value in (reader.metadata or {}).items() if "Date" not in key}
    outline = [entry.title for entry in _flat(reader.outline)]
    attached = sorted(reader.attachments)
    pages = [page.extract_text() for page in reader.pages]
    return "\n".join([json.dumps(said_of_itself, default=str), *outline, *attached, *pages])


def _flat(outline: Any) -> Iterator[Any]:
    for entry in outline:
        if isinstance(entry, list):
            yield from _flat(entry)
        else:
            yield entry


def documents(cast: Cast, name: str, client: Client) -> dict[str, bytes]:
    """The minutes of every meeting that the seat sees, as the worker makes them into a PDF and the page gives it."""
    seat, found = cast[name], {}
    if not can(seat, Capability.READ_MEETINGS):
        return {}
    with acting_as(seat):
        meetings = list(Meeting.objects.filter(status__in=["approved", "closed"]).order_by("reference"))
        asked = {meeting: request_document(meeting=meeting, by=seat, at=clock.now()) for meeting in meetings}
    for meeting, document in asked.items():
        assert tasks.make_document(membership_id=seat.membership_id, document_id=str(document.pk))
        answer = said(client.get(f"/documents/{document.reference}/file/"))
        found[f"PDF {meeting.reference}"] = answer.replace(document.reference.encode(), b"D-MADE")
    return found


def mail_of(cast: Cast, name: str) -> dict[str, bytes]:
    """Every mail to the seat, as the system sends it."""
    seat, system = cast[name], cast["system" if cast[name].partnership_id == cast.partnership.pk else "stranger_system"]
    with as_owner():
        waiting = list(Message.objects.filter(recipient_id=seat.membership_id).order_by("created_at", "reference"))
        Message.objects.filter(recipient_id=seat.membership_id).update(mailed_at=None)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        with override_settings(EMAIL_BACKEND="mace.notifications.mail.FolderBackend", EMAIL_FILE_PATH=folder):
            for message in waiting:
                with acting_as(system):
                    send_one(message_id=str(message.pk), by=system, at=clock.now())
        for path in sorted(Path(folder).iterdir()):
            content = re.sub(rb"(?m)^Date: .*$", b"", path.read_bytes())
            found[f"mail {path.name}"] = content
    return found


# --- SQL -------------------------------------------------------------------------------------------------------------


def tables_of_the_catalogue() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace "
            "and relkind in ('r', 'v', 'm', 'p') order by 1"
        )
        return [row[0] for row in cursor.fetchall()]


def as_the_role(cast: Cast, name: str, terms: Iterable[str]) -> dict[str, bytes]:
    """Every row of every table that injected SQL would get in the seat, and what the functions that look up answer."""
    found = {}
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("select id from access_record order by 1")
        records = [row[0] for row in cursor.fetchall()]
    with acting_as(cast[name]):
        for table_ in tables_of_the_catalogue():
            if table_ not in NOT_FOR_A_SEAT:
                found[f"SQL {table_}"] = rows(f'select t::text from "{table_}" t order by 1')
        found["SQL grants on"] = rows(
            "select r, g::text from unnest(%s::bigint[]) r, access_grants_on(r) g order by 1, 2", records
        )
        found["SQL held"] = rows(
            "select r, access_held(r) from unnest(%s::bigint[]) r where access_held(r) > 0", records
        )
        for term in terms:
            found[f"SQL search {term}"] = rows("select casework_case_search('', '', lower(%s), '', 50)", term)
            found[f"SQL matches {term}"] = rows(
                "select referrals_child_matches(lower(%s), '', '', date '2011-03-27', true, '', '', '')::text", term
            )
    return found


def rows(sql: str, *parameters: Any) -> bytes:
    """What a statement answers, one line for each row; the kind of the error where it is refused."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, list(parameters))
            return "\n".join("\t".join(map(str, row)) for row in cursor.fetchall()).encode()
    except DatabaseError as refused:
        return type(refused.__cause__).__name__.encode()


# --- What the servers keep -------------------------------------------------------------------------------------------


@contextmanager
def _logs(heard: Heard) -> Iterator[None]:
    """All log lines of ours and of what we stand on, written as in production."""

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.logs.append(self.format(record))

    handler = Keep(level=logging.INFO)
    handler.setFormatter(PlainFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)


@contextmanager
def queued() -> Iterator[list[str]]:
    """What is put onto the queue within the block, as text: the name of each task and all its arguments."""
    kept: list[str] = []

    def keep(task: str, args: Any = None, kwargs: Mapping[str, Any] | None = None, **more: Any) -> None:
        kept.append(json.dumps([task, args, kwargs, more], default=str))

    with mock.patch.object(current_app, "send_task", keep):
        yield kept


def in_valkey() -> bytes:
    """Every key and value in the databases of the broker and the cache."""
    found: list[Any] = []
    for url in (os.environ["REDIS_URL"], settings.CACHES["default"]["LOCATION"]):
        with redis.Redis.from_url(url) as server:
            read = {
                b"string": server.get,
                b"list": lambda key: server.lrange(key, 0, -1),
                b"set": server.smembers,
                b"hash": server.hgetall,
                b"zset": lambda key: server.zrange(key, 0, -1, withscores=True),
            }
            for key in sorted(server.scan_iter()):
                found += [key, read[server.type(key)](key)]
    return repr(found).encode()
