"""Taking over what another system knows: referrals accepted there, with their case and tiers on their days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from mace.access.models import Kind
from mace.access.policy import Capability, require
from mace.access.services import Opened, open_records
from mace.access.services.records import call
from mace.core.clock import london_date, london_time
from mace.core.errors import RuleBroken
from mace.core.seat import Seat
from referrals.enums import Rating, ReferralStatus, Tier, TierOutcome
from referrals.models import Case, CaseSummary, Concern, LeadPeriod, Referral, RiskAssessment, TierPeriod
from referrals.selectors.codes import is_code
from referrals.selectors.matching import Wanted, surely_meant
from referrals.services.writing import new_child

ACCOUNT = "Imported. The account of the concern stands in the system it came from."
WHY = "Imported"
TOOL = "imported"


@dataclass(frozen=True, slots=True)
class ImportedReferral:
    """One row. Codes are those of the lists; ``reference`` is the other system's and makes the import repeatable."""

    reference: str
    forename: str
    surname: str
    date_of_birth: dt.date
    sex: str
    ethnicity: str
    referred_on: dt.date
    rating: str
    pre_mace_opened_on: dt.date
    pre_mace_closed_on: dt.date | None
    mace_opened_on: dt.date | None
    primary_category: str
    key_team: str
    legal_status: str
    education_status: str


@dataclass(frozen=True, slots=True)
class Summed:
    """What the summary of a case says."""

    rating: str
    primary_category: str
    rated_on: dt.date


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A referral that was accepted elsewhere, with as much as is known: what is not is empty.

    ``tiers``: tier, first day, last day or none. ``referred_at``: the moment that sorts its record in lists. ``into``:
    the open case that it joins, or the place of an earlier row, of those brought with it, that opens that; without it
    the row opens one. ``stands``: what the summary of that case says, where it is something else than the row.
    """

    reference: str
    child_id: int
    referred_at: dt.datetime
    opened_on: dt.date
    tiers: Sequence[tuple[Tier, dt.date, dt.date | None]]
    primary_category: str = ""
    other_categories: Sequence[str] = ()
    rating: str = ""
    key_team: str = ""
    legal_status: str = ""
    education_status: str = ""
    school: str = ""
    into: Case | int | None = None
    stands: Summed | None = None

    @property
    def summed(self) -> Summed:
        """What the summary of the case that the row opens says."""
        return self.stands or Summed(self.rating, self.primary_category, self.referred_on)

    @property
    def referred_on(self) -> dt.date:
        return london_date(self.referred_at)

    @property
    def closed_on(self) -> dt.date | None:
        """The last day at any tier; none while one is open."""
        ends = [to_on for _, _, to_on in self.tiers]
        return None if None in ends else max((day for day in ends if day is not None), default=None)


def faults(row: ImportedReferral) -> list[tuple[str, str]]:
    """What is wrong with a row: column and plain words. Empty when it can be imported."""
    found = [
        (column, "must be filled")
        for column in ("reference", "forename", "surname")
        if not getattr(row, column).strip()
    ]
    found += [
        (column, f"‘{value}’ is not in the list of codes")
        for column, list_name in (
            ("sex", "sex"),
            ("ethnicity", "ethnicity"),
            ("primary_category", "primary_category"),
            ("legal_status", "legal_status"),
            ("education_status", "education_status"),
        )
        if not is_code(list_name, value := getattr(row, column))
    ]
    if row.rating not in Rating.values:
        found.append(("rating", f"‘{row.rating}’ is not emerging, moderate or significant"))
    for column, day, not_before in (
        ("referred_on", row.referred_on, row.date_of_birth),
        ("pre_mace_opened_on", row.pre_mace_opened_on, row.referred_on),
        ("pre_mace_closed_on", row.pre_mace_closed_on, row.pre_mace_opened_on),
        ("mace_opened_on", row.mace_opened_on, row.pre_mace_opened_on),
    ):
        if day is not None and day < not_before:
            found.append((column, "is before the date that must come first"))
    return found


@transaction.atomic
def import_referral(*, row: ImportedReferral, by: Seat, at: dt.datetime) -> Referral:
    """Make the child, the accepted referral, its case and its tiers; safe to repeat by the row's reference.

    A child known here with the same name and date of birth is linked. Records are dated by the row, so that lists sort
    them where they belong. Nobody is told. Raises ``RuleBroken`` with the column as field for a faulty row, and when
    the child has an open case here that another row opened.
    """
    del at
    require(by, Capability.SCREEN)
    known = Referral.objects.filter(partnership_id=by.partnership_id, source_reference=row.reference).first()
    if known is not None:
        return known
    for column, words in faults(row):
        raise RuleBroken(f"{column} {words}", field=column)
    referred_at = london_time(row.referred_on, 9)
    tiers: list[tuple[Tier, dt.date, dt.date | None]] = [
        (Tier.PRE_MACE, row.pre_mace_opened_on, row.pre_mace_closed_on)
    ]
    if row.mace_opened_on:
        tiers.append((Tier.MACE, row.mace_opened_on, None))
    taken = TakenOver(
        reference=row.reference,
        child_id=_child(row, referred_at),
        referred_at=referred_at,
        opened_on=row.pre_mace_opened_on,
        tiers=tiers,
        primary_category=row.primary_category,
        rating=row.rating,
        key_team=row.key_team,
        legal_status=row.legal_status,
        education_status=row.education_status,
    )
    return take_over(row=taken, by=by)


@transaction.atomic
def take_over(*, row: TakenOver, by: Seat) -> Referral:
    """One row by itself, as ``take_over_all`` does it."""
    return take_over_all(rows=[row], by=by)[0]


@transaction.atomic
def take_over_all(*, rows: Sequence[TakenOver], by: Seat) -> list[Referral]:
    """Make accepted referrals of children who are known by now, and their cases with their tiers, or join cases.

    Shared with the partnership's coordinators alone: nobody is told, and no agency sees it. Whoever brings them in
    leads the cases until they are handed over. All or none: raises ``RuleBroken`` when a child that a case is to be
    opened for has an open one. The number of statements does not grow with the rows. Answers in the order given.
    """
    require(by, Capability.SCREEN)
    opening = [row.child_id for row in rows if row.into is None]
    if (
        opening
        and Case.objects.filter(child_id__in=opening, partnership_id=by.partnership_id, closed_on__isnull=True).exists()
    ):
        raise RuleBroken("This child has an open case already", field="reference")
    records = open_records(
        [Opened(Kind.CASE if row.into is None else Kind.REFERRAL, row.referred_at, row.child_id) for row in rows],
        shared_with=by.partnership_principal,
    )
    opened = _open_cases([(record, row) for record, row in zip(records, rows, strict=True) if row.into is None], by)
    cases = [
        row.into if isinstance(row.into, Case) else opened[record if row.into is None else records[row.into]]
        for record, row in zip(records, rows, strict=True)
    ]
    _join([(record, case.pk) for record, case in zip(records, cases, strict=True) if record != case.pk])
    return _referrals(list(zip(records, rows, cases, strict=True)), by)


def _join(pairs: Sequence[tuple[int, int]]) -> None:
    if pairs:
        call(
            "select count(*) from unnest(%s::bigint[], %s::bigint[]) t(record, joined), "
            "lateral referrals_join_case(t.record, t.joined)",
            [[record for record, _ in pairs], [case for _, case in pairs]],
        )


def _referrals(made: Sequence[tuple[int, TakenOver, Case]], by: Seat) -> list[Referral]:
    referrals = Referral.objects.bulk_create(
        Referral(
            record_id=record,
            partnership_id=by.partnership_id,
            child_id=row.child_id,
            case=case,
            referrer_id=by.membership_id,
            written_by_principal=by.principal,
            agency_id=by.agency_id,
            status=ReferralStatus.ACCEPTED,
            created_at=row.referred_at,
            submitted_at=row.referred_at,
            submitted_on=row.referred_on,
            decided_on=max(row.opened_on, row.referred_on),
            decided_by_id=by.membership_id,
            decision_reason=WHY,
            source_reference=row.reference,
        )
        for record, row, case in made
    )
    written = {"written_by_id": by.membership_id, "written_by_principal": by.principal}
    Concern.objects.bulk_create(
        Concern(
            record_id=record,
            referral_id=record,
            primary_category=row.primary_category,
            other_categories=list(row.other_categories),
            account=ACCOUNT,
            legal_status=row.legal_status,
            education_status=row.education_status,
            school=row.school,
            key_team=row.key_team,
            **written,
        )
        for record, row, _ in made
    )
    RiskAssessment.objects.bulk_create(
        RiskAssessment(
            record_id=record,
            child_id=row.child_id,
            tool_version=TOOL,
            rating=row.rating,
            rationale=WHY,
            written_at=row.referred_at,
            effective_on=row.referred_on,
            **written,
        )
        for record, row, _ in made
        if row.rating
    )
    return referrals


def _child(row: ImportedReferral, at: dt.datetime) -> int:
    known, _ = surely_meant(Wanted(row.forename, row.surname, row.date_of_birth))
    if known is not None:
        return known.child_id
    return new_child(
        identity={"date_of_birth": row.date_of_birth},
        profile={"sex": row.sex, "ethnicity": row.ethnicity},
        forename=row.forename,
        surname=row.surname,
        at=at,
    )


def _open_cases(opening: Sequence[tuple[int, TakenOver]], by: Seat) -> dict[int, Case]:
    """The cases that the rows open, by their record."""
    cases = Case.objects.bulk_create(
        Case(
            record_id=record,
            partnership_id=by.partnership_id,
            child_id=row.child_id,
            opened_on=row.opened_on,
            closed_on=row.closed_on,
            lead_agency_id=by.agency_id,
            team_id=by.team_id,
            lead_professional_id=by.membership_id,
            coordinator_id=by.membership_id,
        )
        for record, row in opening
    )
    CaseSummary.objects.bulk_create(
        CaseSummary(
            record_id=record,
            case_id=record,
            primary_category=row.summed.primary_category,
            rating=row.summed.rating,
            rated_on=row.summed.rated_on,
        )
        for record, row in opening
    )
    TierPeriod.objects.bulk_create(
        TierPeriod(
            record_id=record,
            case_id=record,
            tier=tier,
            from_on=from_on,
            to_on=to_on,
            why=WHY,
            outcome=TierOutcome.CLOSED if to_on else "",
            outcome_reason=WHY if to_on else "",
        )
        for record, row in opening
        for tier, from_on, to_on in row.tiers
    )
    LeadPeriod.objects.bulk_create(
        LeadPeriod(
            record_id=record,
            case_id=record,
            lead_id=by.membership_id,
            from_on=row.opened_on,
            to_on=row.closed_on,
            why=WHY,
        )
        for record, row in opening
    )
    return {case.pk: case for case in cases}
