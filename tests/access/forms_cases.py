"""Every form about cases and people, as somebody sends it when all is well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from referrals.enums import Section
from referrals.models import Code
from referrals.reference import entries
from tests.access.forms_ground import (
    WHY,
    Form,
    Sent,
    agency,
    another_case,
    answered_question,
    apart,
    at_emergency,
    barred,
    boxes,
    closed_in_a_meeting,
    criteria,
    day,
    eighteen,
    emergency,
    everybody_told,
    handed_over,
    lowered,
    merged,
    message,
    of_other_child,
    other_case,
    protected,
    protected_for_two,
    seat,
    steps_done,
    to_approve,
)
from tests.access.world import World
from tests.factories.owner import as_owner
from tests.factories.referrals import FILLED, another_child

SHARED = {"scope": "1", "confirmed": "yes", **WHY}
REVIEWED = {"progress": "Better", "voice": "She is at school", "rating": "moderate", "rating_reason": "Fewer nights"}
REVIEWED |= {"recommendation": "keep_open", "reached_by": "Her teacher", "reached_how": "At school", "helped": "Time"}
REVIEWED |= {"not_helped": "Letters", "asks": "A place", "observed": "She laughs", "wants": "To stay"}
REVIEWED |= {"voice_missing": ""}
CLOSED = {"view": "She is glad", "no_view_because": "", "plan_after": "Her school looks after her"}
NEW_ROLE = {"role": "agency_member", **day("from_on", dt.date(2026, 3, 1))}


def worded(_: World) -> Sent:
    """The list of wider factors with its first entry worded anew."""
    with as_owner():
        factors = list(Code.objects.filter(list_name="wider_factor").order_by("position"))
    sent: Sent = {"why": "Agreed in March"}
    for place, code in enumerate(factors, 1):
        label = code.label if place > 1 else "Worded anew"
        sent |= {f"label_{code.code}": label, f"group_{code.code}": code.group, f"place_{code.code}": str(place)}
        sent[f"use_{code.code}"] = "yes"
    return sent | {"label_+1": "Fostered far away", "group_+1": "Family", "place_+1": "2"}


ROLE_OFFERS = ("team", "deputy_for", "job_title", "purpose", *boxes("until_on"))
PAGE = ("operation", "op", "version", "return", "more", "later", "rows", "opened_in")
CHILD_MAY = (
    *("same_as", "aliases", "birth_day", "nhs_number", "upn", "local_id", "address_protected", "address_reason"),
)
ASSESSED = FILLED[Section.RISK] | {"rating": "significant", "changes": "More nights away"}
FACTORS = [f"{kind}_{part}" for kind in ("protective", "push", "pull") for part in ("ticks", "factors")]
PARTS = ("score", "evidence", "source", "confidence", "on_day", "on_month", "on_year")
DOMAINS = [f"{entry.code}_{part}" for entry in entries() if entry.list_name == "risk_domain" for part in PARTS]
RISK_OFFERS = (
    *(name for name in (*FACTORS, *DOMAINS, "lowering_reason", "cse_level", "cce_level") if name not in ASSESSED),
    *PAGE,
)


def sent_with(filled: Sent, token: str) -> Callable[[World], Sent]:
    """The page with its token against double sending, as the button or the script names it."""
    return lambda _world: filled | {token: "four"}


CASES: list[Form] = [
    # Cases and who sees them
    Form("cases/search/", "practitioner", lambda _: {"text": "Tamika"}, status=200, changes=False),
    Form("cases/views/", "practitioner", lambda _: {"name": "Open"}, path=lambda _: "/cases/views/?state=open"),
    Form(
        "cases/<str:reference>/sharing/new/",
        "coordinator",
        lambda w: {"agency": agency(w, "voluntary"), **SHARED},
        "case",
        {"agency": "agency"},
        ("told_reason", "change", *boxes("ends_on")),
    ),
    Form(
        "cases/<str:reference>/sharing/end/",
        "coordinator",
        lambda w: {"agency": agency(w, "police"), "reason": "Done"},
        "case",
        {"agency": "agency"},
        ("confirmed", "change"),
    ),
    Form(
        "cases/<str:reference>/sharing/again/",
        "coordinator",
        lambda _: {"words": "The police still look", "operation": "nine"},
        "case",
        before=eighteen,
    ),
    Form(
        "cases/<str:reference>/restrict/",
        "coordinator",
        lambda w: {
            "reason": "A colleague’s family",
            f"seat_{w.cast.memberships['coordinator'].reference}": "3",
            "confirmed": "yes",
        },
        "case",
        offers=("change", "lift", "lift-reason"),
    ),
    Form(
        "cases/<str:reference>/bars/",
        "coordinator",
        lambda w: {"person": w.cast.memberships["board"].user.reference, "reason": "A relative"},
        "case",
        {"person": "user"},
        ("lift", "lift-reason"),
    ),
    Form(
        "cases/<str:reference>/bars/",
        "chair",
        lambda w: {"lift": w.cast.memberships["board"].user.reference, "lift-reason": "Not a relative"},
        "case",
        {"lift": "user"},
        ("person", "reason"),
        barred,
    ),
    Form(
        "cases/<str:reference>/named/",
        "coordinator",
        lambda w: {"person": w.cast.memberships["police_lead"].reference, "scope": "2", "reason": "Asked for"},
        "case",
        {"person": "role"},
        ("off", "off-reason", *boxes("ends_on")),
    ),
    Form(
        "cases/<str:reference>/hand-over/",
        "coordinator",
        lambda w: {
            "to": seat(w, "other_practitioner"),
            "reason": "Moved",
            "note": "Ring on Mondays",
            "outstanding": "",
        },
        "case",
        {"to": "seat"},
    ),
    Form("cases/<str:reference>/hand-over/read/", "practitioner", subject="case", before=handed_over),
    # Its course
    Form(
        "cases/<str:reference>/escalate/",
        "coordinator",
        lambda _: criteria("escalation_criterion", "stuck") | {"reason": "Stuck", "keep": "yes"},
        "case",
    ),
    Form(
        "cases/<str:reference>/close/",
        "coordinator",
        lambda w: CLOSED | everybody_told(w) | {"tier": "pre_mace", "outcome": "closed", "reason": "Safe"},
        "case",
    ),
    Form(
        "cases/<str:reference>/closing/",
        "coordinator",
        lambda w: CLOSED | everybody_told(w),
        "case",
        before=closed_in_a_meeting,
    ),
    Form(
        "cases/<str:reference>/child/",
        "practitioner",
        lambda _: {"what": "address", "address": "3 New Road", "kind": "home", "source": "Her mother"},
        "case",
        offers=(*boxes("from_on", "to_on"), "agency", "number"),
    ),
    Form(
        "cases/<str:reference>/child/",
        "coordinator",
        lambda w: {"what": "number", "agency": agency(w, "police"), "number": "PNC 77/1"},
        "case",
        {"agency": "agency"},
        ("address", "kind", "source", *boxes("from_on", "to_on")),
    ),
    Form(
        "children/<str:reference>/merge/",
        "coordinator",
        lambda w: {"keep": w.child.reference, "reason": "One child"},
        names={"keep": "child"},
        before=another_case,
        path=lambda w: f"/children/{w.child.reference}/merge/?other={other_case(w).reference}",
    ),
    Form(
        "children/<str:reference>/merge/undo/",
        "coordinator",
        lambda _: {"reason": "Two children"},
        before=merged,
        path=of_other_child("children/<str:reference>/merge/undo/"),
    ),
    Form(
        "children/<str:reference>/apart/",
        "coordinator",
        lambda _: {"reason": "Two children"},
        before=another_case,
        path=lambda w: f"/children/{w.child.reference}/apart/?other={other_case(w).reference}",
    ),
    Form(
        "children/<str:reference>/apart/undo/",
        "coordinator",
        lambda _: {"reason": "Perhaps one"},
        before=apart,
        path=lambda w: f"/children/{w.child.reference}/apart/undo/?other={other_case(w).reference}",
    ),
    Form(
        "children/<str:reference>/elsewhere/",
        "coordinator",
        lambda w: {
            "asked": str(w.cast.other_partnership.pk),
            "lawful_basis": "public_task",
            "reason": "She may have lived there",
        },
        "child",
        {"asked": "partnership"},
        before=answered_question,
    ),
    Form(
        "questions/<str:reference>/",
        "stranger_coordinator",
        lambda _: {"answer": "not_known"},
        "question",
        offers=("answer_reason",),
    ),
    # A protected address
    Form(
        "cases/<str:reference>/address/",
        "practitioner",
        lambda w: {"person": w.cast.memberships["coordinator"].reference},
        "case",
        {"person": "role"},
        before=protected,
    ),
    Form(
        "cases/<str:reference>/address/new/",
        "practitioner",
        lambda _: {"address": "3 Hidden Row", "reason": "A threat", **day("since_on", dt.date(2026, 3, 2))},
        "case",
    ),
    Form(
        "cases/<str:reference>/address/take-off/",
        "practitioner",
        lambda w: {"person": w.cast.memberships["coordinator"].reference},
        "case",
        {"person": "role"},
        before=protected_for_two,
    ),
    Form(
        "cases/<str:reference>/address/end/",
        "practitioner",
        lambda _: {"lives": "1 Invented Road"},
        "case",
        before=protected,
    ),
    # Emergency access
    Form(
        "emergency/new/",
        "health_lead",
        lambda _: {
            "forename": "Tamika",
            "surname": "Brightwater",
            "reason": "She is in the emergency department, alone and hurt.",
            **day("born", dt.date(2011, 3, 27)),
        },
    ),
    Form(
        "emergency/<str:reference>/",
        "ig",
        lambda _: {"outcome": "justified", "note": "Read the log"},
        before=emergency,
        path=at_emergency("emergency/<str:reference>/"),
    ),
    Form(
        "emergency/<str:reference>/read/",
        "ig",
        before=emergency,
        path=at_emergency("emergency/<str:reference>/read/"),
    ),
    # Inbox, roles
    Form("inbox/", "police_lead"),
    Form("inbox/<str:reference>/", "police_lead", path=message),
    Form(
        "roles/",
        "police_lead",
        lambda w: {"role": seat(w, "police_lead")},
        names={"role": "seat"},
        offers=("next",),
        changes=False,
    ),
    Form("session/", "practitioner", status=200, changes=False),
    # Lists
    Form("lists/<slug:name>/", "chair", worded, offers=("adopted", "version")),
    # People and agreements
    Form(
        "people/new/",
        "admin",
        lambda w: {
            "name": "Ada New",
            "email": "ada@example.org",
            "agency": agency(w, "police"),
            **NEW_ROLE,
        },
        names={"agency": "agency", "deputy_for": "role"},
        offers=ROLE_OFFERS,
    ),
    Form(
        "people/<str:reference>/role/",
        "admin",
        lambda w: {"agency": agency(w, "health"), **NEW_ROLE},
        "somebody",
        {"agency": "agency", "deputy_for": "role"},
        ROLE_OFFERS,
    ),
    Form("people/<str:reference>/account/", "admin", subject="somebody"),
    Form("people/roles/<str:reference>/end/", "admin", lambda _: {"when": "now"}, "held"),
    Form(
        "agreements/<str:reference>/",
        "admin",
        lambda _: day("signed_on", dt.date(2026, 3, 1)),
        "agreement",
        offers=boxes("review_due_on"),
    ),
    # Referrals and reviews
    Form("referrals/new/", "practitioner", lambda _: {"about": "child", "operation": "one"}),
    Form("referrals/<str:reference>/check/", "practitioner", subject="draft"),
    Form(
        "referrals/<str:reference>/copy/", "practitioner", lambda _: {"parts": ["plan"], "operation": "copy"}, "waiting"
    ),
    Form("referrals/<str:reference>/approve/", "manager", lambda _: {"decision": "approve"}, path=to_approve),
    Form(
        "referrals/<str:reference>/files/",
        "practitioner",
        lambda _: {"kind": "plan", "title": "Our plan"},
        "draft",
        offers=("file", "operation"),
        status=422,
        changes=False,
    ),
    Form("files/<str:reference>/remove/", "coordinator", lambda _: {"reason": "The wrong file"}, "file"),
    Form("referrals/<str:reference>/withdraw/", "practitioner", lambda _: {"reason": "A mistake"}, "draft"),
    Form(
        "referrals/<str:reference>/screen/",
        "coordinator",
        lambda w: (
            criteria("screening_criterion", "concern")
            | {"decision": "accept", "lead_professional": seat(w, "practitioner"), "reason": "Meets the criteria"}
        ),
        "waiting",
        {"lead_professional": "seat"},
        ("redirected_to",),
    ),
    Form(
        "referrals/<str:reference>/pages/<slug:section>/",
        "practitioner",
        lambda _: FILLED[Section.CHILD] | another_child(3) | {"school": "Another", "operation": "two"},
        "draft",
        offers=(*CHILD_MAY, *PAGE),
    ),
    Form(
        "referrals/<str:reference>/pages/<slug:section>/save/",
        "practitioner",
        lambda _: FILLED[Section.CHILD] | another_child(3) | {"school": "Another", "op": "two"},
        "draft",
        offers=(*CHILD_MAY, *PAGE),
        status=200,
    ),
    Form(
        "reviews/<str:reference>/",
        "practitioner",
        lambda w: REVIEWED | steps_done(w) | {"operation": "three"},
        "review",
        offers=("version", "later", "op"),
    ),
    Form(
        "reviews/<str:reference>/save/",
        "practitioner",
        lambda w: REVIEWED | steps_done(w) | {"op": "three"},
        "review",
        offers=("version", "operation"),
        status=200,
    ),
    # Assessments, plans and what the child says
    *(
        Form(
            f"cases/<str:reference>/assessments/new/{page}",
            "practitioner",
            sent_with(ASSESSED, token),
            "case",
            offers=RISK_OFFERS,
            status=status,
        )
        for page, token, status in (("", "operation", 302), ("save/", "op", 200))
    ),
    Form(
        "cases/<str:reference>/assessments/<str:key>/decide/",
        "manager",
        lambda _: {"outcome": "confirmed"},
        "case",
        offers=("reason",),
        before=lowered,
    ),
    *(
        Form(
            f"cases/<str:reference>/plans/new/{page}",
            "practitioner",
            sent_with(FILLED[Section.PLAN], token),
            "case",
            offers=("made_with_ticks", "blocked", "step_0_state", "step_0_note", *PAGE),
            status=status,
        )
        for page, token, status in (("", "operation", 302), ("save/", "op", 200))
    ),
    Form(
        "cases/<str:reference>/voice/new/",
        "practitioner",
        lambda _: {"words_said": "Nobody asked me", "operation": "six", **day("said_on", dt.date(2026, 3, 4))},
        "case",
        offers=("observed", "wants", "way", "with_whom", "themes"),
    ),
    Form(
        "cases/<str:reference>/consent/",
        "practitioner",
        lambda _: {
            "what": "said",
            "consent": "withdrawn",
            "said_by": "parent",
            "words": "No more",
            "operation": "ten",
            **day("said_on", dt.date(2026, 3, 4)),
        },
        "case",
    ),
    Form(
        "cases/<str:reference>/difficulties/new/",
        "practitioner",
        lambda _: {"informant": "parent", "total": "15", "operation": "seven", **day("done_on", dt.date(2026, 3, 4))},
        "case",
        offers=("band", "emotional", "conduct", "hyperactivity", "peers", "prosocial"),
    ),
    Form(
        "cases/<str:reference>/missing/",
        "police_lead",
        lambda _: {
            "what": "moment",
            "kind": "arrest",
            "about": "Held since noon",
            "operation": "eight",
            **day("on", dt.date(2026, 3, 4)),
        },
        "case",
        offers=("from_time", "police_reference", *boxes("from_on")),
    ),
    Form(
        "cases/<str:reference>/missing/<str:key>/",
        "practitioner",
        lambda _: {"what": "returned", "version": "1", **day("returned_on", dt.date(2026, 3, 10))},
        "case",
        offers=("returned_time",),
    ),
    Form(
        "cases/<str:reference>/moments/<str:key>/",
        "practitioner",
        lambda _: {"response": "Her school has met her", "version": "1"},
        "case",
    ),
]
