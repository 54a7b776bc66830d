"""Files beside a referral: attached by whoever writes it, later by whoever answers for it, and removed again."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from mace.access.policy import Capability, require
from mace.accounts.models import Role
from mace.attachments.models import Attachment
from mace.attachments.services import Examined, examine, keep_file, remove_file
from mace.core.errors import NotAllowed
from mace.core.seat import Seat
from referrals.enums import ReferralStatus
from referrals.models import Referral
from referrals.services.drafting import may_write
from referrals.services.locking import locked_referral
from referrals.transitions import EDITABLE

SENT = frozenset({ReferralStatus.SUBMITTED.value, ReferralStatus.ACCEPTED.value})


def may_attach(referral: Referral, by: Seat) -> bool:
    """Whoever may write it while it is written, waits or is accepted; from then on also those who answer for it.

    That is a coordinator of its partnership and the case's lead professional; nobody once the case is closed.
    """
    if referral.status in EDITABLE:
        return may_write(referral, by)
    if referral.status not in SENT or (referral.case is not None and referral.case.closed_on is not None):
        return False
    leads = referral.case is not None and referral.case.lead_professional_id == by.membership_id
    return may_write(referral, by) or leads or _coordinates(referral, by)


def may_take_off(referral: Referral, by: Seat) -> bool:
    """Whoever writes it, as long as it may be changed; then only a coordinator, for a file that is there by mistake."""
    return may_write(referral, by) if referral.status in EDITABLE else _coordinates(referral, by)


def _coordinates(referral: Referral, by: Seat) -> bool:
    return by.role == Role.COORDINATOR and referral.partnership_id == by.partnership_id


def attach_file(
    *,
    referral: Referral,
    kind: str,
    title: str,
    name: str,
    content: bytes,
    operation: str,
    by: Seat,
    at: dt.datetime,
) -> Attachment:
    """Attach a file to a referral. A second call with the same ``operation`` attaches nothing more.

    It is looked at, and scanned if there is a scanner, before anything is locked. Raises ``RuleBroken`` with what to do
    instead, and keeps nothing, where it may not be attached.
    """
    require(by, Capability.FILE_REFERRAL)
    if not may_attach(referral, by):
        raise NotAllowed(Capability.FILE_REFERRAL)
    return _kept(
        referral=referral,
        examined=examine(content),
        content=content,
        kind=kind,
        title=title,
        name=name,
        operation=operation,
        by=by,
        at=at,
    )


@transaction.atomic
def _kept(
    *,
    referral: Referral,
    examined: Examined,
    content: bytes,
    kind: str,
    title: str,
    name: str,
    operation: str,
    by: Seat,
    at: dt.datetime,
) -> Attachment:
    locked = locked_referral(referral)
    if not may_attach(locked, by):
        raise NotAllowed(Capability.FILE_REFERRAL)
    return keep_file(
        record_id=locked.record_id,
        partnership_id=locked.partnership_id,
        kind=kind,
        title=title,
        name=name,
        content=content,
        examined=examined,
        operation=operation,
        by=by,
        at=at,
    )


@transaction.atomic
def take_file_off(*, referral: Referral, attachment: Attachment, reason: str, by: Seat, at: dt.datetime) -> Attachment:
    """Remove a file from a referral, for good; a second call changes nothing. Raises ``RuleBroken`` without a reason.

    A page of a draft on which it stood in place of what is typed is no longer complete.
    """
    require(by, Capability.FILE_REFERRAL)
    locked = locked_referral(referral)
    if not may_take_off(locked, by) or attachment.record_id != locked.record_id:
        raise NotAllowed(Capability.FILE_REFERRAL)
    return remove_file(attachment=attachment, reason=reason, by=by, at=at)
