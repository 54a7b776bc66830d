"""Referrals about no child: a person of concern, a place, a peer group and a theme."""

from __future__ import annotations

import datetime as dt
from typing import Any

from mace.demo.services.stage import Stage, on_stage
from referrals.models import Referral
from referrals.services.drafting import save_section, start_referral, submit_referral
from volt.services import accept_as_record

REASON = "Children are harmed, and no one agency can answer this alone."
MATTERS: tuple[tuple[str, str, int, bool, dict[str, Any], str], ...] = (
    # about, who writes, days ago, whether it is accepted, what it is, what has happened
    (
        "place",
        "tom",
        44,
        True,
        {
            "name": "Stairs behind the Meridian arcade",
            "address": "Between Meridian Walk and the car park, Eastmere",
            "place_kind": "shop",
            "harms": "A boy of 14 was robbed and hurt there twice; girls are called over by grown men.",
            "times": "From four in the afternoon until the shops close.",
            "users": "Pupils of two schools on their way to the bus; staff who smoke.",
            "guardians": "The arcade has a manager and one guard, who does not come to the stairs.",
        },
        "Four accounts of pupils and one of a shop assistant in six weeks.",
    ),
    (
        "group",
        "priya",
        37,
        True,
        {
            "name": "The lads from the boathouse",
            "members": "Seven or eight: most from year 10, and two of about 19 who have cars.",
            "children": "yes",
            "meets": "The old boathouse, and a chat that the older two run.",
            "worry": "The older two lend money and ask for favours. One boy came home without his shoes.",
        },
        "Told by two mothers and a youth worker; the favours began with small errands.",
    ),
    (
        "theme",
        "leila",
        23,
        True,
        {
            "name": "Vapes given before anything is asked",
            "seen": "Children of 11 to 13 are given vapes for nothing, and weeks later told what they owe.",
            "evidence": "Three schools, the school nurse and five return home interviews.",
            "horizon": "medium",
        },
        "The same way of beginning in three schools since the autumn.",
    ),
    (
        "person",
        "priya",
        2,
        False,
        {
            "name": "“Uncle” with the silver bike",
            "approximate_age": "40 to 50",
            "under_age": "no",
            "worry": "Speaks to girls at the bus station, offers them lifts and a phone.",
            "looks": "Short grey beard, silver electric bike, often a green cap.",
        },
        "Seen by station staff on three evenings; one girl was given a phone.",
    ),
)


class Matters:
    """Files one of each; the last still waits to be screened."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def schedule(self) -> None:
        for about, who, days_ago, accepted, subject, account in MATTERS:
            pages = _pages(about, subject, account)
            self.stage.at(
                self.stage.when(days_ago, 10),
                lambda at, about=about, who=who, pages=pages, accepted=accepted: self._refer(  # type: ignore[misc]
                    about, who, pages, accepted=accepted, at=at
                ),
            )

    def _refer(
        self, about: str, who: str, pages: dict[str, dict[str, Any]], *, accepted: bool, at: dt.datetime
    ) -> None:
        with on_stage(self.stage.seat(who)) as seat:
            made = start_referral(by=seat, at=at, about=about)
            for section, typed in pages.items():
                save_section(referral=made, section=section, data=typed, version=None, operation="", by=seat, at=at)
            submit_referral(referral=made, by=seat, at=at)
        if accepted:
            self.stage.at(at + dt.timedelta(days=2), lambda when: self._accept(made.reference, when))

    def _accept(self, reference: str, at: dt.datetime) -> None:
        with on_stage(self.stage.seat("daniel")) as seat:
            referral = Referral.objects.get(reference=reference)
            accept_as_record(referral=referral, existing="", reason=REASON, by=seat, at=at)


def _pages(about: str, subject: dict[str, Any], account: str) -> dict[str, dict[str, Any]]:
    return {
        about: subject,
        "harm": {"urgent": "no", "harms": ["CCE"], "since": "The autumn", "account": account},
        "source": {
            "source": "Staff who were there",
            "basis": "fact",
            "source_grade": "1",
            "assessment": "A",
            "handling": "P",
        },
        "ask": {
            "asked_of": ["discuss", "gather", "disrupt"],
            "threshold": "Agencies can only act together if they know who and what is meant.",
        },
    }
