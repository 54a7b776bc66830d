"""What the words of a heading say about its column.

Headings are not looked up whole. Each word stands for an idea (``rec’d``, ``received`` and ``rcvd`` for receiving),
and a field
is recognised by the ideas that its headings join: a date and a referral are the date referred, in whatever order and
words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

IDEAS: dict[str, str] = {
    "date": "date dates day when on dt",
    "birth": "birth born birthdate birthday bday dob birthdates dobs",
    "name": "name names fullname called",
    "forename": "forename forenames first given christian firstname forname fname",
    "surname": "surname surnames last family lastname sname secondname",
    "alias": "alias aliases aka nickname nicknames street known tag",
    "person": "person people child children childs yp young youth subject client victim nominal individual cyp "
    "pupil kid service user",
    "age": "age ages aged yrs years old yoa",
    "sex": "sex gender m/f male/female genders",
    "identity": "identity identifies pronouns identifying",
    "ethnicity": "ethnicity ethnic ethn eth race ethnicities heritage",
    "origin": "origin background group code description",
    "number": "number no num nos id urn ref reference identifier identification numbers ids",
    "local": "local lcs mosaic liquidlogic lac/cin care-first carefirst azeus protocol ics eclipse csc system ll sw/id",
    "nhs": "nhs",
    "pupil": "upn",
    "address": "address addr placement lives living residence home postcode accommodation addresses location "
    "residing whereabouts",
    "current": "current present latest now main primary lead key most recent overall this",
    "school": "educ school schools college educational education edu ed provision ep setting academy learning "
    "schooling",
    "status": "status state position stage",
    "legal": "legal order plan statutory section status/legal csc-status",
    "care": "social care csc sc involvement tier threshold lac cla cin cp",
    "referral": "referral referring referred ref refer referrals refd refs submitted nomination notified notification",
    "received": "received recd rcvd receipt rec made in",
    "other": "other alternative alternate",
    "by": "by from source referrer agency team who whom service referring",
    "team": "team teams service dept department allocated",
    "worker": "worker sw social-worker professional lpm practitioner allocated keyworker coordinator workers lead "
    "caseholder",
    "concern": "concern concerns exploitation category type harm issue theme risk-type vulnerability nature "
    "presenting cat model strand categories kind",
    "risk": "risk risks",
    "rating": "rating level rag rated grade grading score graded levels assessment band",
    "premace": "premace",
    "mace": "mace panel map macep conference strategy heard",
    "meeting": "meeting mtg discussed discussion heard meetings held presented presentation",
    "close": "closed closure close ended end stepped closing ceased exit discharged closes",
    "open": "open opened active opening live start started",
    "outcome": "outcome outcomes decision decisions result recommendation conclusion decided resolution",
    "action": "action actions task tasks agreed todo to-do plan/actions steps recommendations jobs",
    "review": "review reviews reviewed rv follow-up followup",
    "next": "next due upcoming future forthcoming further",
    "missing": "missing mfh misper absences episodes mispers absent",
    "note": "note notes comment comments update updates summary narrative background info information details "
    "other misc remarks detail",
    "place": "place places location locations venue hotspot site premises area spot where hotspots sites venues areas",
    "raised": "raised flagged noticed identified reported seen recorded",
    "doing": "doing does responsible owner what lead response",
    "found": "found return returned located",
    "interview": "rhi rhis interview interviews rhi/iri",
    "row": "row line serial item sr",
}
PAIRS: tuple[tuple[str, str], ...] = (
    (r"\bd\W{0,2}o\W{0,2}b\b", "dob"),
    (r"\bm\s*/\s*f\b|\bmale\s*/\s*female\b", "sex"),
    (r"\bpre[\W_]*mace\b|\bpre[\W_]*panel\b|\bpre[\W_]*meet(ing)?\b", "premace"),
    (r"\bn\W?h\W?s\b", "nhs"),
    (r"\bu\W?p\W?n\b|\bunique pupil( no| number| id)?\b", "upn"),
    (r"\bl\W?c\W?s\b|\bliquid ?logic\b|\bcare ?first\b", "lcs"),
    (r"\ba\W?k\W?a\b|\balso known as\b|\bknown as\b|\bgoes by\b", "aka"),
    (r"\byoung (person|people)('?s)?\b|\by\W?p(?:'?s)?\b", "yp"),
    (r"\b(sur|fore|first|last|family|given|full|second)[ _-]?name\b", r"\1name"),
    (r"\bfamilyname\b", "surname"),
    (r"\bgivenname\b", "forename"),
    (r"\bfollow[ -]?up\b", "followup"),
    (r"\brec'?d\b|\brec\b", "received"),
    (r"\bref'?d\b", "referred"),
    (r"\b(social|key|allocated) worker\b|\blead (prof(essional)?|practitioner)\b|\bcase ?holder\b", "worker"),
    (r"\bsocial care\b|\bchildren'?s services\b", "csc"),
    (r"\bopen\s*/\s*closed?\b|\bopen or closed?\b|\bclosed?\s*/\s*open\b|\bactive\s*/\s*closed?\b", "state-word"),
    (r"\bwho (is )?(doing|does) what\b", "doing"),
)
"""Words that go together, and abbreviations with points in them, made one word before the ideas are looked up."""
FILLERS = frozenset(
    [
        "of",
        "the",
        "a",
        "an",
        "and",
        "or",
        "for",
        "at",
        "to",
        "is",
        "was",
        "with",
        "if",
        "any",
        "please",
        "use",
        "only",
        "s",
        "as",
        "be",
        "has",
        "been",
        "it",
        "they",
        "their",
        "his",
        "her",
        "per",
        "case",
        "cases",
        "dd",
        "mm",
        "yy",
        "yyyy",
        "ddmmyy",
        "ddmmyyyy",
        "format",
        "officially",
    ]
)


@dataclass(frozen=True, slots=True)
class Rule:
    """Headings of a field: they have one idea of every group in ``needs``, may have ``may``, and none of ``never``."""

    field: str
    needs: tuple[frozenset[str], ...]
    may: frozenset[str]
    never: frozenset[str] = frozenset()


def _rule(field: str, needs: str, may: str = "", never: str = "") -> Rule:
    groups = tuple(frozenset(group.split("|")) for group in needs.split())
    return Rule(field, groups, frozenset(may.split()), frozenset(never.split()))


PEOPLE_RULES: tuple[Rule, ...] = (
    _rule("date_of_birth", "birth", "date person current", "by"),
    _rule("name", "name", "person current row sex", "forename surname alias school team worker"),
    _rule("name", "forename surname", "name person"),
    _rule("name", "person", "current"),
    _rule("forename", "forename", "name person", "surname date referral"),
    _rule("surname", "surname", "name person", "forename date referral"),
    _rule("aliases", "alias", "name person note by number other"),
    _rule("aliases", "other name", "person"),
    _rule("age", "age", "person current date referral number received", "birth"),
    _rule("sex", "sex", "person birth identity number origin", ""),
    _rule("gender_identity", "identity", "sex person", "number"),
    _rule("ethnicity", "ethnicity", "origin person number care"),
    _rule("local_id", "local", "number person care current"),
    _rule("local_id", "number", "person care", "row"),
    _rule("nhs_number", "nhs", "number person"),
    _rule("upn", "pupil", "number person"),
    _rule("address", "address", "current person care place note", "number date"),
    _rule("school", "school", "name person current place", "status"),
    _rule("education_status", "school status", "person current"),
    _rule("legal_status", "legal", "status care current person", "action"),
    _rule("legal_status", "care", "status current person legal", "worker team"),
    _rule("referred_on", "referral date|received", "date received person mace premace", "by"),
    _rule("referred_on", "received date", "person", "by"),
    _rule("referred_by", "referral by", "team worker name person received agency mace", "date"),
    _rule("key_team", "team", "current person worker care name", "referral"),
    _rule("lead_professional", "worker", "current name team person care by", "referral"),
    _rule("primary_category", "concern", "current risk care mace person", "rating"),
    _rule("primary_category", "risk", "current person concern", "rating"),
    _rule("rating", "rating", "risk current mace person", "concern"),
    _rule("rating", "risk rating", "current mace concern person status"),
    _rule("rating", "risk status", "current"),
    _rule("rating", "risk", "current person mace"),
    _rule("pre_mace_on", "premace", "date meeting mace received open", "close outcome action review referral"),
    _rule(
        "mace_on",
        "mace",
        "date meeting open received current",
        "premace close outcome action review next referral number",
    ),
    _rule("mace_on", "meeting date", "current person", "next review premace close"),
    _rule("closed_on", "close", "date mace status", "outcome open premace"),
    _rule("outcome", "outcome", "mace premace meeting note current", "date"),
    _rule("actions", "action", "date by team outcome mace premace current meeting doing next note", ""),
    _rule("next_review_on", "review", "date next mace meeting current premace", ""),
    _rule("next_review_on", "next date|meeting|mace", "date meeting mace current", "action"),
    _rule("state", "status", "current person mace open close", "care school legal risk"),
    _rule("state", "stateword", "status current person mace"),
    _rule("missing", "missing", "note person current number", "found"),
    _rule("note", "note", "person mace current premace meeting date risk referral"),
    _rule("ignore", "row", "number person"),
)
PLACE_RULES: tuple[Rule, ...] = (
    _rule("place", "place", "name address current", "person found"),
    _rule("place", "address", "current"),
    _rule("concern", "concern", "current risk place", "rating"),
    _rule("concern", "risk", "current place concern", "rating"),
    _rule("first_raised_on", "raised", "date forename by", ""),
    _rule("first_raised_on", "date", "raised forename received referral place", ""),
    _rule("rag", "rating", "risk current place status", ""),
    _rule("who_does_what", "doing", "by action current worker", ""),
    _rule("who_does_what", "action", "by current worker team date", ""),
    _rule("note", "note", "current place", ""),
    _rule("ignore", "row", "number", ""),
    _rule("ignore", "number", "row", ""),
)
RULES = {"people": PEOPLE_RULES, "places": PLACE_RULES}

_WORDS: dict[str, set[str]] = {"state-word": {"stateword"}}
for _idea, _listed in IDEAS.items():
    for _word in _listed.split():
        _WORDS.setdefault(_word, set()).add(_idea)
_LONG_WORDS = sorted(word for word in _WORDS if len(word) >= 4)


@dataclass(frozen=True, slots=True)
class Guess:
    """A field for a heading: ``score`` is 1 when every word of it is understood.

    ``misspelt`` when one had to be guessed.
    """

    field: str
    score: float
    misspelt: bool = False


@lru_cache(maxsize=4096)
def guesses(heading: str, use: str) -> tuple[Guess, ...]:
    """The fields that a heading may stand for, the likeliest first. Empty for a heading that says nothing known."""
    words = heading_words(heading)
    if not words or len(words) > 12:
        return ()
    ideas: list[set[str]] = []
    misspelt = False
    for word in words:
        known, guessed = _ideas_of(word)
        ideas.append(known)
        misspelt = misspelt or guessed
    out: dict[str, Guess] = {}
    for rule in RULES[use]:
        score = _score(rule, ideas)
        if score > out.get(rule.field, Guess("", 0.0)).score:
            out[rule.field] = Guess(rule.field, score, misspelt)
    return tuple(sorted(out.values(), key=lambda guess: -guess.score))


def heading_words(heading: str) -> list[str]:
    """The words of a heading in lower case, abbreviations written out, without those that say nothing."""
    text = re.sub(r"([a-z])([A-Z])", r"\1 \2", heading) if not heading.isupper() else heading
    text = text.lower().replace("’", "'").replace("_", " ").replace("\n", " ")
    for pattern, word in PAIRS:
        text = re.sub(pattern, word, text)
    words = re.findall(r"[a-z][a-z'/-]*|#|º", text)
    split: list[str] = []
    for word in words:
        plain = word.strip("'-/").replace("'s", "").replace("'", "")
        split += [plain] if plain in _WORDS else re.split(r"[/-]", plain)
    return [{"#": "number", "º": "number"}.get(word, word) for word in split if word and word not in FILLERS]


def _ideas_of(word: str) -> tuple[set[str], bool]:
    """The ideas a word may stand for, and whether it had to be taken for a misspelling."""
    if word in _WORDS:
        return _WORDS[word], False
    for end in ("s", "es", "ed", "ing"):
        if word.endswith(end) and word.removesuffix(end) in _WORDS:
            return _WORDS[word.removesuffix(end)], False
    if len(word) >= 5:
        slips = 2 if len(word) >= 8 else 1
        best = process.extractOne(word, _LONG_WORDS, scorer=OSA.distance, score_cutoff=slips)
        if best:
            return _WORDS[best[0]], True
    return set(), False


def _score(rule: Rule, ideas: Iterable[set[str]]) -> float:
    """The share of the heading’s words that the rule explains; 0 where it lacks something or has what it never has."""
    words = list(ideas)
    wanted = set().union(*rule.needs) | rule.may
    if not _all_met(rule.needs, words):
        return 0.0
    if any(word and not word & wanted and word & rule.never for word in words):
        return 0.0
    explained = sum(bool(word & wanted) for word in words)
    needed = sum(bool(word & set().union(*rule.needs)) for word in words)
    return explained / len(words) - 0.01 * (explained - needed)


def _all_met(needs: tuple[frozenset[str], ...], words: list[set[str]]) -> bool:
    """Whether each group is met by a word of its own."""
    if not needs:
        return True
    return any(words[at] & needs[0] and _all_met(needs[1:], words[:at] + words[at + 1 :]) for at in range(len(words)))
