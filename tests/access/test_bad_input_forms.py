"""What is put into a form beside what it asks for: names of what one may not see, fields nobody offered, nonsense.

Every form there is (``forms.py``; a new one that is not there fails) is sent as it should be, then spoilt in each way.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from mace.core import clock
from mace.core.clock import london_time
from tests.access.forms import FORMS, ready
from tests.access.forms_ground import foreign, never_named
from tests.access.tables import changed, digests, methods, undone, without_token
from tests.access.world import World
from tests.factories.owner import as_owner

PARTS = 4
OURS = (
    "access",
    "accounts",
    "agencies",
    "attachments",
    "audit",
    "dashboards",
    "notifications",
    "panels",
    "referrals",
    "volt",
)
BESIDES = (
    "id",
    "pk",
    "by",
    "at",
    "seat",
    "seat_id",
    "_method",
    "user_permissions",
    "groups",
    "decided_by",
    "mace.seat",
)
LARGE = 5 * 1024 * 1024

DRAFTS = {"referrals_casedraft", "referrals_draftsection", "referrals_reviewdraft"}
"""What was typed is kept there, valid or not."""

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def before_the_meetings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: london_time(dt.date(2026, 3, 13), 9))


def test_every_page_that_takes_a_form_is_listed() -> None:
    assert sorted({route for route, takes in methods().items() if "POST" in takes} ^ {f.route for f in FORMS}) == []
    assert len(FORMS) > 50


# --- As it should be, and twice --------------------------------------------------------------------------------------

TAKES_FILES = {"imports/": 302, "referrals/<str:reference>/files/": 302}
"""What a page answers to a file; a page of text is a spreadsheet with nothing in it, and a text is attached as such."""
TOLD = {"notifications_message", "notifications_outbox"}
"""Whoever is concerned may be told again; nothing else may be made twice."""


def counts() -> dict[str, int]:
    return {name: count for name, (count, _) in digests().items() if not name.startswith("audit_")}


@pytest.mark.parametrize("part", range(PARTS))
def test_every_form_does_what_it_is_for_and_sent_twice_does_it_once(world: World, part: int) -> None:
    """As a double click or a reload sends it: the very same fields, in the same session."""
    wrong: list[tuple[str, ...]] = []
    for form, client, path, data in ready(world, FORMS[part::PARTS]):
        before = digests()
        status = client.post(path, data).status_code
        if status != form.status:
            wrong.append((form.title, f"expected {form.status}, got {status}"))
        if bool(changed(before)) != form.changes:
            wrong.append((form.title, "changed", *changed(before)))
        once = counts()
        again = client.post(path, data).status_code
        if again >= 500:
            wrong.append((form.title, "again", str(again)))
        twice = {name for name, count in counts().items() if count != once[name]}
        if twice:
            wrong.append((form.title, "made twice", *sorted(twice)))
    assert wrong == [], "\n".join(map(str, wrong))


# --- Fields that nobody offered --------------------------------------------------------------------------------------


def columns() -> list[str]:
    """The name of every field of every model of ours, and those that a fault elsewhere would look for."""
    found = {name for app in OURS for model in apps.get_app_config(app).get_models() for name in names_of(model)}
    assert {"partnership", "partnership_id", "status", "version", "scope", "handling", "is_staff"} <= found
    return sorted(found | {*BESIDES})


def names_of(model: Any) -> Iterator[str]:
    for one in model._meta.get_fields():
        yield one.name
        if getattr(one, "attname", None):
            yield one.attname


def values(world: World) -> list[str]:
    """What is sent as each of them in turn: another's key, a status, a moment, words."""
    other = world.cast.memberships["stranger_coordinator"]
    return [str(other.pk), "closed", "2031-01-01", "Smuggled words"]


def contents() -> Rows:
    """Every row of every table but the read log, sessions and history, as the owner sees it."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "select tablename from pg_tables where schemaname = 'public' and tablename !~ '^(audit|django)_'"
        )
        found: Rows = {}
        for (name,) in cursor.fetchall():
            cursor.execute(f'select to_jsonb(t) from "{name}" t')
            rows = [row[0] if isinstance(row[0], dict) else json.loads(row[0]) for row in cursor.fetchall()]
            found[name] = sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
        return found


def counters() -> list[tuple[str, int | None]]:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("select quote_ident(sequencename), last_value from pg_sequences where schemaname = 'public'")
        return list(cursor.fetchall())


def set_back(counted: list[tuple[str, int | None]]) -> None:
    """So that what is made gets the same keys each time."""
    with as_owner(), connection.cursor() as cursor:
        for name, last in counted:
            cursor.execute("select setval(%s::regclass, %s, %s)", [name, last or 1, last is not None])


def by_column(rows: Rows) -> dict[tuple[str, str], list[str]]:
    """The values of each column of each table, in no order."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, of_table in rows.items():
        found[name, "how many"] = [str(len(of_table))]
        for row in of_table:
            for column, value in row.items():
                found.setdefault((name, column), []).append(json.dumps(value, sort_keys=True))
    return {key: sorted(of_column) for key, of_column in found.items()}


@pytest.mark.parametrize("part", range(PARTS))
def test_fields_that_a_form_does_not_offer_change_nothing(world: World, part: int) -> None:
    """The very same rows are written with them as without, but what is drawn anew each time."""
    every, wrong, compared = columns(), [], 0
    for form, client, path, data in ready(world, FORMS[part::PARTS]):
        if not form.changes:
            continue
        counted, outcomes = counters(), []
        more = [name for name in every if name not in data and name not in form.offers]
        tried = [{}, {}, *(dict.fromkeys(more, value) for value in values(world))]
        for extra in tried:
            set_back(counted)
            with undone():
                answer = client.post(path, extra | data)
                outcomes.append((answer.status_code, by_column(contents())))
        (_, first), (_, second), *spoilt = outcomes
        same = {key for key in first if first[key] == second.get(key)}
        assert len(same) > 0.9 * len(first), form.title
        for extra, (status, found) in zip(tried[2:], spoilt, strict=True):
            differs = sorted(key for key in same if found.get(key) != first[key])
            if status != form.status or differs or found.keys() != first.keys():
                wrong.append((form.title, extra["status" if "status" in extra else "pk"], status, differs))
        compared += 1
    assert wrong == [], "\n".join(map(str, wrong))
    assert compared >= 8


# --- Names of what one may not see -----------------------------------------------------------------------------------


@pytest.mark.parametrize("part", range(PARTS))
def test_the_name_of_something_foreign_is_answered_like_that_of_nothing(world: World, part: int) -> None:
    """In each field that names something: of another partnership, hidden, not to be chosen, or not there at all."""
    never = never_named(world, foreign(world))
    wrong: list[tuple[str, ...]] = []
    tried = 0
    for form, client, path, data in ready(world, FORMS[part::PARTS]):
        before = digests()
        for name, kind in form.names.items():
            answers = set()
            for value in never[kind]:
                with undone():
                    answer = client.post(path, data | {name: value})
                    body = re.sub(rb'value="[0-9a-f-]{32,36}"', b"", without_token(answer.content))
                    answers.add((answer.status_code, body.replace(b'"%s"' % value.encode(), b"?")))
                    wrong += [(form.title, name, value, "changed", table) for table in changed(before)]
                tried += 1
            if {status for status, _ in answers} - {404, 422} or len(answers) != 1:
                wrong.append((form.title, name, "answered", *(str(status) for status, _ in answers)))
    assert wrong == [], "\n".join(map(str, wrong))
    assert tried >= 10


# --- Nonsense --------------------------------------------------------------------------------------------------------

NONSENSE = (
    "\x00",
    "x\x00y",
    "x" * 200_000,
    "-1",
    "9" * 40,
    "' or 1=1 --",
    "{{ 7*7 }}",
    "\u202e\ufeff",
    "\ud800".encode("utf-8", "surrogatepass"),
    b"\xff\xfe",
    "../../etc/passwd",
)


@pytest.mark.parametrize("part", range(PARTS))
def test_nonsense_in_a_field_is_kept_as_text_or_refused_and_is_never_a_fault(world: World, part: int) -> None:
    """Of the kinds of nonsense each field gets a third. What is refused changes nothing but the draft it stands in."""
    wrong: list[tuple[str, ...]] = []
    turn = part
    for form, client, path, data in ready(world, FORMS[part::PARTS]):
        before = digests()
        for name in data:
            turn += 1
            for value in NONSENSE[turn % 3 :: 3]:
                with undone():
                    status = client.post(path, data | {name: value}).status_code
                    spoilt = set(changed(before)) - DRAFTS if status >= 400 and form.changes else set()
                    if status >= 500 or spoilt:
                        wrong.append((form.title, name, repr(value)[:30], str(status), *sorted(spoilt)))
    assert wrong == [], "\n".join(map(str, wrong))


@pytest.mark.parametrize("part", range(PARTS))
def test_what_is_not_a_whole_form_is_refused_and_changes_nothing(world: World, part: int) -> None:
    """JSON, other types, a body that is broken, cut off or enormous: none is taken for a form left empty."""
    wrong: list[tuple[str, ...]] = []
    for form, client, path, data in ready(world, FORMS[part::PARTS]):
        before = digests()
        plain, parts = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
        cut = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nhalf'
        bodies: list[tuple[str, str, str | bytes, dict[str, Any]]] = [
            ("json", "application/json", json.dumps(data), {}),
            ("broken json", "application/json", '{"a": ', {}),
            ("text", "text/plain", "text=Tamika", {}),
            ("xml", "application/xml", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', {}),
            ("no type", "", "text=Tamika", {}),
            ("no boundary", "multipart/form-data", "x", {}),
            ("broken parts", parts, "--x\r\nContent-Disposition: form-data\r\n", {}),
            ("cut parts", parts, cut, {}),
            ("cut off", plain, "", {"CONTENT_LENGTH": "4000", "wsgi.input": io.BytesIO(b"text=Tam")}),
            ("enormous", plain, b"text=" + b"x" * LARGE, {}),
            ("fields", plain, "&".join(f"a{n}=1" for n in range(2001)), {}),
        ]
        for what, kind, body, headers in bodies:
            if (what, form.route) == ("fields", "session/"):
                continue  # it reads none
            with undone():
                status = client.generic("POST", path, body, content_type=kind, **headers).status_code
                if status != (413 if what == "enormous" else 400) or changed(before):
                    wrong.append((form.title, what, str(status), *changed(before)))
    assert wrong == [], "\n".join(map(str, wrong))


@pytest.mark.parametrize("part", range(PARTS))
def test_a_file_or_a_field_sent_twice_makes_no_difference(world: World, part: int) -> None:
    """But one, no form takes files; of a field sent twice the last counts; what it asks for once is taken once."""
    wrong: list[tuple[str, ...]] = []
    for form, client, path, data in ready(world, FORMS[part::PARTS]):
        upload = SimpleUploadedFile("../../evil.html", b"<script>", content_type="text/html")
        for what, extra in (
            ("file", {"file": upload}),
            ("twice", {name: ["x", value] for name, value in data.items()}),
        ):
            with undone():
                status = client.post(path, data | extra).status_code
                if status >= 500 or (what == "file" and status != TAKES_FILES.get(form.route, form.status)):
                    wrong.append((form.title, what, str(status)))
    assert wrong == [], "\n".join(map(str, wrong))
