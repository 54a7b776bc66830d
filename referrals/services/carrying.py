"""What an accepted referral says that belongs to the case from then on: dated moments, the child's authorities."""

from __future__ import annotations

import datetime as dt

from mace.agencies.models import LocalAuthority
from mace.core.clock import london_date
from mace.core.seat import Seat
from referrals.models import Case, ChildAuthority, Circumstances, CriticalMoment, Referral
from referrals.selectors.codes import label
from referrals.selectors.merging import held_in_full

YES = "yes"


def carry_over(*, referral: Referral, case: Case, by: Seat, at: dt.datetime) -> None:
    """Once, as part of accepting the referral; doing it again adds nothing.

    Being missing stays what the referral says: a count and a last day make no episodes.
    """
    said = Circumstances.objects.filter(referral=referral).first()
    if said is not None:
        _moments(referral, case, said, at)
        _authorities(referral, said, by, at)


def _moments(referral: Referral, case: Case, said: Circumstances, at: dt.datetime) -> None:
    """Those with a date, as the referrer's own words."""
    CriticalMoment.objects.bulk_create(
        [
            CriticalMoment(
                record_id=case.record_id,
                case=case,
                agency_id=referral.agency_id,
                written_by_id=referral.referrer_id,
                written_by_principal=referral.written_by_principal,
                written_at=at,
                operation=f"{referral.reference}/{place}",
                kind=moment["kind"],
                kind_words=label("critical_moment", moment["kind"]),
                on=dt.date.fromisoformat(moment["on"]),
                about=moment.get("about", ""),
                referral=referral,
            )
            for place, moment in enumerate(said.moments)
            if moment.get("on")
        ],
        ignore_conflicts=True,
    )


def _authorities(referral: Referral, said: Circumstances, by: Seat, at: dt.datetime) -> None:
    """The authority that placed the child here is their home authority too, from the day of acceptance.

    The same ones again are only said to be told, where that was not recorded; what is recorded otherwise stands, with
    the doubt. An authority that the installation does not know makes a doubt or nothing.
    """
    child = referral.child
    if child is None or said.placed_here != YES or not said.placing_authority or not held_in_full(child):
        return
    source = f"Referral {referral.reference}"
    told = said.home_told_on if said.home_told == YES else None
    placing = LocalAuthority.objects.filter(gss_code=said.placing_authority).first()
    present = ChildAuthority.objects.select_for_update().filter(child_id=referral.child_id, to_on=None).first()
    if present is not None:
        if placing is not None and present.placing_id == placing.pk:
            if told and present.told_on is None:
                present.told_on, present.told_by = told, f"As {source[0].lower()}{source[1:]} says"
                present.save(update_fields=["told_on", "told_by"])
            return
        who = placing.name if placing is not None else "an authority that is not in the list"
        present.doubt = f"{source} says that {who} placed the child here."
        present.save(update_fields=["doubt"])
        return
    if placing is None:
        return
    ChildAuthority.objects.bulk_create(  # another partnership may have recorded one that is not seen here
        [
            ChildAuthority(
                record_id=child.pk,
                child=child,
                home=placing,
                placing=placing,
                from_on=london_date(at),
                told_on=told,
                told_by=f"As referral {referral.reference} says" if told else "",
                source=source,
                written_by_id=by.membership_id,
                written_at=at,
            )
        ],
        ignore_conflicts=True,
    )
