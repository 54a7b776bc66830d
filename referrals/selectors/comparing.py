"""Two children of the seat's view side by side, row by row, with a word on each row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import JaroWinkler

from mace.access.models import Grant, Scope
from mace.core.forms import long_date
from mace.core.names import name_key
from referrals.models import Child, ChildProfile, Concern, Referral
from referrals.selectors.addresses import PROTECTED, address_is_protected
from referrals.selectors.codes import label
from referrals.selectors.likeness import OTHER, SAME, date_words
from referrals.selectors.matching import Candidate, Match, Wanted, best_naming, candidates, judge, possible_matches
from referrals.selectors.merging import cases_of, same_child_ids

SAID_SAME, ALIKE, DIFFERENT, ONE_KNOWN, NEITHER, LISTED = (
    "Same",
    "Alike",
    "Different",
    "Only one known",
    "Not known",
    "Not compared",
)
UNKNOWN_SEX = "U"
LIKE_ADDRESS = 0.92
"""Jaro-Winkler, from which two addresses may be one that was written twice."""


@dataclass(frozen=True, slots=True)
class Row:
    """What both records say of one thing, and how that compares: a word, and sometimes why."""

    name: str
    one: tuple[str, ...]
    other: tuple[str, ...]
    word: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """``why`` is what matching says of the two, empty when it would not offer one for the other."""

    rows: list[Row]
    why: str
    records: list[int]
    """What is shown of them besides the children: cases and referrals."""


def wanted_of(child: Child) -> Wanted:
    """The child as somebody would look for it who knows what its record says. Needs ``identity``."""
    identity = child.identity
    return Wanted(
        identity.forename,
        identity.surname,
        identity.date_of_birth,
        aliases=identity.aliases,
        birth_day_known=identity.birth_day_known,
        nhs_number=identity.nhs_number,
        upn=identity.upn,
        local_id=identity.local_id,
    )


def compare(one: Child, other: Child) -> Comparison:
    """Both children, whom the seat sees in full, side by side. Needs ``identity`` of both."""
    found = {row.child_id: row for row in candidates(wanted_of(one))}.get(other.pk)
    heard = tuple(found.heard) if found else ()
    here, there = _Held(one), _Held(other)
    rows = [
        _names(one, other, heard),
        _known("Other names", _parts(one.identity.aliases), _parts(other.identity.aliases), _shared(name_key)),
        _births(one, other),
        _known("Sex", here.sex, there.sex),
        _known("Ethnicity", here.ethnicity, there.ethnicity),
        _known("NHS number", _text(one.identity.nhs_number), _text(other.identity.nhs_number)),
        _known("UPN", _text(one.identity.upn), _text(other.identity.upn)),
        _known("Numbers at agencies", here.numbers, there.numbers, _shared(str)),
        _addresses(here, there),
        _known("School or college", here.schools, there.schools, _shared(name_key)),
        _listed("Cases", here.case_words, there.case_words),
        _listed("Referrals", here.referral_words, there.referral_words),
        _known("Lead professionals", here.leads, there.leads, _shared(str)),
    ]
    match = judge(wanted_of(one), found) if found else None
    records = [row.pk for held in (here, there) for row in (*held.cases, *held.referrals)]
    return Comparison(rows, match.why if match else "", sorted(set(records)))


class _Held:
    """What the seat sees of one child beyond the identity."""

    def __init__(self, child: Child) -> None:
        self.child = child
        profile = ChildProfile.objects.filter(child=child).first()
        self.sex = _label("sex", profile.sex if profile else "", UNKNOWN_SEX)
        self.ethnicity = _label("ethnicity", profile.ethnicity if profile else "")
        self.cases = list(cases_of(child).select_related("lead_professional__user", "lead_agency"))
        self.referrals = list(
            Referral.objects.filter(child=child, submitted_on__isnull=False)
            .select_related("agency")
            .order_by("-submitted_on", "-pk")
        )
        identity = child.identity
        self.numbers = _text(identity.local_id)
        self.protected = not identity.address and address_is_protected(child.pk)
        self.addresses = _text(identity.address)
        concerns = Concern.objects.filter(referral__in=self.referrals).order_by("-pk")
        self.schools = _once(concern.school for concern in concerns)
        self.leads = _once(f"{case.lead_professional.user.name}, {case.lead_agency.name}" for case in self.cases)

    @property
    def case_words(self) -> tuple[str, ...]:
        return tuple(f"{case.reference}, {_span(case.opened_on, case.closed_on)}" for case in self.cases)

    @property
    def referral_words(self) -> tuple[str, ...]:
        return tuple(
            f"{referral.reference}, sent {long_date(referral.submitted_on)} by {referral.agency.name}"
            for referral in self.referrals
            if referral.submitted_on
        )


def _span(opened: dt.date, closed: dt.date | None) -> str:
    return f"{long_date(opened)} to {long_date(closed)}" if closed else f"open since {long_date(opened)}"


def _text(said: str) -> tuple[str, ...]:
    return (said,) if said else ()


def _parts(aliases: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in aliases.replace(";", ",").replace("/", ",").split(",") if part.strip())


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if word))


def _label(list_name: str, code: str, unknown: str = "") -> tuple[str, ...]:
    return (label(list_name, code),) if code and code != unknown else ()


Compared = Callable[[Sequence[str], Sequence[str]], str]


def _equal(one: Sequence[str], other: Sequence[str]) -> str:
    return SAID_SAME if list(one) == list(other) else DIFFERENT


def _shared(key: Callable[[str], str]) -> Compared:
    """Same when both say all the same, alike when they share something."""

    def compared(one: Sequence[str], other: Sequence[str]) -> str:
        ones, others = {key(word) for word in one}, {key(word) for word in other}
        return SAID_SAME if ones == others else ALIKE if ones & others else DIFFERENT

    return compared


def _known(name: str, one: tuple[str, ...], other: tuple[str, ...], compared: Compared = _equal) -> Row:
    if not one and not other:
        return Row(name, one, other, NEITHER)
    if not one or not other:
        return Row(name, one, other, ONE_KNOWN)
    return Row(name, one, other, compared(one, other))


def _listed(name: str, one: tuple[str, ...], other: tuple[str, ...]) -> Row:
    return Row(name, one, other, LISTED if one or other else NEITHER)


def _names(one: Child, other: Child, heard: tuple[str, ...]) -> Row:
    """By the name itself, or by another name of either; why, in the words of matching."""
    ours, theirs = one.identity, other.identity
    found = Candidate(
        child_id=other.pk,
        reference=other.reference,
        forename=theirs.forename,
        surname=theirs.surname,
        known_as=theirs.aliases,
        date_of_birth=theirs.date_of_birth,
        birth_day_known=theirs.birth_day_known,
        same_nhs=False,
        other_nhs=False,
        same_upn=False,
        same_local=False,
        heard=list(heard),
    )
    best, known_as = best_naming(wanted_of(one), found)
    word = ALIKE if best.both else DIFFERENT
    if best.forename == best.surname == SAME and not best.turned and not known_as:
        word = SAID_SAME
    why = best.words if word == ALIKE or max(best.forename, best.surname) > OTHER else ""
    if known_as:
        why = f"{why}, also known as {known_as}"
    return Row("Name", (ours.full_name,), (theirs.full_name,), word, "" if word == SAID_SAME else why)


def _births(one: Child, other: Child) -> Row:
    ours, theirs = one.identity, other.identity
    words = date_words(
        ours.date_of_birth, theirs.date_of_birth, days_known=ours.birth_day_known and theirs.birth_day_known
    )
    said = [(f"{long_date(each.date_of_birth)}{each.day_words}",) for each in (ours, theirs)]
    word = SAID_SAME if words == "same date of birth" else ALIKE if words else DIFFERENT
    return Row("Date of birth", said[0], said[1], word, words if word == ALIKE else "")


def _addresses(here: _Held, there: _Held) -> Row:
    if here.protected or there.protected:
        said = [(PROTECTED,) if held.protected else held.addresses for held in (here, there)]
        return Row("Addresses", said[0], said[1], LISTED)
    return _known("Addresses", here.addresses, there.addresses, _like_addresses)


def _like_addresses(one: Sequence[str], other: Sequence[str]) -> str:
    ones, others = [name_key(each) for each in one], [name_key(each) for each in other]
    if ones[0] == others[0]:
        return SAID_SAME
    if any(JaroWinkler.similarity(a, b) >= LIKE_ADDRESS and _numbers(a) == _numbers(b) for a in ones for b in others):
        return ALIKE
    return DIFFERENT


def _numbers(address: str) -> list[str]:
    return [word for word in address.split() if word[0].isdigit()]


def children_like(child: Child) -> list[Match]:
    """Others who may be the same child, likeliest first, but for those merged with it or said to be different.

    Needs ``identity``.
    """
    same = same_child_ids(child.pk)
    return [match for match in possible_matches(wanted_of(child), besides=child.pk) if match.child_id not in same]


def likely_children(child: Child) -> list[tuple[Match, bool]]:
    """As ``children_like``, each with whether the seat may compare the two: it sees both in full."""
    found = children_like(child)
    keys = [child.pk, *(match.child_id for match in found)]
    seen = (
        set(Grant.objects.filter(record_id__in=keys, scope=Scope.FULL).values_list("record_id", flat=True))
        if found
        else set()
    )
    return [(match, child.pk in seen and match.child_id in seen) for match in found]
