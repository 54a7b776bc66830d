"""Second act: panels meet. Agendas come from what the product proposes; the chair minutes, decides, gives actions."""

from __future__ import annotations

import datetime as dt

from mace.access.models import LawfulBasis, Scope
from mace.core.clock import london_date, london_time
from mace.core.errors import RuleBroken
from mace.core.workdays import next_working_day
from mace.demo.services.stage import Fate, Stage, on_stage
from panels.enums import ActionStatus, Decision, ItemKind, PanelKind, Presence, Strand
from panels.models import Action, AgendaItem, Meeting, Panel
from panels.selectors.meetings import items_of
from panels.selectors.proposals import Proposal, proposals_for
from panels.services.actions import close_action, create_action, extend_action, report_on_action
from panels.services.agenda import add_case_item, add_standing_item, add_volt_item, invite_agency, publish_agenda
from panels.services.approval import approve_minutes, close_meeting
from panels.services.criteria import save_criteria
from panels.services.planning import plan_meeting
from panels.services.running import finish_meeting, record_attendance, save_minute, start_meeting
from referrals.enums import Rating, ReviewStatus
from referrals.models import Case, Review
from referrals.rules_cases import StepSaid, Ticked
from referrals.selectors.cases import case_content
from referrals.services.reviews import answer_review

PRE_MACE_EVERY, OPERATIONAL_EVERY = 28, 42
NEW_AT_MOST, REVIEWS_AT_MOST = 5, 4
MEMBERS = {
    "police": "joanna",
    "health": "peter",
    "education": "owen",
    "youth_justice": "callum",
    "social_care": "priya",
    "voluntary": "eddie",
}
LEADERS = {
    "police": "marcus",
    "health": "amara",
    "education": "ruth",
    "youth_justice": "nadia",
    "social_care": "soraya",
    "voluntary": "zainab",
    "community_safety": "irene",
}
DONE = (
    "Done. The result is in our own system and was told to the lead professional.",
    "Done on the day; the family was there.",
    "Done, with one thing more to watch: who else comes to the address.",
)
PROGRESS = (
    "First step taken; waiting for an answer from the school.",
    "Rang twice without reaching anybody. Will go there on Thursday.",
    "Checked our records: two entries that fit. Sent to the lead professional.",
)
STUCK = [
    Ticked("stuck", "met", "Two plans in five months, and the missing episodes have not become fewer."),
    Ticked("abusers_or_victims", "met", "Three adults are named in the intelligence; two other children go with her."),
    Ticked("group", "not_known"),
]
RATIONALE = (
    "What was shared is needed to protect the child and to interrupt those who harm them; no less would let each "
    "agency do its part."
)


class Meetings:
    """Holds the meetings of one partnership, from the plan to the approved minutes."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.coordinator = "daniel" if "daniel" in stage.people else "kofi"
        self.chair = "helen" if "helen" in stage.people else "sian"
        self.panels = {p.kind: p for p in Panel.objects.filter(partnership_id=stage.system.partnership_id)}
        self.volt_items: dict[int, tuple[int, Strand]] = {}
        self.given = 0

    def plan(self, kind: PanelKind, *, days_ago: int, published: bool = True, approved: bool = True) -> None:
        """A meeting on the working day so many days ago: planned five weeks, published one week ahead, then held."""
        day = next_working_day(self.stage.today - dt.timedelta(days=days_ago))
        starts_at = london_time(day, 14 if kind == PanelKind.PRE_MACE else 10)
        panel = self.panels[kind]

        def make(at: dt.datetime) -> None:
            with on_stage(self.stage.seat(self.coordinator)) as seat:
                plan_meeting(panel=panel, starts_at=starts_at, place="Town Hall, room 3", by=seat, at=at)

        self.stage.at(min(starts_at - dt.timedelta(days=35), self.stage.when(1)), make)
        if published:
            publish_at = min(starts_at - dt.timedelta(days=7), self.stage.when(1, 15))
            self.stage.at(publish_at, lambda at: self.publish(panel, starts_at, at))
        if days_ago > 0:
            self.stage.at(starts_at, lambda at: self.hold(panel, starts_at, at))
            if approved:
                self.stage.at(starts_at + dt.timedelta(days=2), lambda at: self.approve(panel, starts_at, at))
                self.stage.at(starts_at + dt.timedelta(days=120), lambda at: self.close(panel, starts_at, at))

    # --- Agenda

    def publish(self, panel: Panel, starts_at: dt.datetime, at: dt.datetime) -> None:
        """Everything proposed, as far as the time goes; an agency that must know is invited for each new item."""
        with on_stage(self.stage.seat(self.coordinator)) as seat:
            meeting = Meeting.objects.select_related("panel").get(panel=panel, starts_at=starts_at)
            add_standing_item(
                meeting=meeting, title="Actions from the last meeting", minutes_allowed=10, by=seat, at=at
            )
            proposals = proposals_for(meeting)
            new = [p for p in proposals if p.kind != ItemKind.REVIEW][:NEW_AT_MOST]
            reviews = [p for p in proposals if p.kind == ItemKind.REVIEW][:REVIEWS_AT_MOST]
            for proposal in [*new, *reviews]:
                self._add(meeting, proposal, at=at)
            if volt := self.volt_items.pop(panel.pk, None):
                add_volt_item(meeting=meeting, record_id=volt[0], strand=volt[1], minutes_allowed=10, by=seat, at=at)
            for item in AgendaItem.objects.filter(meeting=meeting, strand=Strand.VICTIM, kind=ItemKind.NEW):
                self._invite(item, at=at)
            publish_agenda(meeting=meeting, by=seat, at=at)

    def _add(self, meeting: Meeting, proposal: Proposal, *, at: dt.datetime) -> None:
        seat = self.stage.seat(self.coordinator)
        case = Case.objects.get(reference=proposal.reference)
        review = Review.objects.get(reference=proposal.review) if proposal.review else None
        add_case_item(
            meeting=meeting,
            case=case,
            kind=ItemKind(proposal.kind),
            minutes_allowed=proposal.minutes,
            by=seat,
            at=at,
            review=review,
        )

    def _invite(self, item: AgendaItem, *, at: dt.datetime) -> None:
        """The agencies that the child's story needs, each at the scope that it needs and no more."""
        assert item.subject_id is not None
        child = self.stage.stories.get(item.subject_id)
        if child is None:
            return
        wanted = {agency for _, agency in child.story.action if agency != "social_care"} & set(self.stage.agencies)
        wanted.add("police")
        for agency in sorted(wanted):
            scope = Scope.SUMMARY if agency in ("police", "youth_justice") else Scope.IDENTITY
            if agency == "youth_justice" and child.number % 3 == 0:
                scope = Scope.FULL
            told = child.number % 5 != 0
            invite_agency(
                item=item,
                agency=self.stage.agencies[agency],
                scope=scope,
                purpose="To say what is held on this child and to take part in their safety plan",
                lawful_basis=LawfulBasis.PUBLIC_TASK if agency != "police" else LawfulBasis.CRIME,
                necessity="Nobody else can say what this agency knows, and it will be asked to act.",
                told=told,
                told_reason="" if told else "A relative may be involved; the strategy discussion asked to wait.",
                by=self.stage.seat(self.coordinator),
                at=at,
            )

    # --- Meeting

    def hold(self, panel: Panel, starts_at: dt.datetime, at: dt.datetime) -> None:
        """The chair records who is there, what was said and decided, and gives actions."""
        with on_stage(self.stage.seat(self.chair)) as seat:
            meeting = Meeting.objects.select_related("panel").get(panel=panel, starts_at=starts_at)
            start_meeting(meeting=meeting, by=seat, at=at)
            for key in self.stage.partnership.core:
                away = self.stage.draw.random() < 0.1
                record_attendance(
                    meeting=meeting,
                    agency=self.stage.agencies[key],
                    presence=Presence.APOLOGIES if away else Presence.PRESENT,
                    who=""
                    if away or key not in LEADERS or LEADERS[key] not in self.stage.people
                    else self.stage.people[LEADERS[key]].user.name,
                    by=seat,
                )
            meeting.refresh_from_db()
            for line in items_of(meeting, drafts=True):
                self._minute(line.item, panel, at=at)
            finish_meeting(meeting=meeting, by=seat, at=at + dt.timedelta(hours=2))

    def _minute(self, item: AgendaItem, panel: Panel, *, at: dt.datetime) -> None:
        seat = self.stage.seat(self.chair)
        if item.strand == Strand.STANDING:
            save_minute(
                item=item,
                discussion="Open actions were gone through; three were done since.",
                rationale="",
                decision="",
                decision_reason="",
                rating="",
                version=0,
                operation="",
                by=seat,
                at=at,
            )
            return
        if item.strand != Strand.VICTIM:
            save_minute(
                item=item,
                discussion="Two children speak of the same place and people. Patrols at half past three "
                "have helped; the evening is open.",
                rationale=RATIONALE,
                decision=Decision.NOTE,
                decision_reason="To be heard again at the next meeting.",
                rating="",
                version=0,
                operation="",
                by=seat,
                at=at,
            )
            self._give(item, "Walk the place with the licensing officer after dark", "community_safety", at=at)
            return
        assert item.subject_id is not None
        child = self.stage.stories.get(item.subject_id)
        decision, why = self._decide(item, panel, at=at)
        case = Case.objects.select_related("summary").get(pk=item.subject_id)
        rating = self._rating(case, item)
        discussion = (
            child.story.discussion
            if child and item.kind == ItemKind.NEW
            else (
                "The plan was gone through step by step. Two missing episodes fewer than before; school "
                "attendance is up. The friend who "
                "brought the debt has moved away."
            )
        )
        save_minute(
            item=item,
            discussion=discussion,
            rationale=RATIONALE,
            decision=decision,
            decision_reason=why,
            rating=rating,
            version=0,
            operation="",
            by=seat,
            at=at,
        )
        if decision == Decision.ESCALATE:
            save_criteria(item=item, ticked=STUCK, version=0, by=seat, at=at)
        if decision != Decision.CLOSE and child is not None:
            for text, agency in child.story.action[: 2 if item.kind == ItemKind.NEW else 1]:
                self._give(item, child.say(text), agency, at=at)

    def _decide(self, item: AgendaItem, panel: Panel, *, at: dt.datetime) -> tuple[Decision, str]:
        assert item.subject_id is not None
        case = Case.objects.prefetch_related("tiers").get(pk=item.subject_id)
        fate = self.stage.fates.get(case.pk, Fate())
        tiers = {tier.tier for tier in case.tiers.all() if tier.to_on is None}
        age = (london_date(at) - case.opened_on).days
        if fate.escalates and panel.kind == PanelKind.PRE_MACE and "mace" not in tiers:
            return (
                Decision.ESCALATE,
                "The plan has not reduced the risk, there are several adults, and the usual ways are used up.",
            )
        if fate.closes_after is not None and age >= fate.closes_after:
            return (
                Decision.CLOSE,
                "The risk has reduced: no missing episode in eight weeks, and the adults around the child hold.",
            )
        return (
            Decision.KEEP_OPEN,
            "The plan needs time to work and the agencies have things to do before the next meeting.",
        )

    def _rating(self, case: Case, item: AgendaItem) -> str:
        """As it is for a new case; after that mostly one step down, now and then one up."""
        order = list(Rating.values)
        now = order.index(case.summary.rating)
        if item.kind == ItemKind.NEW:
            return order[now]
        step = self.stage.draw.choices((-1, 0, 1), weights=(5, 4, 1))[0]
        return order[min(max(now + step, 0), len(order) - 1)]

    def approve(self, panel: Panel, starts_at: dt.datetime, at: dt.datetime) -> None:
        with on_stage(self.stage.seat(self.chair)) as seat:
            approve_minutes(meeting=Meeting.objects.get(panel=panel, starts_at=starts_at), by=seat, at=at)

    def close(self, panel: Panel, starts_at: dt.datetime, at: dt.datetime) -> None:
        """Close the follow-up where every action has ended; else it stays open and shows."""
        with on_stage(self.stage.seat(self.chair)) as seat:
            meeting = Meeting.objects.get(panel=panel, starts_at=starts_at)
            if not Action.objects.filter(item__meeting=meeting, status=ActionStatus.OPEN).exists():
                close_meeting(meeting=meeting, by=seat, at=at)

    def _steps(self, case: Case) -> dict[int, StepSaid]:
        """The first step of the plan is done, the others are under way."""
        steps = case_content(case).steps
        return {step.pk: StepSaid("under_way" if at else "done") for at, step in enumerate(steps)}

    # --- Actions

    def _give(self, item: AgendaItem, text: str, agency: str, *, at: dt.datetime) -> None:
        assert item.subject_id is not None
        if agency not in self.stage.agencies:
            agency = "police"
        self.given += 1
        owner = None
        if agency in MEMBERS and MEMBERS[agency] in self.stage.people and self.given % 3:
            owner = self.stage.people[MEMBERS[agency]]
        due_on = next_working_day(london_date(at) + dt.timedelta(days=(7, 10, 14, 21, 28)[self.given % 5]))
        action = create_action(
            record_id=item.subject_id,
            item=item,
            strand=item.strand,
            text=text,
            measure="Told to the lead professional in writing",
            owner_agency=self.stage.agencies[agency],
            owner=owner,
            due_on=due_on,
            by=self.stage.seat(self.chair),
            at=at,
        )
        self._follow(action.reference, MEMBERS[agency] if owner else LEADERS.get(agency, ""), due_on, at)

    def _follow(self, reference: str, who: str, due_on: dt.date, given_at: dt.datetime) -> None:
        """Most are reported on and done in time; some are late, some not possible, the newest are still open."""
        if who not in self.stage.people:
            return
        recent = (self.stage.today - london_date(given_at)).days < 70
        lot = self.stage.draw.random()
        if lot < 0.6:
            self.stage.at(given_at + dt.timedelta(days=5, hours=1), lambda at: self._report(reference, who, at))
        if recent and self.given % 3 == 0:
            return
        ends = london_time(due_on, 16) + dt.timedelta(days=self.stage.draw.choice((-4, -2, -1, 0, 0, 3, 9)))
        ends = max(ends, given_at + dt.timedelta(days=1))
        if lot > 0.93:
            self.stage.at(
                london_time(due_on, 12) - dt.timedelta(days=1), lambda at: self._extend(reference, due_on, at)
            )
            ends += dt.timedelta(days=14)
        status = ActionStatus.NOT_POSSIBLE if lot > 0.86 else ActionStatus.DONE
        self.stage.at(ends, lambda at: self._end(reference, who, status, at))

    def _report(self, reference: str, who: str, at: dt.datetime) -> None:
        with on_stage(self.stage.seat(who)) as seat:
            action = Action.objects.filter(reference=reference).first()
            if action is not None and action.status == ActionStatus.OPEN:
                report_on_action(action=action, text=self.stage.draw.choice(PROGRESS), by=seat, at=at)

    def _end(self, reference: str, who: str, status: ActionStatus, at: dt.datetime) -> None:
        note = (
            "The family has moved and the address is empty."
            if status == ActionStatus.NOT_POSSIBLE
            else self.stage.draw.choice(DONE)
        )
        with on_stage(self.stage.seat(who)) as seat:
            action = Action.objects.filter(reference=reference).first()
            if action is not None and action.status == ActionStatus.OPEN:
                close_action(action=action, status=status, note=note, by=seat, at=at)

    def _extend(self, reference: str, due_on: dt.date, at: dt.datetime) -> None:
        with on_stage(self.stage.seat(self.coordinator)) as seat:
            extend_action(
                action=Action.objects.get(reference=reference),
                due_on=next_working_day(due_on + dt.timedelta(days=14)),
                reason="The only officer trained for it is away until then.",
                by=seat,
                at=at,
            )

    # --- Reviews

    def answer(self, review_id: int, at: dt.datetime) -> None:
        """The lead professional answers a 12-week review, unless it was held or cancelled meanwhile."""
        keys = {membership.pk: key for key, membership in self.stage.people.items()}
        with on_stage(self.stage.system):
            review = Review.objects.select_related("case__summary").get(pk=review_id)
            who = keys.get(review.case.lead_professional_id)
        if who is None or review.status != ReviewStatus.DUE:
            return
        child = self.stage.stories[review.case_id]
        with on_stage(self.stage.seat(who)) as seat:
            try:
                answer_review(
                    review=review,
                    progress="Missing episodes are fewer and shorter. The plan’s first step is done; the "
                    "second waits for a school place.",
                    voice=child.story.words,
                    rating=review.case.summary.rating,
                    rating_reason="Less contact with the group, but the debt is not settled.",
                    recommendation="keep_open",
                    reached_by="The youth worker, on her way home from school",
                    helped="Meeting outside the home, and always the same person",
                    steps=self._steps(review.case),
                    by=seat,
                    at=at,
                )
            except RuleBroken:
                return
