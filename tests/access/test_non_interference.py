"""What a seat may not see changes nothing that it is told: not a byte, whatever is added, edited, deleted or shared on.

Everything a seat can reach is fetched, the world around it is changed in every way that people change it, and all of it
is fetched again. Positions, counts, keys of pages, numbers of messages, warnings of duplicates: all must be the same.
"""

from __future__ import annotations

import datetime as dt

import pytest

from mace.access.models import Scope
from mace.access.services import (
    bar_person,
    clear_ended_grants,
    lift_bar,
    lift_restriction,
    name_person,
    restrict,
    unname_person,
    withdraw,
)
from mace.access.services.records import call
from mace.core import clock
from mace.core.clock import london_time
from mace.core.names import name_key
from mace.core.seat import acting_as
from panels.enums import ItemKind, Strand
from panels.services.actions import close_action, create_action, extend_action, report_on_action
from panels.services.agenda import add_case_item, remove_item
from panels.services.chasing import chase_partnership
from panels.services.sharing import end_expired_sharing
from referrals.models import Case, CaseSummary, Child, Referral
from referrals.services import (
    accept_referral,
    answer_question,
    answer_review,
    ask_partnership,
    hand_over_case,
    merge_children,
    save_review,
    submit_referral,
    undo_merge,
    withdraw_referral,
)
from referrals.services.cases import agree_rating
from referrals.services.closing import close_tier
from referrals.services.elsewhere import look_elsewhere, tell_known_elsewhere
from referrals.services.importing import ImportedReferral, import_referral
from tests.access.channels import Heard, as_the_role, every_route, everything
from tests.access.tables import undone
from tests.access.world import World
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.panels import HELD, approved_meeting, item_of, planned_meeting
from tests.factories.referrals import another_child, draft_referral, open_case, plan_gone_through, submitted_referral
from tests.factories.sharing import shared
from volt.services import link_records, record_person

NOW = london_time(dt.date(2026, 4, 20), 9)
TERMS = ["Tamika Brightwater", "Tamika", "Dex", "Idris"]
MORE = 30
"""Hidden cases made on top, more than a page holds."""


@pytest.fixture(autouse=True)
def after_both_meetings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def listen(world: World, name: str) -> Heard:
    subjects = world.references()
    return everything(world.cast, name, subjects=subjects, known=list(subjects.values()), terms=TERMS)


def differences(before: Heard, after: Heard) -> dict[str, str]:
    """Where anything differs, with what stood there and what stands there now."""
    found = {}
    for place in sorted(before.answers.keys() | after.answers.keys()):
        was, now = before.answers.get(place, b"(nothing)"), after.answers.get(place, b"(nothing)")
        if was != now:
            start = next((i for i, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), min(len(was), len(now)))
            found[place] = f"{was[max(start - 60, 0) : start + 120]!r} became {now[max(start - 60, 0) : start + 120]!r}"
    return found


# --- What others do --------------------------------------------------------------------------------------------------


def stir_the_case(world: World) -> None:
    """All that people do with the one case beyond its identity, and with whom it is shared."""
    cast, case = world.cast, world.case
    coordinator, chair, practitioner = cast["coordinator"], cast["chair"], cast["practitioner"]
    with acting_as(chair):
        agree_rating(case=case, rating="emerging", source="The panel", by=chair, at=NOW)
    with acting_as(practitioner):
        answers = {"progress": "Better", "voice": "She smiled", "rating": "moderate", "rating_reason": "So"}
        answers |= {"recommendation": "keep_open", "reached_by": "Her teacher"}
        save_review(review=world.review, data=answers, version=None, operation="", by=practitioner, at=NOW)
        answer_review(review=world.review, by=practitioner, at=NOW, steps=plan_gone_through(case), **answers)
    with acting_as(coordinator):
        extend_action(action=world.action, due_on=dt.date(2026, 5, 1), reason="Ill", by=coordinator, at=NOW)
        CaseSummary.objects.filter(pk=case.pk).update(account="Something else altogether")
        made = create_action(
            record_id=case.pk,
            item=None,
            strand=Strand.VICTIM,
            text="Ring the school",
            measure="Rung",
            owner_agency=cast.agencies["social_care"],
            owner=cast.memberships["practitioner"],
            due_on=dt.date(2026, 4, 30),
            by=coordinator,
            at=NOW,
        )
        name_person(record_id=case.pk, membership=cast.memberships["manager"], scope=Scope.FULL, by=coordinator)
        unname_person(record_id=case.pk, membership=cast.memberships["manager"], by=coordinator)
        bar = bar_person(
            record_id=case.pk, user=cast.memberships["manager"].user, reason="An aunt", by=coordinator, at=NOW
        )
        lift_bar(bar=bar, reason="No aunt", by=coordinator, at=NOW)
        bar_person(
            record_id=case.pk, user=cast.memberships["other_practitioner"].user, reason="x", by=coordinator, at=NOW
        )
    with acting_as(practitioner):
        report_on_action(action=made, text="Rung twice", by=practitioner, at=NOW)
        close_action(action=made, status="done", note="All said", by=practitioner, at=NOW)
    further = draft_referral(cast, by="practitioner", at=NOW, child={"same_as": world.child.reference})
    with acting_as(practitioner):
        accepted = submit_referral(referral=further, by=practitioner, at=NOW)
    with acting_as(coordinator):
        accept_referral(referral=accepted, reason="Again", lead_professional=None, by=coordinator, at=NOW)
        assert Referral.objects.filter(case=case).count() == 2
        person = record_person(name="Idris Unknown", by=coordinator, at=NOW)
        link_records(a=case.pk, b=person.pk, kind="associates", source="A talk", by=coordinator, at=NOW)
    thrown_away = draft_referral(cast, by="practitioner", at=NOW, child=another_child(15))
    with acting_as(practitioner):
        withdraw_referral(referral=thrown_away, by=practitioner, at=NOW, reason="Twice")
    approved_meeting(
        cast, case, invite=(), starts_at=NOW - dt.timedelta(days=2), at=NOW - dt.timedelta(days=9), panel="operational"
    )


def stir_others(world: World) -> None:
    """All that people do with other cases, here and in the other partnership."""
    cast = world.cast
    coordinator = cast["coordinator"]
    one = open_case(cast, by="other_practitioner", at=NOW, child=another_child(11))
    two = open_case(cast, by="other_practitioner", at=HELD, child=another_child(12))
    three = open_case(cast, by="other_practitioner", at=HELD, child=another_child(13))
    submitted_referral(cast, by="other_practitioner", at=NOW, child=another_child(14))
    approved_meeting(
        cast,
        one,
        invite=("police",),
        scope=Scope.FULL,
        starts_at=NOW - dt.timedelta(days=3),
        at=NOW - dt.timedelta(days=9),
    )
    planned = planned_meeting(cast, two, starts_at=NOW + dt.timedelta(days=9), at=NOW)
    with acting_as(coordinator):
        add_case_item(meeting=planned, case=three, kind=ItemKind.NEW, minutes_allowed=5, by=coordinator, at=NOW)
    with acting_as(coordinator):
        remove_item(item=item_of(cast, planned, two), by=coordinator)
    shared(world.cast, two.pk, "police", Scope.FULL)
    shared(world.cast, two.pk, "police", Scope.SUMMARY, ends_on=clock.today())
    with acting_as(coordinator):
        withdraw(record_id=two.pk, agency=cast.agencies["police"], reason="Done", by=coordinator, at=NOW)
        people = {cast.memberships["coordinator"]: Scope.FULL, cast.memberships["chair"]: Scope.FULL}
        restrict(record_id=three.pk, people=people, reason="An operation", by=coordinator)
        lift_restriction(record_id=three.pk, reason="Over", by=coordinator)
        restrict(record_id=one.pk, people=people, reason="An operation", by=coordinator)
        merge = merge_children(
            gone=Child.objects.get(pk=two.child_id),
            kept=Child.objects.get(pk=three.child_id),
            reason="One birth",
            by=coordinator,
            at=NOW,
        )
        undo_merge(merge=merge, reason="Cousins", by=coordinator, at=NOW)
        hand_over_case(case=two, to=cast.memberships["practitioner"], reason="Moved", by=coordinator, at=NOW)
        close_tier(case=two, tier="pre_mace", outcome="stepped_down", reason="Safe", by=coordinator, at=NOW)
    for number in range(MORE):
        with acting_as(coordinator):
            import_referral(row=imported(number), by=coordinator, at=NOW)
    with acting_as(cast["other_practitioner"]):
        found = call(
            "select referrals_begin_emergency(%s, %s, 'E-0000-0001', 'She is missing tonight', %s, %s)",
            [name_of(cast, three), born_of(cast, three), NOW, dt.date(2026, 4, 22)],
        )
        assert found is None or found == three.pk
    with acting_as(cast["system"]):
        end_expired_sharing(by=cast["system"], at=NOW)
        clear_ended_grants()
        chase_partnership(by=cast["system"], at=NOW)
    _elsewhere(world)


def _elsewhere(world: World) -> None:
    cast, strange = world.cast, world.cast["stranger_coordinator"]
    elsewhere = open_case(cast, by="stranger_practitioner", coordinator="stranger_coordinator", at=NOW)
    planned_meeting(cast, elsewhere, panel="other_pre_mace", by="stranger_coordinator", at=NOW, starts_at=NOW)
    with acting_as(strange):
        people = {cast.memberships["stranger_coordinator"]: Scope.FULL}
        restrict(record_id=elsewhere.pk, people=people, reason="An operation", by=strange)
    with acting_as(cast["coordinator"]):
        assert not Case.objects.filter(pk=elsewhere.pk).exists()


def imported(number: int) -> ImportedReferral:
    given = another_child(20 + number)
    return ImportedReferral(
        reference=f"OLD-{number}",
        forename=given["forename"],
        surname=f"{given['surname']}{'abcdefghijklmnopqrstuvwxyzabcdefgh'[number]}",
        date_of_birth=dt.date(2009, 1, 1) + dt.timedelta(days=31 * number),
        sex="F",
        ethnicity="BCRB",
        referred_on=dt.date(2026, 4, 1),
        rating="moderate",
        pre_mace_opened_on=dt.date(2026, 4, 2),
        pre_mace_closed_on=None,
        mace_opened_on=None,
        primary_category="county_lines",
        key_team="",
        legal_status="CIN",
        education_status="mainstream",
    )


def name_of(cast: Cast, case: Case) -> str:
    with acting_as(cast["coordinator"]):
        identity = Case.objects.select_related("child__identity").get(pk=case.pk).child.identity
        return name_key(identity.forename, identity.surname)


def born_of(cast: Cast, case: Case) -> dt.date:
    with acting_as(cast["coordinator"]):
        return Case.objects.select_related("child__identity").get(pk=case.pk).child.identity.date_of_birth


def stir(world: World) -> None:
    stir_others(world)
    stir_the_case(world)


def ask_elsewhere(world: World) -> None:
    """The worker finds the child in the other partnership too, the coordinators are told, ask each other and answer."""
    cast, strange = world.cast, world.cast["stranger_coordinator"]
    with as_owner():
        other = Child.objects.exclude(record__partnership=cast.partnership).select_related("identity").latest("pk")
    with acting_as(cast["system"]):
        found = look_elsewhere(child_id=world.case.child_id, by=cast["system"], at=NOW)
        assert found == [cast.other_partnership.pk]
        assert tell_known_elsewhere(by=cast["system"], at=NOW) == 1
    with acting_as(cast["stranger_system"]):
        assert tell_known_elsewhere(by=cast["stranger_system"], at=NOW) == 1
    with acting_as(strange):
        answer_question(question=world.question, answer="will_contact", reason="", by=strange, at=NOW)
        question = ask_partnership(
            child=other,
            asked=cast.partnership,
            reason="She goes there",
            lawful_basis="public_task",
            with_nhs_number=True,
            by=strange,
            at=NOW,
        )
    with acting_as(cast["coordinator"]):
        answer_question(question=question, answer="cannot_share", reason="A trial", by=cast["coordinator"], at=NOW)


# --- Nothing of it is heard ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "voluntary_member",  # never shared with its agency, which may refer
        pytest.param("stranger_police", marks=pytest.mark.deep),  # of another partnership
        "health_lead",  # withdrawn
        pytest.param("education_lead", marks=pytest.mark.deep),  # at identity
    ],
)
def test_what_a_seat_may_not_see_changes_nothing_that_it_is_told(world: World, name: str) -> None:
    before = listen(world, name)
    assert differences(before, listen(world, name)) == {}
    stir(world)
    assert differences(before, listen(world, name)) == {}


@pytest.mark.parametrize(
    "name",
    ["practitioner", *(pytest.param(name, marks=pytest.mark.deep) for name in ("chair", "stranger_practitioner"))],
)
def test_that_a_child_is_known_elsewhere_and_what_is_asked_changes_nothing_but_for_coordinators(
    world: World, name: str
) -> None:
    """Not even for who filed the referral and leads the case, here or there."""
    open_case(world.cast, by="stranger_practitioner", coordinator="stranger_coordinator", at=HELD)
    before = listen(world, name)
    ask_elsewhere(world)
    assert differences(before, listen(world, name)) == {}


def test_that_a_child_is_known_elsewhere_is_heard_by_coordinators(world: World) -> None:
    open_case(world.cast, by="stranger_practitioner", coordinator="stranger_coordinator", at=HELD)
    before = as_the_role(world.cast, "coordinator", TERMS)
    ask_elsewhere(world)
    after = as_the_role(world.cast, "coordinator", TERMS)
    assert {"SQL referrals_knownelsewhere", "SQL referrals_childquestion"} <= differences(
        Heard(before), Heard(after)
    ).keys()


def test_it_is_there_to_be_heard(world: World) -> None:
    """The coordinator, who may see all of that, is told something else almost everywhere."""
    subjects = world.references()

    def glance() -> Heard:
        with undone():
            answers = as_the_role(world.cast, "coordinator", TERMS)
            client = world.cast.client("coordinator")
            return Heard(answers | every_route(client, subjects, subjects.values(), ()))

    before = glance()
    stir(world)
    found = differences(before, glance())
    assert len(found) > 50
    pages = ("", "cases/", "actions/", "meetings/", "inbox/", "dashboard/", "volt/", "api/v1/cases/", "api/v1/actions/")
    assert sorted({*(f"GET /{page}" for page in pages), "SQL referrals_case", "SQL access_grant"} - found.keys()) == []


# --- A bar, a restriction, a withdrawal lead back to where nothing was ever shared ------------------------------------


def test_whoever_is_barred_is_told_what_somebody_is_with_whom_it_was_never_shared(world: World) -> None:
    case = open_case(world.cast, by="other_practitioner", at=NOW, child=another_child(9))
    never = listen(world, "education_lead")
    shared(world.cast, case.pk, "education", Scope.FULL)
    told = listen(world, "education_lead")
    assert len(differences(never, told)) > 10
    coordinator, user = world.cast["coordinator"], world.cast.memberships["education_lead"].user
    with acting_as(coordinator):
        bar = bar_person(record_id=case.pk, user=user, reason="An aunt", by=coordinator, at=NOW)
    assert differences(never, listen(world, "education_lead")) == {}
    with acting_as(coordinator):
        lift_bar(bar=bar, reason="No aunt", by=coordinator, at=NOW)
    assert differences(told, listen(world, "education_lead")) == {}


def test_whoever_is_not_named_on_a_restricted_case_is_told_the_same(world: World) -> None:
    case = open_case(world.cast, by="other_practitioner", at=NOW, child=another_child(9))
    never = listen(world, "education_lead")
    shared(world.cast, case.pk, "education", Scope.FULL)
    told = listen(world, "education_lead")
    coordinator = world.cast["coordinator"]
    with acting_as(coordinator):
        people = {world.cast.memberships["coordinator"]: Scope.FULL}
        restrict(record_id=case.pk, people=people, reason="An operation", by=coordinator)
    assert differences(never, listen(world, "education_lead")) == {}
    with acting_as(coordinator):
        lift_restriction(record_id=case.pk, reason="Over", by=coordinator)
    who_sees_it = {
        "SQL access_namedperson",
        "SQL grants on",
    }  # those named stay so, and whoever sees all of it sees that
    assert differences(told, listen(world, "education_lead")).keys() == who_sees_it


def test_behind_a_bar_or_a_restriction_nothing_that_happens_is_heard(world: World) -> None:
    """The agency’s lead, whose agency leads the case, barred from it; the police, invited to it, not named on it."""
    coordinator, user = world.cast["coordinator"], world.cast.memberships["social_care_lead"].user
    with acting_as(coordinator):
        bar_person(record_id=world.case.pk, user=user, reason="An aunt", by=coordinator, at=NOW)
    barred = listen(world, "social_care_lead")
    stir_the_case(world)
    assert differences(barred, listen(world, "social_care_lead")) == {}
    with acting_as(coordinator):
        people = {world.cast.memberships[name]: Scope.FULL for name in ("coordinator", "chair", "practitioner")}
        restrict(record_id=world.case.pk, people=people, reason="An operation", by=coordinator)
    unnamed = {name: listen(world, name) for name in ("police_lead", "manager")}
    further = planned_meeting(world.cast, world.case, panel="operational", starts_at=NOW + dt.timedelta(days=9), at=NOW)
    assert further.pk
    with acting_as(world.cast["chair"]):
        agree_rating(case=world.case, rating="significant", source="Chair", by=world.cast["chair"], at=NOW)
    assert differences(barred, listen(world, "social_care_lead")) == {}
    for name, heard in unnamed.items():
        assert differences(heard, listen(world, name)) == {}, name


def test_a_withdrawal_leaves_only_the_decision_itself_and_what_was_written(world: World) -> None:
    case = open_case(world.cast, by="other_practitioner", at=NOW, child=another_child(9))
    never = listen(world, "education_lead")
    shared(world.cast, case.pk, "education", Scope.FULL)
    coordinator = world.cast["coordinator"]
    with acting_as(coordinator):
        withdraw(record_id=case.pk, agency=world.cast.agencies["education"], reason="x", by=coordinator, at=NOW)
    assert differences(never, listen(world, "education_lead")) == {}
