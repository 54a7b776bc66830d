"""What the tests of assessments, plans and voice share."""

from __future__ import annotations

import datetime as dt
from typing import Any

from mace.core.seat import acting_as
from referrals.models import Case, ListVersion, RiskAssessment, SafetyPlan
from referrals.selectors.codes import code_list, codes, forget_codes
from referrals.services.assessing import assess_case, plan_case
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import MONDAY

LATER = MONDAY + dt.timedelta(days=14)
RATED: dict[str, Any] = {"rating": "moderate", "rationale": "As it was", "changes": "Nothing yet"}
PLANNED: dict[str, Any] = {
    "made_with_ticks": ["child", "parents"],
    "summary": "She stays with her aunt at weekends.",
    "step_0_text": "A mentor",
    "step_0_who": "Safe Harbour",
    "step_0_state": "under_way",
}


def scored(*scores: int) -> dict[str, str]:
    """So many domains in their order, each with evidence where it needs some."""
    found = {}
    for domain, score in zip(codes("risk_domain"), scores, strict=False):
        found[f"{domain.code}_score"] = str(score)
        found[f"{domain.code}_evidence"] = f"Seen: {domain.code}" if score else ""
    return found


def all_scored(total: int) -> dict[str, str]:
    """Every domain, adding up to this."""
    count = len(codes("risk_domain"))
    least, more = divmod(total, count)
    return scored(*(least + (at < more) for at in range(count)))


def assess(cast: Cast, case: Case, by: Any = "practitioner", *, at: Any = LATER, **said: Any) -> RiskAssessment:
    with acting_as(cast[by]):
        typed = RATED | said
        return assess_case(case=case, typed=typed, operation=typed.pop("operation", ""), by=cast[by], at=at)


def plan(cast: Cast, case: Case, by: Any = "practitioner", *, at: Any = LATER, **said: Any) -> SafetyPlan:
    with acting_as(cast[by]):
        return plan_case(case=case, typed=PLANNED | said, operation="", by=cast[by], at=at)


def own_list(cast: Cast, name: str, entries: list[dict[str, Any]], *, version: int = 1) -> None:
    """The partnership's own version of a list, from now on."""
    with as_owner():
        ListVersion.objects.create(
            partnership=cast.partnership,
            list_name=name,
            version=version,
            entries=[{"group": "", "proposed": False, "active": True} | entry for entry in entries],
            made_by=cast.memberships["coordinator"],
            made_at=MONDAY,
        )
    forget_codes()


def shipped(name: str) -> list[dict[str, Any]]:
    return [{"code": entry.code, "label": entry.label} for entry in code_list(name).entries.values()]
