"""Every page that shows anything of a case makes one entry, with the ids of what it showed; the others make none."""

from __future__ import annotations

from typing import Any

from django.test import Client

from mace.audit.models import ReadEntry, ReadKind
from mace.casework.services.emergency import begin_emergency_access
from mace.core import clock
from mace.core.seat import acting_as
from referrals.models import Case, ChildIdentity
from tests.access.tables import ABSENT, address, routes, table
from tests.access.world import World
from tests.factories.owner import as_owner
from tests.factories.referrals import another_child, open_case

NAMES = ("Brightwater", "Northway")
SEATS = ("practitioner", "coordinator", "chair", "police_lead", "social_care_lead", "board", "ig", "admin")
SHOW_NOTHING = {
    "api/v1/schema/": "describes the API",
    "roles/": "one's own roles",
    "session/": "how long a session lasts",
    "accessibility/": "a statement",
    "privacy/": "a statement",
    "demo/": "the demonstration's people",
    "people/": "staff and their roles",
    "people/new/": "a form about staff",
    "people/<str:reference>/": "one member of staff",
    "people/<str:reference>/role/": "a form about staff",
    "people/<str:reference>/account/": "a form about staff",
    "people/roles/<str:reference>/end/": "a form about staff",
    "agreements/": "agencies' agreements",
    "agreements/<str:reference>/": "an agency's agreement",
    "lists/": "criteria, lists and wording",
    "lists/<slug:name>/": "criteria, lists and wording",
    "referrals/new/": "an empty form",
    "referrals/<str:reference>/submitted/": "the reference of what was sent, and what happens next",
    "referrals/<str:reference>/copy/": "the reference of one's own referral, and which of its parts can be copied",
    "referrals/<str:reference>/withdraw/": "the reference, and what withdrawing means",
    "meetings/": "dates, places and panels of meetings",
    "meetings/new/": "an empty form",
    "exports/": "what one asked to take away, and when",
    "exports/new/<str:table>/": "an empty form",
    "exports/<str:reference>/": "whether a file is ready",
    "imports/": "an empty form, and the names of files",
    "cases/views/": "names that one gave to one's own views",
    "volt/new/<str:kind>/": "an empty form unless it begins at a case, which is tried below",
    "documents/<str:reference>/": "whether a document is ready",
    "dashboard/published/": "figures in which no child can be worked out",
    "questions/": "references of questions and who asks; the child stands on the page of each",
    "emergency/new/": "an empty form; what is searched with it is put on record by the search",
}
"""Pages that make no entry, each with what it shows instead."""
TRIED_BELOW = {"children/", "emergency/", "meetings/<str:reference>/agenda/add/<str:what>/", "actions/written/"}
"""Nothing stands in them for these seats in this world."""
FORMS_OF_THE_LOG = {"access-log/", "access-log/changes/", "access-log/people/"}
"""They show nothing before something is asked for, which is tried in ``test_log_pages.py``."""


def count(seat: Any) -> int:
    with as_owner():
        return ReadEntry.objects.filter(membership_id=seat.membership_id, refused=False).count()


def newest(seat: Any) -> ReadEntry:
    with as_owner():
        return ReadEntry.objects.filter(membership_id=seat.membership_id).latest("pk")


def test_every_page_that_shows_anything_is_put_on_record_once(world: World) -> None:
    seats, rows = table()
    cast, references = world.cast, world.references()
    marks = [
        *NAMES,
        *(references[kind] for kind in ("case", "referral", "draft", "waiting", "review", "action", "person")),
    ]
    logged: set[str] = set()
    opened: set[str] = set()
    wrong = []
    for name in SEATS:
        client = cast.client(name)
        for route, (subject, statuses) in rows.items():
            if statuses[seats.index(name)] != 200:
                continue
            before = count(cast[name])
            answer = client.get(address(route, subject, references))
            made = count(cast[name]) - before
            body = answer.content.decode()
            found = [mark for mark in marks if mark in body and mark != references.get(subject)]
            opened.add(route)
            if made:
                logged.add(route)
            if made > 1 or (found and not made) or (made and route in SHOW_NOTHING):
                wrong.append((name, route, made, found))
    assert wrong == []
    assert opened - logged - SHOW_NOTHING.keys() - FORMS_OF_THE_LOG - TRIED_BELOW == set()
    assert sorted(SHOW_NOTHING.keys() - routes().keys()) == []
    assert len(logged) > 35


def test_lists_say_which_records_they_showed(world: World) -> None:
    cast, case = world.cast, world.case
    with as_owner():
        child = Case.objects.get(pk=case.pk).child_id
    expected = {
        "/": {case.pk, world.waiting.pk},
        "/cases/": {case.pk},
        "/api/v1/cases/": {case.pk},
        "/api/v1/referrals/": {case.pk, world.waiting.pk},
        "/api/v1/actions/": {case.pk},
        "/referrals/": {world.referral.pk, world.waiting.pk},
        "/referrals/screening/": {world.waiting.pk},
        "/reviews/": {case.pk},
        "/actions/": {case.pk},
        "/volt/": {world.person.pk},
        "/volt/shared/": set(),
        f"/volt/{world.person.reference}/": {world.person.pk, case.pk},
        f"/cases/{case.reference}/": {case.pk, world.person.pk},
        f"/meetings/{world.meeting.reference}/": {world.meeting.pk, world.item.pk, case.pk},
        f"/meetings/{world.meeting.reference}/minutes/": {world.meeting.pk, world.item.pk, case.pk},
        f"/meetings/{world.next_meeting.reference}/agenda/": {world.next_meeting.pk, world.next_item.pk, case.pk},
        f"/meetings/{world.next_meeting.reference}/agenda/publish/": {
            *(world.next_meeting.pk, world.next_item.pk),
            case.pk,
        },
        f"/meetings/{world.next_meeting.reference}/run/": {world.next_meeting.pk, world.next_item.pk, case.pk},
        f"/items/{world.next_item.reference}/invite/": {world.next_item.pk, case.pk},
        f"/volt/new/person/?case={case.reference}": {case.pk},
        f"/volt/link/?a={case.reference}": {case.pk},
        f"/volt/mentions/{world.referral.reference}/": {case.pk, world.person.pk},
    }
    client = cast.client("coordinator")
    wrong = []
    for path, wanted in expected.items():
        before = count(cast["coordinator"])
        assert client.get(path).status_code == 200, path
        assert count(cast["coordinator"]) == before + 1, path
        got = set(newest(cast["coordinator"]).records)
        if not wanted <= got or (got - wanted) & {child, world.draft.pk}:
            wrong.append((path, wanted - got, got))
    assert wrong == []


def test_choices_and_what_an_agency_wrote_are_put_on_record_too(world: World) -> None:
    cast = world.cast
    path = f"/meetings/{world.next_meeting.reference}/agenda/add"
    assert "Northway" not in cast.client("coordinator").get(f"{path}/case/").content.decode()
    assert world.person.name in cast.client("coordinator").get(f"{path}/volt/").content.decode()
    entry = newest(cast["coordinator"])
    assert (entry.action, {world.next_meeting.pk, world.person.pk} <= set(entry.records)) == ("agenda choices", True)
    assert world.case.pk not in entry.records
    other = open_case(cast, child=another_child(5))
    assert other.reference in cast.client("coordinator").get(f"{path}/case/").content.decode()
    assert set(newest(cast["coordinator"]).records) == {world.next_meeting.pk, other.pk}
    assert "The nurse has written" in cast.client("health_lead").get("/actions/written/").content.decode()
    assert newest(cast["health_lead"]).records == [world.case.pk]


def test_lists_and_pages_of_emergency_access_are_put_on_record_too(world: World) -> None:
    cast = world.cast
    with as_owner():
        child = ChildIdentity.objects.get(record_id=world.case.child_id)
    with acting_as(cast["education_lead"]):
        opened = begin_emergency_access(
            forename=child.forename,
            surname=child.surname,
            born=child.date_of_birth,
            reason="She rang from a house she cannot leave, and nobody can say who is after her.",
            by=cast["education_lead"],
            at=clock.now(),
        )
    assert opened is not None
    assert opened.access is not None
    entry = newest(cast["education_lead"])
    assert (entry.kind, entry.records) == (ReadKind.SEARCH, [world.case.pk])
    for name in ("coordinator", "ig"):
        for path in ("/emergency/", f"/emergency/{opened.access.reference}/"):
            before = count(cast[name])
            assert cast.client(name).get(path).status_code == 200, path
            assert (count(cast[name]) - before, newest(cast[name]).records) == (1, [world.case.pk]), (name, path)


def test_an_agency_that_sees_an_item_but_not_its_subject_is_not_put_down_as_having_seen_the_child(world: World) -> None:
    cast = world.cast
    assert cast.client("health_lead").get(f"/meetings/{world.meeting.reference}/").status_code == 200
    assert world.case.pk not in newest(cast["health_lead"]).records


def test_searches_say_what_they_found_and_not_what_was_looked_for(world: World) -> None:
    client, seat = world.cast.client("coordinator"), world.cast["coordinator"]
    client.post("/cases/search/", {"text": "Brightwater"})
    entry = newest(seat)
    assert (entry.kind, entry.action, entry.records, entry.reference) == (
        ReadKind.SEARCH,
        "case search",
        [world.case.pk],
        "",
    )
    client.post("/volt/search/", {"q": "zzzz"})
    entry = newest(seat)
    assert (entry.kind, entry.rows, entry.records) == (ReadKind.SEARCH, 0, [])


def test_api_answers_and_files_are_of_their_own_kinds(world: World) -> None:
    cast = world.cast
    cast.client("coordinator").get("/api/v1/cases/")
    assert newest(cast["coordinator"]).kind == ReadKind.API
    cast.client("coordinator").get(f"/api/v1/cases/{world.case.reference}/")
    assert (newest(cast["coordinator"]).kind, newest(cast["coordinator"]).records) == (ReadKind.API, [world.case.pk])
    with as_owner():
        document = world.document
        document.status, document.content = "ready", b"%PDF-1.7"
        document.item_records = document.read_records = [world.item.pk]
        document.read_records = [world.item.pk, world.case.pk]
        document.read_scopes = [2, 2]
        document.save()
    answer = cast.client("police_lead").get(f"/documents/{document.reference}/file/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    entry = newest(cast["police_lead"])
    assert (entry.kind, entry.reference) == (ReadKind.FILE, document.reference)
    assert set(entry.records) == {world.meeting.pk, world.item.pk, world.case.pk}


def answered(client: Client, seat: Any, path: str, data: dict[str, str], **headers: str) -> tuple[int, int]:
    """The status, and how many entries the answer made."""
    before = count(seat)
    status = client.post(path, data, headers=headers).status_code
    return status, count(seat) - before


def test_a_form_that_comes_back_with_errors_shows_the_case_and_is_put_on_record(world: World) -> None:
    """Its transaction is given up; the entry is not."""
    cast, case = world.cast, world.case
    client, seat = cast.client("coordinator"), cast["coordinator"]
    for path in (
        f"/cases/{case.reference}/sharing/new/",
        f"/cases/{case.reference}/sharing/end/",
        f"/items/{world.next_item.reference}/invite/",
        f"/referrals/{world.waiting.reference}/screen/",
        f"/volt/link/?a={case.reference}",
    ):
        assert answered(client, seat, path, {"version": "0"}) == (422, 1), path
        assert newest(seat).records, path


def test_what_somebody_else_saved_is_shown_to_who_saves_later_and_put_on_record(world: World) -> None:
    client, seat = world.cast.client("practitioner"), world.cast["practitioner"]
    path = f"/referrals/{world.draft.reference}/pages/child/save/"
    assert answered(client, seat, path, {"version": "99", "op": "a", "forename": "Other"}) == (409, 1)
    assert (newest(seat).action, newest(seat).records) == ("referral page", [world.draft.pk])
    path = f"/referrals/{world.draft.reference}/pages/child/"
    assert answered(client, seat, path, {"version": "99", "operation": "b", "forename": "Other"}) == (409, 1)
    review = f"/reviews/{world.review.reference}/save/"
    assert answered(client, seat, review, {"version": "0", "op": "c", "progress": "One"}) == (200, 0)
    assert answered(client, seat, review, {"version": "0", "op": "d", "progress": "Two"}) == (409, 1)


def test_refusals_are_put_on_record_for_seats_and_not_for_strangers_to_the_service(world: World) -> None:
    with as_owner():
        before = ReadEntry.objects.count()
    client = Client()
    assert client.get(f"/cases/{world.case.reference}/").status_code == 302
    assert client.get("/nowhere/").status_code == 404
    with as_owner():
        assert ReadEntry.objects.count() == before
    stranger = world.cast.client("stranger_police")
    for reference in (world.case.reference, ABSENT):
        assert stranger.get(f"/cases/{reference}/").status_code == 404
        entry = newest(world.cast["stranger_police"])
        assert (entry.refused, entry.kind, entry.reference, entry.records) == (True, "refusal", reference, [])
