"""An assessment and a plan in words, as every page says them."""

from __future__ import annotations

from typing import Any

from mace.core.forms import long_date
from referrals.enums import Confidence, Rating, StepState
from referrals.models import PlanStep, RiskAssessment
from referrals.models.assessment import Ticked
from referrals.rules import is_lower

SCORES = [("0", "0 None"), ("1", "1 Emerging"), ("2", "2 Moderate"), ("3", "3 Significant")]
HIGHEST = 3
DOMAINS_ONCE = 12
"""How many there were while an assessment did not say."""
FACTOR_WORDS = (
    ("protective", "What protects the child"),
    ("push", "What pushes towards harm"),
    ("pull", "What pulls towards harm"),
)


def factor_pairs(risk: RiskAssessment) -> list[tuple[str, str]]:
    """Each kind of factor with its ticks and its text; what was written while push and pull were one, too."""
    found = []
    for kind, question in FACTOR_WORDS:
        ticks: Ticked = getattr(risk, f"{kind}_ticks")
        said = [*(words for _, words in ticks), getattr(risk, f"{kind}_factors")]
        found.append((question, "; ".join(filter(None, said))))
    return [*found, ("What pushes or pulls", risk.push_pull_factors)]


def highest_total(risk: RiskAssessment) -> int:
    """The most that the scores of this assessment could add up to."""
    return HIGHEST * (risk.domains or DOMAINS_ONCE)


def total_said(risk: RiskAssessment) -> str:
    """`22 of 36. It only advises.` Empty unless every domain was scored."""
    if risk.total is None:
        return ""
    return f"{risk.total} of {highest_total(risk)}. It only advises."


def lower_said(risk: RiskAssessment) -> str:
    """That the rating stands below what the scores suggested, and why; empty where it does not."""
    if not is_lower(risk.rating, risk.suggested):
        return ""
    return f"The scores suggest: {Rating(risk.suggested).label}. {risk.lowering_reason}".strip()


def score_said(scored: Any) -> str:
    """`2 Moderate: Two episodes (A parent or carer, 3 May 2026; confidence: high)`, of a score in whatever shape."""
    whence = ", ".join(filter(None, [scored.source_words, long_date(scored.rests_on) if scored.rests_on else ""]))
    sure = f"confidence: {Confidence(scored.confidence).label.lower()}" if scored.confidence else ""
    rest = "; ".join(filter(None, [whence, sure]))
    said = dict(SCORES)[str(scored.score)] + (f": {scored.evidence}" if scored.evidence else "")
    return f"{said} ({rest})" if rest else said


def step_said(step: PlanStep) -> str:
    """`Taxi to school (School, by 9 March 2026). Under way`."""
    state = "" if step.state == StepState.TO_DO else f". {StepState(step.state).label}"
    by_when = f", by {long_date(step.by_when)}" if step.by_when else ""
    return f"{step.text} ({step.who}{by_when}){state}{': ' + step.note if step.note else ''}"
