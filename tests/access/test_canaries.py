"""A word of its own in every text of every row, and nobody is told one that is not theirs to read.

Who may read what stands in ``canaries.txt``, written by hand and read by nothing else; a column not listed there fails.
The words are put in by the database's owner, past all policies, then every channel is asked.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection

from mace.access.models import Bar, EmergencyAccess, Grant, Kind, Record, Scope
from mace.access.services import bar_person, restrict
from mace.accounts.models import Membership
from mace.agencies.models import LocalAuthority
from mace.attachments.models import Attachment
from mace.core import clock
from mace.core.clock import london_time
from mace.core.seat import acting_as
from panels.models import Chaser, ItemCriteria
from panels.services.actions import extend_action
from referrals.models import (
    CaseClosure,
    CaseDraft,
    ChildAuthority,
    ChildMerge,
    ChildNumber,
    ChildrenApart,
    ClosureTold,
    CriterionMet,
    CriticalMoment,
    DifficultiesScore,
    KnownElsewhere,
    PlanStep,
    RatingDecision,
    ReviewDraft,
    ReviewStep,
    RiskAssessment,
    TierPeriod,
)
from referrals.services.addresses import protect_address
from tests.access.canaries import (
    BEGINNING,
    COPIES,
    NO_CANARY,
    REFERENCE,
    WORD,
    Relation,
    Words,
    columns,
    columns_of_the_catalogue,
    listen,
    may_read,
    told_wrongly,
)
from tests.access.channels import Heard, as_the_role, in_valkey, queued
from tests.access.tables import rows_of
from tests.access.world import World
from tests.factories.cast import Cast
from tests.factories.consent import withdrawn_and_looked_at
from tests.factories.files import attached
from tests.factories.owner import as_owner
from tests.factories.panels import HELD
from volt.models import Location, Wording
from volt.services import record_group


@pytest.mark.django_db
def test_every_column_of_text_is_listed() -> None:
    listed = {(table, column) for table, found in columns().items() for column in found}
    assert sorted(listed ^ columns_of_the_catalogue().keys()) == []
    assert len(rows_of("canaries.txt")) == len(listed)


@pytest.fixture(autouse=True)
def after_both_meetings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: london_time(dt.date(2026, 4, 20), 9))


# --- The world, with something in every table ------------------------------------------------------------------------


@pytest.fixture
def world(world: World, cast: Cast) -> World:
    case, seat = world.case, cast.memberships
    with acting_as(cast["practitioner"]):
        protect_address(
            record_id=case.pk,
            child_id=case.child_id,
            address="A refuge",
            reason="He looks for her",
            since_on=dt.date(2026, 3, 20),
            by=cast["practitioner"],
            at=HELD,
        )
    with acting_as(cast["coordinator"]):
        record_group(name="Crew", members="Five", meets="Park", worries="All", by=cast["coordinator"], at=HELD)
    gone = attached(cast, world.referral, title="An older letter", content=b"Late twice.\n", at=HELD)
    with as_owner():
        Attachment.objects.filter(pk=gone.pk).update(
            removed_at=HELD, removed_by=seat["coordinator"], removed_reason="Twice"
        )
        Bar.objects.create(
            record_id=case.pk,
            user=seat["other_practitioner"].user,
            reason="A cousin",
            set_by=seat["coordinator"],
            set_at=HELD,
        )
        EmergencyAccess.objects.create(
            record_id=case.pk,
            partnership=cast.partnership,
            membership=seat["manager"],
            scope=3,
            reason="She is missing",
            begun_at=HELD,
            ends_at=HELD,
            review_due_on=dt.date(2026, 3, 18),
        )
        ChildMerge.objects.create(
            child_id=world.waiting.child_id,
            into_id=case.child_id,
            reason="One birth",
            merged_by=seat["coordinator"],
            merged_at=HELD,
            undone_at=HELD,
            undone_by=seat["coordinator"],
            undone_reason="Cousins",
        )
        KnownElsewhere.objects.create(
            record_id=case.child_id, child_id=case.child_id, elsewhere=cast.other_partnership, found_at=HELD
        )
        ChildNumber.objects.create(
            record_id=case.child_id,
            child_id=case.child_id,
            agency=cast.agencies["health"],
            number="H 1",
            written_by=seat["coordinator"],
            written_at=HELD,
        )
        CriticalMoment.objects.update(response="Met at school", responded_by=seat["practitioner"], responded_at=HELD)
        ChildAuthority.objects.create(
            record_id=case.child_id,
            child_id=case.child_id,
            home=LocalAuthority.objects.create(name="Fartown", gss_code="E09999999"),
            from_on=HELD.date(),
            told_on=HELD.date(),
            told_by="A social worker",
            written_by=seat["coordinator"],
            written_at=HELD,
        )
        a, b = sorted([world.waiting.child_id, case.child_id])
        ChildrenApart.objects.create(
            a_id=a,
            b_id=b,
            reason="Two births",
            said_by=seat["coordinator"],
            said_at=HELD,
            taken_back_at=HELD,
            taken_back_by=seat["coordinator"],
            taken_back_reason="Perhaps one",
        )
        ReviewDraft.objects.create(
            record_id=case.pk,
            review=world.review,
            data={"progress": "She is back at school"},
            saved_at=HELD,
            saved_by=seat["practitioner"],
        )
        Chaser.objects.create(
            record_id=case.pk,
            action=world.action,
            step="on_the_day",
            due_on=world.action.due_on,
            chased_on=world.action.due_on,
            told="Police Member",
        )
        _what_a_case_comes_to(world, seat)
        location = Location.objects.get()
        for subject, said in ((world.person, {"words": "Somebody"}), (location, {"none_because": "A source"})):
            Wording.objects.create(
                record_id=subject.pk,
                reference=subject.reference,
                written_by=seat["coordinator"],
                written_at=HELD,
                **said,
            )
    withdrawn_and_looked_at(case, seat["coordinator"], at=HELD)
    return world


def _what_a_case_comes_to(world: World, seat: dict[str, Membership]) -> None:
    """Criteria, a closing, a review's steps, drafts, a difficulties score and the manager's word on a rating."""
    case, by = world.case, seat["coordinator"]
    ItemCriteria.objects.create(
        record_id=world.item.pk, item=world.item, answers={"stuck": ["met", "As told"]}, saved_at=HELD, saved_by=by
    )
    CriterionMet.objects.create(
        record_id=case.pk,
        case=case,
        occasion="escalation",
        code="stuck",
        words="Stuck",
        list_version=0,
        met="met",
        evidence="As told",
        answered_by=by,
        answered_at=HELD,
    )
    period = TierPeriod.objects.create(
        record_id=case.pk,
        case=case,
        tier="mace",
        from_on=HELD.date(),
        to_on=HELD.date(),
        why="Stuck",
        outcome="stepped_down",
        outcome_reason="Safer",
    )
    closure = CaseClosure.objects.create(
        record_id=case.pk,
        case=case,
        period=period,
        view="She agrees",
        no_view_because="She was away",
        plan_after="Her school",
        completed_at=HELD,
        completed_by=by,
    )
    ClosureTold.objects.create(record_id=case.pk, closure=closure, person=by, told=False, reason="He knows")
    step = PlanStep.objects.filter(plan__record_id=case.pk).order_by("pk")[0]
    ReviewStep.objects.create(
        record_id=case.pk, review=world.review, step=step, text=step.text, state="not_working", note="No taxi"
    )
    CaseDraft.objects.create(
        record_id=case.pk, kind="assessment", data={"rationale": "Quieter"}, saved_at=HELD, saved_by=by
    )
    assessment = RiskAssessment.objects.filter(record_id=case.pk).order_by("pk")[0]
    written = {"record_id": case.pk, "child_id": case.child_id, "written_by": by, "written_at": HELD}
    DifficultiesScore.objects.create(
        **written, written_by_principal=0, effective_on=HELD.date(), informant="parent", total=17, band_words="High"
    )
    RatingDecision.objects.create(
        record_id=case.pk, assessment=assessment, outcome="confirmed", reason="Agreed", decided_by=by, decided_at=HELD
    )


@pytest.fixture
def words(world: World) -> Words:
    return Words()


def of(world: World, **scopes: int) -> dict[int, int]:
    """Record to scope: ``case`` stands for the child too, ``volt`` for persons, locations and themes."""
    records = {
        "case": [world.case.pk, world.case.child_id],
        "waiting": [world.waiting.pk, world.waiting.child_id],
        "draft": [world.draft.pk],
        "matter": [world.matter.pk],
        "item": [world.item.pk],
        "next_item": [world.next_item.pk],
        "meeting": [world.meeting.pk],
        "next_meeting": [world.next_meeting.pk],
    }
    with as_owner():
        kinds = [Kind.PERSON, Kind.LOCATION, Kind.GROUP, Kind.THEME]
        records["volt"] = list(Record.objects.filter(kind__in=kinds).values_list("pk", flat=True))
    return {record: scope for name, scope in scopes.items() for record in records[name]}


def usual(world: World) -> dict[str, Relation]:
    """Everybody’s relation to the world as it is made."""
    nothing = Relation()
    return {
        "police_lead": Relation(of(world, case=2, item=2, next_item=2, meeting=1, next_meeting=1)),  # summary
        "police_member": Relation(of(world, case=1)),  # named for an action
        "education_lead": Relation(of(world, case=1, next_item=1, next_meeting=1)),  # identity
        "health_lead": Relation(of(world, meeting=1)),  # withdrawn
        "social_care_lead": Relation(of(world, case=3)),  # in full, as lead agency
        "chair": Relation(of(world, case=3, item=3, next_item=3, meeting=3, next_meeting=3, volt=3)),
        "voluntary_member": Relation(refers=True),  # never
        "other_practitioner": Relation(refers=True),  # never, and barred
        "stranger_coordinator": nothing,
        "stranger_police": nothing,
        "stranger_practitioner": nothing,
        "board": nothing,
        "analyst": nothing,
        "ig": nothing,
        "admin": nothing,
    }


def heard_wrongly(world: World, words: Words, relations: dict[str, Relation]) -> dict[str, list[str]]:
    found = {}
    for name, relation in relations.items():
        heard = listen(world, name)
        assert not any(WORD.search(place.casefold()) for place in heard.answers), "a word in an address"
        if wrong := told_wrongly(heard, words, world, name, relation):
            found[name] = wrong
    return found


# --- The proofs ------------------------------------------------------------------------------------------------------


def test_the_coordinator_is_told_every_word_so_they_are_there(world: World, words: Words) -> None:
    words.put_everywhere()
    listed = {
        (table, column)
        for table, found in columns().items()
        for column, least in found.items()
        if least not in NO_CANARY and (table, column) not in COPIES
    }
    assert (
        sorted(listed - {(canary.table, canary.column) for placed in words.placed.values() for canary in placed}) == []
    )
    relation = Relation(
        of(world, case=3, waiting=3, matter=3, item=3, next_item=3, meeting=3, next_meeting=3, volt=3), refers=True
    )
    heard = listen(world, "coordinator")
    assert told_wrongly(heard, words, world, "coordinator", relation) == []
    told = {word: where for pattern in (WORD, REFERENCE) for word, where in heard.words(pattern).items()}
    expected = {
        word: canary
        for word, placed in words.placed.items()
        for canary in placed[:1]
        if may_read(canary, world, "coordinator", relation) and not canary.column.startswith("name_key")
    }
    assert sorted(str(canary) for word, canary in expected.items() if word not in told) == []
    assert len(expected) > 150
    on_pages = {
        (canary.table, canary.column)
        for word, canary in expected.items()
        if any(not place.startswith("SQL") for place in told[word])
    }
    hidden = {(canary.table, canary.column) for canary in expected.values()} - on_pages
    assert sorted(f"{table}.{column}" for table, column in hidden) == ON_NO_PAGE


ON_NO_PAGE = [
    "access_bar.lifted_reason",  # the bar is in force
    "access_disclosure.told_reason",  # they were told
    "access_emergencyaccess.review_note",  # not reviewed yet
    "attachments_attachment.name",  # what a file was called where it came from
    "importing_import.undone_reason",  # not undone
    "importing_spelling.written",  # of the next file
    "notifications_message.dedupe_key",
    "panels_agendaitem.title",  # of standing items only
    "panels_itemcriteria.answers",  # the meeting is over
    "referrals_childaddress.address",  # one is protected, of the other child no case is open
    "referrals_childaddress.source",
    "referrals_circumstances.placing_authority",  # not placed here by another
    "referrals_matter.facts",  # what a record is made from, once it is accepted
    "referrals_matter.none_because",
    "referrals_matter.source",
    "referrals_matter.words",
    "referrals_referral.source_reference",
    "referrals_review.asks",  # not answered yet
    "referrals_review.helped",
    "referrals_review.not_helped",
    "referrals_review.observed",
    "referrals_review.progress",
    "referrals_review.rating_reason",
    "referrals_review.reached_by",
    "referrals_review.reached_how",
    "referrals_review.voice",
    "referrals_review.voice_missing",
    "referrals_review.wants",
    "referrals_reviewstep.note",
    "referrals_reviewstep.text",
    "referrals_toldconsent.child_not_told_reason",  # they were told
    "volt_wording.none_because",  # of entries for the police and coordinators only
    "volt_wording.words",
]
"""What the coordinator may read and no page of this world shows."""


@pytest.mark.parametrize("part", range(3))
def test_nobody_is_told_a_word_that_is_not_theirs(world: World, words: Words, part: int) -> None:
    words.put_everywhere()
    some = {name: relation for place, (name, relation) in enumerate(usual(world).items()) if place % 3 == part}
    assert heard_wrongly(world, words, some) == {}


def test_what_has_ended_and_who_is_barred_are_told_nothing(world: World, words: Words) -> None:
    cast, coordinator = world.cast, world.cast["coordinator"]
    with acting_as(coordinator):
        for name in ("social_care_lead", "police_lead"):
            bar_person(
                record_id=world.case.pk, user=cast.memberships[name].user, reason="An uncle", by=coordinator, at=HELD
            )
    with as_owner():
        education = cast.agencies["education"].principal
        ended = Grant.objects.filter(principal=education).exclude(kind=Kind.MEETING)
        assert ended.update(until=HELD) == 3
    words.put_everywhere()
    relations = {
        "education_lead": Relation(of(world, next_meeting=1)),
        "social_care_lead": Relation(wrote=False),
        "police_lead": Relation(of(world, meeting=1, next_meeting=1), wrote=False),
    }
    assert heard_wrongly(world, words, relations) == {}


def test_who_is_not_named_on_a_restricted_case_is_told_nothing(world: World, words: Words) -> None:
    cast, coordinator = world.cast, world.cast["coordinator"]
    with acting_as(coordinator):
        people = {cast.memberships["coordinator"]: Scope.FULL}
        restrict(record_id=world.case.pk, people=people, reason="An operation", by=coordinator)
    words.put_everywhere()
    relations = {
        "police_lead": Relation(of(world, meeting=1, next_meeting=1), wrote=False),
        "social_care_lead": Relation(wrote=False),
        "practitioner": Relation(
            of(world, waiting=3, draft=3, matter=3, meeting=1, next_meeting=1, volt=3), refers=True, wrote=False
        ),
        "chair": Relation(of(world, meeting=3, next_meeting=3, volt=3), wrote=False),
    }
    assert heard_wrongly(world, words, relations) == {}


def test_no_word_stands_in_the_queue_the_cache_or_a_log(
    world: World, words: Words, django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """All that is written while a case is worked on: what goes to the worker, into Valkey and into the logs."""
    words.put_everywhere()
    cast = world.cast
    with queued() as kept, django_capture_on_commit_callbacks(execute=True):
        client = cast.client("coordinator")
        for path in (f"/cases/{world.case.reference}/", f"/meetings/{world.meeting.reference}/minutes/", "/"):
            assert client.get(path).status_code == 200
        meeting = f"/meetings/{world.meeting.reference}/minutes/document/"
        assert client.post(meeting).status_code == 302
        assert client.post("/cases/search/", {"text": BEGINNING}).status_code == 200
        coordinator = cast["coordinator"]
        with acting_as(coordinator):
            due = dt.date(2026, 6, 1)
            extend_action(action=world.action, due_on=due, reason="Qxzaaaaa", by=coordinator, at=clock.now())
    assert {json.loads(task)[0] for task in kept} == {
        "panels.tasks.make_document",
        "mace.notifications.tasks.send_mail",
    }
    assert client.session["seat"]
    for text in (*kept, in_valkey().decode(), caplog.text):
        assert WORD.findall(text.casefold()) == []


@pytest.mark.parametrize(
    ("table", "policy", "name"),
    [
        ("referrals_casesummary", "casesummary_granted_see", "education_lead"),
        ("referrals_childidentity", "childidentity_granted_see", "stranger_coordinator"),
        ("panels_minute", "minute_shared_see", "health_lead"),
        ("access_bar", "bar_decided_see", "police_lead"),
        ("referrals_concern", "concern_full_see", "police_lead"),
        ("referrals_protectedaddress", "protectedaddress_named_see", "chair"),
    ],
)
def test_an_open_policy_would_be_noticed(world: World, words: Words, table: str, policy: str, name: str) -> None:
    words.put_everywhere()
    relation = usual(world)[name]
    before = Heard(as_the_role(world.cast, name, [BEGINNING]))
    assert told_wrongly(before, words, world, name, relation) == []
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f'alter policy "{policy}" on "{table}" using (true)')
    after = Heard(as_the_role(world.cast, name, [BEGINNING]))
    assert told_wrongly(after, words, world, name, relation) != []
