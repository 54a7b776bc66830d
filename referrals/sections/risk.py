"""The risk assessment. The rating is the practitioner's; scores are optional and their total only advises."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, NamedTuple

from django import forms

from mace.attachments.enums import AttachmentKind
from mace.core.forms import Checkboxes, GovukBoundField, GovukDateField, Radios, Textarea, in_sentence
from referrals.enums import Confidence, Rating, Section
from referrals.rules import Typed, is_lower, one
from referrals.sections.attached import AttachedSection
from referrals.sections.base import EARLIEST, Asked, drop_down
from referrals.selectors.assessment_words import HIGHEST, SCORES, score_said
from referrals.selectors.codes import Entry, choices, codes, label
from referrals.selectors.risk_tool import suggested_rating

FACTORS = {
    "protective": "What protects the child?",
    "push": "What pushes the child towards harm?",
    "pull": "What pulls the child towards harm?",
}
"""Kinds of factors: each is a list ``…_factor`` to tick from, and a text."""
DOMAIN_PARTS = ("score", "evidence", "on", "source", "confidence")


class Scored(NamedTuple):
    """One domain that was scored, with the words it was scored under and what the score rests on."""

    domain: str
    domain_words: str
    score: int
    evidence: str
    rests_on: dt.date | None
    source: str
    source_words: str
    confidence: str


class RiskSection(AttachedSection):
    section = Section.RISK
    stands_in = AttachmentKind.ASSESSMENT
    no_words = "No"
    mark_optional = False  # the scores say so once, above them
    intro: ClassVar[str] = (
        "Your professional judgement decides the rating. Scores help to explain it; their total never decides."
    )
    last_rating: str = ""
    """The rating that the case has, where there is a case."""

    rating = forms.ChoiceField(label="How do you rate the risk?", choices=Rating.choices, widget=Radios)
    rationale = forms.CharField(
        label="Why this rating?",
        max_length=4000,
        widget=Textarea(rows=5),
        help_text="What it rests on, and what would change it",
    )
    lowering_reason = forms.CharField(
        label="If you rate it lower than the scores suggest: why? (optional)",
        required=False,
        max_length=2000,
        widget=Textarea(rows=3),
    )

    def __init__(self, data: Typed | None = None, *, asked: Asked, check: bool = True) -> None:
        super().__init__(with_old_factors(data), asked=asked, check=check)
        self.fields["attached"].label = "Does an attached assessment of your own say more?"
        self.domains = codes("risk_domain")
        self.fields["rating"].widget.hints = {
            code: label("rating_descriptor", code) for code, _ in choices("rating_descriptor")
        }
        for kind, question in FACTORS.items():
            self.fields[f"{kind}_ticks"] = forms.MultipleChoiceField(
                label=f"{question} (optional)",
                choices=choices(f"{kind}_factor"),
                required=False,
                widget=Checkboxes(small=True),
            )
            self.fields[f"{kind}_factors"] = forms.CharField(
                label=f"{question} In your words (optional)",
                required=False,
                max_length=2000,
                widget=Textarea(rows=3),
            )
        sources = choices("evidence_source")
        for domain in self.domains:
            about = domain.label
            self.fields |= {
                f"{domain.code}_score": drop_down(f"{about}: score", SCORES, required=False, empty="Not scored"),
                f"{domain.code}_evidence": forms.CharField(
                    label=f"{about}: evidence", required=False, max_length=500, widget=Textarea(rows=2)
                ),
                f"{domain.code}_on": GovukDateField(
                    label=f"{about}: date of the evidence", required=False, not_before=EARLIEST, not_after=asked.on
                ),
                f"{domain.code}_source": drop_down(f"{about}: source", sources, required=False, empty="Not said"),
                f"{domain.code}_confidence": drop_down(
                    f"{about}: confidence", Confidence.choices, required=False, empty="Not said"
                ),
            }

    def help_code(self, name: str) -> str:
        """Of each domain's score one; of what a score rests on one for all domains."""
        code, _, part = name.rpartition("_")
        shared = part in DOMAIN_PARTS[1:] and any(domain.code == code for domain in self.domains)
        return f"domain_{part}" if shared else super().help_code(name)

    def help_head(self, name: str) -> str:
        head = super().help_head(name)
        shared = self.help_code(name).startswith("domain_")
        return f"Each domain: {head.rpartition(': ')[2]}" if shared else head

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        for domain in self.domains:
            score, evidence = cleaned.get(f"{domain.code}_score"), cleaned.get(f"{domain.code}_evidence")
            if score and score != "0" and not evidence and f"{domain.code}_evidence" not in self.errors:
                self.add_error(f"{domain.code}_evidence", f"Enter what the score rests on: {domain.label.lower()}")
            said = evidence or any(cleaned.get(f"{domain.code}_{part}") for part in ("on", "source", "confidence"))
            if said and not score and f"{domain.code}_score" not in self.errors:
                self.add_error(
                    f"{domain.code}_score", f"Choose a score to go with the evidence: {domain.label.lower()}"
                )
        if not cleaned.get("lowering_reason") and "lowering_reason" not in self.errors and (why := self.lowers()):
            self.add_error("lowering_reason", f"Say why you rate it lower than {why}")
        return cleaned

    def scores(self) -> list[Scored]:
        """Each domain that was scored."""
        scored = [domain for domain in self.domains if self.cleaned_data.get(f"{domain.code}_score")]
        return [self._scored(domain) for domain in scored]

    def _scored(self, domain: Entry) -> Scored:
        score, evidence, day, source, confidence = (
            self.cleaned_data.get(f"{domain.code}_{part}") for part in DOMAIN_PARTS
        )
        words = label("evidence_source", source) if source else ""
        return Scored(
            domain.code, domain.label, int(score or 0), evidence or "", day, source or "", words, confidence or ""
        )

    def total(self) -> int | None:
        """The sum of all scores; none unless every domain was scored, so that totals can be set beside one another."""
        scored = self.scores()
        return sum(each.score for each in scored) if scored and len(scored) == len(self.domains) else None

    def suggested(self) -> str:
        """The rating that the total advises; empty unless every domain was scored."""
        return suggested_rating(self.total())

    def lowers(self) -> str:
        """Than what the chosen rating is lower, in words; empty when it lowers nothing. Needs checked answers."""
        rating, suggested = self.cleaned_data.get("rating", ""), self.suggested()
        below = []
        if is_lower(rating, suggested):
            below.append(f"the scores suggest ({in_sentence(Rating(suggested).label)})")
        if is_lower(rating, self.last_rating):
            below.append(f"the case is rated now ({in_sentence(Rating(self.last_rating).label)})")
        return " and than ".join(below)

    @property
    def advice(self) -> str:
        """What the scores as typed suggest, for the page; empty unless every domain is scored."""
        typed = [one(self.typed, f"{domain.code}_score") for domain in self.domains]
        if not typed or not all(score in dict(SCORES) for score in typed):
            return ""
        total = sum(map(int, typed))
        suggested = suggested_rating(total)
        if not suggested:
            return ""
        return (
            f"The scores add up to {total} of {HIGHEST * len(typed)}, which suggests: {Rating(suggested).label}. "
            "This is advice. Your judgement decides."
        )

    def ticked(self, name: str) -> list[list[str]]:
        """Code and words of each tick of one question."""
        field = self.fields[name]
        known = dict(field.choices)  # type: ignore[attr-defined]
        return [[code, str(known[code])] for code in self.cleaned_data.get(name, [])]

    def factors(self) -> dict[str, Any]:
        """Ticks and texts as ``RiskAssessment`` names them."""
        return {f"{kind}_ticks": self.ticked(f"{kind}_ticks") for kind in FACTORS} | {
            f"{kind}_factors": self.cleaned_data.get(f"{kind}_factors", "") for kind in FACTORS
        }

    def factor_fields(self) -> list[tuple[GovukBoundField, GovukBoundField]]:
        """Kind by kind for the page: what is ticked, what is written."""
        return [(self[f"{kind}_ticks"], self[f"{kind}_factors"]) for kind in FACTORS]  # type: ignore[misc]

    def pairs(self) -> list[tuple[str, list[Any]]]:
        """Domain by domain for the page: name, and the questions in the order of ``DOMAIN_PARTS``."""
        return [(domain.label, [self[f"{domain.code}_{part}"] for part in DOMAIN_PARTS]) for domain in self.domains]

    @property
    def scores_open(self) -> bool:
        """Whether the scores are to be shown open: something stands in them."""
        return any(self.typed.get(f"{domain.code}_{part}") for domain in self.domains for part in ("score", "evidence"))

    def as_rows(self) -> list[tuple[str, str]]:
        asked = ["rating", "rationale", "attached", "lowering_reason"]
        asked += [f"{kind}_{part}" for kind in FACTORS for part in ("ticks", "factors")]
        rows = [(self.question(name), text) for name in asked if (text := self.words(name))]
        return rows + [(scored.domain_words, score_said(scored)) for scored in self.scores()]


def with_old_factors(typed: Typed | None) -> Typed | None:
    """A draft from when push and pull were one question: its text stands under push, to be divided by the writer."""
    if typed is None or "push_factors" in typed or not typed.get("push_pull_factors"):
        return typed
    return {**typed, "push_factors": typed["push_pull_factors"]}
