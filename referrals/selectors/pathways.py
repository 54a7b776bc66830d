"""Missing episodes and critical moments of a case: all in full scope, else what the seat or its agency reported."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from mace.core.addresses import address
from mace.core.clock import london_date
from mace.core.templatetags.components import uk_date, uk_time
from mace.core.together import Together, told
from referrals.enums import Interview
from referrals.models import Case, Circumstances, CriticalMoment, MissingEpisode
from referrals.rules_pathways import interview_due, interview_late, interview_overdue, last_day

PATHWAY_PARTS = ("missing", "moments")


@dataclass(frozen=True, slots=True)
class Pathways:
    """The newest first."""

    missing: list[MissingEpisode] = field(default_factory=list)
    moments: list[CriticalMoment] = field(default_factory=list)

    @property
    def missing_now(self) -> MissingEpisode | None:
        """The episode without a return; of several, as different agencies may report them, the earliest."""
        return next((episode for episode in reversed(self.missing) if episode.returned_on is None), None)

    def interviews_overdue(self, at: dt.datetime) -> list[MissingEpisode]:
        return [episode for episode in self.missing if interview_overdue(episode, at)]

    def since(self, day: dt.date) -> Pathways:
        """What began, ended or still went on since the day, and the moments since then."""
        return Pathways(
            [one for one in self.missing if one.returned_on is None or one.returned_on >= day],
            [one for one in self.moments if one.on >= day],
        )


def pathway_parts() -> dict[str, QuerySet[Any]]:
    """What ``pathways_from`` is made of, for ``Together``; the case's key is told as ``record``."""
    case = told("record")
    return {
        "missing": MissingEpisode.objects.filter(case_id=case)
        .select_related("agency", "written_by__user")
        .order_by("-from_on", "-pk"),
        "moments": CriticalMoment.objects.filter(case_id=case)
        .select_related("agency", "written_by__user", "responded_by__user", "referral")
        .order_by("-on", "-pk"),
    }


_PATHWAYS = Together(pathway_parts)


def pathways_from(found: dict[str, list[Any]]) -> Pathways:
    return Pathways(found["missing"], found["moments"])


def pathways_of(case: Case) -> Pathways:
    """One statement."""
    return pathways_from(_PATHWAYS.read(*PATHWAY_PARTS, record=case.pk))


def day_and_time(day: dt.date | None, moment: dt.datetime | None) -> str:
    """`3 May 2026, 21:40`, or the day by itself where the hour is not known."""
    return ", ".join(filter(None, [uk_date(day), uk_time(moment) if moment else ""]))


def missing_words(episode: MissingEpisode) -> str:
    """From when until when."""
    began = day_and_time(episode.from_on, episode.from_at)
    if episode.returned_on is None:
        return f"since {began}, not back yet"
    return f"from {began} until {day_and_time(episode.returned_on, episode.returned_at)}"


def episode_title(episode: MissingEpisode) -> str:
    """As ``missing_words``, to begin a line with."""
    words = missing_words(episode)
    return words[0].upper() + words[1:]


def interview_words(episode: MissingEpisode, at: dt.datetime) -> str:
    """How the return home interview stands, with its 72 hours; empty while the child is missing."""
    due, last = interview_due(episode), last_day(episode)
    if due is None or last is None:
        return ""
    by = f"by {day_and_time(london_date(due), due) if episode.returned_at else uk_date(last)}"
    if episode.interview == Interview.DONE:
        late = ", later than 72 hours after the return" if interview_late(episode) else ", in time"
        return f"Done on {uk_date(episode.interview_on)}{late}"
    if episode.interview == Interview.DECLINED:
        return f"Declined on {uk_date(episode.interview_on)}: {episode.interview_note}"
    stands = (
        f"{Interview(episode.interview).label} on {uk_date(episode.interview_on)}"
        if episode.interview
        else "Not offered yet"
    )
    return f"{stands}. Overdue: it was due {by}" if interview_overdue(episode, at) else f"{stands}. Due {by}"


def episode_url(case: Case, episode: MissingEpisode) -> str:
    return f"{address('referrals:missing', case.reference)}{episode.reference}/"


def moment_url(case: Case, moment: CriticalMoment) -> str:
    return f"{address('casework:case', case.reference)}moments/{moment.reference}/"


def one_of(rows: Iterable[Any], reference: str) -> Any:
    """The one with that reference. Raises ``Http404`` when there is none among them."""
    for row in rows:
        if row.reference == reference:
            return row
    raise Http404


def said_of_missing(case: Case) -> Circumstances | None:
    """The circumstances of the latest referral of the case that says anything of being missing, for full scope."""
    rows = Circumstances.objects.filter(referral__case=case).exclude(missing="").select_related("referral")
    return rows.order_by("-referral__submitted_at", "-pk").first()
