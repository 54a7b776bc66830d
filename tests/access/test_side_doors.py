"""What might tell something without being asked: addresses, headers, names of files, mail, the queue, logs, errors."""

from __future__ import annotations

import inspect
import io
import re
import uuid
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from celery import current_app
from django.core import mail
from django.test import Client
from pypdf import PdfReader

from mace.attachments.views import ALONE
from mace.core import clock
from mace.core.middleware import POLICY
from mace.core.seat import acting_as
from mace.notifications.mail import mail_for
from mace.notifications.models import Message
from panels import tasks
from panels.services.meetings import request_document
from referrals.models import ChildIdentity
from tests.access.channels import normal
from tests.access.locks import owner_rows, rows
from tests.access.tables import address, table, without_token
from tests.access.world import World, make_world
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.panels import HELD
from tests.factories.referrals import draft_referral, submitted_referral

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("mace", "referrals", "volt", "panels", "dashboards")
SEATS = ("practitioner", "manager", "coordinator", "chair", "police_lead", "police_member", "board", "ig", "admin")
NAMES = ("Tamika", "Brightwater", "Dex", "white van")


# --- No number of a row anywhere -------------------------------------------------------------------------------------

FIRST = 730_000_000
APART = 100_000
SEQUENCES = """
select s.oid::regclass::text,
       coalesce(d.refobjid::regclass::text, s.oid::regclass::text) || '.' || coalesce(a.attname, 'nextval')
  from pg_class s left join pg_depend d on d.objid = s.oid and d.deptype in ('a', 'i')
  left join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
 where s.relkind = 'S' and s.relnamespace = 'public'::regnamespace order by 1"""
TOLD = {
    "agencies_agency.id": "which agency, in lists of all agencies of one's partnership",
    "agencies_team.id": "which team, in lists of an agency's teams",
    "accounts_membership.id": "which colleague, in lists of colleagues",
    "panels_panel.id": "which panel, in the list of panels",
}
"""Numbers of what every seat may read (tables that are open): they name nothing about a child."""


@pytest.fixture
def numbered(db: None) -> Iterator[dict[str, range]]:
    """Every number that the database gives from now on is a large one, of a range of its own for each column."""
    with as_owner():
        sequences = rows(SEQUENCES)
        before = {name: rows(f"select last_value, is_called from {name}")[0] for name, _ in sequences}
        given = {}
        for at, (name, column) in enumerate(sequences):
            start = FIRST + at * APART
            given[column] = range(start, start + APART)
            rows("select setval(%s, %s, false)", name, start)
    yield given
    with as_owner():
        for name, (value, called) in before.items():
            rows("select setval(%s, %s, %s)", name, value, called)


def test_no_answer_tells_the_number_of_a_row(numbered: dict[str, range], cast: Cast) -> None:
    world = make_world(cast)
    assert len(numbered) > 40
    assert owner_rows("select count(*) from access_record where id >= %s", FIRST)[0][0] >= 10
    _, listed = table()
    number, leaks = re.compile(rb"(?<![\d-])73\d{7}(?!\d)"), set()
    opened = 0
    for name in SEATS:
        client = cast.client(name)
        paths = [address(route, subject, world.references()) for route, (subject, _) in listed.items()]
        for path in paths:
            answer = client.get(path)
            opened += answer.status_code == 200
            everything = b"".join(f"{k}: {v}\n".encode() for k, v in answer.headers.items()) + normal(answer.content)
            everything += str(getattr(answer, "url", "")).encode()
            for found in number.findall(everything):
                column = next((column for column, given in numbered.items() if int(found) in given), "unknown")
                if column not in TOLD:
                    leaks.add((name, path, column))
    assert sorted(leaks) == []
    assert opened > 200


def test_references_are_drawn_at_random() -> None:
    from mace.core import references  # noqa: PLC0415 (only its functions are asked)

    makers = [
        value for name, value in vars(references).items() if name.endswith("_reference") and name != "new_reference"
    ]
    assert len(makers) >= 9
    for make in makers:
        drawn = {make() for _ in range(200)}
        assert len(drawn) == 200
        assert all(re.fullmatch(r"[A-Z]-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", one) for one in drawn), make
        for at in (2, 3, 4, 5, 7, 8, 9, 10):
            assert len({one[at] for one in drawn}) > 20, (make, at)


def test_no_route_takes_a_number() -> None:
    _, listed = table()
    assert [route for route in listed if "<int:" in route or "<uuid:" in route] == []
    assert {name for route in listed for name in re.findall(r"<(\w+:\w+)>", route)} <= {
        *("str:reference", "slug:section", "slug:name", "str:kind", "str:what", "str:number", "str:field"),
        *("str:address", "str:table", "str:key"),
    }


# --- Names are searched for by POST ----------------------------------------------------------------------------------


class _Forms(HTMLParser):
    """The fields of forms that send by GET."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = False
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.inside = (given.get("method") or "get").lower() == "get"
        elif self.inside and tag in {"input", "textarea", "select"}:
            kind = given.get("type") or "text" if tag == "input" else tag
            self.found.append((str(given.get("name")), str(kind)))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False


BY_REFERENCE = {"reference", "case", "other"}
"""Fields that take a reference and nothing else; names are looked for by POST."""


def test_no_form_puts_what_somebody_typed_into_an_address(world: World) -> None:
    _, listed = table()
    typed, forms = set(), 0
    for name in SEATS:
        client = world.cast.client(name)
        for route, (subject, _) in listed.items():
            parser = _Forms()
            parser.feed(client.get(address(route, subject, world.references())).content.decode(errors="replace"))
            forms += len(parser.found)
            typed |= {(route, field) for field, kind in parser.found if kind in {"text", "search", "textarea", "email"}}
    assert {
        (route, field)
        for route, field in typed
        if field not in BY_REFERENCE and not field.startswith(("from", "to", "start", "end", "since", "until", "on_"))
    } == set()


@pytest.mark.parametrize(
    ("path", "field"), [("/cases/search/", "text"), ("/volt/search/", "q"), ("/emergency/new/", "surname")]
)
def test_a_name_in_an_address_is_not_searched_for(world: World, path: str, field: str) -> None:
    client = world.cast.client("coordinator" if "emergency" not in path else "practitioner")
    answer = client.get(path, {field: "Brightwater"})
    assert answer.status_code in {200, 302, 405}
    assert "Brightwater" not in answer.content.decode() + str(getattr(answer, "url", ""))


# --- Headers ---------------------------------------------------------------------------------------------------------


def test_no_answer_is_kept_by_a_browser_or_a_proxy_nor_tells_other_sites_where_one_was(world: World) -> None:
    cast, wrong, statuses = world.cast, [], set()
    with acting_as(cast["police_lead"]):
        document = request_document(meeting=world.meeting, by=cast["police_lead"], at=HELD)
    assert tasks.make_document(membership_id=cast["police_lead"].membership_id, document_id=str(document.pk))
    _, listed = table()
    references = world.references() | {"document": document.reference}
    expected = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "X-Robots-Tag": "noindex, nofollow",
    }
    for client in (Client(), cast.client("coordinator"), cast.client("police_lead")):
        client.raise_request_exception = False
        paths = [address(route, subject, references) for route, (subject, _) in listed.items()]
        for path in (*paths, "/nothing/", "/accounts/login/", "/accounts/password/reset/"):
            for answer in (client.get(path), client.post(path, {"a": "b"})):
                statuses.add(answer.status_code)
                got = {name: answer.headers.get(name) for name in expected}
                if path.startswith("/accounts/") and "no-store" in str(got["Cache-Control"]):
                    got["Cache-Control"] = "no-store"  # the sign-in package says so in more words
                alone = path == f"/files/{world.file.reference}/" and answer.status_code == 200
                wanted = expected | ({"Content-Security-Policy": ALONE} if alone else {})
                if got != wanted:
                    wrong.append((path, answer.status_code, {k: v for k, v in got.items() if v != wanted[k]}))
    assert wrong == []
    assert {200, 302, 403, 404, 405} <= statuses
    assert "'unsafe-inline'" not in POLICY
    assert "default-src 'none'" in POLICY


# --- Files -----------------------------------------------------------------------------------------------------------


def test_a_file_is_called_by_its_reference_and_says_nothing_of_who_or_what_made_it(world: World) -> None:
    cast = world.cast
    with acting_as(cast["coordinator"]):
        document = request_document(meeting=world.meeting, by=cast["coordinator"], at=HELD)
    assert tasks.make_document(membership_id=cast["coordinator"].membership_id, document_id=str(document.pk))
    answer = cast.client("coordinator").get(f"/documents/{document.reference}/file/")
    assert answer.headers["Content-Type"] == "application/pdf"
    names = re.findall(r'filename="?([^";]+)"?', answer.headers["Content-Disposition"])
    assert names
    assert all(re.fullmatch(r"[A-Z]-[0-9A-Z]{4}-[0-9A-Z]{4}\.pdf", name) for name in names), names
    reader = PdfReader(io.BytesIO(answer.content))
    assert any("Brightwater" in page.extract_text() for page in reader.pages)
    told = {key: str(value) for key, value in (reader.metadata or {}).items()}
    assert set(told) <= {"/Title", "/Producer", "/CreationDate", "/ModDate", "/Lang"}, told
    for value in (*told.values(), str(reader.xmp_metadata.stream.get_data() if reader.xmp_metadata else "")):
        assert not any(word in value for word in (*NAMES, cast["coordinator"].person_name, cast.partnership.name)), told
    assert reader.attachments == {}


# --- Mail ------------------------------------------------------------------------------------------------------------


def test_mail_gives_a_reference_and_a_link_and_no_name(world: World) -> None:
    with as_owner():
        identities = ChildIdentity.objects.all()
        secret = {*NAMES, *(name for child in identities for name in (child.forename, child.surname))}
        messages = list(Message.objects.select_related("recipient__user"))
        assert len(messages) > 10
        mails = [mail_for(message) for message in messages]
    assert secret > {"Tamika", "Brightwater"}
    for made in mails:
        whole = made.message().as_string()
        assert [name for name in secret if re.search(rf"\b{re.escape(name)}\b", whole)] == []
        links = re.findall(r"https?://\S+", str(made.body))
        assert len(links) == 1
        assert not re.search(r"[?&]", links[0])
    assert mail.outbox == []


# --- The queue -------------------------------------------------------------------------------------------------------


def our_tasks() -> dict[str, Any]:
    current_app.loader.import_default_modules()
    return {name: task for name, task in current_app.tasks.items() if not name.startswith("celery.")}


def test_a_task_takes_keys_and_nothing_else() -> None:
    found = our_tasks()
    assert len(found) >= 10
    for name, task in found.items():
        for parameter in inspect.signature(task.run).parameters.values():
            said = (name, parameter.name, parameter.annotation)
            assert parameter.name.endswith("_id"), said
            assert parameter.annotation in {"int", "str", int, str}, said
    schedule = current_app.conf.beat_schedule
    assert all(not entry.get("args") and not entry.get("kwargs") for entry in schedule.values())


def test_what_is_put_on_the_queue_are_numbers_and_keys(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    queued: list[tuple[str, Any, Any]] = []

    def keep(name: str, args: Any = None, kwargs: Any = None, **more: Any) -> None:
        queued.append((name, args, kwargs))

    with mock.patch.object(current_app, "send_task", keep), django_capture_on_commit_callbacks(execute=True):
        make_world(cast)
    assert {name for name, _, _ in queued} >= {"mace.notifications.tasks.send_mail", "panels.tasks.make_document"}
    for name, args, kwargs in queued:
        assert not args, name
        for key, value in (kwargs or {}).items():
            assert isinstance(value, int) or str(uuid.UUID(value)) == value, (name, key)


# --- Another partnership's child -------------------------------------------------------------------------------------


def test_a_child_known_elsewhere_is_to_a_referrer_like_one_nobody_knows(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every page on a referral's way says the same, whether or not another partnership has a case on that child."""
    monkeypatch.setattr(clock, "now", lambda: HELD)
    submitted_referral(cast)
    with as_owner():
        assert ChildIdentity.objects.filter(surname="Brightwater").count() == 1
    pages = []
    for surname in ("Brightwater", "Nobodyknows"):
        draft = draft_referral(cast, by="stranger_practitioner", child={"surname": surname})
        client = cast.client("stranger_practitioner")
        said = [
            client.get(f"/referrals/{draft.reference}/{page}").content
            for page in ("", "pages/child/", "check/", "pages/concern/")
        ]
        assert surname.encode() in said[1]
        drawn = re.compile(rb'name="operation" value="[0-9a-f]+"|%b|%b' % (draft.reference.encode(), surname.encode()))
        pages.append([drawn.sub(b"?", without_token(body)) for body in said])
    for first, second in zip(*pages, strict=True):
        assert [pair for pair in zip(first.splitlines(), second.splitlines(), strict=True) if len(set(pair)) > 1] == []
