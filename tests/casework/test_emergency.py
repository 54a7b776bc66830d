"""Emergency access: what it opens, to whom, for how long, who is told, and what it never opens."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from mace.access.models import EmergencyAccess, Grant, Scope
from mace.access.services import bar_person, lift_bar, restrict
from mace.accounts.models import Holding
from mace.audit.models import ReadEntry, ReadKind
from mace.casework.rules import EMERGENCY_SEARCH
from mace.casework.services.emergency import SearchedTooOften, begin_emergency_access
from mace.core import clock
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from mace.notifications.models import Message
from referrals.models import Case, ChildIdentity, PlanStep, Referral, SafetyPlan
from referrals.services import close_tier
from tests.factories.cast import Cast
from tests.factories.files import attached
from tests.factories.owner import as_owner
from tests.factories.referrals import BORN, another_child, open_case
from tests.factories.sharing import REASON

WHO = {"forename": "Tamika", "surname": "Brightwater", "born": BORN}
POSTED = {
    "forename": "Tamika",
    "surname": "Brightwater",
    "born_day": "27",
    "born_month": "3",
    "born_year": "2011",
    "reason": REASON,
}
NEW = "/emergency/new/"


def begin(cast: Cast, name: str = "health_lead", **changes: object):
    said = WHO | {"reason": REASON} | changes
    with acting_as(cast[name]):
        return begin_emergency_access(**said, by=cast[name], at=clock.now())  # type: ignore[arg-type]


def post(client: Client, **changes: str):
    return client.post(NEW, POSTED | changes)


def use(cast: Cast) -> EmergencyAccess:
    with as_owner():
        return EmergencyAccess.objects.get()


def searches(cast: Cast, name: str) -> list[tuple[int | None, int, str]]:
    with acting_as(cast[name]):
        rows = ReadEntry.objects.filter(membership_id=cast[name].membership_id, action=EMERGENCY_SEARCH)
        return list(rows.order_by("pk").values_list("record_id", "rows", "reference"))


def status(cast: Cast, name: str, case: Case) -> int:
    return cast.client(name).get(f"/cases/{case.reference}/").status_code


@pytest.fixture
def case(cast: Cast) -> Case:
    return open_case(cast)


def test_exact_match_opens_the_whole_case_at_once(cast: Cast, case: Case) -> None:
    client = cast.client("health_lead")
    assert client.get(f"/cases/{case.reference}/").status_code == 404
    answer = post(client)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/cases/{case.reference}/")
    body = client.get(f"/cases/{case.reference}/").content.decode()
    for words in ("Tamika Brightwater", "Found on 27 February", "Taxi to and from school", "Emergency access until"):
        assert words in body
    assert searches(cast, "health_lead") == [(case.pk, 1, use(cast).reference)]


def test_page_says_beforehand_what_follows(cast: Cast) -> None:
    body = cast.client("health_lead").get(NEW).content.decode()
    for words in ("3 hours", "are told at once", "on record", "within 2 working days"):
        assert words in body


def test_sign_in_must_be_fresh(cast: Cast, case: Case) -> None:
    client = cast.client("health_lead")
    assert client.get(NEW).status_code == 200
    session = client.session
    session["began_at"] -= 600
    session["used_at"] = session["began_at"] + 600
    session.pop("account_authentication_methods", None)
    session.save()
    assert client.get(NEW).status_code == 302
    assert post(client).status_code == 403
    with as_owner():
        assert EmergencyAccess.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("practitioner", True),
        ("manager", True),
        ("police_lead", True),
        ("education_lead", True),
        ("police_member", False),
        ("voluntary_member", False),
        ("coordinator", False),
        ("chair", False),
        ("board", False),
        ("analyst", False),
        ("ig", False),
        ("admin", False),
    ],
)
def test_only_practitioners_managers_and_leads_of_statutory_agencies_may(
    cast: Cast, case: Case, name: str, expected: bool
) -> None:
    assert (cast.client(name).get(NEW).status_code == 200) is expected
    if not expected:
        assert post(cast.client(name)).status_code == 403
        with pytest.raises(NotAllowed):
            begin(cast, name)
        with acting_as(cast[name]), connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(
                "select referrals_begin_emergency('tamika brightwater', %s, 'E-0000-0000', 'why', now(), current_date)",
                [BORN],
            )
    with as_owner():
        assert EmergencyAccess.objects.count() == 0


def test_coordinators_and_officers_are_told_at_once_without_the_name(cast: Cast, case: Case) -> None:
    with as_owner():
        Message.objects.all().delete()
    begin(cast)
    access = use(cast)
    with as_owner():
        told = list(Message.objects.select_related("recipient"))
    assert {message.recipient_id for message in told} == {
        cast["coordinator"].membership_id,
        cast["ig"].membership_id,
    }
    for message in told:
        assert (message.subject, message.path, message.about) == (
            f"Emergency access {access.reference}",
            f"/emergency/{access.reference}/",
            case.pk,
        )
        said = f"{message.subject} {message.text} {message.path} {message.dedupe_key}".lower()
        for word in ("tamika", "brightwater", case.reference.lower(), "rang from a house"):
            assert word not in said


def nothing_else_said(cast: Cast, name: str, **changes: str) -> str:
    """The page of a search that opened nothing, without token and what was typed."""
    answer = post(cast.client(name), **changes)
    assert answer.status_code == 200
    body = answer.content.decode()
    assert "Nothing matched exactly" in body
    assert "ring the coordinator" in body
    assert "999" in body
    start = body.index('<div class="moj-alert')
    return body[start : body.index("<form method=", start)]


def test_hidden_and_absent_answer_the_same(cast: Cast, case: Case) -> None:
    absent = nothing_else_said(cast, "health_lead", surname="Nobody")
    assert nothing_else_said(cast, "health_lead", born_day="26") == absent
    assert nothing_else_said(cast, "health_lead", forename="Tamik") == absent
    elsewhere = nothing_else_said(cast, "stranger_police")
    assert elsewhere.replace("Elsewhere", "Anytown") == absent
    bar(cast, case, "police_lead")
    assert nothing_else_said(cast, "police_lead") == absent
    leave_to_the_coordinator(cast, case)
    assert nothing_else_said(cast, "health_lead") == absent
    with as_owner():
        assert EmergencyAccess.objects.count() == 0
    assert [found for found, _, _ in searches(cast, "health_lead")] == [None] * 4


def test_name_is_matched_exactly_but_for_capitals_accents_and_hyphens(cast: Cast) -> None:
    case = open_case(cast, child=another_child(3) | {"forename": "Zoë", "surname": "O’Brien-Smith"})
    with acting_as(cast["coordinator"]):
        born = ChildIdentity.objects.get(child_id=case.child_id).date_of_birth
    assert begin(cast, forename="zoe", surname="Obrien Smith", born=born) is None
    opened = begin(cast, forename="ZOE", surname="Obriensmith", born=born)
    assert opened is not None
    assert opened.case_reference == case.reference


def test_reason_that_says_too_little_is_refused_and_searches_nothing(cast: Cast, case: Case) -> None:
    with pytest.raises(RuleBroken):
        begin(cast, reason="urgent             ")
    answer = post(cast.client("health_lead"), reason="urgent")
    assert answer.status_code == 422
    assert searches(cast, "health_lead") == []


def test_no_name_stands_in_the_log_or_in_an_address(cast: Cast, case: Case) -> None:
    client = cast.client("health_lead")
    post(client, surname="Nobody")
    post(client)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("select coalesce(string_agg(t::text, ' '), '') from audit_readentry t")
        (log,) = cursor.fetchone()
        cursor.execute("select coalesce(string_agg(t::text, ' '), '') from access_emergencyaccess t")
        (kept,) = cursor.fetchone()
    for word in ("tamika", "brightwater", "nobody"):
        assert word not in log.lower()
        assert word not in kept.replace(REASON, "").lower()
    assert EMERGENCY_SEARCH in log


def test_after_ten_misses_a_day_nothing_is_searched(cast: Cast, case: Case) -> None:
    client = cast.client("health_lead")
    for number in range(9):
        assert begin(cast, surname=f"Nobody {number}") is None
    assert post(client, surname="Nobody").status_code == 200
    answer = post(client)
    assert answer.status_code == 429
    assert "Ring the coordinator" in answer.content.decode()
    assert "<form method" not in answer.content.decode().split("<main")[1]
    with pytest.raises(SearchedTooOften):
        begin(cast)
    with as_owner():
        assert EmergencyAccess.objects.count() == 0
    assert len(searches(cast, "health_lead")) == 11
    assert begin(cast, "education_lead") is not None


def test_it_ends_after_three_hours_at_the_next_request(cast: Cast, case: Case) -> None:
    begin(cast)
    access = use(cast)
    assert access.ends_at - access.begun_at == dt.timedelta(hours=3)
    assert status(cast, "health_lead", case) == 200
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("select until_at - now() from accounts_holding where principal = %s", [access.principal])
        assert cursor.fetchone() == (dt.timedelta(hours=3),)
        cursor.execute("select distinct until - now() from access_grant where principal = %s", [access.principal])
        assert cursor.fetchall() == [(dt.timedelta(hours=3),)]
        Holding.objects.filter(principal=access.principal).update(until_at=clock.now() - dt.timedelta(hours=1))
    assert status(cast, "health_lead", case) == 404


def test_the_grant_by_itself_ends_it_too(cast: Cast, case: Case) -> None:
    begin(cast)
    assert status(cast, "health_lead", case) == 200
    access = use(cast)
    with as_owner():
        Grant.objects.filter(principal=access.principal).update(until=clock.now() - dt.timedelta(hours=1))
    assert status(cast, "health_lead", case) == 404


def bar(cast: Cast, case: Case, name: str):
    coordinator = cast["coordinator"]
    with acting_as(coordinator):
        return bar_person(
            record_id=case.pk,
            user=cast.memberships[name].user,
            reason="A relative",
            by=coordinator,
            at=clock.now(),
        )


def leave_to_the_coordinator(cast: Cast, case: Case) -> None:
    with acting_as(cast["coordinator"]):
        restrict(
            record_id=case.pk,
            people={cast.memberships["coordinator"]: Scope.FULL},
            reason="A colleague's family",
            by=cast["coordinator"],
        )


def test_restricting_the_case_ends_it_at_once(cast: Cast, case: Case) -> None:
    begin(cast)
    assert status(cast, "health_lead", case) == 200
    leave_to_the_coordinator(cast, case)
    assert status(cast, "health_lead", case) == 404
    assert begin(cast) is None


def test_bar_ends_it_at_once_and_hides_the_use_itself(cast: Cast, case: Case) -> None:
    begin(cast)
    address = f"/emergency/{use(cast).reference}/"
    client = cast.client("health_lead")
    assert client.get(address).status_code == 200
    made = bar(cast, case, "health_lead")
    assert status(cast, "health_lead", case) == 404
    assert client.get(address).status_code == 404
    assert begin(cast) is None
    with acting_as(cast["coordinator"]):
        lift_bar(bar=made, reason="It was not her", by=cast["coordinator"], at=clock.now())
    assert status(cast, "health_lead", case) == 200


def closed(cast: Cast, case: Case) -> None:
    with acting_as(cast["coordinator"]):
        close_tier(case=case, tier="pre_mace", outcome="closed", reason="Safe", by=cast["coordinator"], at=clock.now())


def test_closed_case_gives_the_summary_and_the_last_plan_only(cast: Cast, case: Case) -> None:
    closed(cast, case)
    with as_owner():
        first = SafetyPlan.objects.get(record_id=case.pk)
        SafetyPlan.objects.filter(pk=first.pk).update(summary="A FORMER PLAN")
        first.pk, first.version, first.summary = None, 2, "A phone that only her mother can ring."
        first.save(force_insert=True)
        PlanStep.objects.create(record_id=case.pk, plan=first, text="Ring her mother", who="School")
    assert post(cast.client("health_lead")).status_code == 302
    body = cast.client("health_lead").get(f"/cases/{case.reference}/").content.decode()
    for words in ("Tamika Brightwater", "May be made to carry drugs", "A phone that only her mother can ring."):
        assert words in body
    for words in (
        "A FORMER PLAN",
        "Found on 27 February",
        "I just want it to stop",
        "mother; football",
        "/referrals/",
    ):
        assert words not in body
    with acting_as(cast["health_lead"]):
        assert [plan.version for plan in SafetyPlan.objects.all()] == [2]


def test_closed_case_gives_the_file_of_the_last_plan_and_no_other(cast: Cast, case: Case) -> None:
    with as_owner():
        referral = Referral.objects.get(case=case)
    plan, letter = attached(cast, referral, kind="plan"), attached(cast, referral, content=b"Late twice.\n")
    with as_owner():
        SafetyPlan.objects.filter(record_id=case.pk).update(attachment=plan)
    closed(cast, case)
    client = cast.client("health_lead")
    urls = {one: reverse("attachments:file", args=[one.reference]) for one in (plan, letter)}
    assert [client.get(url).status_code for url in urls.values()] == [404, 404]
    begin(cast)
    page = client.get(reverse("casework:case", args=[case.reference])).content.decode()
    assert urls[plan] in page
    assert urls[letter] not in page
    answer = client.get(urls[plan])
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert client.get(urls[letter]).status_code == 404
    with as_owner():
        seat = cast["health_lead"].membership_id
        reads = ReadEntry.objects.filter(membership_id=seat, kind=ReadKind.FILE)
        assert list(reads.values_list("reference", "record_id")) == [(plan.reference, case.pk)]
        access = EmergencyAccess.objects.get()
        Holding.objects.filter(principal=access.principal).update(until_at=clock.now() - dt.timedelta(hours=1))
    assert client.get(urls[plan]).status_code == 404


def test_asking_twice_leads_to_the_same_and_tells_nobody_anew(cast: Cast, case: Case) -> None:
    client = cast.client("health_lead")
    first, second = post(client), post(client)
    assert first.headers["Location"] == second.headers["Location"]
    assert use(cast).membership_id == cast["health_lead"].membership_id
    with as_owner():
        assert Message.objects.filter(dedupe_key__startswith="emergency:").count() == 2
    assert searches(cast, "health_lead") == [(case.pk, 1, use(cast).reference), (case.pk, 1, "")]


def test_who_sees_the_case_already_needs_none(cast: Cast, case: Case) -> None:
    opened = begin(cast, "manager")
    assert opened is not None
    assert (opened.case_reference, opened.access) == (case.reference, None)
    with as_owner():
        assert EmergencyAccess.objects.count() == 0
        assert not Message.objects.filter(dedupe_key__startswith="emergency:").exists()


def test_review_is_due_in_two_working_days(cast: Cast, case: Case) -> None:
    with acting_as(cast["health_lead"]):
        friday = dt.datetime(2026, 4, 30, 16, tzinfo=dt.UTC)  # a Thursday, before the bank holiday of 4 May
        begin_emergency_access(**WHO, reason=REASON, by=cast["health_lead"], at=friday)  # type: ignore[arg-type]
    assert use(cast).review_due_on == dt.date(2026, 5, 5)


def test_nobody_else_of_the_agency_sees_what_it_opened(cast: Cast, case: Case) -> None:
    begin(cast, "other_practitioner")
    assert status(cast, "other_practitioner", case) == 200
    for name in ("health_lead", "police_lead", "voluntary_member", "stranger_police"):
        assert status(cast, name, case) == 404


def test_who_sees_it_and_lists_cost_the_same_at_one_and_at_many(
    cast: Cast, case: Case, django_assert_max_num_queries
) -> None:
    client = cast.client("coordinator")
    begin(cast, "health_lead")

    def statements() -> int:
        with django_assert_max_num_queries(50) as asked:
            assert client.get(reverse("casework:emergencies")).status_code == 200
        return len(asked)

    statements()
    one = statements()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "insert into access_emergencyaccess (reference, record_id, partnership_id, membership_id, scope, reason, "
            "begun_at, ends_at, review_due_on, outcome, review_note) select 'E-0000-00' || n, record_id, "
            "partnership_id, membership_id, scope, reason, begun_at, ends_at, review_due_on, '', '' "
            "from access_emergencyaccess, generate_series(10, 33) n"
        )
    assert statements() == one
