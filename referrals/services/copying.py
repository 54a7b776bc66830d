"""A referral of a brother, sister or friend, begun with chosen parts of one's own. Neither says a word of the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import transaction

from mace.access.policy import Capability, require
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import Seat
from referrals.enums import About, Section
from referrals.models import DraftSection, Referral
from referrals.services.drafting import may_write, protects_address, start_referral

COPIED: dict[str, str] = {
    Section.CHILD: "Last name and address",
    Section.AROUND: "Family and professionals",
    Section.CONCERN: "The concern",
    Section.SURROUNDINGS: "What surrounds the concern",
    Section.PREREQUISITES: "Strategy discussion, procedures and police report",
    Section.PLAN: "Safety plan",
    Section.MENTIONS: "People of concern, places and themes",
}
"""What may be alike for two children. What one says, wants, was told and is rated is never another's."""
FAMILY = ("surname", "address")


@transaction.atomic
def copy_referral(
    *, source: Referral, parts: Collection[str], by: Seat, at: dt.datetime, operation: str = ""
) -> Referral:
    """Start a draft with parts of a referral that the seat wrote; none of its pages counts as done.

    A protected address is not copied. The same ``operation`` again answers the first draft. Raises ``RuleBroken`` for
    no part, ``NotAllowed`` for somebody else's referral.
    """
    require(by, Capability.FILE_REFERRAL)
    if not may_write(source, by):
        raise NotAllowed(Capability.FILE_REFERRAL)
    if source.about != About.CHILD:
        raise RuleBroken("Only a child’s referral can begin another child’s")
    wanted = [part for part in COPIED if part in parts]
    if not wanted:
        raise RuleBroken("Choose at least one part, or start an empty referral", field="parts")
    made = start_referral(by=by, at=at, operation=operation)
    if made.sections.exists():
        return made
    DraftSection.objects.bulk_create(
        DraftSection(
            record_id=made.record_id,
            referral=made,
            section=draft.section,
            data=_family(draft.data) if draft.section == Section.CHILD else draft.data,
            saved_at=at,
            saved_by_id=by.membership_id,
        )
        for draft in source.sections.filter(section__in=wanted)
    )
    return made


def _family(typed: dict[str, Any]) -> dict[str, Any]:
    kept = ("surname",) if protects_address(typed) else FAMILY
    return {name: typed[name] for name in kept if typed.get(name)}
