"""Missing episodes with their return home interview, and critical moments: reported in under a minute, told at once."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse

from mace.access.policy import Capability, require
from mace.core.clock import london_date, london_time
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import Seat
from referrals.enums import Interview
from referrals.models import Case, CriticalMoment, MissingEpisode
from referrals.selectors.codes import is_code, label
from referrals.services.telling import tell

R = TypeVar("R", MissingEpisode, CriticalMoment)
CHANGED_BY_OTHERS = "Somebody else has changed this meanwhile. Look at what stands here now, then save again."


def _reported_on(case: Case, by: Seat) -> Case:
    """The open case, as far as the seat sees it: whoever sees it at all may report. A report changes none of it."""
    require(by, Capability.REPORT_MOMENT)
    found = Case.objects.filter(pk=case.pk).first()
    if found is None:
        raise NotAllowed("no such case")
    if found.closed_on is not None:
        raise RuleBroken("This case is closed. A new referral opens a new one.")
    return found


def _add(model: type[R], case: Case, *, operation: str, by: Seat, at: dt.datetime, **said: Any) -> tuple[R, bool]:
    """The row and whether it is new. The same ``operation`` of the same seat again is the row of before."""
    rows: QuerySet[R] = QuerySet(model)
    before = rows.filter(record_id=case.pk, written_by_principal=by.principal, operation=operation)
    if operation and (known := before.first()):
        return known, False
    try:
        with transaction.atomic():
            made = rows.create(
                record_id=case.pk,
                case=case,
                agency_id=by.agency_id,
                written_by_agency_principal=by.agency_principal,
                written_by_id=by.membership_id,
                written_by_principal=by.principal,
                written_at=at,
                operation=operation,
                **said,
            )
    except IntegrityError:
        if operation and (known := before.first()):  # sent twice at the same time
            return known, False
        raise
    return made, True


def _tell_lead(case: Case, what: str, key: str, *, by: Seat, at: dt.datetime) -> None:
    tell(
        membership_id=case.lead_professional_id,
        subject=f"{what}: case {case.reference}",
        text=f"{what}. It stands on the page “Missing and moments” of case {case.reference}.",
        path=reverse("referrals:missing", args=[case.reference]),
        about=case.record_id,
        key=key,
        by=by,
        at=at,
    )


def _moment_of(day: dt.date, time: dt.time | None) -> dt.datetime | None:
    return london_time(day, time.hour, time.minute) if time is not None else None


def _past(day: dt.date, time: dt.time | None, at: dt.datetime, *, field: str) -> dt.datetime | None:
    """The moment, if the hour is known. Raises ``RuleBroken`` for what lies ahead."""
    if day > london_date(at):
        raise RuleBroken("The day must be today or in the past", field=f"{field}_on")
    moment = _moment_of(day, time)
    if moment is not None and moment > at:
        raise RuleBroken("The time must not be in the future", field=f"{field}_time")
    return moment


@transaction.atomic
def record_missing(
    *,
    case: Case,
    from_on: dt.date,
    from_time: dt.time | None,
    about: str,
    police_reference: str,
    operation: str,
    by: Seat,
    at: dt.datetime,
) -> MissingEpisode:
    """Record that the child is missing since a day, and the hour in London if it is known. The lead is told at once.

    For any seat that sees the case at all; several agencies may each report the same absence, and none is told of the
    other's. The same ``operation`` again adds nothing. Raises ``RuleBroken``.
    """
    found = _reported_on(case, by)
    moment = _past(from_on, from_time, at, field="from")
    made, new = _add(
        MissingEpisode,
        found,
        operation=operation,
        by=by,
        at=at,
        from_on=from_on,
        from_at=moment,
        about=about.strip(),
        police_reference=police_reference.strip(),
    )
    if new:
        _tell_lead(found, "The child is reported missing", f"missing:{made.reference}", by=by, at=at)
    return made


def _locked(model: type[R], row: R, version: int | None, by: Seat) -> R:
    """The row held until the transaction ends, of a seat that may change it and has seen it as it stands."""
    require(by, Capability.REPORT_MOMENT)
    rows: QuerySet[R] = QuerySet(model)
    found = rows.select_for_update(of=("self",)).select_related("case").filter(pk=row.pk).first()
    if found is None:
        raise NotAllowed("no such report")
    if version is not None and version != found.version:
        raise RuleBroken(CHANGED_BY_OTHERS)
    found.version += 1
    return found


@transaction.atomic
def child_returned(
    *,
    episode: MissingEpisode,
    returned_on: dt.date,
    returned_time: dt.time | None,
    version: int | None,
    by: Seat,
    at: dt.datetime,
) -> MissingEpisode:
    """Record when the child came back, or mend that: from then on the 72 hours of the interview run. The lead is told.

    For who has the whole case, and for the agency that reported it while it sees the case. Raises ``RuleBroken``.
    """
    locked = _locked(MissingEpisode, episode, version, by)
    moment = _past(returned_on, returned_time, at, field="returned")
    before = returned_on < locked.from_on or (moment and locked.from_at and moment < locked.from_at)
    if before:
        raise RuleBroken("The child cannot be back before they were missing", field="returned_on")
    if locked.interview_on and locked.interview_on < returned_on:
        raise RuleBroken("The interview stands on a day before this", field="returned_on")
    if (locked.returned_on, locked.returned_at) == (returned_on, moment):
        return locked  # sent twice
    locked.returned_on, locked.returned_at = returned_on, moment
    locked.save(update_fields=["returned_on", "returned_at", "version"])
    _tell_lead(locked.case, "The child is back", f"returned:{locked.reference}:{locked.version}", by=by, at=at)
    return locked


@transaction.atomic
def record_interview(
    *,
    episode: MissingEpisode,
    interview: str,
    interview_on: dt.date,
    note: str,
    version: int | None,
    by: Seat,
    at: dt.datetime,
) -> MissingEpisode:
    """Record how far the return home interview has come, and on what day. Raises ``RuleBroken``, also while missing."""
    locked = _locked(MissingEpisode, episode, version, by)
    if locked.returned_on is None:
        raise RuleBroken("Record first when the child came back")
    if interview not in Interview.values:
        raise RuleBroken("Choose how far the interview has come", field="interview")
    if interview_on > london_date(at):
        raise RuleBroken("The day must be today or in the past", field="interview_on")
    if interview_on < locked.returned_on:
        raise RuleBroken("The day must not be before the child came back", field="interview_on")
    if interview == Interview.DECLINED and not note.strip():
        raise RuleBroken("Say why the interview was declined", field="note")
    locked.interview, locked.interview_on, locked.interview_note = interview, interview_on, note.strip()
    locked.save(update_fields=["interview", "interview_on", "interview_note", "version"])
    return locked


@transaction.atomic
def report_moment(
    *, case: Case, kind: str, on: dt.date, about: str, operation: str, by: Seat, at: dt.datetime
) -> CriticalMoment:
    """Report a critical moment of a case that the seat sees at all; the lead professional is told at once.

    The same ``operation`` again adds nothing. Raises ``RuleBroken``.
    """
    found = _reported_on(case, by)
    if not is_code("critical_moment", kind):
        raise RuleBroken("Choose what happened", field="kind")
    _past(on, None, at, field="moment")
    if not about.strip():
        raise RuleBroken("Say in a sentence what is known", field="about")
    made, new = _add(
        CriticalMoment,
        found,
        operation=operation,
        by=by,
        at=at,
        kind=kind,
        kind_words=label("critical_moment", kind),
        on=on,
        about=about.strip(),
    )
    if new:
        _tell_lead(found, "A critical moment is reported", f"moment:{made.reference}", by=by, at=at)
    return made


@transaction.atomic
def respond_to_moment(
    *, moment: CriticalMoment, response: str, version: int | None, by: Seat, at: dt.datetime
) -> CriticalMoment:
    """Record what was done about a moment, for who has the whole case; written again it replaces what stood there.

    Raises ``RuleBroken`` without words.
    """
    locked = _locked(CriticalMoment, moment, version, by)
    if not response.strip():
        raise RuleBroken("Say what was done", field="response")
    locked.response, locked.responded_by_id, locked.responded_at = response.strip(), by.membership_id, at
    locked.save(update_fields=["response", "responded_by", "responded_at", "version"])
    return locked
