"""The pages of the access log: whole answers for the officer, never a child's name, each reading on record itself."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mace.audit.models import ReadEntry, ReadKind
from mace.audit.services import record_read
from mace.core.seat import acting_as
from referrals.models import CaseSummary
from tests.access.world import World
from tests.factories.owner import as_owner

NAMES = ("Brightwater", "Northway", "Amara", "Quillfeather")
PAGE = 25


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return str(answer.content.decode())


def text(body: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body[body.index("<main") : body.index("</main>")]))


def rows_of(body: str) -> list[list[str]]:
    """The cells of the table, without tags."""
    table = body[body.index("<tbody") : body.index("</tbody>")] if "<tbody" in body else ""
    rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    cells = [re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL) for row in rows]
    return [[re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cell)).strip() for cell in row] for row in cells]


def child_reference(world: World) -> str:
    with as_owner():
        return str(world.case.child.reference)


def newest(seat: Any) -> ReadEntry:
    with as_owner():
        return ReadEntry.objects.filter(membership_id=seat.membership_id).latest("pk")


def looks(world: World, name: str, times: int) -> None:
    seat, case = world.cast[name], world.case
    with acting_as(seat):
        for _ in range(times):
            record_read(by=seat, action="case page", record_id=case.pk, reference=case.reference)


def test_the_officer_learns_who_saw_a_child_by_any_of_its_references_and_from_lists_too(world: World) -> None:
    cast = world.cast
    cast.client("police_lead").get(f"/cases/{world.case.reference}/")
    cast.client("practitioner").get("/cases/")
    cast.client("coordinator").post("/cases/search/", {"text": "Brightwater"})
    cast.client("chair").get(f"/meetings/{world.meeting.reference}/")
    with as_owner():
        assert "Brightwater" in world.case.child.identity.full_name  # the officer sees none of it
    for reference in (world.case.reference, world.referral.reference, child_reference(world)):
        body = page(cast.client("ig"), f"/access-log/?reference={reference.lower()}")
        who = {row[1]: row[2] for row in rows_of(body)[::-1] if not row[2].startswith("Access log")}
        assert who == {
            "Police Lead, Agency lead, Anytown Police": "Case page",
            "Practitioner, Practitioner, Anytown Children’s Services": "Case list",
            "Coordinator, Coordinator, Anytown Children’s Services": "Case search",
            "Chair, Chair, Anytown Children’s Services": "Meeting page",
        }, reference
        assert [name for name in NAMES if name in body] == []
    assert "by 5 people" in text(page(cast.client("ig"), f"/access-log/?reference={world.case.reference}"))


def test_the_officer_of_another_partnership_and_wrong_references_get_the_same_answer(world: World) -> None:
    cast = world.cast
    with as_owner():
        membership = cast.memberships["stranger_coordinator"]
        membership.role = "ig"
        membership.save()
    client = cast.client("stranger_coordinator")
    answers = [
        text(page(client, f"/access-log/?reference={reference}", 422)).replace(reference, "?")
        for reference in (world.case.reference, child_reference(world), "C-0000-0000")
    ]
    assert answers[0] == answers[1] == answers[2]
    assert "There is no record of that reference" in answers[0]
    looks(world, "police_lead", 2)
    cast.client("police_lead").get("/cases/C-0000-0000/")
    page(client, f"/access-log/people/?role={cast.memberships['police_lead'].reference}", 422)
    assert cast.memberships["police_lead"].reference not in page(client, "/access-log/people/")
    assert len(rows_of(page(cast.client("ig"), "/access-log/refusals/"))) == 1
    assert rows_of(page(client, "/access-log/refusals/")) == []


def test_what_one_person_was_shown_with_every_reference(world: World) -> None:
    cast = world.cast
    cast.client("coordinator").get("/referrals/")
    cast.client("coordinator").get(f"/cases/{world.case.reference}/")
    member = cast.memberships["coordinator"]
    body = page(cast.client("ig"), f"/access-log/people/?role={member.reference}")
    rows = rows_of(body)
    assert [row[2] for row in rows] == ["Case page", "Referral list"]
    assert world.case.reference in rows[0][3]
    assert world.person.reference in rows[0][3]
    assert world.waiting.reference in rows[1][3]
    assert "2 entries." in text(body)
    assert [name for name in NAMES if name in body] == []
    assert (newest(cast["ig"]).kind, newest(cast["ig"]).reference) == (ReadKind.LOG, member.reference)


def test_files_and_refusals_have_pages_of_their_own(world: World) -> None:
    cast = world.cast
    with acting_as(cast["police_lead"]):
        record_read(by=cast["police_lead"], action="minutes as PDF", record_id=world.meeting.pk, kind=ReadKind.FILE)
    with acting_as(cast["stranger_police"]):  # of another partnership, and shown a record of this one
        record_read(by=cast["stranger_police"], action="list as a file", records=[world.case.pk], kind=ReadKind.EXPORT)
        record_read(by=cast["stranger_police"], action="own file", kind=ReadKind.FILE)
    cast.client("police_lead").get("/cases/C-0000-0000/")
    cast.client("stranger_police").get(f"/cases/{world.case.reference}/")
    files = rows_of(page(cast.client("ig"), "/access-log/files/"))
    assert [(row[2], row[4]) for row in files] == [("List as a file", "Export"), ("Minutes as PDF", "File")]
    assert files[0][1] == "Stranger Police, Agency lead, Elsewhere Police"
    refusals = rows_of(page(cast.client("ig"), "/access-log/refusals/"))
    assert [(row[1], row[2], row[3]) for row in refusals] == [
        ("Police Lead, Agency lead, Anytown Police", "Case", "Nothing; asked for C-0000-0000")
    ]


def test_an_agency_lead_reads_its_own_agencys_people_and_nobody_elses(world: World) -> None:
    cast = world.cast
    cast.client("police_member").get(f"/actions/{world.action.reference}/")
    cast.client("coordinator").get(f"/cases/{world.case.reference}/")
    client = cast.client("police_lead")
    body = page(client, "/access-log/people/")
    assert {row[1] for row in rows_of(body)} == {"Police Member, Agency member, Anytown Police"}
    assert cast.memberships["coordinator"].reference not in body
    page(client, f"/access-log/people/?role={cast.memberships['coordinator'].reference}", 422)
    chosen = page(client, f"/access-log/people/?role={cast.memberships['police_member'].reference}")
    assert [row[2] for row in rows_of(chosen)] == ["Action page"]
    assert rows_of(chosen)[0][3] == world.case.reference


def test_who_has_looked_at_a_case(world: World) -> None:
    cast = world.cast
    looks(world, "police_lead", 2)
    looks(world, "practitioner", 1)
    body = page(cast.client("coordinator"), f"/cases/{world.case.reference}/access-log/")
    assert [row[1] for row in rows_of(body)] == [
        "Practitioner, Practitioner, Anytown Children’s Services",
        "Police Lead, Agency lead, Anytown Police",
        "Police Lead, Agency lead, Anytown Police",
    ]
    assert "looked at 3 times, by 2 people" in text(body)
    own = page(cast.client("social_care_lead"), f"/cases/{world.case.reference}/access-log/")
    assert {row[1].rpartition(", ")[2] for row in rows_of(own)} == {"Anytown Children’s Services"}
    assert "police" not in text(own).lower()
    entry = newest(cast["coordinator"])
    assert (entry.kind, entry.record_id, entry.rows) == (ReadKind.LOG, world.case.pk, 3)
    assert "/access-log/" in page(cast.client("coordinator"), f"/cases/{world.case.reference}/")
    assert (
        "/access-log/" not in page(cast.client("police_lead"), f"/cases/{world.case.reference}/").partition("<main")[2]
    )


def test_dates_narrow_what_is_shown_and_a_wrong_order_is_said(world: World) -> None:
    looks(world, "police_lead", 2)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("alter table audit_readentry disable trigger user")
        cursor.execute(
            "update audit_readentry set at = '2026-02-03 23:30:00+00' "
            "where action = 'case page' and id = (select max(id) from audit_readentry)"
        )
        cursor.execute("alter table audit_readentry enable trigger user")
    client = world.cast.client("ig")
    asked = f"/access-log/?reference={world.case.reference}"
    form = page(client, asked)
    names = re.findall(r'name="(start[^"]*|end[^"]*)"', form)
    boxes = dict(zip(names, ("3", "2", "2026") * 2, strict=True))
    query = "&".join(f"{name}={value}" for name, value in boxes.items())
    assert len(rows_of(form)) == 2
    assert [row[0] for row in rows_of(page(client, f"{asked}&{query}"))] == ["3 February 2026 at 11:30pm"]
    boxes[names[5]] = "2025"
    wrong = "&".join(f"{name}={value}" for name, value in boxes.items())
    assert "To must be on or after the first day" in page(client, f"{asked}&{wrong}", 422)


def test_pages_follow_one_another_by_key_and_miss_nothing(world: World) -> None:
    looks(world, "police_lead", 2 * PAGE + 3)
    client, path = world.cast.client("coordinator"), f"/cases/{world.case.reference}/access-log/"
    sizes, address = [], path
    while address:
        body = page(client, address)
        rows = [row for row in rows_of(body) if row[2] == "Case page"]
        sizes.append(len(rows))
        found = re.search(r'href="(\?[^"]*after=[^"]*)" rel="next"', body)
        address = path + found[1].replace("&amp;", "&") if found else ""
    assert sum(sizes) == 2 * PAGE + 3
    assert max(sizes) <= PAGE
    assert client.get(path + "?after=nonsense").status_code == 302


@pytest.mark.parametrize(
    ("seat", "path", "statements"),
    [
        ("ig", "/access-log/?reference={case}", 12),
        ("ig", "/access-log/people/?role={role}", 12),
        ("coordinator", "/cases/{case}/access-log/", 13),
        ("coordinator", "/cases/{case}/changes/", 12),
    ],
)
def test_as_many_statements_for_one_entry_as_for_a_page_of_them(
    world: World, seat: str, path: str, statements: int
) -> None:
    client = world.cast.client(seat)
    address = path.format(case=world.case.reference, role=world.cast.memberships["police_lead"].reference)
    looks(world, "police_lead", 1)
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        page(client, address)
    looks(world, "police_lead", PAGE)
    with CaptureQueriesContext(connection) as many:
        page(client, address)
    assert len(few) == len(many)
    assert len(many) <= statements, [query["sql"][:120] for query in many]


def test_changes_to_a_case_say_which_fields_and_no_value(world: World) -> None:
    cast, case = world.cast, world.case
    with acting_as(cast["coordinator"], reason="Put right"):
        CaseSummary.objects.filter(pk=case.pk).update(account="Only I know this")
    body = page(cast.client("practitioner"), f"/cases/{case.reference}/changes/")
    assert rows_of(body)[0][1:] == [
        *("Coordinator, Coordinator, Anytown Children’s Services", "Summary", "Changed"),
        *("account", "Put right"),
    ]
    assert "Only I know this" not in body
    assert "Who may see it" not in body
    assert "Who may see it" in page(cast.client("chair"), f"/cases/{case.reference}/changes/")
    officer = page(cast.client("ig"), f"/access-log/changes/?reference={case.reference}")
    assert rows_of(officer)[0][2:5] == ["Summary", "Changed", "account"]
    assert [word for word in (*NAMES, "Only I know this") if word in officer] == []
    assert newest(cast["ig"]).action == "changes to a record"
    page(cast.client("ig"), "/access-log/changes/?reference=C-0000-0000", 422)
    assert cast.client("practitioner").get(f"/cases/{case.reference}/changes/?after=x").status_code == 302


def test_an_agency_below_full_scope_finds_neither_page(world: World) -> None:
    client = world.cast.client("police_lead")
    assert client.get(f"/cases/{world.case.reference}/").status_code == 200
    for part in ("access-log", "changes"):
        hidden = client.get(f"/cases/{world.case.reference}/{part}/")
        absent = client.get(f"/cases/C-0000-0000/{part}/")
        assert (hidden.status_code, absent.status_code) == (404, 404)


def test_the_menu_has_the_log_for_those_who_answer_for_people(world: World) -> None:
    people = [name for name in world.cast.seats if "system" not in name]
    shown = {name for name in people if 'href="/access-log/"' in page(world.cast.client(name), "/roles/")}
    assert shown == {"ig", "police_lead", "health_lead", "education_lead", "social_care_lead", "stranger_police"}
