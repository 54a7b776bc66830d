"""Two assessments of one case set side by side: what each says, and where they differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mace.core.forms import in_sentence
from referrals.enums import Rating
from referrals.models import DomainScore, RiskAssessment
from referrals.rules import is_lower
from referrals.selectors.assessment_words import factor_pairs, score_said, total_said
from referrals.selectors.codes import label

NOT_SCORED = "Not scored"


class Compared(NamedTuple):
    """One question with both answers; ``change`` says in words what became of it, empty where nothing did."""

    question: str
    before: str
    after: str
    change: str


def compare(earlier: RiskAssessment, later: RiskAssessment) -> tuple[list[Compared], str]:
    """Rating, factors, domains and total, and what cannot be compared, in words.

    The totals stand beside one another only where both were made by the same version of the tool. Needs the scores
    that ``assessments_of`` brings.
    """
    rows = [
        _rating(earlier.rating, later.rating),
        _compared("Why", earlier.rationale, later.rationale),
        *(
            _compared(question, before, after)
            for (question, before), (_, after) in zip(factor_pairs(earlier), factor_pairs(later), strict=True)
            if before or after
        ),
        *_domains(earlier, later),
    ]
    if earlier.tool_version != later.tool_version:
        return rows, (
            f"The two were made by different versions of the tool ({earlier.tool_version}; {later.tool_version}). "
            "Their totals cannot be compared and are left out."
        )
    if earlier.total is not None and later.total is not None:
        rows.append(_compared("Total of the scores", total_said(earlier), total_said(later)))
    return rows, ""


def _rating(was: str, now: str) -> Compared:
    before, after = Rating(was).label, Rating(now).label
    change = "" if was == now else f"{'Lower' if is_lower(now, was) else 'Higher'}: {before} to {in_sentence(after)}"
    return Compared("Rating", before, after, change)


def _compared(question: str, before: str, after: str) -> Compared:
    if before == after:
        return Compared(question, before, after, "")
    change = "New" if not before else "No longer said" if not after else "Changed"
    return Compared(question, before, after, change)


def _domains(earlier: RiskAssessment, later: RiskAssessment) -> Iterator[Compared]:
    """Every domain that either scored, under the words of the later one, in the order of the later one first."""
    before = {score.domain: score for score in earlier.scores.all()}
    after = {score.domain: score for score in later.scores.all()}
    for domain in dict.fromkeys([*after, *before]):
        was, now = before.get(domain), after.get(domain)
        named = now or was
        assert named is not None
        question = named.domain_words or label("risk_domain", domain)
        if was and now and was.domain_words and was.domain_words != question:
            question += f" (earlier: {was.domain_words})"
        yield Compared(question, _said(was), _said(now), _change(was, now))


def _said(score: DomainScore | None) -> str:
    return score_said(score) if score else NOT_SCORED


def _change(was: DomainScore | None, now: DomainScore | None) -> str:
    if was is None or now is None:
        return "New" if was is None else "No longer scored"
    if was.score != now.score:
        return f"{'Higher' if now.score > was.score else 'Lower'}: {was.score} to {now.score}"
    return "" if score_said(was) == score_said(now) else "Changed"
