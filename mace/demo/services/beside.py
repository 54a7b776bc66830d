"""Beside the cases of the play: children who are missing and come back, critical moments, consent withdrawn."""

from __future__ import annotations

import datetime as dt

from mace.core.clock import london_date
from mace.demo.services.meeting import Meetings
from mace.demo.services.stage import Act, Stage, on_stage
from referrals.models import Case, ConsentSaid, MissingEpisode
from referrals.rules import adult_if_born_by
from referrals.services.consent import decide_on_consent, say_consent
from referrals.services.pathways import (
    child_returned,
    record_interview,
    record_missing,
    report_moment,
    respond_to_moment,
)

EPISODES = (
    # days ago that it began, nights away (none: missing today), days until the interview (none: there was none yet)
    (54, 1, 2),
    (33, 2, 6),
    (9, 1, None),
    (1, None, None),
)
MOMENTS = (
    # days ago, what, about, what was done
    (47, "a_and_e", "Seen with a hurt hand; says that it was a fall.", "The school nurse speaks with them on Tuesday."),
    (21, "custody", "Held overnight with two older boys, then released.", "An appropriate adult stays in touch."),
    (3, "exclusion", "Sent home for good after a fight.", ""),
)
CONSENTS = (
    # days ago, who said it, in which words, days until it was decided on (none: it waits), what was decided
    (26, "parent", "We do not want any more visits.", 3, "We go on: the risk is high. Visits at school, not at home."),
    (2, "person", "I do not want to see anybody any more.", None, ""),
)


class Beside:
    """Each on another of the open cases, reported by telephone to the coordinator."""

    def __init__(self, stage: Stage, meetings: Meetings) -> None:
        self.stage, self.meetings = stage, meetings

    def schedule(self) -> None:
        for place, (days_ago, nights, interview) in enumerate(EPISODES):
            self.stage.at(self.stage.when(days_ago, 22), self._goes(place, days_ago, nights, interview))
        for place, (days_ago, kind, about, response) in enumerate(MOMENTS):
            self.stage.at(self.stage.when(days_ago, 9), self._happens(place, kind, about, response))

        for place, (days_ago, said_by, words, after, decision) in enumerate(CONSENTS):
            act = self._withdraws(place, said_by, words, days_ago - after if after is not None else None, decision)
            self.stage.at(self.stage.when(days_ago, 11), act)

    def _case(self, place: int, at: dt.datetime) -> Case | None:
        """An open case that opened a week ago or earlier; none where too few did."""
        opened = london_date(at) - dt.timedelta(days=7)
        rows = Case.objects.filter(closed_on=None, opened_on__lte=opened).order_by("-opened_on", "pk")
        return next(iter(rows[place : place + 1]), None)

    def _goes(self, place: int, days_ago: int, nights: int | None, interview: int | None) -> Act:
        def act(at: dt.datetime) -> None:
            with on_stage(self.stage.seat(self.meetings.coordinator)) as seat:
                case = self._case(place, at)
                if case is None:
                    return
                made = record_missing(
                    case=case,
                    from_on=london_date(at),
                    from_time=dt.time(20, 40),
                    about="Did not come home from a friend’s, and the telephone is off.",
                    police_reference=f"EM/{4100 + place}",
                    operation=f"play-missing-{place}",
                    by=seat,
                    at=at,
                )
            if nights is not None:
                self.stage.at(self.stage.when(days_ago - nights, 18), self._comes_back(made))
            if nights is not None and interview is not None:
                self.stage.at(self.stage.when(days_ago - nights - interview, 15), self._talks(made))

        return act

    def _comes_back(self, made: MissingEpisode) -> Act:
        def act(at: dt.datetime) -> None:
            with on_stage(self.stage.seat(self.meetings.coordinator)) as seat:
                day = london_date(at)
                child_returned(
                    episode=made, returned_on=day, returned_time=dt.time(17, 30), version=None, by=seat, at=at
                )

        return act

    def _talks(self, made: MissingEpisode) -> Act:
        def act(at: dt.datetime) -> None:
            with on_stage(self.stage.seat(self.meetings.coordinator)) as seat:
                record_interview(
                    episode=made,
                    interview="done",
                    interview_on=london_date(at),
                    note="Was with people whom they will not name; wants to talk again at school.",
                    version=None,
                    by=seat,
                    at=at,
                )

        return act

    def _happens(self, place: int, kind: str, about: str, response: str) -> Act:
        def act(at: dt.datetime) -> None:
            with on_stage(self.stage.seat(self.meetings.coordinator)) as seat:
                case = self._case(place, at)
                if case is None:
                    return
                made = report_moment(
                    case=case,
                    kind=kind,
                    on=london_date(at),
                    about=about,
                    operation=f"play-moment-{place}",
                    by=seat,
                    at=at,
                )
                if response:
                    respond_to_moment(moment=made, response=response, version=None, by=seat, at=at)

        return act

    def _withdraws(self, place: int, said_by: str, words: str, decided_ago: int | None, decision: str) -> Act:
        def act(at: dt.datetime) -> None:
            with on_stage(self.stage.seat(self.meetings.coordinator)) as seat:
                case = self._minor(place, at)
                if case is None:
                    return
                said = say_consent(
                    case=case,
                    consent="withdrawn",
                    said_by=said_by,
                    said_on=london_date(at),
                    words=words,
                    capacity="",
                    care_act="",
                    operation=f"play-consent-{place}",
                    by=seat,
                    at=at,
                )
            if decided_ago is not None:
                self.stage.at(self.stage.when(decided_ago, 14), self._decides(said, decision))

        return act

    def _minor(self, place: int, at: dt.datetime) -> Case | None:
        """As ``_case``, of somebody under 18."""
        born_after = adult_if_born_by(london_date(at))
        rows = Case.objects.filter(closed_on=None, child__identity__date_of_birth__gt=born_after)
        return next(iter(rows.order_by("-opened_on", "pk")[place : place + 1]), None)

    def _decides(self, said: ConsentSaid, decision: str) -> Act:
        def act(at: dt.datetime) -> None:
            with on_stage(self.stage.seat(self.meetings.coordinator)) as seat:
                if not Case.objects.filter(pk=said.case_id, closed_on=None).exists():
                    return
                decide_on_consent(said=said, decision=decision, by=seat, at=at)

        return act
