"""Who may see a record, and why, in plain English; and what an agency would see before it is shared with it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from mace.access.models import Disclosure, Grant
from mace.access.policy import Capability, can
from mace.access.selectors import disclosures_of
from mace.accounts.models import Role
from mace.accounts.selectors import seats_in
from mace.agencies.models import Agency, Participation
from mace.agencies.selectors import agreement_warnings
from mace.casework.selectors.sharing_subject import Subject
from mace.casework.selectors.sharing_viewers import Viewer, own_lines, whole_picture
from mace.core.seat import Seat


@dataclass(frozen=True, slots=True)
class SharingPicture:
    """``whole`` is False for a seat that reads its own line only; ``in_force`` and ``ended`` are sharing decisions."""

    whole: bool
    own: list[Viewer]
    viewers: list[Viewer]
    in_force: list[Disclosure]
    ended: list[Disclosure]
    warnings: list[str]


def scope_of_seat(record_id: int) -> int:
    """The widest scope at which the acting seat may see a record, 0 for none."""
    return max(Grant.objects.filter(record_id=record_id).values_list("scope", flat=True), default=0)


def sees_whole_picture(subject: Subject, seat: Seat) -> bool:
    """Coordinator, chair and a case's lead professional do; an agency and all others read their own line only."""
    leads = subject.case is not None and subject.case.lead_professional_id == seat.membership_id
    return can(seat, Capability.DISCLOSE) or leads


def sharing_picture(subject: Subject, seat: Seat, *, on: dt.date) -> SharingPicture:
    """The picture as the seat may know it."""
    whole = sees_whole_picture(subject, seat)
    decisions = [d for d in disclosures_of(subject.record_id) if whole or d.agency_id == seat.agency_id]
    in_force = [d for d in decisions if d.withdrawn_at is None and (d.ends_on is None or d.ends_on >= on)]
    lasting = {d.pk for d in in_force}
    warnings = agreement_warnings([d.agency for d in in_force], subject.partnership_id, on) if whole else {}
    own, viewers = whole_picture(subject, seat) if whole else (own_lines(subject, seat), [])
    return SharingPicture(
        whole=whole,
        own=own,
        viewers=viewers,
        in_force=in_force,
        ended=[d for d in decisions if d.pk not in lasting],
        warnings=list(warnings.values()),
    )


def agencies_shared_with(subject: Subject) -> list[Agency]:
    """Agencies that a sharing decision not ended yet lets see the record, by name."""
    rows = Disclosure.objects.filter(record_id=subject.record_id, withdrawn_at__isnull=True)
    return list(Agency.objects.filter(pk__in=rows.values("agency_id")).order_by("name"))


def agencies_to_share_with(seat: Seat, *, on: dt.date) -> list[tuple[Agency, str]]:
    """Agencies that take part in the seat's partnership, each with the names of who would see what is shared."""
    rows = Participation.objects.filter(partnership_id=seat.partnership_id).select_related("agency")
    leads: defaultdict[int, list[str]] = defaultdict(list)
    for member in seats_in(seat.partnership_id, on=on, roles=[Role.AGENCY_LEAD]):
        leads[member.agency_id].append(member.user.name)
    found = sorted((row.agency for row in rows), key=lambda agency: agency.name)
    return [(agency, ", ".join(leads[agency.pk]) or "nobody yet: it has no lead here") for agency in found]
