"""Emergency access: a case that is not shared, opened for three hours, told of at once, reviewed by another person."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q
from django.urls import reverse

from mace.access.models import EmergencyAccess, EmergencyOutcome, Grant, Scope
from mace.access.policy import Capability, require
from mace.access.services.records import call
from mace.accounts.models import Role
from mace.accounts.selectors import seats_in
from mace.audit.models import ReadKind
from mace.audit.services import record_read
from mace.casework.rules import (
    EMERGENCY_MISSES_A_DAY,
    EMERGENCY_REASON_LEAST,
    EMERGENCY_REVIEW_WORKING_DAYS,
    EMERGENCY_SEARCH,
)
from mace.casework.selectors.emergency import misses_today
from mace.core.clock import london_date
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.forms import long_date
from mace.core.names import name_key
from mace.core.references import emergency_reference
from mace.core.seat import Seat
from mace.core.workdays import add_working_days
from mace.notifications.services import notify
from referrals.models import Case

TOLD_AT_ONCE = (Role.COORDINATOR, Role.INFORMATION_GOVERNANCE)
TOLD_WHEN_LATE = (Role.CHAIR, Role.COORDINATOR, Role.INFORMATION_GOVERNANCE)


class SearchedTooOften(RuleBroken):
    """The seat has searched without a match as often as a day allows."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What an exact match opened. ``access`` is ``None`` when the seat sees as much of the case already."""

    case_reference: str
    access: EmergencyAccess | None


@transaction.atomic
def begin_emergency_access(
    *, forename: str, surname: str, born: dt.date, reason: str, by: Seat, at: dt.datetime
) -> Opened | None:
    """Open the case of exactly this child to the seat for three hours; ``None`` when nothing matches.

    Not known, restricted, barred to the person and another partnership's are the same ``None``. Side effects: the
    search is put in the read log, matched or not, without the name; on a match every coordinator and every information
    governance officer of the partnership gets a message with its reference, and a review falls due. While it lasts,
    asking again leads to the same case and tells nobody anew. Raises ``SearchedTooOften`` after ten searches without a
    match in a day, and ``RuleBroken`` for a reason that says too little.
    """
    require(by, Capability.EMERGENCY_ACCESS)
    if len(reason.strip()) < EMERGENCY_REASON_LEAST:
        raise RuleBroken("Say what is happening, and why it cannot wait", field="reason")
    with connection.cursor() as cursor:  # one search of a seat at a time, so that none is counted late
        cursor.execute("select pg_advisory_xact_lock(hashtext('emergency access'), %s)", [by.membership_id])
    if misses_today(by) >= EMERGENCY_MISSES_A_DAY:
        raise SearchedTooOften("You have searched too often without a match today")
    reference = emergency_reference()
    due = add_working_days(london_date(at), EMERGENCY_REVIEW_WORKING_DAYS)
    with transaction.atomic():
        found = call(
            "select referrals_begin_emergency(%s, %s, %s, %s, %s, %s)",
            [name_key(forename, surname), born, reference, reason.strip(), at, due],
        )
        access = EmergencyAccess.objects.filter(reference=reference).first()
        if access is not None and _sees_as_much(access):
            access = None
            transaction.set_rollback(True)
    assert found is None or isinstance(found, int)
    record_read(
        by=by,
        action=EMERGENCY_SEARCH,
        record_id=found,
        reference=reference if access else "",
        rows=0 if found is None else 1,
        kind=ReadKind.SEARCH,
    )
    if found is None:
        return None
    if access is not None:
        _tell(
            access,
            TOLD_AT_ONCE,
            subject=f"Emergency access {reference}",
            text=f"Somebody opened a case in an emergency. Read why, and review it by {long_date(due)}.",
            key="emergency",
            by=by,
            at=at,
        )
    return Opened(case_reference=Case.objects.get(pk=found).reference, access=access)


def _sees_as_much(access: EmergencyAccess) -> bool:
    """Whether the seat holds the case as far, or further, by anything but this access."""
    others = Grant.objects.filter(record_id=access.record_id).exclude(principal=access.principal)
    return others.filter(Q(scope=Scope.FULL) | Q(scope=access.scope, with_plan=True)).exists()


def _tell(
    access: EmergencyAccess, roles: tuple[Role, ...], *, subject: str, text: str, key: str, by: Seat, at: dt.datetime
) -> None:
    """Tell every current seat in these roles of the partnership, by reference."""
    for to in seats_in(access.partnership_id, on=london_date(at), roles=roles):
        notify(
            to=to,
            subject=subject,
            text=text,
            path=reverse("casework:emergency", args=[access.reference]),
            about=access.record_id,
            dedupe_key=f"{key}:{access.reference}:{to.pk}",
            by=by,
            at=at,
        )


def _locked(access: EmergencyAccess) -> EmergencyAccess:
    rows = EmergencyAccess.objects.select_for_update(of=("self",)).select_related("membership__partnership")
    found = rows.filter(pk=access.pk).first()
    if found is None:
        raise NotAllowed("no such emergency access")
    return found


def may_review(access: EmergencyAccess, by: Seat) -> bool:
    """Whoever used it never reviews it, whatever other seat they hold."""
    return access.membership.user_id != by.user_id


@transaction.atomic
def open_for_review(*, access: EmergencyAccess, by: Seat) -> None:
    """Open what was opened to the information governance officer who reviews it, to read, for three hours."""
    require(by, Capability.REVIEW_EMERGENCY)
    locked = _locked(access)
    if by.role != Role.INFORMATION_GOVERNANCE or not may_review(locked, by):
        raise NotAllowed(Capability.REVIEW_EMERGENCY)
    if locked.reviewed_at is not None:
        raise RuleBroken("This use is signed off. The case is no longer open for it.")
    call("select access_open_review(%s)", [locked.pk])


@transaction.atomic
def review_emergency(*, access: EmergencyAccess, outcome: str, note: str, by: Seat, at: dt.datetime) -> EmergencyAccess:
    """Sign off one use. The person who used it is told that it was reviewed. The same answer again changes nothing.

    Raises ``RuleBroken`` when it was signed off already, without an outcome or a note, and for the person themself.
    """
    require(by, Capability.REVIEW_EMERGENCY)
    locked = _locked(access)
    if not may_review(locked, by):
        raise RuleBroken("You used this emergency access yourself. Somebody else reviews it.")
    if outcome not in EmergencyOutcome.values:
        raise RuleBroken("Say whether it was justified", field="outcome")
    if not note.strip():
        raise RuleBroken("Say what you looked at and how you judge it", field="note")
    if locked.reviewed_at is not None:
        if (locked.reviewed_by_id, locked.outcome) == (by.membership_id, outcome):
            return locked
        raise RuleBroken("Somebody else has signed this off already")
    locked.reviewed_at, locked.reviewed_by_id = at, by.membership_id
    locked.outcome, locked.review_note = outcome, note.strip()
    locked.save(update_fields=["reviewed_at", "reviewed_by", "outcome", "review_note"])
    notify(
        to=locked.membership,
        subject=f"Emergency access {locked.reference} was reviewed",
        text="Your use of emergency access was reviewed and signed off. The outcome is on its page.",
        path=reverse("casework:emergency", args=[locked.reference]),
        about=locked.record_id,
        dedupe_key=f"emergency-reviewed:{locked.reference}",
        by=by,
        at=at,
    )
    return locked


def escalate_unreviewed(*, by: Seat, at: dt.datetime) -> int:
    """Tell chairs, officers and coordinators of each use that is past its review; answers of how many.

    For the partnership's system seat. Each is escalated once, in a transaction of its own, however often this runs.
    """
    require(by, Capability.REVIEW_EMERGENCY)
    with transaction.atomic():
        late = list(
            EmergencyAccess.objects.filter(
                partnership_id=by.partnership_id,
                reviewed_at=None,
                escalated_at=None,
                review_due_on__lt=london_date(at),
            )
            .order_by("review_due_on", "pk")
            .values_list("pk", flat=True)
        )
    return sum(_escalate(pk, by=by, at=at) for pk in late)


@transaction.atomic
def _escalate(pk: int, *, by: Seat, at: dt.datetime) -> bool:
    rows = EmergencyAccess.objects.select_for_update(of=("self",), skip_locked=True)
    access = rows.filter(pk=pk, reviewed_at=None, escalated_at=None).first()
    if access is None:
        return False
    access.escalated_at = at
    access.save(update_fields=["escalated_at"])
    _tell(
        access,
        TOLD_WHEN_LATE,
        subject=f"Emergency access {access.reference} is not reviewed",
        text=f"Its review was due on {long_date(access.review_due_on)}. Somebody who did not use it must sign it off.",
        key="emergency-late",
        by=by,
        at=at,
    )
    return True
