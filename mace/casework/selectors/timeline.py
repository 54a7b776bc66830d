"""One timeline of all events of a case, newest first, made from what the page has read: it shows no more than that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from mace.access.models import Disclosure
from mace.casework.rules import SCOPE_NAMES
from mace.casework.selectors.case import CasePage
from mace.core.addresses import address
from mace.core.clock import london_time
from mace.core.forms import in_sentence
from panels.enums import ActionStatus, Decision
from panels.selectors.actions import PASSED_OVER, chasers_of
from referrals.enums import Informant, Outcome, Rating, ReferralStatus, ReviewStatus, Tier, TierOutcome
from referrals.selectors.written import decision_of
from volt.enums import LinkKind, SourceGrade

KINDS: dict[str, str] = {
    "referral": "Referral",
    "tier": "Opened and closed",
    "rating": "Rating",
    "plan": "Assessment and plan",
    "voice": "What the child says",
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


class Event(NamedTuple):
    """One thing that happened, in the words of the component *timeline*. ``at`` is a moment, or a date by itself."""

    at: dt.datetime | dt.date
    group: str
    title: str
    text: str = ""
    by: str = ""
    url: str = ""

    @property
    def kind(self) -> str:
        return KINDS[self.group]

    @property
    def moment(self) -> dt.datetime:
        """For sorting: a date stands before everything that has an hour on it."""
        return self.at if isinstance(self.at, dt.datetime) else london_time(self.at)


def timeline(page: CasePage, *, opens_reviews: bool = True) -> list[Event]:
    """All events, the newest first; ``opens_reviews``: whether the seat may open the pages of reviews."""
    order = list(KINDS)
    events = [
        *_case(page),
        *_referrals(page),
        *_written(page),
        *_meetings(page),
        *_actions(page),
        *_reviews(page, opens=opens_reviews),
        *_sharing(page),
        *_volt(page),
    ]
    return sorted(events, key=lambda event: (event.moment, order.index(event.group)), reverse=True)


def _case(page: CasePage) -> Iterator[Event]:
    for period in page.content.tiers:
        yield Event(period.from_on, "tier", f"Opened at {Tier(period.tier).label}", period.why)
        if period.to_on:
            title = f"Ended at {Tier(period.tier).label}: {TierOutcome(period.outcome).label}"
            yield Event(period.to_on, "tier", title, period.outcome_reason)
    for rating in page.content.ratings:
        yield Event(rating.agreed_on, "rating", f"Rating agreed: {Rating(rating.rating).label}", by=rating.source)


def _referrals(page: CasePage) -> Iterator[Event]:
    content = page.content
    for referral in content.referrals:
        url = address("referrals:tasks", referral.reference)
        who = f"{referral.referrer.user.name}, {referral.agency.name}"
        if referral.submitted_at:
            yield Event(referral.submitted_at, "referral", f"Referral {referral.reference} sent", by=who, url=url)
        if referral.decided_on:
            title = f"Referral {referral.reference}: {ReferralStatus(referral.status).label.lower()}"
            yield Event(referral.decided_on, "referral", title, referral.decision_reason, url=url)


def _written(page: CasePage) -> Iterator[Event]:
    """Every assessment, plan, word of the child and difficulties score, not the last alone."""
    url = address("referrals:assessments", page.case.reference)
    for found in page.history.assessments:
        title = f"Assessed: {Rating(found.rating).label}{WAITS[decision_of(found)]}"
        yield Event(found.written_at, "plan", title, found.rationale, by=found.written_by.user.name, url=url)
        if decision := getattr(found, "decision", None):
            title = f"Lower rating {in_sentence(Outcome(decision.outcome).label)}"
            who = decision.decided_by.user.name
            yield Event(decision.decided_at, "plan", title, decision.reason, by=who, url=url)
    url = address("referrals:plans", page.case.reference)
    for plan in page.history.plans:
        title = f"Safety plan, version {plan.version}"
        yield Event(plan.written_at, "plan", title, plan.summary, by=plan.written_by.user.name, url=url)
    for voice in page.history.voices:
        observed = f"Observed: {voice.observed}" if voice.observed else ""
        title = "What the child says" if voice.words else "What was observed of the child"
        who = voice.written_by.user.name
        yield Event(voice.effective_on, "voice", title, voice.words or observed, by=who)
    for score in page.history.difficulties:
        band = f", {score.band_words.lower()}" if score.band_words else ""
        text = f"{score.total} of 40{band}. Completed by: {Informant(score.informant).label.lower()}."
        who = score.written_by.user.name
        yield Event(score.effective_on, "plan", "Strengths and difficulties score", text, by=who)


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
        )


def _actions(page: CasePage) -> Iterator[Event]:
    for action in page.actions:
        url = address("panels:action", action.reference)
        given = f"Action given to {action.agency_name}"  # type: ignore[attr-defined]
        yield Event(action.created_at, "action", given, action.text, url=url)
        for update in page.updates.get(action.pk, []):
            closing = action.closed_on is not None and update.text.startswith(f"{ActionStatus(action.status).label}.")
            title = f"Action {action.reference} ended" if closing else f"Report on action {action.reference}"
            yield Event(update.written_at, "action", title, update.text, by=update.written_by_name, url=url)
        for chaser in chasers_of(action):
            if chaser.told != PASSED_OVER:
                yield Event(
                    chaser.chased_on, "action", f"Action {action.reference} chased", f"Told: {chaser.told}.", url=url
                )


def _reviews(page: CasePage, *, opens: bool) -> Iterator[Event]:
    for review in page.reviews:
        url = address("referrals:review", review.reference) if opens else ""
        yield Event(review.made_on, "review", f"12-week review {review.reference} asked for", url=url)
        if review.answered_on:
            by = review.answered_by.user.name if review.answered_by else ""
            yield Event(
                review.answered_on,
                "review",
                f"12-week review {review.reference} answered",
                review.progress,
                by=by,
                url=url,
            )
        if review.status == ReviewStatus.HELD and review.held_on:
            yield Event(review.held_on, "review", f"12-week review {review.reference} held", url=url)


def _sharing(page: CasePage) -> Iterator[Event]:
    url = address("casework:case_sharing", page.case.reference)
    for line in page.sharing:
        title = f"Shared with {line.agency.name}: {SCOPE_NAMES[line.scope].lower()}"
        yield Event(line.starts_at, "sharing", title, line.purpose, by=line.decided_by.user.name, url=url)
        if line.withdrawn_at:
            yield Event(
                line.withdrawn_at,
                "sharing",
                f"Sharing with {line.agency.name} ended",
                line.withdrawn_reason,
                by=_ended_by(line),
                url=url,
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
            yield Event(
                link.created_at, "volt", title, text, by=link.created_by.user.name, url=_volt_url(entry.row.reference)
            )


def _volt_url(reference: str) -> str:
    return address("volt:record", reference)
