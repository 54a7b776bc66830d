"""What waits for a decision on the first page: consent withdrawn, sharing at 18, closings and handovers to complete."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from mace.accounts.models import Role
from mace.casework.selectors.eighteen import LOOK_PARTS, look_parts, sharing_to_look_at
from mace.casework.selectors.work_rows import WorkRow, WorkSection, ago
from mace.core.seat import Seat
from mace.core.templatetags.components import uk_date
from mace.core.together import Together, told
from referrals.enums import Tier
from referrals.models import Case, ConsentSaid
from referrals.rules import adult_from, adult_if_born_by
from referrals.selectors.consent import waiting_consents
from referrals.selectors.course import closures_to_complete, notes_unread

_WAITING = Together(
    lambda: {
        "every_consent": waiting_consents(),
        "own_consent": waiting_consents().filter(case__lead_professional_id=told("seat")),
        **look_parts(),
    }
)


def to_decide(seat: Seat, on: dt.date) -> list[WorkSection]:
    """Withdrawals of consent that wait and, for a coordinator, sharing to look at again. One statement.

    A coordinator has those of all cases, anybody else of the cases that they lead. Lists without rows are left out.
    """
    runs = seat.role == Role.COORDINATOR
    names = ("every_consent", *LOOK_PARTS) if runs else ("own_consent",)
    found = _WAITING.read(*names, seat=seat.membership_id, on=on, born_by=adult_if_born_by(on))
    rows = [_consent_row(said, on) for said in found[names[0]]]
    sharing = [_sharing_row(case, on) for case in sharing_to_look_at(found)] if runs else []
    sections = [
        WorkSection(
            "consent",
            "Consent withdrawn: decide what happens now",
            "withdrawals to decide on",
            rows,
            urgent=True,
        ),
        WorkSection("eighteen", "Sharing to look at again at 18", "sharing to look at again", sharing, urgent=True),
    ]
    return [section for section in sections if section.rows]


def _consent_row(said: ConsentSaid, on: dt.date) -> WorkRow:
    return WorkRow(
        title=f"Consent withdrawn: decide what happens now, {said.case.reference}",
        url=reverse("referrals:consent", args=[said.case.reference]),
        record_id=said.case_id,
        meta=f"Lead professional: {said.case.lead_professional.user.name}",
        state=ago("withdrawn", said.said_on, on),
        urgent=True,
    )


def _sharing_row(case: Case, on: dt.date) -> WorkRow:
    birthday = adult_from(case.child.identity.date_of_birth)
    return WorkRow(
        title=f"Sharing to look at again: {case.reference}, 18 since {uk_date(birthday)}",
        url=reverse("casework:case_look_again", args=[case.reference]),
        record_id=case.pk,
        state=ago("18", birthday, on),
        urgent=True,
    )


def to_complete(on: dt.date) -> WorkSection:
    """Closings that wait for their details, and handover notes that the new lead professional has not read."""
    rows = [
        WorkRow(
            title=f"Give the closing details of {closure.case.reference}",
            url=reverse("casework:case_closing", args=[closure.case.reference]),
            record_id=closure.case_id,
            meta=f"Closed at {Tier(closure.period.tier).label} in a meeting",
            state=ago("closed", closure.period.to_on, on),
        )
        for closure in closures_to_complete()
    ]
    rows += [
        WorkRow(
            title=f"Handover notes of {period.case.reference} not read yet",
            url=reverse("casework:case", args=[period.case.reference]),
            record_id=period.case_id,
            meta=f"Lead professional: {period.lead.user.name}",
            state=ago("handed over", period.from_on, on),
        )
        for period in notes_unread()
    ]
    return WorkSection("complete", "Closings and handovers to complete", "to complete", rows)
