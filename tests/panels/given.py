"""What the tests of actions begin with: a case that coordinators, team, lead agency and chairs see, and an action."""

from __future__ import annotations

import datetime as dt
from typing import Any

from mace.access.models import Scope
from mace.access.services import share
from mace.core.seat import acting_as
from panels.enums import Strand
from panels.models import Action
from panels.services.actions import create_action
from referrals.models import Case
from tests.factories.cast import Cast
from tests.factories.referrals import another_child, open_case

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
"""A Monday."""
TODAY = dt.date(2026, 3, 2)
CHILD = "Tamika Brightwater"


def a_case(cast: Cast, *, at: dt.datetime = NOW, number: int | None = None) -> Case:
    """An open pre-MACE case of the practitioner's, which the panel's chair sees; ``number``: another child's."""
    changes: dict[str, Any] = {} if number is None else {"child": another_child(number)}
    case = open_case(cast, at=at, **changes)
    with acting_as(cast["coordinator"]):
        share(record_id=case.pk, principal=cast.panels["pre_mace"].principal, scope=Scope.FULL)
    return case


def an_action(cast: Cast, case: Case | None = None, *, agency: str = "police", owner: str = "", **more: Any) -> Action:
    """An action on a case, given by the coordinator to an agency and, if named, a person."""
    values: dict[str, Any] = {
        "item": None,
        "strand": Strand.VICTIM,
        "text": "Visit the address and report",
        "measure": "Seen by Friday",
        "due_on": None,
        "by": cast["coordinator"],
        "at": NOW,
    }
    values |= more
    record_id = (case or a_case(cast)).pk
    with acting_as(cast["coordinator"]):
        return create_action(
            record_id=record_id,
            owner_agency=cast.agencies[agency],
            owner=cast.memberships[owner] if owner else None,
            **values,
        )
