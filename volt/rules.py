"""Which kinds of link make sense between what, and how a graded piece of information is said in words."""

from __future__ import annotations

from mace.access.models import Kind
from referrals.enums import About
from volt.enums import Assessment, Basis, Handling, LinkKind, SourceGrade

NEW = "new"
"""The answer that a mention is nobody and nothing recorded so far."""

VOLT_KINDS = (Kind.PERSON, Kind.LOCATION, Kind.GROUP, Kind.THEME)

ABOUT_A_CHILD = (Kind.CASE, Kind.REFERRAL)
"""A case, or a referral that is none yet."""

KINDS_OF_LINK: dict[Kind, tuple[LinkKind, ...]] = {
    Kind.PERSON: (LinkKind.EXPLOITED_BY, LinkKind.ASSOCIATES, LinkKind.OTHER),
    Kind.LOCATION: (LinkKind.FREQUENTS, LinkKind.MISSING_AT, LinkKind.OTHER),
    Kind.GROUP: (LinkKind.MEMBER_OF, LinkKind.ASSOCIATES, LinkKind.OTHER),
    Kind.THEME: (LinkKind.PART_OF, LinkKind.OTHER),
}
"""From a case, or from another VOLT record, to a record of that kind; the first is proposed. A referral and what it was
accepted as are joined by the acceptance alone."""

KIND_OF_MATTER: dict[str, Kind] = {
    About.PERSON.value: Kind.PERSON,
    About.PLACE.value: Kind.LOCATION,
    About.GROUP.value: Kind.GROUP,
    About.THEME.value: Kind.THEME,
}
"""What a referral about no child becomes."""


def possible_kinds(a: str, b: str) -> tuple[LinkKind, ...]:
    """The kinds of link from a record of kind ``a`` to one of kind ``b``; empty when neither is a VOLT record."""
    if b in KINDS_OF_LINK:
        return tuple(
            kind
            for kind in KINDS_OF_LINK[Kind(b)]
            if not (kind == LinkKind.EXPLOITED_BY and a in (Kind.LOCATION, Kind.GROUP, Kind.THEME))
        )
    return KINDS_OF_LINK.get(Kind(a), ())


def graded_words(*, source_grade: str, assessment: str) -> str:
    """``Source reliable; known directly to the source`` for grade 1 A."""
    return f"Source {SourceGrade(source_grade).label.lower()}; {Assessment(assessment).label.lower()}"


def basis_words(basis: str) -> str:
    return Basis(basis).label


def handling_words(handling: str) -> str:
    return Handling(handling).label
