"""Writing links, which always say who says so, and what a referral mentions."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping

from django.db import transaction

from mace.access.models import Kind, Record, Scope
from mace.access.policy import SHARES_WITH_ANYBODY, Capability, require
from mace.access.services import grants_on, share
from mace.access.services.records import call
from mace.accounts.models import Membership
from mace.agencies.models import Team
from mace.core.errors import RuleBroken
from mace.core.names import name_key
from mace.core.seat import Seat
from referrals.models import Case, Referral
from volt.enums import Assessment, Basis, Handling, LinkKind, SourceGrade
from volt.models import Link
from volt.rules import ABOUT_A_CHILD, KINDS_OF_LINK, NEW, VOLT_KINDS, possible_kinds
from volt.selectors import MODELS, MentionToSettle, VoltRow, mentions_to_settle, sees_in_full
from volt.services.records import NOTHING_SAID, Said, record_location, record_person, record_theme, wording_for


@transaction.atomic
def link_records(
    *,
    a: int,
    b: int,
    kind: str,
    source: str,
    source_grade: str = SourceGrade.UNTESTED,
    assessment: str = Assessment.NOT_KNOWN,
    handling: str = Handling.MAY_SHARE,
    basis: str = Basis.OPINION,
    note: str = "",
    said: Said = NOTHING_SAID,
    by: Seat,
    at: dt.datetime,
    from_on: dt.date | None = None,
) -> Link:
    """Join two records, both seen in full and one of them VOLT; says who says so, how sure, and who may be told.

    A VOLT record linked to a case is shared in full with the lead professional and the team that hold the case in full,
    as far as the seat may share it; never with another agency, which is told by a sharing decision only.
    The same link from the same seat again answers the one there is. Raises ``RuleBroken`` without a source, for a link
    that somebody else recorded, and for ends that cannot be joined so.
    """
    require(by, Capability.WRITE_VOLT)
    if not source.strip():
        raise RuleBroken("Enter who says so: a link without a source cannot be saved", field="source")
    if a == b:
        raise RuleBroken("Choose another record: a record cannot be linked to itself", field="other")
    ends = Record.objects.in_bulk([a, b])
    if len(ends) != 2 or not sees_in_full({a, b}):
        raise RuleBroken("Enter the reference of a record that you can see in full", field="other")
    kinds = {end.kind for end in ends.values()}
    if not kinds & set(VOLT_KINDS) or not kinds <= {*VOLT_KINDS, *ABOUT_A_CHILD}:
        raise RuleBroken(
            "Link a case with a person, a place or a theme, or two of these with each other", field="other"
        )
    if kind not in possible_kinds(ends[a].kind, ends[b].kind):
        raise RuleBroken("Select how the two are linked", field="kind")
    handling = as_tight_as_ends(handling, {a, b})
    there = Link.objects.filter(a_id__in=(a, b), b_id__in=(a, b), kind=kind).first()
    if there is not None:
        if there.created_by_id == by.membership_id and there.source == source.strip():
            return there
        raise RuleBroken("These two are linked in this way already", field="kind")
    link = Link.objects.create(
        a_id=a,
        b_id=b,
        kind=LinkKind(kind),
        from_on=from_on,
        source=source.strip(),
        source_grade=SourceGrade(source_grade),
        assessment=Assessment(assessment),
        handling=Handling(handling),
        wording=wording_for(handling, said, record_id=a, other_id=b, reference="", by=by, at=at),
        basis=Basis(basis),
        note=note.strip(),
        created_at=at,
        created_by_id=by.membership_id,
    )
    for case, volt in ((a, b), (b, a)):
        if ends[case].kind in ABOUT_A_CHILD:
            share_with_team(case=case, volt=volt, by=by)
    return link


def as_tight_as_ends(handling: str, ends: set[int]) -> str:
    """A link says something of both ends, so it is handled no less tightly than either."""
    tight = any(model.objects.filter(pk__in=ends, handling=Handling.POLICE).exists() for model in MODELS.values())
    return Handling.POLICE.value if tight else handling


def share_with_team(*, case: int, volt: int, by: Seat) -> None:
    """Share a VOLT record with the lead professional and the team, if they hold the case in full."""
    held = grants_on(case)
    there = grants_on(volt)
    for principal, agency_id in _team_of(case):
        if held.get(principal) != Scope.FULL or there.get(principal) == Scope.FULL:
            continue
        if by.role in SHARES_WITH_ANYBODY or agency_id == by.agency_id:
            share(record_id=volt, principal=principal, scope=Scope.FULL)


@transaction.atomic
def follow_case(*, case: Case, former: list[int], by: Seat) -> None:
    """Share what is linked to a case with who leads it now, and no longer with the ``former`` principals.

    They keep what is linked to something else that they hold, and what they are named on. Raises ``NotAllowed``.
    """
    require(by, Capability.DISCLOSE)
    call("select volt_follow_case(%s, %s)", [case.pk, former])


def _team_of(record_id: int) -> list[tuple[int, int]]:
    """The principals of those who work with the child, each with its agency: of the case, or else of the referral."""
    row: Case | Referral | None = (
        Case.objects.filter(pk=record_id).select_related("lead_professional", "team").first()
        or Referral.objects.filter(pk=record_id).select_related("referrer", "team").first()
    )
    if row is None:
        return []
    person: Membership = row.lead_professional if isinstance(row, Case) else row.referrer
    team: Team | None = row.team
    return [(person.principal, person.agency_id), *([(team.principal, team.agency_id)] if team else [])]


@transaction.atomic
def from_mentions(
    *,
    referral: Referral,
    answers: Mapping[str, str],
    by: Seat,
    at: dt.datetime,
    source_grade: str = SourceGrade.UNTESTED,
    assessment: str = Assessment.KNOWN_INDIRECTLY,
    handling: str = Handling.MAY_SHARE,
    basis: str = Basis.OPINION,
) -> list[Link]:
    """Turn what a referral mentions into VOLT records and links to its case, with the referral as their source.

    ``answers`` names for each mention's key the reference of a record that is there already, or ``NEW``; a mention
    without an answer is left. Safe to repeat: what is linked already stays as it is. Answers the links made now.
    """
    require(by, Capability.WRITE_VOLT)
    made: list[Link] = []
    subject = referral.case_id or referral.record_id
    for mention in mentions_to_settle(referral):
        answer = answers.get(mention.key, "")
        if not answer or mention.linked:
            continue
        kind = KINDS_OF_LINK[mention.kind][0]
        if answer == NEW:
            target = _from_mention(mention, referral=referral, by=by, at=at).pk
        else:
            known = next((entry for entry in mention.existing if entry.row.reference == answer), None)
            if known is None:
                raise RuleBroken(f"Select what ‘{mention.name}’ is", field=mention.key)
            target = known.row.pk
        if Link.objects.filter(a_id=subject, b_id=target, kind=kind).exists():
            continue
        made.append(
            link_records(
                a=subject,
                b=target,
                kind=kind,
                source=f"Referral {referral.reference}",
                source_grade=source_grade,
                assessment=assessment,
                handling=handling,
                basis=basis,
                note=mention.about[:500],
                by=by,
                at=at,
            )
        )
    return made


def _from_mention(mention: MentionToSettle, *, referral: Referral, by: Seat, at: dt.datetime) -> VoltRow:
    """A new record with what the referral says of it; one for each name that a referral mentions."""
    name = mention.name[:120]
    # a digest, because whoever sees the record need not know of the referral
    operation = hashlib.sha256(f"{referral.reference} {mention.kind} {name_key(name)}".encode()).hexdigest()[:40]
    if mention.kind is Kind.PERSON:
        return record_person(name=name, description=mention.about, operation=operation, by=by, at=at)
    if mention.kind is Kind.LOCATION:
        return record_location(name=name, harms=mention.about, operation=operation, by=by, at=at)
    return record_theme(name=name, evidence=mention.about, operation=operation, by=by, at=at)
