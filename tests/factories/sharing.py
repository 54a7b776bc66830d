"""A record shared with an agency, or opened in an emergency, as the coordinator and a partner do it."""

from __future__ import annotations

import datetime as dt

from mace.access.models import Disclosure, EmergencyAccess, LawfulBasis, Scope
from mace.access.services import disclose
from mace.casework.services.emergency import begin_emergency_access
from mace.core import clock
from mace.core.seat import acting_as
from tests.factories.cast import Cast
from tests.factories.referrals import BORN, MONDAY

REASON = "She rang from a house she cannot leave, and nobody can say who is after her."


def shared(
    cast: Cast,
    record_id: int,
    agency: str = "police",
    scope: Scope = Scope.SUMMARY,
    *,
    at: dt.datetime = MONDAY,
    ends_on: dt.date | None = None,
) -> Disclosure:
    """The coordinator decides that an agency sees a record."""
    by = cast["coordinator"]
    with acting_as(by):
        return disclose(
            record_id=record_id,
            agency=cast.agencies[agency],
            scope=scope,
            purpose="Checks",
            lawful_basis=LawfulBasis.PUBLIC_TASK,
            necessity="They hold records",
            told=True,
            by=by,
            at=at,
            ends_on=ends_on,
        )


def opened_in_emergency(cast: Cast, by: str = "health_lead", *, at: dt.datetime | None = None) -> EmergencyAccess:
    """Somebody who does not see the case of that child opens it for three hours."""
    with acting_as(cast[by]):
        found = begin_emergency_access(
            forename="Tamika", surname="Brightwater", born=BORN, reason=REASON, by=cast[by], at=at or clock.now()
        )
    assert found is not None
    assert found.access is not None
    return found.access
