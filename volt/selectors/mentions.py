"""What a referral mentions, to be made into records and links, and the ends that a link may have."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.http import Http404

from mace.access.models import Kind
from mace.core.names import name_key
from referrals.enums import About
from referrals.models import Case, Referral
from referrals.selectors.referrals import mentions_of
from volt.selectors.links import volt_of_record
from volt.selectors.records import VoltEntry, rows_of, sees_in_full, volt_by_reference


@dataclass(frozen=True, slots=True)
class MentionToSettle:
    """A person, place or theme that a referral mentions, the records of the same name, and whether one is linked."""

    key: str
    kind: Kind
    name: str
    about: str
    existing: list[VoltEntry]
    linked: bool


def mentions_to_settle(referral: Referral) -> list[MentionToSettle]:
    """What a referral mentions, in its order; records of the same name first, so that nobody is recorded twice."""
    mentions = mentions_of(referral)
    linked = {entry.row.pk for entry in volt_of_record(referral.case_id or referral.record_id).entries}
    found: list[MentionToSettle] = []
    for kind, named in (
        (Kind.PERSON, mentions.people),
        (Kind.LOCATION, mentions.places),
        (Kind.THEME, mentions.themes),
    ):
        keys = {name_key(mention.name) for mention in named}
        known: dict[str, list[VoltEntry]] = {}
        if keys:
            for row in rows_of(kind).filter(name_key__in=keys).order_by("created_at", "pk"):
                known.setdefault(row.name_key, []).append(VoltEntry(kind, row))
        for place, mention in enumerate(named):
            existing = known.get(name_key(mention.name), [])
            found.append(
                MentionToSettle(
                    key=f"{kind}_{place}",
                    kind=kind,
                    name=mention.name,
                    about=mention.about,
                    existing=existing,
                    linked=any(entry.row.pk in linked for entry in existing),
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class End:
    """One end of a link to be made: a case, a referral or a VOLT record, as it is named on the page."""

    record_id: int
    kind: Kind
    reference: str
    title: str


def end_by_reference(reference: str) -> End | None:
    """The case, child’s referral or VOLT record of that reference that the seat sees in full, else ``None``."""
    wanted = reference.strip().upper()
    if wanted.startswith("C-"):
        case = Case.objects.filter(reference=wanted).select_related("child__identity").first()
        if case is None or not sees_in_full({case.pk}):
            return None
        return End(case.pk, Kind.CASE, wanted, f"Case {wanted}, {case.child.identity.full_name}")
    if wanted.startswith("R-"):
        referral = Referral.objects.filter(reference=wanted, about=About.CHILD).first()
        if referral is None or not sees_in_full({referral.pk}):
            return None
        return End(referral.case_id or referral.pk, Kind.REFERRAL, wanted, f"Referral {wanted}")
    try:
        entry = volt_by_reference(wanted)
    except Http404:
        return None
    return End(entry.row.pk, entry.kind, wanted, f"{entry.kind_words}: {entry.row.name}")


def referrals_with_mentions(end: End) -> list[str]:
    """References of the referrals behind a case (or of the referral itself) that name anybody or anything."""
    rows = Referral.objects.filter(Q(case_id=end.record_id) | Q(pk=end.record_id)).order_by("created_at", "pk")
    return [row.reference for row in rows if mentions_of(row).count]
