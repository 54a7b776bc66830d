"""Criteria as they were answered, kept with the words and the version of the list that were in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from mace.core.errors import RuleBroken
from mace.core.seat import Seat
from referrals.enums import Answered, Occasion
from referrals.models import Case, CriterionMet, Referral
from referrals.rules_cases import Ticked
from referrals.selectors.codes import code_list

LIST_OF: dict[str, str] = {
    Occasion.SCREENING.value: "screening_criterion",
    Occasion.ESCALATION.value: "escalation_criterion",
    Occasion.MATTER.value: "matter_criterion",
}
LONGEST = 500


def record_criteria(
    *,
    occasion: Occasion,
    ticked: Iterable[Ticked],
    by: Seat,
    at: dt.datetime,
    referral: Referral | None = None,
    case: Case | None = None,
) -> list[CriterionMet]:
    """Write down how the criteria were answered, for a decision that the caller has checked and locked.

    Raises ``RuleBroken`` for a criterion that is not on the list now, or an answer that is none.
    """
    listed = code_list(LIST_OF[occasion])
    of = referral if referral is not None else case
    assert of is not None
    rows = []
    for one in ticked:
        entry = listed.entries.get(one.code)
        if entry is None or not entry.active or one.met not in Answered.values:
            raise RuleBroken("The list of criteria has changed. Answer the criteria again.")
        rows.append(
            CriterionMet(
                record_id=of.pk,
                case=case,
                referral=referral,
                occasion=occasion,
                code=one.code,
                words=entry.label,
                list_version=listed.version,
                met=one.met,
                evidence=one.evidence.strip()[:LONGEST],
                answered_by_id=by.membership_id,
                answered_at=at,
            )
        )
    return CriterionMet.objects.bulk_create(rows)
