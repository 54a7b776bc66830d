"""Which code of a list a spelling means, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from mace.core.names import name_key
from mace.importing.reading.dates import clearly_empty

Codes = Mapping[str, Sequence[tuple[str, str]]]
"""The lists by name; each entry is a code and its label."""
Remembered = Mapping[str, Mapping[str, str]]
"""What was decided before: by field, the code of each ``spelling_key``."""

SYNONYMS: dict[str, dict[str, str]] = {
    "sex": {
        "M": "m, boy, man, masculine",
        "F": "f, girl, woman, fem, feminine",
        "U": "unknown, not known, not stated, unspecified, indeterminate",
    },
    "ethnicity": {
        "WBRI": "white british, white uk, british white, white english, white welsh, white scottish, wb",
        "WIRI": "white irish, irish, wi",
        "WIRT": "traveller, irish traveller, white irish traveller",
        "WOTH": "white other, other white, any other white, white european, white any other, wo",
        "WROM": "gypsy, roma, gypsy or roma, gypsy roma, white roma, romany",
        "MWBC": "mixed white and black caribbean, mixed w bc, mixed white black caribbean, mixed white caribbean, "
        "w bc, wbc",
        "MWBA": "mixed white and black african, mixed w ba, mixed white black african, mixed white african, w ba, wba",
        "MWAS": "mixed white and asian, mixed w a, mixed white asian, white asian, w as",
        "MOTH": "mixed other, other mixed, any other mixed, mixed any other",
        "AIND": "asian indian, asian british indian, asian or asian british indian, british indian",
        "APKN": "asian pakistani, asian british pakistani, asian or asian british pakistani, british pakistani",
        "ABAN": "asian bangladeshi, asian british bangladeshi, asian or asian british bangladeshi, british "
        "bangladeshi, bengali",
        "AOTH": "asian other, other asian, any other asian, asian any other",
        "CHNE": "asian chinese",
        "BCRB": "black caribbean, black british caribbean, black or black british caribbean, afro caribbean, "
        "african caribbean",
        "BAFR": "black african, black british african, black or black british african",
        "BOTH": "black other, other black, any other black, black any other",
        "OOTH": "other, other ethnic group, any other, any other group",
        "REFU": "refused, declined, prefer not to say",
        "NOBT": "not known, unknown, not obtained, information not obtained, not yet obtained, not recorded",
    },
    "legal_status": {
        "CLA": "lac, looked after child, child looked after, children looked after, in care, s20, s 20, s31, s "
        "31, section 20, section 31, ico"
        ", interim care order, care order, full care order, lac s20, lac s31, cla s20, cla s31, accommodated",
        "CPP": "cp, cp plan, child protection, on a plan, s47 plan, cpp plan, child subject to protection plan",
        "CIN": "cin plan, child in need, child in need plan, s17, s 17, section 17, cin s17",
        "EH": "early help plan, eha, early help assessment, family support, targeted support",
        "CL": "leaving care, former looked after, relevant child, former relevant",
        "ADULT": "adult, adults, adult services, asc, adult social care",
        "NONE": "not open, no status, closed to social care, not known to social care, universal",
        "UNK": "unknown, not known",
    },
    "education_status": {
        "mainstream": "mainstream, in school, at school, secondary school, mainstream school, on roll, primary school",
        "special": "special, sen school, semh school, special needs school, send school",
        "PRU": "pru, pupil referral",
        "alternative": "ap, alternative provision, alternative education",
        "college": "college, sixth form, 6th form, fe college, further education",
        "EHE": "ehe, home educated, home ed, home education, elective home education, electively home educated, "
        "electively home ed"
        ", home schooled",
        "CME": "cme, not on roll, no school place, child missing education, children missing education",
        "work": "work, working, employed, employment, apprentice, apprenticeship, training",
        "NEET": "neet, not in education",
        "UNK": "unknown, not known",
    },
    "primary_category": {
        "CCE": "criminal exploitation, child criminal, criminally exploited",
        "CSE": "sexual exploitation, child sexual, sexually exploited",
        "county_lines": "cl, county line, county lines, drug lines",
        "SYV": "syv, youth violence, serious violence, serious youth violence",
        "HSB": "hsb, harmful sexual behaviours, harmful sexual",
        "ONL": "online, online grooming, online harm, on line, internet, online exploitation",
        "P2P": "p2p, peer on peer, peer abuse, child on child, peer on peer abuse",
        "TRAF": "trafficking, trafficked, human trafficking, modern slavery, child trafficking",
        "YPSI": "sexting, indecent images, sexual images, nudes",
        "RAD": "radicalisation, radicalization, extremism, prevent",
        "BEG": "begging, forced begging",
    },
    "rating": {
        "emerging": "emerging, emerg, emerging risk, emerging concern",
        "moderate": "moderate, mod, moderate risk",
        "significant": "significant, sig, signif, significant risk",
    },
}
"""What people write for the codes of the lists that come with the system, beside code and label. A list without
one of these codes
takes no notice of it."""
UNSURE = {
    "legal_status": frozenset({"none", "closed", "nfa"}),
    "ethnicity": frozenset({"traveller", "not known", "unknown"}),
    "education_status": frozenset({"not on roll", "no school place", "on roll", "training", "none"}),
}
"""Spellings that may mean a code or that nothing was written down."""
COLOURS = frozenset(
    ["red", "amber", "green", "blue", "yellow", "orange", "purple", "black", "r", "a", "g", "b", "ra", "ag", "rag"]
)
OTHER_SCALE = frozenset(
    [
        "high",
        "medium",
        "med",
        "low",
        "standard",
        "very",
        "h",
        "m",
        "l",
        "1",
        "2",
        "3",
        "4",
        "5",
        "critical",
        "severe",
        "minor",
        "tier",
        "level",
        "band",
    ]
)
BESIDE = frozenset(
    [
        "missing",
        "mfh",
        "misper",
        "gangs",
        "gang",
        "drugs",
        "substance",
        "misuse",
        "neglect",
        "da",
        "dv",
        "domestic",
        "abuse",
        "weapons",
        "knife",
        "nrm",
        "adhd",
        "sen",
    ]
)
"""What is written beside a category and is none: it is kept as text."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a spelling means: a code, or empty for none; ``rest`` is what is kept as text beside it."""

    code: str
    sure: bool
    why: str
    rest: str = ""


def spelling_key(text: str) -> str:
    """What spellings are compared by: ``" White - British "`` and ``"WHITE BRITISH"`` are one."""
    return name_key(re.sub(r"[^\w\s+>&]", " ", text.replace("’", "").replace("'", "")).replace("_", " "))


def meaning(field: str, list_name: str, text: str, *, codes: Codes, remembered: Remembered) -> Meaning:
    """What the spelling means in that list. What was decided before wins and is sure."""
    key = spelling_key(text)
    entries = tuple(codes.get(list_name, ()))
    known = {code for code, _ in entries}
    decided = remembered.get(field, {}).get(key)
    if decided is not None and (decided in known or not decided):
        return Meaning(decided, sure=True, why="decided before")
    if field == "rating" and (odd := _no_rating(key)):
        return odd
    found = _whole(list_name, key, entries)
    if found.code and found.sure:
        return found
    several = _of_several(list_name, text, entries)
    return several if several and (several.sure or not found.code) else found


def _no_rating(key: str) -> Meaning | None:
    words = set(key.replace(">", " ").split()) - {"risk", "rating", "rag"}
    if words and words <= COLOURS:
        return Meaning("", sure=False, why="a colour, as risk was once rated; no rating follows from it")
    if words and words <= OTHER_SCALE:
        return Meaning("", sure=False, why="another scale of risk; no rating follows from it")
    return None


@lru_cache(maxsize=64)
def _phrases(list_name: str, entries: tuple[tuple[str, str], ...]) -> dict[str, set[str]]:
    """Every phrase that stands for a code, with the codes it stands for."""
    phrases: dict[str, set[str]] = {}
    for code, label in entries:
        plain = re.sub(r"\(.*?\)", " ", label)
        listed = [code, label, plain, *SYNONYMS.get(list_name, {}).get(code, "").split(",")]
        words = spelling_key(plain).split()
        if len(words) > 1:
            listed.append("".join(word[0] for word in words))
        for phrase in listed:
            if key := spelling_key(phrase):
                phrases.setdefault(key, set()).add(code)
    for code, _ in entries:
        phrases[spelling_key(code)] = {code}
    return phrases


@lru_cache(maxsize=20_000)
def _whole(list_name: str, key: str, entries: tuple[tuple[str, str], ...]) -> Meaning:
    """The meaning of a spelling as one phrase: as it stands, in other order, shortened, or misspelt."""
    phrases = _phrases(list_name, entries)
    labels = dict(entries)
    doubtful = key in UNSURE.get(list_name, ())
    plain = " ".join(word for word in key.split() if word not in {">", "+", "&"})
    same = phrases.get(key) or phrases.get(plain) or _in_other_order(plain, phrases)
    if len(same) == 1:
        code = next(iter(same))
        return Meaning(code, sure=not doubtful, why=f"means “{labels[code]}”")
    short = set().union(*(found for phrase, found in phrases.items() if _shortened(plain, phrase)))
    if len(short) == 1:
        code = next(iter(short))
        return Meaning(code, sure=not doubtful and len(plain.split()) > 1, why=f"short for “{labels[code]}”")
    near = sorted(
        ((fuzz.ratio(plain, phrase), code) for phrase, found in phrases.items() for code in found if len(phrase) > 3),
        reverse=True,
    )
    if near and near[0][0] >= 84 and len(plain) > 3:
        rivals = [score for score, code in near if code != near[0][1]]
        if not rivals or near[0][0] - rivals[0] >= 4:
            return Meaning(near[0][1], sure=False, why=f"looks like “{labels[near[0][1]]}” misspelt")
    return Meaning("", sure=False, why="not understood")


def _in_other_order(plain: str, phrases: Mapping[str, set[str]]) -> set[str]:
    words = sorted(plain.split())
    return set().union(*(codes for phrase, codes in phrases.items() if sorted(phrase.split()) == words))


def _shortened(short: str, phrase: str) -> bool:
    """Whether each word of the one begins the word at its place in the other: ``white brit``, ``B. African``."""
    words, whole = short.split(), phrase.split()
    if len(words) != len(whole) or all(len(word) < 3 for word in words):
        return False
    return all(longer.startswith(word) for word, longer in zip(words, whole, strict=True))


def _of_several(list_name: str, text: str, entries: tuple[tuple[str, str], ...]) -> Meaning | None:
    """The meaning of what names several things.

    The last of ``Moderate -> Significant``, the first of ``CSE / online``.
    """
    changed = [part.strip() for part in re.split(r"\s*(?:[-=–]*>|→|\bto\b|\bnow\b)\s*", text) if part.strip()]
    labels = dict(entries)
    if len(changed) > 1:
        found = [_whole(list_name, spelling_key(part), entries) for part in changed]
        if found[-1].code:
            return Meaning(found[-1].code, sure=False, why=f"a change; the last is “{labels[found[-1].code]}”")
    parts = [
        part.strip()
        for part in re.split(r"\s*(?:[/+&,;(\n]|\band\b|\bwith\b|\s[-–]\s)\s*", text.replace(")", " "))
        if part.strip()
    ]
    if len(parts) < 2:
        return None
    meant = [(part, _whole(list_name, spelling_key(part), entries)) for part in parts]
    coded = [(part, found) for part, found in meant if found.code]
    if not coded:
        return None
    first = coded[0][1]
    rest = [part for part, found in meant if not found.code]
    if len({found.code for _, found in coded}) > 1:
        others = ", ".join(labels[found.code] for _, found in coded[1:])
        return Meaning(first.code, sure=False, why=f"names several; the first is “{labels[first.code]}”, also {others}")
    beside = all(set(spelling_key(part).split()) <= BESIDE for part in rest)
    why = f"means “{labels[first.code]}”" + (f"; “{', '.join(rest)}” is kept as text" if rest else "")
    return Meaning(first.code, sure=first.sure and beside, why=why, rest=", ".join(rest))


@lru_cache(maxsize=20_000)
def _no_code_of(list_name: str, text: str, entries: tuple[tuple[str, str], ...]) -> bool:
    key = spelling_key(text)
    return not key or key not in _phrases(list_name, entries)


def says_nothing(list_name: str, text: str, codes: Codes) -> bool:
    """Whether the spelling says plainly that nothing is known, and no code of the list says so."""
    return clearly_empty(text) and _no_code_of(list_name, text, tuple(codes.get(list_name, ())))
