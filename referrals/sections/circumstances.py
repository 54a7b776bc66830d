"""What a referral says of care, school, health, family and surroundings, ready to be drawn."""

from __future__ import annotations

import datetime as dt
import re

from mace.core.forms import long_date
from referrals.models import Circumstances, ToldConsent
from referrals.sections.situation import LOW_ATTENDANCE, around_rows, neuro_words
from referrals.selectors.areas import authority_name
from referrals.selectors.codes import label, labels

ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
SAID = {"yes": "Yes", "no": "No", "unknown": "Not known"}


def situation_pairs(found: Circumstances) -> list[tuple[str, object]]:
    """Care, school and health; a pair without an answer is left out by whoever draws them."""
    told = {"yes": "Home authority told", "no": "Home authority not told yet"}.get(found.home_told, "")
    told_on = f" on {long_date(found.home_told_on)}" if found.home_told_on else ""
    placed = "; ".join(part for part in (authority_name(found.placing_authority), told + told_on) if part)
    return [
        ("Known to", labels("known_to", found.known_to)),
        ("Care leaver", SAID.get(found.care_leaver, "")),
        ("Separated or asylum-seeking", label("separated", found.separated) if found.separated else ""),
        ("Attendance", _attendance(found.attendance)),
        ("Special educational needs", label("sen_provision", found.sen_provision) if found.sen_provision else ""),
        ("Kinds of need", labels("sen_need", found.sen_needs)),
        ("Neurodiversity", neuro_words(found.neurodiversity)),
        ("Placed here by", placed if found.placed_here == "yes" else ""),
    ]


def _attendance(percent: int | None) -> str:
    if percent is None:
        return ""
    return f"{percent} per cent{', which is a concern' if percent < LOW_ATTENDANCE else ''}"


def around_pairs(found: Circumstances) -> list[tuple[str, object]]:
    """Who is around the child, one line for each."""
    return [(key, value) for key, value in around_rows(found.around)]


def surroundings_pairs(found: Circumstances) -> list[tuple[str, object]]:
    """Contexts, critical moments, missing, the National Referral Mechanism, the family."""
    pairs: list[tuple[str, object]] = [(label("context", code), text) for code, text in found.contexts.items()]
    for moment in found.moments:
        day = long_date(dt.date.fromisoformat(moment["on"])) if ISO_DAY.fullmatch(moment["on"]) else moment["on"]
        pairs.append((label("critical_moment", moment["kind"]), ", ".join(filter(None, [day, moment["about"]]))))
    nrm = label("nrm_stage", found.nrm) if found.nrm else ""
    return [
        *pairs,
        ("Missing", missing_words(found)),
        ("National Referral Mechanism", ": ".join(filter(None, [nrm, found.nrm_reason]))),
        ("Lives with neither birth parent", SAID.get(found.family_breakdown, "")),
    ]


def missing_words(found: Circumstances) -> str:
    """How often and last from when the child was missing, as the referral says."""
    times = f"{found.missing_times} times in 12 months" if found.missing_times else SAID.get(found.missing, "")
    times = "Once in 12 months" if found.missing_times == 1 else times
    last = f"last from {long_date(found.missing_last_on)}" if found.missing_last_on else ""
    return ". ".join(filter(None, [", ".join(filter(None, [times, last])), found.missing_about]))


def told_pairs(told: ToldConsent) -> list[tuple[str, object]]:
    """Who was told, what they think of it, and from 18 whether they can decide about it."""
    pairs: list[tuple[str, object]] = [
        ("Child told", "Yes" if told.child_told else f"No: {told.child_not_told_reason}")
    ]
    if told.parents_told is not None:
        parents = "Yes" if told.parents_told else f"No: {told.parents_not_told_reason}"
        pairs.append(("Parents or carers told", parents))
    return [
        *pairs,
        ("What they think of it", told.views),
        ("Consent to support", told.get_consent_display()),
        ("Capacity", told.get_capacity_display() if told.capacity else ""),
        ("Basis under the Care Act", label("care_act", told.care_act) if told.care_act else ""),
    ]
