"""One timeline of all events of a case, newest first, made from what the page has read: it shows no more than that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from mace.access.models import Disclosure
from mace.accounts.models import Membership
from mace.casework.rules import MINE, OF_AGENCY, SCOPE_NAMES, SEEN_AT
from mace.casework.selectors.case import CasePage
from mace.core.addresses import address
from mace.core.clock import london_date, london_time
from mace.core.forms import in_sentence
from mace.core.protection import FULL, SUMMARY
from panels.enums import ActionStatus, Decision
from panels.selectors.actions import PASSED_OVER, chasers_of
from referrals.enums import (
    Informant,
    Interview,
    Occasion,
    Outcome,
    Rating,
    ReferralStatus,
    ReviewStatus,
    Tier,
    TierOutcome,
)
from referrals.models import CriticalMoment, MissingEpisode
from referrals.selectors.consent import consent_title
from referrals.selectors.pathways import day_and_time, episode_url, moment_url
from referrals.selectors.written import decision_of
from volt.enums import LinkKind, SourceGrade

ENTRIES_AT_ONCE = 50

KINDS: dict[str, str] = {
    "referral": "Referral",
    "tier": "Opened and closed",
    "lead": "Lead professional",
    "rating": "Rating",
    "plan": "Assessment and plan",
    "voice": "What the child says",
    "consent": "Consent to support",
    "missing": "Missing",
    "moment": "Critical moment",
    "meeting": "Meeting",
    "action": "Action",
    "review": "12-week review",
    "sharing": "Sharing decision",
    "volt": "People and places",
}

WAITS = {
    "": "",
    "waiting": ", waiting for the manager",
    Outcome.CONFIRMED.value: ", lower than before",
    Outcome.SENT_BACK.value: ", sent back by the manager",
}


SEEN_BY_WRITER = "seen only by whoever has the whole case, and by who wrote it"


class Event(NamedTuple):
    """One thing that happened, in the words of the component *timeline*. ``at`` is a moment, or a date by itself.

    ``scope``: the least scope at which it is seen, unless ``seen_by`` says it in words. ``people`` and ``agencies`` are
    the keys of those whose it is.
    """

    at: dt.datetime | dt.date
    group: str
    title: str
    text: str = ""
    by: str = ""
    url: str = ""
    scope: int = FULL
    seen_by: str = ""
    people: tuple[int | None, ...] = ()
    agencies: tuple[int | None, ...] = ()

    @property
    def visibility(self) -> str:
        """Who can see it, in words."""
        return self.seen_by or SEEN_AT[self.scope]

    @property
    def day(self) -> dt.date:
        """The day in London."""
        return london_date(self.at) if isinstance(self.at, dt.datetime) else self.at

    @property
    def kind(self) -> str:
        return KINDS[self.group]

    @property
    def moment(self) -> dt.datetime:
        """For sorting: a date stands before everything that has an hour on it."""
        return self.at if isinstance(self.at, dt.datetime) else london_time(self.at)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """By what a history is narrowed; what is empty does not narrow it."""

    kinds: frozenset[str] = frozenset()
    since: dt.date | None = None
    until: dt.date | None = None
    whose: str = ""
    membership_id: int | None = None
    agency_id: int | None = None

    def takes(self, event: Event) -> bool:
        return (
            (not self.kinds or event.group in self.kinds)
            and (self.since is None or self.since <= event.day)
            and (self.until is None or event.day <= self.until)
            and (self.whose != MINE or self.membership_id in event.people)
            and (self.whose != OF_AGENCY or self.agency_id in event.agencies)
        )


def narrowed(events: list[Event], wanted: Narrowed) -> list[Event]:
    """Those entries that are wanted, in their order."""
    return [event for event in events if wanted.takes(event)]


def timeline(page: CasePage, *, opens_reviews: bool = True) -> list[Event]:
    """All events, the newest first; ``opens_reviews``: whether the seat may open the pages of reviews."""
    order = list(KINDS)
    events = [
        *_case(page),
        *_course(page),
        *_referrals(page),
        *_written(page),
        *(_consents(page) if page.consents else ()),
        *_missing(page),
        *_moments(page),
        *_meetings(page),
        *_actions(page),
        *_reviews(page, opens=opens_reviews),
        *_sharing(page),
        *_volt(page),
    ]
    return sorted(events, key=lambda event: (event.moment, order.index(event.group)), reverse=True)


def _who(person: Membership | None) -> tuple[tuple[int | None, ...], tuple[int | None, ...]]:
    """Somebody as ``people`` and ``agencies`` of an entry."""
    return ((person.pk,), (person.agency_id,)) if person is not None else ((), ())


def _case(page: CasePage) -> Iterator[Event]:
    for period in page.content.tiers:
        yield Event(period.from_on, "tier", f"Opened at {Tier(period.tier).label}", period.why, scope=SUMMARY)
        if period.to_on:
            title = f"Ended at {Tier(period.tier).label}: {TierOutcome(period.outcome).label}"
            yield Event(period.to_on, "tier", title, period.outcome_reason, scope=SUMMARY)
    for rating in page.content.ratings:
        title = f"Rating agreed: {Rating(rating.rating).label}"
        yield Event(rating.agreed_on, "rating", title, by=rating.source, scope=SUMMARY)


def _course(page: CasePage) -> Iterator[Event]:
    """Criteria answered, lead professionals, closings."""
    url = address("casework:case", page.case.reference)
    for answers in page.course.decisions:
        people, agencies = _who(answers.by)
        group = "referral" if answers.occasion == Occasion.SCREENING else "tier"
        yield Event(
            answers.at,
            group,
            answers.title,
            "\n".join(answers.lines),
            by=answers.by.user.name,
            people=people,
            agencies=agencies,
        )
    for lead in page.course.leads:
        people, agencies = _who(lead.lead)
        said = [f"Manager: {lead.manager.user.name}"] if lead.manager else []
        said += [f"Why: {lead.why}"] if lead.why else []
        title = f"{'Handed over to' if lead.handed_by_id else 'Led by'} {lead.lead.user.name}"
        yield Event(lead.from_on, "lead", title, "\n".join(said), people=people, agencies=agencies, url=f"{url}#leads")
        if lead.read_at:
            title = "Handover notes read"
            yield Event(lead.read_at, "lead", title, by=lead.lead.user.name, people=people, agencies=agencies)
    for closure in page.course.closures:
        if closure.completed_at:
            people, agencies = _who(closure.completed_by)
            yield Event(
                closure.completed_at,
                "tier",
                f"Closing details given for {Tier(closure.period.tier).label}",
                closure.view or f"The view was not asked for: {closure.no_view_because}",
                by=closure.completed_by.user.name if closure.completed_by else "",
                people=people,
                agencies=agencies,
            )


def _referrals(page: CasePage) -> Iterator[Event]:
    content = page.content
    for referral in content.referrals:
        url = address("referrals:tasks", referral.reference)
        who = f"{referral.referrer.user.name}, {referral.agency.name}"
        whose: dict[str, Any] = {"people": (referral.referrer_id,), "agencies": (referral.agency_id,)}
        if referral.submitted_at:
            title = f"Referral {referral.reference} sent"
            yield Event(referral.submitted_at, "referral", title, by=who, url=url, seen_by=SEEN_BY_WRITER, **whose)
        if referral.decided_on:
            title = f"Referral {referral.reference}: {ReferralStatus(referral.status).label.lower()}"
            text = referral.decision_reason
            yield Event(referral.decided_on, "referral", title, text, url=url, seen_by=SEEN_BY_WRITER, **whose)


def _written(page: CasePage) -> Iterator[Event]:
    """Every assessment, plan, word of the child and difficulties score, not the last alone."""
    url = address("referrals:assessments", page.case.reference)
    for found in page.history.assessments:
        title = f"Assessed: {Rating(found.rating).label}{WAITS[decision_of(found)]}"
        yield Event(found.written_at, "plan", title, found.rationale, url=url, **_by_writer(found.written_by))
        if decision := getattr(found, "decision", None):
            title = f"Lower rating {in_sentence(Outcome(decision.outcome).label)}"
            who = decision.decided_by.user.name
            yield Event(decision.decided_at, "plan", title, decision.reason, by=who, url=url)
    url = address("referrals:plans", page.case.reference)
    for plan in page.history.plans:
        title = f"Safety plan, version {plan.version}"
        yield Event(plan.written_at, "plan", title, plan.summary, url=url, **_by_writer(plan.written_by))
    for voice in page.history.voices:
        observed = f"Observed: {voice.observed}" if voice.observed else ""
        title = "What the child says" if voice.words else "What was observed of the child"
        yield Event(voice.effective_on, "voice", title, voice.words or observed, **_by_writer(voice.written_by))
    for score in page.history.difficulties:
        band = f", {score.band_words.lower()}" if score.band_words else ""
        text = f"{score.total} of 40{band}. Completed by: {Informant(score.informant).label.lower()}."
        yield Event(
            score.effective_on, "plan", "Strengths and difficulties score", text, **_by_writer(score.written_by)
        )


def _consents(page: CasePage) -> Iterator[Event]:
    """What was said of consent to support, and what was decided when it was withdrawn."""
    url = address("referrals:consent", page.case.reference)
    for row in page.consents:
        for at, title, text, who in (
            (row.said_on, consent_title(row), row.words, row.written_by),
            (row.decided_at, "Decided after consent was withdrawn", row.decision, row.decided_by),
        ):
            if at and who:
                people, agencies = _who(who)
                yield Event(at, "consent", title, text, by=who.user.name, url=url, people=people, agencies=agencies)


def _missing(page: CasePage) -> Iterator[Event]:
    """When the child went missing and came back, and the last that is known of the return home interview."""
    for episode in page.pathways.missing:
        url = episode_url(page.case, episode)
        whose = _by_reporter(episode) | {"url": url}
        began = day_and_time(episode.from_on, episode.from_at)
        yield Event(episode.from_at or episode.from_on, "missing", f"Missing since {began}", episode.about, **whose)
        if episode.returned_on:
            back = day_and_time(episode.returned_on, episode.returned_at)
            yield Event(episode.returned_at or episode.returned_on, "missing", f"Back on {back}", **whose)
        if episode.interview_on:
            title = f"Return home interview: {in_sentence(Interview(episode.interview).label)}"
            yield Event(episode.interview_on, "missing", title, episode.interview_note, **whose)


def _moments(page: CasePage) -> Iterator[Event]:
    for moment in page.pathways.moments:
        url = moment_url(page.case, moment)
        whose = (_by_writer(moment.written_by) if moment.referral_id else _by_reporter(moment)) | {"url": url}
        yield Event(moment.on, "moment", moment.kind_words, moment.about, **whose)
        if moment.responded_at and moment.responded_by:
            people, agencies = _who(moment.responded_by)
            said: dict[str, Any] = {"by": moment.responded_by.user.name, "people": people, "agencies": agencies}
            title = f"What was done: {in_sentence(moment.kind_words)}"
            yield Event(moment.responded_at, "moment", title, moment.response, **whose | said)


def _by_reporter(row: MissingEpisode | CriticalMoment) -> dict[str, Any]:
    """Whose it is, and that the agency that reported it sees it too."""
    people, agencies = _who(row.written_by)
    seen = f"seen by whoever has the whole case, and by {row.agency.name}, which reported it"
    by = f"{row.written_by.user.name}, {row.agency.name}"
    return {"by": by, "seen_by": seen, "people": people, "agencies": agencies}


def _by_writer(writer: Membership) -> dict[str, Any]:
    """Whose it is, and that its writer sees it too."""
    people, agencies = _who(writer)
    return {"by": writer.user.name, "seen_by": SEEN_BY_WRITER, "people": people, "agencies": agencies}


def _meetings(page: CasePage) -> Iterator[Event]:
    for minute in page.minutes:
        meeting = minute.item.meeting
        decided = f": {in_sentence(Decision(minute.decision).label)}" if minute.decision else ""
        yield Event(
            meeting.starts_at,
            "meeting",
            f"Discussed at {meeting.panel.name}{decided}",
            minute.decision_reason,
            url=address("panels:minutes", meeting.reference),
            seen_by="seen by whoever may read this item of the minutes",
        )


def _actions(page: CasePage) -> Iterator[Event]:
    for action in page.actions:
        url = address("panels:action", action.reference)
        agency: str = action.agency_name  # type: ignore[attr-defined]
        seen = f"seen by whoever has the whole case, and by {agency}, whose action it is"
        whose: dict[str, Any] = {"agencies": (action.owner_agency_id,), "seen_by": seen, "url": url}
        owner = (action.owner_id,)
        yield Event(action.created_at, "action", f"Action given to {agency}", action.text, people=owner, **whose)
        for update in page.updates.get(action.pk, []):
            closing = action.closed_on is not None and update.text.startswith(f"{ActionStatus(action.status).label}.")
            title = f"Action {action.reference} ended" if closing else f"Report on action {action.reference}"
            people = (*owner, update.written_by_id)
            yield Event(
                update.written_at, "action", title, update.text, by=update.written_by_name, people=people, **whose
            )
        for chaser in chasers_of(action):
            if chaser.told != PASSED_OVER:
                title = f"Action {action.reference} chased"
                yield Event(chaser.chased_on, "action", title, f"Told: {chaser.told}.", people=owner, **whose)


def _reviews(page: CasePage, *, opens: bool) -> Iterator[Event]:
    asked: dict[str, Any] = {
        "people": (page.case.lead_professional_id,),
        "agencies": (page.case.lead_agency_id,),
    }
    for review in page.reviews:
        url = address("panels:review", review.reference) if opens else ""
        yield Event(review.made_on, "review", f"12-week review {review.reference} asked for", url=url, **asked)
        if review.answered_on:
            people, agencies = _who(review.answered_by)
            yield Event(
                review.answered_on,
                "review",
                f"12-week review {review.reference} answered",
                review.progress,
                by=review.answered_by.user.name if review.answered_by else "",
                url=url,
                people=people,
                agencies=agencies,
            )
        if review.status == ReviewStatus.HELD and review.held_on:
            yield Event(review.held_on, "review", f"12-week review {review.reference} held", url=url, **asked)


def _sharing(page: CasePage) -> Iterator[Event]:
    url = address("casework:case_sharing", page.case.reference)
    for line in page.sharing:
        seen = f"seen by whoever runs or leads the case, and by {line.agency.name}"
        whose: dict[str, Any] = {"url": url, "seen_by": seen, "agencies": (line.agency_id, line.decided_by.agency_id)}
        title = f"Shared with {line.agency.name}: {SCOPE_NAMES[line.scope].lower()}"
        by = (line.decided_by_id,)
        yield Event(line.starts_at, "sharing", title, line.purpose, by=line.decided_by.user.name, people=by, **whose)
        if line.withdrawn_at:
            title = f"Sharing with {line.agency.name} ended"
            by = (line.withdrawn_by_id or 0,)
            yield Event(
                line.withdrawn_at, "sharing", title, line.withdrawn_reason, by=_ended_by(line), people=by, **whose
            )


def _ended_by(line: Disclosure) -> str:
    return line.withdrawn_by.user.name if line.withdrawn_by else ""


def _volt(page: CasePage) -> Iterator[Event]:
    if page.volt is None:
        return
    for entry in page.volt.entries:
        for link in entry.links:
            title = f"Linked with {entry.row.name}"
            text = (
                f"{LinkKind(link.kind).label}. Source: {link.source} ({SourceGrade(link.source_grade).label.lower()})."
            )
            people, agencies = _who(link.created_by)
            yield Event(
                link.created_at,
                "volt",
                title,
                text,
                by=link.created_by.user.name,
                url=_volt_url(entry.row.reference),
                seen_by="seen by whoever has the whole of both records, as far as its handling allows",
                people=people,
                agencies=agencies,
            )


def _volt_url(reference: str) -> str:
    return address("volt:record", reference)
