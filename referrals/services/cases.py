"""What becomes of a case: escalated, rated by a panel, handed to another lead professional."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.urls import reverse

from mace.access.models import Kind, LawfulBasis, NamedPerson, Record, Scope
from mace.access.policy import Capability, require
from mace.access.selectors import is_barred
from mace.access.services import decisions_in_force, disclose, grants_on, share, unshare, widest_in_force, withdraw
from mace.access.services.records import call
from mace.accounts.models import Membership
from mace.accounts.selectors import SEAT_JOINS
from mace.agencies.models import Agency
from mace.core.clock import london_date
from mace.core.errors import RuleBroken
from mace.core.seat import Seat, acting_as
from referrals.enums import Occasion, Rating, Tier, TierOutcome
from referrals.models import Case, CaseSummary, RatingAgreed, TierPeriod, ToldConsent
from referrals.rules_cases import Ticked, check_escalation
from referrals.selectors.cases import possible_leads
from referrals.services.criteria import record_criteria
from referrals.services.leads import begin_lead
from referrals.services.locking import locked_case
from referrals.services.telling import tell

LEAD_AGENCY = "To be the lead agency for this child"
"""The purpose of the sharing decision that a case makes for its lead agency."""


def _require_open(case: Case) -> None:
    if case.closed_on is not None:
        raise RuleBroken("This case is closed. A new referral opens a new one.")


@transaction.atomic
def escalate_case(
    *,
    case: Case,
    reason: str,
    criteria: Sequence[Ticked],
    by: Seat,
    at: dt.datetime,
    keep_pre_mace: bool = True,
) -> TierPeriod:
    """Open the case at MACE, beside pre-MACE, which stays open unless ``keep_pre_mace`` is false.

    A case may be open at two tiers at once (Lewisham counts 10 open at pre-MACE and 2 open to MACE of 15). At least one
    of the ``criteria`` must be met, with its evidence; they are kept with the words of the day.
    """
    require(by, Capability.SCREEN)
    locked = locked_case(case)
    _require_open(locked)
    if not reason.strip():
        raise RuleBroken("Say why the case is escalated", field="reason")
    if TierPeriod.objects.filter(case=locked, tier=Tier.MACE, to_on__isnull=True).exists():
        raise RuleBroken("This case is open at MACE already")
    check_escalation(criteria)
    day = london_date(at)
    opened = TierPeriod.objects.create(
        record_id=locked.record_id, case=locked, tier=Tier.MACE, from_on=day, why=reason.strip()
    )
    if not keep_pre_mace:
        TierPeriod.objects.filter(case=locked, tier=Tier.PRE_MACE, to_on__isnull=True).update(
            to_on=day, outcome=TierOutcome.ESCALATED, outcome_reason=reason.strip()
        )
    record_criteria(occasion=Occasion.ESCALATION, ticked=criteria, case=locked, by=by, at=at)
    locked.version += 1
    locked.save(update_fields=["version"])
    return opened


@transaction.atomic
def agree_rating(*, case: Case, rating: str, source: str, by: Seat, at: dt.datetime) -> RatingAgreed:
    """Record the rating that a panel agreed, and make it the case's. Practitioners' assessments stay as they are."""
    require(by, Capability.MINUTE)
    locked = locked_case(case)
    if rating not in Rating.values:
        raise RuleBroken("Choose a rating", field="rating")
    day = london_date(at)
    agreed = RatingAgreed.objects.create(
        record_id=locked.record_id, case=locked, rating=rating, agreed_on=day, source=source
    )
    CaseSummary.objects.filter(case=locked).update(rating=rating, rated_on=day)
    return agreed


@transaction.atomic
def hand_over_case(
    *,
    case: Case,
    to: Membership,
    reason: str,
    by: Seat,
    at: dt.datetime,
    note: str = "",
    outstanding: str = "",
) -> Case:
    """Move an open case to another lead professional, with their team and agency.

    Side effects: the former lead professional and the former team see the case no more, with its referrals and agenda
    items, unless the person is named on it; what they wrote themselves stays readable to them. The new ones see it in
    full. When the agency changes, the decision that made the former one lead agency ends and one is made for the new
    agency. Both lead professionals are told. ``note`` and ``outstanding`` are for the new one, who is asked to say that
    they have read them. Raises ``RuleBroken``.
    """
    require(by, Capability.DISCLOSE)
    locked = locked_case(case)
    _require_open(locked)
    if not reason.strip():
        raise RuleBroken("Say why the case is handed over", field="reason")
    to = Membership.objects.select_related(*SEAT_JOINS).get(pk=to.pk)
    _check_new_lead(locked, to, at=at)
    was = Membership.objects.select_related(*SEAT_JOINS).get(pk=locked.lead_professional_id)
    former_agency, former_team = locked.lead_agency, locked.team
    with acting_as(by, reason=reason.strip()[:200]):
        arriving = {to.principal} | ({to.team.principal} if to.team else set())
        leaving = {former_team.principal} if former_team else set()
        if not NamedPerson.objects.filter(content_object_id=locked.pk, user=was.user).exists():
            leaving.add(was.principal)
        call("select referrals_hand_over(%s, %s, %s)", [locked.pk, list(leaving - arriving), list(arriving)])
        locked.lead_professional, locked.team, locked.lead_agency = to, to.team, to.agency
        locked.version += 1
        locked.save(update_fields=["lead_professional", "team", "lead_agency", "version"])
        begin_lead(
            case=locked, lead=to, by=by, at=at, why=reason.strip(), note=note.strip(), outstanding=outstanding.strip()
        )
        if former_agency != to.agency:
            _end_lead_agency(locked, former_agency, reason=reason.strip(), by=by, at=at)
            _make_lead_agency(locked, by=by, at=at)
    for seat, subject, words, path in (
        (to, "You lead", "was handed over to you.", reverse("casework:case", args=[locked.reference])),
        (was, "You no longer lead", "was handed over to another lead professional.", reverse("casework:cases")),
    ):
        tell(
            membership_id=seat.pk,
            subject=f"{subject} case {locked.reference}",
            text=f"Case {locked.reference} {words}",
            path=path,
            about=locked.record_id,
            key=f"case-handed-over:{locked.reference}:{locked.version}",
            by=by,
            at=at,
        )
    return locked


def _check_new_lead(case: Case, to: Membership, *, at: dt.datetime) -> None:
    if not possible_leads(case.partnership_id, on=london_date(at)).filter(pk=to.pk).exists():
        raise RuleBroken("Choose a practitioner, manager or coordinator of this partnership", field="to")
    if to.pk == case.lead_professional_id:
        raise RuleBroken("This person is the lead professional already", field="to")
    if is_barred(case.pk, to.user_id):
        raise RuleBroken("This person is barred from the case. Lift the bar first", field="to")
    if not Record.objects.filter(pk=case.pk, restricted=True).exists():
        return
    if grants_on(case.pk).get(to.principal) != Scope.FULL:
        raise RuleBroken("This case is restricted. Name the person on it in full first", field="to")
    if to.agency_id != case.lead_agency_id:
        raise RuleBroken("This case is restricted. Lift the restriction to hand it to another agency", field="to")


def _end_lead_agency(case: Case, agency: Agency, *, reason: str, by: Seat, at: dt.datetime) -> None:
    """End the decision that made it lead agency; what other decisions give it stays, and no more than that."""
    held = decisions_in_force(record_id=case.pk, agency=agency, on=london_date(at))
    if held.count() == held.filter(purpose=LEAD_AGENCY).count():
        withdraw(record_id=case.pk, agency=agency, reason=reason, by=by, at=at)
        return
    held.filter(purpose=LEAD_AGENCY).update(withdrawn_at=at, withdrawn_by_id=by.membership_id, withdrawn_reason=reason)
    left = widest_in_force(record_id=case.pk, agency=agency, on=london_date(at))
    assert left is not None
    share(record_id=case.pk, principal=agency.principal, scope=left[0], until=left[1])
    if left[0] < Scope.FULL:
        for inner in Record.objects.filter(within_id=case.pk, kind=Kind.REFERRAL).values_list("pk", flat=True):
            unshare(record_id=inner, principal=agency.principal)


def _make_lead_agency(case: Case, *, by: Seat, at: dt.datetime) -> None:
    told = ToldConsent.objects.filter(referral__case=case).order_by("-pk").first()
    disclose(
        record_id=case.pk,
        agency=case.lead_agency,
        scope=Scope.FULL,
        purpose=LEAD_AGENCY,
        lawful_basis=LawfulBasis.PUBLIC_TASK,
        necessity="The lead professional works for this agency and is responsible for the child’s plan",
        told=bool(told and (told.child_told or told.parents_told)),
        told_reason=(told.child_not_told_reason or told.parents_not_told_reason) if told else "Nothing was recorded",
        by=by,
        at=at,
    )
