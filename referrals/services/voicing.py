"""What a child says, and strengths and difficulties scores, added to a case at any time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from mace.access.policy import Capability, require
from mace.core.clock import london_date
from mace.core.errors import RuleBroken
from mace.core.seat import Seat
from referrals.enums import DifficultiesBand, Informant
from referrals.models import Case, ChildVoice, DifficultiesScore
from referrals.selectors.codes import is_code, label
from referrals.selectors.risk_tool import difficulties_band
from referrals.services.assessing import below_case
from referrals.services.case_drafts import case_to_assess, sent_before
from referrals.services.locking import locked_case

MOST, MOST_OF_A_PART = 40, 10
PARTS = (*DifficultiesScore.PARTS, "prosocial")


@transaction.atomic
def record_voice(
    *,
    case: Case,
    words: str,
    observed: str,
    wants: str,
    said_on: dt.date,
    way: str,
    with_whom: str,
    themes: Sequence[str],
    operation: str,
    by: Seat,
    at: dt.datetime,
) -> ChildVoice:
    """Record what a child said, or what was seen, on a day that has been. The same ``operation`` again adds nothing.

    For any seat that sees the case in full: whoever the child talks to. Raises ``RuleBroken``.
    """
    require(by, Capability.WRITE_VOICE)
    locked = locked_case(case)
    if done := sent_before(ChildVoice, case=locked, operation=operation):
        return done
    if not words.strip() and not observed.strip():
        raise RuleBroken("Write what the child said, or what was observed", field="words_said")
    if said_on > london_date(at):
        raise RuleBroken("The date must be today or in the past", field="said_on")
    if way and not is_code("voice_way", way):
        raise RuleBroken("Choose how it was said", field="way")
    if not all(is_code("voice_theme", theme) for theme in themes):
        raise RuleBroken("Choose themes from the list", field="themes")
    return ChildVoice.objects.create(
        words=words.strip(),
        observed=observed.strip(),
        wants=wants.strip(),
        way=way,
        way_words=label("voice_way", way) if way else "",
        with_whom=with_whom.strip(),
        themes=list(themes),
        **below_case(locked, operation=operation, by=by, at=at) | {"effective_on": said_on},
    )


@transaction.atomic
def record_difficulties(
    *,
    case: Case,
    informant: str,
    done_on: dt.date,
    total: int,
    parts: dict[str, int | None],
    band: str,
    operation: str,
    by: Seat,
    at: dt.datetime,
) -> DifficultiesScore:
    """Record totals of a strengths and difficulties questionnaire. The band follows from the total by the cut-offs.

    ``parts``: by name of ``PARTS``, each 0 to 10 or ``None``; the first four, if all are given, add up to the total.
    ``band`` counts only where the list of cut-offs says none. Raises ``RuleBroken``.
    """
    locked = case_to_assess(case, by)
    if done := sent_before(DifficultiesScore, case=locked, operation=operation):
        return done
    if informant not in Informant.values:
        raise RuleBroken("Choose who completed it", field="informant")
    if done_on > london_date(at):
        raise RuleBroken("The date must be today or in the past", field="done_on")
    if not 0 <= total <= MOST:
        raise RuleBroken(f"The total is a whole number from 0 to {MOST}", field="total")
    for name, score in parts.items():
        if name not in PARTS or (score is not None and not 0 <= score <= MOST_OF_A_PART):
            raise RuleBroken(f"Each part is a whole number from 0 to {MOST_OF_A_PART}", field=name)
    given = [score for name in DifficultiesScore.PARTS if (score := parts.get(name)) is not None]
    if len(given) == len(DifficultiesScore.PARTS) and sum(given) != total:
        raise RuleBroken(f"The four parts add up to {sum(given)}, not {total}", field="total")
    if sum(given) > total:
        raise RuleBroken("The parts add up to more than the total", field="total")
    found = difficulties_band(informant, total) or (band if band in DifficultiesBand.values else "")
    return DifficultiesScore.objects.create(
        informant=informant,
        total=total,
        band=found,
        band_words=str(DifficultiesBand(found).label) if found else "",
        **{name: parts.get(name) for name in PARTS},
        **below_case(locked, operation=operation, by=by, at=at) | {"effective_on": done_on},
    )
