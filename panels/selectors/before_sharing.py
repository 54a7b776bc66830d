"""What a sharing decision would do, said before it is made."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from mace.access.models import Kind, Record, Scope
from mace.access.services import widest_in_force
from mace.accounts.models import Membership, Role
from mace.accounts.selectors import seats_in
from mace.agencies.models import Agency
from mace.agencies.selectors import agreement_warnings
from mace.core.forms import long_date
from panels.models import AgendaItem
from panels.rules_sharing import CASE_PARTS, VOLT_PARTS


@dataclass(frozen=True, slots=True)
class BeforeSharing:
    """Who of an agency would see what of a record until when, what opens with it, and what stays shut.

    ``has_now`` is the scope that a decision in force gives it already, or None.
    """

    agency: Agency
    who: list[Membership]
    will_see: list[str]
    will_not_see: list[str]
    opens: list[str]
    until: str
    has_now: int | None
    warning: str


def before_sharing(
    *,
    record_id: int,
    kind: Kind,
    agency: Agency,
    scope: Scope,
    ends_on: dt.date | None,
    partnership_id: int,
    on: dt.date,
    item: AgendaItem | None = None,
) -> BeforeSharing:
    """What would happen if the record were shared so, or the agency invited for the ``item`` that speaks of it."""
    of_child = kind not in VOLT_PARTS
    parts = CASE_PARTS if of_child else VOLT_PARTS[kind]
    held = widest_in_force(record_id=record_id, agency=agency, on=on)
    never = ["That it is shared with other agencies, and with which"]
    if of_child:
        never.append("A protected address, which is shown to named people only")
    return BeforeSharing(
        agency=agency,
        who=list(seats_in(partnership_id, on=on, roles=[Role.AGENCY_LEAD], agency_id=agency.pk)),
        will_see=[words for least, words in parts if least <= scope],
        will_not_see=[words for least, words in parts if least > scope] + never,
        opens=_opens(record_id, agency, scope, item, of_child=of_child),
        until=f"the end of {long_date(ends_on)}" if ends_on else "somebody ends it",
        has_now=int(held[0]) if held else None,
        warning=agreement_warnings([agency], partnership_id, on).get(agency.pk, ""),
    )


def _opens(record_id: int, agency: Agency, scope: Scope, item: AgendaItem | None, *, of_child: bool) -> list[str]:
    found = []
    if item is not None:
        found.append("That the meeting takes place, once its agenda is published, and the titles of standing items")
        found.append("This agenda item" + (" and its minutes" if scope >= Scope.SUMMARY else ", not its minutes"))
    if scope == Scope.FULL and of_child:
        count = Record.objects.filter(within_id=record_id, kind=Kind.REFERRAL).count() + 1
        found.append(f"{count} referral{'' if count == 1 else 's'} of this child, with all that was sent")
    if scope == Scope.FULL and item is None:
        items = AgendaItem.objects.filter(subject_id=record_id, invitations__agency=agency).count()
        if items:
            found.append(f"{items} agenda item{'' if items == 1 else 's'} that it was invited to, as invited")
    return found
