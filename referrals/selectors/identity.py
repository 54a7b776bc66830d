"""What stands above every page about a case, from whichever app draws it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from mace.core.templatetags.components import short_date
from referrals.enums import Tier
from referrals.models import Case
from referrals.rules import age_on


def identity_of(case: Case, *, on: dt.date, url: str) -> dict[str, Any]:
    """What ``components/identity_bar.html`` draws, as far as the seat sees it.

    Needs the joins of ``cases``; from ``case_by_reference`` it also knows whether the case is a repeat, who manages the
    team, and whether it is restricted or the address protected.
    """
    identity = case.child.identity
    summary = getattr(case, "summary", None)
    return {
        "name": identity.full_name,
        "url": url,
        "age": age_on(identity.date_of_birth, on),
        "born": identity.date_of_birth,
        "reference": case.reference,
        "lead": case.lead_professional.user.name,
        "manager": manager_of(case, on=on),
        "tiers": " and ".join(Tier(period.tier).label for period in getattr(case, "open_tiers", [])),
        "rating": summary.rating if summary else "",
        "status": f"Closed {short_date(case.closed_on)}" if case.closed_on is not None else "",
        "status_colour": "grey",
        "repeat": bool(getattr(case, "repeat_of", "")),
        "address_protected": getattr(case, "address_protected", False),
        "restricted": getattr(case, "restricted", False),
    }


def manager_of(case: Case, *, on: dt.date) -> str:
    """Who manages the case's team on a day; empty where nobody does, or the case was not read with it."""
    day = on.isoformat()
    held = [
        row["name"]
        for row in getattr(case, "team_managers", [])
        if row["from_on"] <= day and (row["until_on"] is None or row["until_on"] >= day)
    ]
    return " and ".join(held)
