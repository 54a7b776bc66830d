"""Every form about meetings, actions and VOLT, as somebody sends it when all is well."""

from __future__ import annotations

import datetime as dt

from tests.access.forms_ground import (
    WHY,
    Form,
    agency,
    another_case,
    at_item,
    at_meeting,
    boxes,
    criteria,
    day,
    held_and_next,
    meeting_drafted,
    meeting_held,
    meeting_to_build,
    minute_taker,
    other_case,
    person_to_write,
    referral_of,
    seat,
)
from tests.factories.panels import SAID

SHARED = {"scope": "1", "confirmed": "yes", **WHY}
LINK = {"kind": "other", "source": "A talk", "basis": "opinion", "source_grade": "2", "assessment": "C"}
LINK |= {"handling": "P"}

PANELS: list[Form] = [
    # Meetings
    Form(
        "meetings/new/",
        "coordinator",
        lambda w: {
            "panel": str(w.cast.panels["operational"].pk),
            "time": "9:30",
            "place": "Online",
            **day("day", dt.date(2026, 3, 30)),
        },
        names={"panel": "panel"},
        offers=("operation",),
    ),
    Form("meetings/<str:reference>/cancel/", "coordinator", subject="next_meeting"),
    Form("meetings/<str:reference>/close/", "coordinator", subject="meeting", changes=False),
    Form(
        "meetings/<str:reference>/agenda/add/<str:what>/",
        "coordinator",
        lambda w: {"case": other_case(w).reference, "kind": "new", "minutes": "10"},
        "next_meeting",
        {"case": "case"},
        ("review",),
        another_case,
    ),
    Form(
        "meetings/<str:reference>/agenda/add/<str:what>/",
        "chair",
        lambda w: {"subject": w.person.reference, "minutes": "10"},
        names={"subject": "volt"},
        path=lambda w: f"/meetings/{w.next_meeting.reference}/agenda/add/volt/",
    ),
    Form(
        "meetings/<str:reference>/agenda/publish/",
        "coordinator",
        before=meeting_to_build,
        path=at_meeting("meetings/<str:reference>/agenda/publish/"),
    ),
    Form(
        "meetings/<str:reference>/minute-takers/",
        "coordinator",
        lambda w: {"person": w.cast.memberships["minute_taker"].reference},
        "next_meeting",
        {"person": "role"},
        ("back",),
        minute_taker,
    ),
    Form(
        "meetings/<str:reference>/run/",
        "coordinator",
        lambda w: {f"presence_{agency(w, 'police')}": "present", f"who_{agency(w, 'police')}": "Jo"},
        "next_meeting",
    ),
    Form("meetings/<str:reference>/start/", "chair", lambda _: {"read": "on"}, "next_meeting"),
    Form(
        "meetings/<str:reference>/finish/",
        "chair",
        before=meeting_held,
        path=at_meeting("meetings/<str:reference>/finish/"),
    ),
    Form(
        "meetings/<str:reference>/approve/",
        "chair",
        before=meeting_drafted,
        path=at_meeting("meetings/<str:reference>/approve/"),
    ),
    Form("meetings/<str:reference>/minutes/document/", "practitioner", subject="meeting"),
    Form(
        "items/<str:reference>/change/",
        "coordinator",
        lambda _: {"do": "minutes", "minutes": "25"},
        "next_item",
    ),
    Form(
        "items/<str:reference>/invite/",
        "coordinator",
        lambda w: {"agencies": [agency(w, "voluntary")], **SHARED},
        "next_item",
        {"agencies": "agency"},
        ("told_reason", "change", *boxes("ends_on")),
    ),
    Form(
        "items/<str:reference>/minute/",
        "chair",
        lambda _: dict(SAID) | {"version": "0", "op": "four"},
        offers=("then",),
        before=meeting_held,
        path=at_item("items/<str:reference>/minute/"),
    ),
    Form(
        "items/<str:reference>/criteria/",
        "chair",
        lambda _: criteria("escalation_criterion", "stuck") | {"criteria_version": "0"},
        before=meeting_held,
        path=at_item("items/<str:reference>/criteria/"),
    ),
    Form(
        "items/<str:reference>/action/",
        "coordinator",
        lambda w: {
            "action-text": "Ring the school",
            "action-who": f"agency-{agency(w, 'police')}",
            "action-operation": "five",
            **day("action-due_on", dt.date(2026, 4, 1)),
        },
        names={"action-who": "agency-"},
        offers=("action-measure",),
        before=meeting_held,
        path=at_item("items/<str:reference>/action/"),
    ),
    Form(
        "items/<str:reference>/carry-over/",
        "coordinator",
        before=held_and_next,
        path=at_item("items/<str:reference>/carry-over/"),
    ),
    # Actions
    Form(
        "actions/<str:reference>/report/",
        "police_member",
        lambda _: {"text": "Went there", "operation": "six"},
        "action",
    ),
    Form(
        "actions/<str:reference>/close/", "police_member", lambda _: {"status": "done", "note": "It is safe"}, "action"
    ),
    Form(
        "actions/<str:reference>/assign/",
        "police_lead",
        lambda w: {"colleague": seat(w, "police_lead")},
        "action",
        {"colleague": "seat"},
    ),
    Form(
        "actions/<str:reference>/extend/",
        "coordinator",
        lambda _: {"reason": "The flat was empty", **day("due_on", dt.date(2026, 5, 1))},
        "action",
    ),
    # VOLT
    Form("volt/search/", "practitioner", lambda _: {"q": "Dex"}, status=200, changes=False),
    Form(
        "volt/new/<str:kind>/",
        "practitioner",
        lambda w: {
            "name": "Kay",
            "handling": "P",
            "operation": "seven",
            "case": w.case.reference,
            "also_child": "",
            **{f"link-{name}": value for name, value in LINK.items()},
        },
        names={"case": "end", "also_child": "case"},
        offers=("aliases", "approximate_age", "description", "link-note", *boxes("link-from_on")),
    ),
    Form(
        "volt/link/",
        "coordinator",
        lambda w: {"a": w.person.reference, "other": person_to_write(w), **LINK},
        names={"a": "end", "other": "end"},
        offers=("note", "to", *boxes("from_on")),
    ),
    Form(
        "volt/referrals/<str:reference>/",
        "coordinator",
        lambda _: criteria("matter_criterion", "harm") | {"decision": "accept", "record": "new", "reason": "Needed"},
        "matter",
        {"record": "volt"},
        ("redirected_to",),
    ),
    Form(
        "volt/mentions/<str:reference>/",
        "coordinator",
        lambda _: {"person_0": "new", "basis": "opinion", "source_grade": "2", "assessment": "C", "handling": "P"},
        names={"person_0": "mention"},
        offers=("location_0", "place_0", "theme_0"),
        before=another_case,
        path=lambda w: f"/volt/mentions/{referral_of(other_case(w)).reference}/",
    ),
    Form(
        "volt/<str:reference>/sharing/new/",
        "coordinator",
        lambda w: {"agency": agency(w, "police"), **SHARED, "scope": "3"},
        "person",
        {"agency": "agency"},
        ("told_reason", "change", *boxes("ends_on")),
    ),
    Form(
        "volt/<str:reference>/sharing/end/",
        "coordinator",
        lambda w: {"agency": agency(w, "police"), "reason": "Done"},
        "person",
        {"agency": "agency"},
        ("confirmed", "change"),
        lambda w: w.cast.client("coordinator").post(
            f"/volt/{w.person.reference}/sharing/new/", {"agency": agency(w, "police"), **SHARED, "scope": "3"}
        ),
    ),
    Form(
        "volt/<str:reference>/bars/",
        "coordinator",
        lambda w: {"person": w.cast.memberships["board"].user.reference, "reason": "A relative"},
        "person",
        {"person": "user"},
        ("lift", "lift-reason"),
    ),
    Form(
        "volt/<str:reference>/named/",
        "coordinator",
        lambda w: {"person": w.cast.memberships["other_practitioner"].reference, "scope": "3", "reason": "Asked for"},
        "person",
        {"person": "role"},
        ("off", "off-reason", *boxes("ends_on")),
    ),
]
