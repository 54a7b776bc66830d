"""Where a child lives, further numbers at agencies, which authorities answer: kept by who leads or runs the case."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from mace.access.policy import Capability, require
from mace.accounts.models import Role
from mace.agencies.models import Agency, LocalAuthority
from mace.core.clock import london_date
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.numbers import local_number
from mace.core.seat import Seat
from referrals.models import AddressKind, Case, ChildAddress, ChildAuthority, ChildIdentity, ChildNumber
from referrals.models.where import LIVES_THERE
from referrals.selectors.addresses import address_is_protected
from referrals.selectors.merging import held_in_full
from referrals.services.locking import locked_case


def _locked(case: Case, by: Seat) -> Case:
    """The case, for its coordinators and its lead professional. Raises ``NotAllowed`` for others."""
    require(by, Capability.KEEP_CHILD)
    locked = locked_case(case)
    if not held_in_full(locked.child) or not (
        by.role == Role.COORDINATOR or locked.lead_professional_id == by.membership_id
    ):
        raise NotAllowed(Capability.KEEP_CHILD)
    return locked


@transaction.atomic
def write_address(
    *,
    case: Case,
    address: str,
    kind: str,
    from_on: dt.date | None,
    to_on: dt.date | None,
    source: str,
    by: Seat,
    at: dt.datetime,
) -> None:
    """Keep an address of the child. Where the child lives from now on takes the place of the former, which is kept.

    Side effect: an address without an end where the child lives becomes what the child's details say. Raises
    ``RuleBroken`` without address or source, for days that cannot be, and while the child's address is protected.
    """
    locked = _locked(case, by)
    if not address.strip():
        raise RuleBroken("Enter the address", field="address")
    if not source.strip():
        raise RuleBroken("Say who or what says so", field="source")
    if kind not in AddressKind.values:
        raise RuleBroken("Select what address it is", field="kind")
    day = london_date(at)
    if from_on and from_on > day:
        raise RuleBroken("The first day must be today or in the past", field="from_on")
    if to_on and (to_on > day or (from_on and to_on < from_on)):
        raise RuleBroken("The last day must be after the first, and not in the future", field="to_on")
    lives = to_on is None and kind in LIVES_THERE
    if address_is_protected(locked.child_id):
        raise RuleBroken("The child’s address is protected. Change it on the page of the protected address")
    if lives:
        _moves(locked, address.strip(), from_on or day)
    ChildAddress.objects.bulk_create(  # not read back: what is protected is left out without a word
        [
            ChildAddress(
                record_id=locked.child_id,
                child_id=locked.child_id,
                kind=kind,
                address=address.strip(),
                from_on=from_on,
                to_on=to_on,
                source=source.strip(),
                written_by_id=by.membership_id,
                written_at=at,
            )
        ],
        ignore_conflicts=True,
    )
    if lives:
        ChildIdentity.objects.filter(child_id=locked.child_id).exclude(address=address.strip()).update(
            address=address.strip()
        )


def _moves(case: Case, address: str, day: dt.date) -> None:
    """The address so far ends on the day, unless it began later: then on its first."""
    former = ChildAddress.objects.filter(child_id=case.child_id, to_on=None, kind__in=LIVES_THERE).first()
    if former is None:
        return
    if former.address == address:
        raise RuleBroken("The child lives there already", field="address")
    former.to_on = max(day, former.from_on or day)
    former.save(update_fields=["to_on"])


@transaction.atomic
def write_number(*, case: Case, agency: Agency, number: str, by: Seat, at: dt.datetime) -> ChildNumber:
    """Keep a further number that an agency has for the child; the same once more changes nothing.

    Raises ``RuleBroken`` for what is no number.
    """
    locked = _locked(case, by)
    comparable = local_number(number)
    if comparable is None:
        raise RuleBroken("Enter a number with at least one digit", field="number")
    made, _ = ChildNumber.objects.get_or_create(
        child_id=locked.child_id,
        agency=agency,
        number=comparable[:40],
        defaults={"record_id": locked.child_id, "written_by_id": by.membership_id, "written_at": at},
    )
    return made


@transaction.atomic
def write_authority(
    *,
    case: Case,
    home: LocalAuthority,
    placing: LocalAuthority | None,
    from_on: dt.date,
    told_on: dt.date | None,
    told_by: str,
    by: Seat,
    at: dt.datetime,
) -> ChildAuthority:
    """Keep which authority is the child's home and which placed the child here, and whether the home one was told.

    The same two authorities again only say more of the telling; others take the place of the former, which keep their
    days. Either way what a referral said otherwise is in doubt no more. Raises ``RuleBroken`` for days that cannot be,
    and for telling without when or by whom.
    """
    locked = _locked(case, by)
    day = london_date(at)
    if from_on > day:
        raise RuleBroken("The first day must be today or in the past", field="from_on")
    if told_on and told_on > day:
        raise RuleBroken("The day must be today or in the past", field="told_on")
    if bool(told_on) != bool(told_by.strip()):
        raise RuleBroken("Say when the home authority was told and by whom", field="told_by" if told_on else "told_on")
    present = ChildAuthority.objects.select_for_update().filter(child_id=locked.child_id, to_on=None).first()
    if present is not None and (present.home_id, present.placing_id) == (home.pk, placing.pk if placing else None):
        present.from_on, present.told_on, present.told_by, present.doubt = from_on, told_on, told_by.strip(), ""
        present.save(update_fields=["from_on", "told_on", "told_by", "doubt"])
        return present
    if present is not None:
        if from_on < present.from_on:
            raise RuleBroken("The first day must not be before that of the authorities so far", field="from_on")
        present.to_on, present.doubt = from_on, ""
        present.save(update_fields=["to_on", "doubt"])
    return ChildAuthority.objects.create(
        record_id=locked.child_id,
        child_id=locked.child_id,
        home=home,
        placing=placing,
        from_on=from_on,
        told_on=told_on,
        told_by=told_by.strip(),
        written_by_id=by.membership_id,
        written_at=at,
    )
