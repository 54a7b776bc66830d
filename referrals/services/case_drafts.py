"""What is typed for a new assessment or plan of a case, kept until it is sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from mace.access.policy import Capability, require
from mace.core.errors import Conflict, NotAllowed, RuleBroken
from mace.core.seat import Seat
from referrals.models import Case, CaseDraft, ChildVoice, DifficultiesScore, RiskAssessment, SafetyPlan
from referrals.sections.case import CASE_FORMS
from referrals.services.locking import locked_case
from referrals.services.reviews import may_answer

W = TypeVar("W", RiskAssessment, SafetyPlan, ChildVoice, DifficultiesScore)


def may_assess(case: Case, by: Seat) -> bool:
    """The lead professional, the manager of the case's team, a coordinator: of a case that is open."""
    return case.closed_on is None and may_answer(case, by)


def case_to_assess(case: Case, by: Seat) -> Case:
    """The case, held until the transaction ends, for somebody who may assess it. Raises what keeps them from it."""
    require(by, Capability.ASSESS)
    locked = locked_case(case)
    if not may_answer(locked, by):
        raise NotAllowed(Capability.ASSESS)
    if locked.closed_on is not None:
        raise RuleBroken("This case is closed. A new referral opens a new one.")
    return locked


def sent_before(model: type[W], *, case: Case, operation: str) -> W | None:
    """What this very page wrote already; nothing where it did not, or said no operation."""
    if not operation:
        return None
    rows: QuerySet[W] = QuerySet(model)
    return rows.filter(record_id=case.pk, operation=operation).first()


@transaction.atomic
def save_case_draft(
    *, case: Case, kind: str, data: Mapping[str, Any], version: int | None, operation: str, by: Seat, at: dt.datetime
) -> CaseDraft:
    """Keep the page as it was typed, valid or not. Versions and retries as for a referral's pages.

    One draft of a kind for all who may write it: who saves from an older one gets ``Conflict`` with what stands.
    """
    locked = case_to_assess(case, by)
    typed = CASE_FORMS[kind].read(data)
    stored = CaseDraft.objects.select_for_update().filter(record_id=locked.pk, kind=kind).first()
    standing = stored.version if stored else 0
    if stored is not None:
        mine = bool(operation) and stored.operation == operation
        if mine and stored.data == typed:
            return stored
        if not mine and version is not None and version != standing and stored.data != typed:
            raise Conflict(version=standing, theirs=stored.data)
    row = stored or CaseDraft(record_id=locked.pk, kind=kind)
    row.data, row.version, row.operation, row.saved_at = typed, standing + 1, operation, at
    row.saved_by_id = by.membership_id
    row.save()
    return row


def empty_draft(case: Case, kind: str) -> None:
    """What was typed has been sent: the next one begins anew, and who still types on the old one is told."""
    for row in CaseDraft.objects.select_for_update().filter(record_id=case.pk, kind=kind):
        row.data, row.version, row.operation = {}, row.version + 1, ""
        row.save(update_fields=["data", "version", "operation"])
