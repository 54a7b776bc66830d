"""A referral about no child, accepted: it becomes a VOLT record, or what one that is there already rests on."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

from django.db import transaction

from mace.access.policy import Capability, require
from mace.core.errors import RuleBroken
from mace.core.seat import Seat
from referrals.models import Matter, Referral
from referrals.rules_cases import Ticked
from referrals.services.screening import accept_matter, keep_became
from volt.enums import Basis, Handling, LinkKind
from volt.models import Link
from volt.rules import KIND_OF_MATTER
from volt.selectors import VoltRow, rows_of
from volt.services.links import as_tight_as_ends, share_with_team
from volt.services.records import RECORD, Said, wording_for

TIGHTER = Said(none_because="The record that the referral was added to is for the police and coordinators only")


@transaction.atomic
def accept_as_record(
    *,
    referral: Referral,
    existing: str,
    reason: str,
    by: Seat,
    at: dt.datetime,
    criteria: Sequence[Ticked] = (),
) -> VoltRow:
    """Accept a referral about no child as a new VOLT record, or as what the ``existing`` one (its reference) rests on.

    A new record says what the referral says and is handled as it is. A link joins the two, with the referral's source
    and grades. The record is shared in full with the referrer and the referrer's team, as what a referral mentions is;
    not where it is handled more tightly than the referral was. Raises ``RuleBroken`` once the referral was decided, and
    for a record that the seat does not see or that is of another kind.
    """
    require(by, Capability.WRITE_VOLT)
    locked = accept_matter(referral=referral, reason=reason, criteria=criteria, by=by, at=at)
    kind = KIND_OF_MATTER[locked.about]
    matter = Matter.objects.get(referral=locked)
    said = Said(matter.words, matter.none_because)
    if existing:
        row = rows_of(kind).filter(reference=existing).first()
        if row is None:
            raise RuleBroken("Choose a record that is there, or make a new one", field="record")
    else:
        operation = hashlib.sha256(f"{locked.reference} accepted".encode()).hexdigest()[:40]
        row = RECORD[kind](**matter.facts, handling=locked.handling, said=said, operation=operation, by=by, at=at)
    handling = as_tight_as_ends(locked.handling, {row.pk})
    tighter = handling != locked.handling
    Link.objects.create(
        a_id=locked.pk,
        b_id=row.pk,
        kind=LinkKind.REFERRED,
        source=matter.source,
        source_grade=matter.source_grade,
        assessment=matter.assessment,
        handling=Handling(handling),
        wording=wording_for(
            handling, TIGHTER if tighter else said, record_id=locked.pk, other_id=row.pk, reference="", by=by, at=at
        ),
        basis=Basis(matter.basis),
        created_at=at,
        created_by_id=by.membership_id,
    )
    if not tighter:
        share_with_team(case=locked.pk, volt=row.pk, by=by)
        keep_became(referral=locked, reference=row.reference, by=by)
    return row
