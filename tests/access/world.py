"""One case taken through everything, and everybody's relation to it: the ground of the access tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from mace.access.models import Scope
from mace.access.services import withdraw
from mace.attachments.models import Attachment
from mace.casework.services.views import save_view
from mace.core.seat import acting_as
from mace.exporting.models import Export
from mace.importing.models import Import
from panels.enums import Strand
from panels.models import Action, AgendaItem, Meeting, MinutesDocument
from panels.services.actions import create_action, report_on_action
from panels.services.meetings import approve_minutes, publish_agenda, request_document
from referrals.models import Case, Child, ChildQuestion, CriticalMoment, MissingEpisode, Referral, Review
from referrals.selectors.assessing import assessments_of, key_of, plans_of
from referrals.services import make_review
from tests.factories.cast import Cast
from tests.factories.exporting import ready_export
from tests.factories.files import attached
from tests.factories.importing import came_from_a_spreadsheet, checked_import
from tests.factories.matters import submitted_matter
from tests.factories.panels import HELD, PLANNED, drafted_meeting, invited, item_of, planned_meeting, published_meeting
from tests.factories.referrals import (
    another_child,
    asked_elsewhere,
    draft_referral,
    gone_missing,
    open_case,
    submitted_referral,
)
from volt.models import PersonOfConcern
from volt.rules import NEW
from volt.selectors import mentions_to_settle
from volt.services import from_mentions

LATER = HELD + dt.timedelta(days=28)


@dataclass
class World:
    """References of one case and what hangs on it.

    The police were invited at *summary* and hold the action; education at *identity*; health was withdrawn after it had
    reported on an action of its own. The next meeting is published, so its pages are live.
    """

    cast: Cast
    case: Case
    child: Child
    referral: Referral
    draft: Referral
    waiting: Referral
    review: Review
    meeting: Meeting
    item: AgendaItem
    next_meeting: Meeting
    next_item: AgendaItem
    action: Action
    withdrawn_action: Action
    partner_actions: dict[str, Action]
    document: MinutesDocument
    matter: Referral
    person: PersonOfConcern
    assessment: str
    plan: str
    episode: MissingEpisode
    moment: CriticalMoment
    checked: Import
    brought: Import
    export: Export
    file: Attachment
    question: ChildQuestion

    def references(self) -> dict[str, str]:
        """By the name that the matrix gives each kind."""
        return {
            "case": self.case.reference,
            "child": self.child.reference,
            "referral": self.referral.reference,
            "draft": self.draft.reference,
            "waiting": self.waiting.reference,
            "matter": self.matter.reference,
            "review": self.review.reference,
            "meeting": self.meeting.reference,
            "next_meeting": self.next_meeting.reference,
            "next_item": self.next_item.reference,
            "action": self.action.reference,
            "document": self.document.reference,
            "import": self.checked.reference,
            "brought": self.brought.reference,
            "export": self.export.reference,
            "file": self.file.reference,
            "question": self.question.reference,
            "person": self.person.reference,
            "assessment": self.assessment,
            "plan": self.plan,
            "episode": self.episode.reference,
            "moment": self.moment.reference,
            "somebody": self.cast.memberships["police_member"].user.reference,
            "held": self.cast.memberships["police_member"].reference,
            "agreement": self.cast.agencies["police"].participations.get().reference,
        }


def make_world(cast: Cast, *, partners: Mapping[str, Scope] | None = None, another: int = 0) -> World:
    """``partners``: further agencies of the cast, invited for the case at a scope, with an action of their member's.

    ``another``: how many there are already; each is of other children, and its meetings are a day later.
    """
    partners, later = partners or {}, dt.timedelta(days=another)
    case = open_case(cast, child=another_child(10 + another)) if another else open_case(cast)
    with acting_as(cast["coordinator"]):
        referral, child = Referral.objects.get(case=case), Child.objects.get(pk=case.child_id)
        answers = {mention.key: NEW for mention in mentions_to_settle(referral)}
        links = from_mentions(referral=referral, answers=answers, by=cast["coordinator"], at=HELD)
        assert len(links) == 3
    draft = draft_referral(cast, child=another_child(3 + 20 * another))
    waiting = submitted_referral(cast, child=another_child(4 + 20 * another))
    matter = submitted_matter(cast, "group")
    meeting = planned_meeting(cast, case, starts_at=HELD + later)
    item = item_of(cast, meeting)
    for agency, scope in {"police": Scope.SUMMARY, "health": Scope.SUMMARY, **partners}.items():
        invited(cast, item, agency, scope=scope)
    with acting_as(cast["coordinator"]):
        meeting = publish_agenda(meeting=meeting, by=cast["coordinator"], at=PLANNED)
    meeting = drafted_meeting(cast, meeting)
    with acting_as(cast["chair"]):
        meeting = approve_minutes(meeting=meeting, by=cast["chair"], at=HELD + dt.timedelta(hours=2))
    coordinator = cast["coordinator"]
    with acting_as(coordinator):
        made = [
            create_action(
                record_id=case.pk,
                item=item,
                strand=Strand.VICTIM,
                text=text,
                measure="",
                owner_agency=cast.agencies[agency],
                owner=cast.memberships[owner],
                due_on=dt.date(2026, 4, 1),
                by=coordinator,
                at=HELD,
            )
            for agency, owner, text in (
                ("police", "police_member", "Visit the flat"),
                ("health", "health_lead", "Book the check"),
                *((name, f"{name}_member", f"Ask at {name}") for name in partners),
            )
        ]
    with acting_as(cast["health_lead"]):
        report_on_action(action=made[1], text="The nurse has written", by=cast["health_lead"], at=HELD)
    with acting_as(coordinator):
        review = make_review(case=case, due_on=dt.date(2026, 5, 25), by=coordinator, at=HELD)
        assert review is not None
        save_view(name=f"Open {another}", chosen={"state": "open"}, by=coordinator)
    next_meeting = published_meeting(cast, case, invite=("police",), starts_at=LATER + later, at=HELD)
    next_item = item_of(cast, next_meeting)
    for agency, scope in {"education": Scope.IDENTITY, **partners}.items():
        invited(cast, next_item, agency, scope=scope, at=HELD)
    with acting_as(coordinator):
        withdraw(record_id=case.pk, agency=cast.agencies["health"], reason="No longer needed", by=coordinator, at=HELD)
    with acting_as(cast["police_lead"]):
        document = request_document(meeting=meeting, by=cast["police_lead"], at=HELD)
    with acting_as(coordinator):
        person = PersonOfConcern.objects.get(pk__in=[link.b_id for link in links])
        moment = CriticalMoment.objects.get(case=case)
        assessment, plan = (key_of(rows(case)[0], case) for rows in (assessments_of, plans_of))
    return World(
        cast=cast,
        case=case,
        child=child,
        referral=referral,
        draft=draft,
        waiting=waiting,
        matter=matter,
        review=review,
        meeting=meeting,
        item=item,
        next_meeting=next_meeting,
        next_item=next_item,
        action=made[0],
        withdrawn_action=made[1],
        partner_actions=dict(zip(partners, made[2:], strict=True)),
        document=document,
        person=person,
        assessment=assessment,
        plan=plan,
        episode=gone_missing(cast, case, at=PLANNED),
        moment=moment,
        checked=checked_import(cast, at=HELD),
        question=asked_elsewhere(cast, child, at=HELD),
        brought=came_from_a_spreadsheet(cast, case, at=HELD),
        export=ready_export(cast, case),
        file=attached(cast, referral, content=b"She is seldom late.\n", at=HELD),
    )
