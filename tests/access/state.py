"""What a seat is told in each way, beside what a small model says of it."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable

from django.db import connection, transaction
from django.test import Client
from hypothesis import strategies as st

from mace.access.models import Kind
from mace.access.selectors import visible_count, visible_page
from mace.casework.selectors.case_list import search_cases
from mace.core import clock
from mace.core.seat import acting_as
from panels.models import Meeting, MinutesDocument
from panels.services.meetings import request_document
from panels.tasks import make_document
from referrals.models import Case
from referrals.selectors import Wanted, possible_matches
from tests.access.channels import text_of
from tests.access.seen import CASES, FULL, IDENTITY, ITEM, ONE, SEATS, SUMMARY, TWO, Model
from tests.factories.cast import Cast
from tests.factories.panels import approved_meeting, item_of
from tests.factories.referrals import another_child, open_case

PAST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
SCOPES = st.sampled_from([IDENTITY, SUMMARY, FULL])
PARTNERS = st.sampled_from(["police", "health", "education", "voluntary"])
LEADERS = st.sampled_from(["practitioner", "other_practitioner", "manager"])
BARRED = st.sampled_from([*SEATS[:3], *SEATS[4:11]])
NAMED = st.sampled_from(["manager", "police_member", "voluntary_member", "education_lead", "chair", "practitioner"])
IN_AN_EMERGENCY = st.sampled_from(["police_lead", "health_lead", "other_practitioner", "manager"])
LEAVERS = st.sampled_from(["practitioner", "manager", "police_lead", "chair", "voluntary_member"])
ON = st.sampled_from(CASES)

EVERYTHING = """
select 'case', record_id from referrals_case
union all select 'identity', child_id from referrals_childidentity
union all select 'summary', record_id from referrals_casesummary
union all select 'concern', record_id from referrals_concern
union all select 'score', record_id from referrals_domainscore union all select 'item', record_id from panels_agendaitem
union all select 'minute', record_id from panels_minute union all select 'meeting', record_id from panels_meeting
"""


class World:
    """What the machine works on, made once; each run of it is taken back."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        one = open_case(cast)
        two = open_case(cast, by="other_practitioner", child=another_child(3))
        open_case(cast, by="stranger_practitioner", coordinator="stranger_coordinator", child=another_child(4))
        meeting = approved_meeting(cast, one, invite=("police",))
        item = item_of(cast, meeting)
        self.meeting = meeting
        with acting_as(cast["coordinator"]):
            self.cases = {
                name: Case.objects.select_related("child__identity", "summary").get(pk=case.pk)
                for name, case in ((ONE, one), (TWO, two))
            }
        self.records = {ONE: one.pk, TWO: two.pk, ITEM: item.pk}
        self.names = {
            **{("case", case.pk): ("case", name) for name, case in self.cases.items()},
            **{("identity", case.child_id): ("identity", name) for name, case in self.cases.items()},
            **{
                (part, case.pk): (part, name)
                for name, case in self.cases.items()
                for part in ("summary", "concern", "score")
            },
            **{(part, item.pk): (part, ITEM) for part in ("item", "minute")},
            ("meeting", meeting.pk): ("meeting", ITEM),
        }
        self.clients = {name: cast.client(name) for name in SEATS}

    def client(self, name: str) -> Client:
        """A browser with the session as it was when the world was made."""
        fresh = Client()
        fresh.cookies = copy.deepcopy(self.clients[name].cookies)
        return fresh

    def page(self, name: str, path: str, data: dict[str, str] | None = None) -> tuple[int, str]:
        client = self.client(name)
        answer = client.get(path) if data is None else client.post(path, data)
        return answer.status_code, answer.content.decode()


# --- Ways to be told -------------------------------------------------------------------------------------------------


def through_sql(world: World, name: str) -> set[tuple[str, str]]:
    with acting_as(world.cast[name]), connection.cursor() as cursor:
        cursor.execute(EVERYTHING)
        return {world.names.get(row, ("of somebody else", str(row))) for row in cursor.fetchall()}


def cases_seen(model: Model, name: str) -> set[str]:
    return {case for part, case in model.sees(name) if part == "case"}


def check_list(world: World, model: Model, name: str, case: str) -> None:
    _, body = world.page(name, "/cases/")
    assert {at for at in CASES if world.cases[at].reference in body} == cases_seen(model, name)


def check_page(world: World, model: Model, name: str, case: str) -> None:
    status, body = world.page(name, f"/cases/{world.cases[case].reference}/")
    scope = model.held(name, case)
    assert status == (200 if scope else 404)
    identity = world.cases[case].child.identity
    assert (identity.full_name in body) == (scope >= IDENTITY)
    assert ("May be made to carry drugs" in body) == (scope >= SUMMARY)
    assert ("Found on 27 February" in body) == (scope >= FULL)
    assert ('id="history"' in body) == bool(scope >= SUMMARY), "the timeline"
    minute = ("minute", ITEM) in model.sees(name) and case == ONE and scope >= SUMMARY
    assert ("Each agency said what it holds" in body) == minute


def check_api_list(world: World, model: Model, name: str, case: str) -> None:
    _, body = world.page(name, "/api/v1/cases/")
    assert {at for at in CASES if world.cases[at].reference in body} == cases_seen(model, name)


def check_api_page(world: World, model: Model, name: str, case: str) -> None:
    status, body = world.page(name, f"/api/v1/cases/{world.cases[case].reference}/")
    scope = model.held(name, case)
    assert status == (200 if scope else 404)
    assert ("May be made to carry drugs" in body) == (scope >= SUMMARY)


def check_search(world: World, model: Model, name: str, case: str) -> None:
    surname = world.cases[case].child.identity.surname
    _, body = world.page(name, "/cases/search/", {"text": surname})
    assert (world.cases[case].reference in body) == (case in cases_seen(model, name))
    with acting_as(world.cast[name]):
        found = {line.reference for line in search_cases(world.cases[case].reference)}
    assert found == ({world.cases[case].reference} if case in cases_seen(model, name) else set())


def check_selectors(world: World, model: Model, name: str, case: str) -> None:
    wanted = {world.records[at] for at in cases_seen(model, name)}
    theirs = {1} if name == "stranger_coordinator" else set()
    with acting_as(world.cast[name]):
        assert set(visible_page(Kind.CASE).ids) & set(world.records.values()) == wanted
        assert visible_count(Kind.CASE) == len(wanted) + len(theirs)
        full = {world.records[at] for at in CASES if model.held(name, at) == FULL}
        assert set(visible_page(Kind.CASE, scope=FULL).ids) & set(world.records.values()) == full


def check_home(world: World, model: Model, name: str, case: str) -> None:
    status, body = world.page(name, "/")
    assert status == 200
    assert {at for at in CASES if world.cases[at].reference in body} <= cases_seen(model, name) | authored(model, name)


def authored(model: Model, name: str) -> set[str]:
    return {case for part, case in model.sees(name) if part == "concern"}


def check_sharing(world: World, model: Model, name: str, case: str) -> None:
    status, body = world.page(name, f"/cases/{world.cases[case].reference}/sharing/")
    assert status == (200 if model.held(name, case) else 404)
    assert (world.cases[case].reference in body) == bool(model.held(name, case))


def check_minutes(world: World, model: Model, name: str, case: str) -> None:
    status, body = world.page(name, f"/meetings/{world.meeting.reference}/minutes/")
    seen = model.sees(name)
    assert status == (200 if ("meeting", ITEM) in seen else 404)
    assert ("Each agency said what it holds" in body) == ({("meeting", ITEM), ("minute", ITEM)} <= seen)


def check_inbox(world: World, model: Model, name: str, case: str) -> None:
    status, body = world.page(name, "/inbox/")
    assert status == 200
    if model.shut(name, case):
        assert world.cases[case].reference not in body


def check_suggestions(world: World, model: Model, name: str, case: str) -> None:
    identity = world.cases[case].child.identity
    with acting_as(world.cast[name]):
        found = {
            match.child_id
            for match in possible_matches(Wanted(identity.forename, identity.surname, identity.date_of_birth))
        }
    kept = ONE if model.merged and case == TWO else case
    ours = {world.cases[at].child_id for at in CASES}
    assert found & ours == ({world.cases[kept].child_id} if case in model.matches(name) else set())


def check_pdf(world: World, model: Model, name: str, case: str) -> None:
    """The minutes as the worker makes them for the seat; rendered in the deep run only."""
    seat, seen = world.cast[name], model.sees(name)
    with transaction.atomic():
        with acting_as(seat):
            meeting = Meeting.objects.filter(pk=world.meeting.pk).first()
            assert (meeting is not None) == (("meeting", ITEM) in seen)
            document = request_document(meeting=meeting, by=seat, at=clock.now()) if meeting else None
        if document is not None:
            assert make_document(membership_id=seat.membership_id, document_id=str(document.pk))
            with acting_as(seat):
                content = bytes(MinutesDocument.objects.get(pk=document.pk).content or b"")
            assert ("Each agency said what it holds" in " ".join(text_of(content).split())) == (
                ("minute", ITEM) in seen
            )
        transaction.set_rollback(True)


Check = Callable[[World, Model, str, str], None]
CHECKS: tuple[Check, ...] = (
    *(check_list, check_page, check_api_list, check_api_page, check_search, check_selectors, check_home),
    *(check_sharing, check_minutes, check_inbox, check_suggestions),
)
