"""What is said of consent to support, and what is decided when it is withdrawn. Neither ends anything."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.urls import reverse

from mace.access.models import Grant, Scope
from mace.access.policy import Capability, require
from mace.core.clock import london_date
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import Seat
from referrals.enums import Capacity, Consent, ConsentBy
from referrals.models import Case, ChildIdentity, ConsentSaid
from referrals.rules import is_child
from referrals.selectors.codes import is_code
from referrals.services.case_drafts import case_to_assess
from referrals.services.locking import locked_case
from referrals.services.telling import tell

TOLD = {
    Consent.GIVEN: "Consent to support was given",
    Consent.REFUSED: "Consent to support was refused",
    Consent.WITHDRAWN: "Consent to support was withdrawn",
    Consent.NOT_SOUGHT: "Consent to support was not sought",
}


@transaction.atomic
def say_consent(
    *,
    case: Case,
    consent: str,
    said_by: str,
    said_on: dt.date,
    words: str,
    capacity: str,
    care_act: str,
    operation: str,
    by: Seat,
    at: dt.datetime,
) -> ConsentSaid:
    """Put on record what was said of consent to support. No grant, plan, tier or sharing decision changes by it.

    For whoever works on the case in full. From 18 it is the young person's own, with capacity and the basis under the
    Care Act; before, those two are not kept. The lead professional is told unless they wrote it. The same ``operation``
    again adds nothing. Raises ``RuleBroken``.
    """
    require(by, Capability.ASSESS)
    locked = locked_case(case)
    if not Grant.objects.filter(record_id=locked.pk, scope__gte=Scope.FULL).exists():
        raise NotAllowed(Capability.ASSESS)
    rows = ConsentSaid.objects.filter(record_id=locked.pk, written_by_principal=by.principal, operation=operation)
    if operation and (known := rows.first()):
        return known
    if locked.closed_on is not None:
        raise RuleBroken("This case is closed. A new referral opens a new one.")
    if consent not in Consent.values:
        raise RuleBroken("Choose how consent stands", field="consent")
    if said_on > london_date(at):
        raise RuleBroken("The day must be today or in the past", field="said_on")
    if not words.strip():
        raise RuleBroken("Write what was said", field="words")
    born = ChildIdentity.objects.get(child_id=locked.child_id).date_of_birth
    if is_child(born, london_date(at)):
        capacity = care_act = ""
    else:
        _check_adult(said_by, capacity, care_act)
    if said_by not in ConsentBy.values:
        raise RuleBroken("Choose who said it", field="said_by")
    made = ConsentSaid.objects.create(
        record_id=locked.pk,
        case=locked,
        consent=consent,
        said_by=said_by,
        said_on=said_on,
        words=words.strip(),
        capacity=capacity,
        care_act=care_act,
        written_by_id=by.membership_id,
        written_by_principal=by.principal,
        written_at=at,
        operation=operation,
    )
    told = TOLD[Consent(consent)]
    asks = " Decide there what happens now." if made.waits else ""
    tell(
        membership_id=locked.lead_professional_id,
        subject=f"{told}: case {locked.reference}",
        text=f"{told}. It stands on the page “Consent to support” of case {locked.reference}.{asks}",
        path=reverse("referrals:consent", args=[locked.reference]),
        about=locked.pk,
        key=f"consent:{made.pk}",
        by=by,
        at=at,
    )
    return made


def _check_adult(said_by: str, capacity: str, care_act: str) -> None:
    if said_by != ConsentBy.PERSON:
        raise RuleBroken("From 18 only the young person’s own consent counts", field="said_by")
    if capacity not in Capacity.values:
        raise RuleBroken("Choose whether they have capacity to decide about it", field="capacity")
    if not is_code("care_act", care_act):
        raise RuleBroken("Choose the basis under the Care Act", field="care_act")


@transaction.atomic
def decide_on_consent(*, said: ConsentSaid, decision: str, by: Seat, at: dt.datetime) -> ConsentSaid:
    """Put on record what happens now that consent is withdrawn. It is decided once, and does nothing by itself.

    For the lead professional, the manager of the case's team and a coordinator. The same words again change nothing.
    Raises ``RuleBroken``.
    """
    require(by, Capability.ASSESS)
    locked = case_to_assess(said.case, by)
    row = ConsentSaid.objects.select_for_update(of=("self",)).filter(pk=said.pk, case=locked).first()
    if row is None:
        raise NotAllowed("no such withdrawal")
    words = decision.strip()
    if not words:
        raise RuleBroken("Say what happens now, and why", field="decision")
    if row.decision == words and row.decided_by_id == by.membership_id:
        return row  # sent twice
    if not row.waits:
        raise RuleBroken("Somebody has decided on this meanwhile. Look at what stands here now.")
    row.decision, row.decided_by_id, row.decided_at = words, by.membership_id, at
    row.save(update_fields=["decision", "decided_by", "decided_at"])
    return row
