"""The rows of the API's lists, in the shape that ``serializers`` describes, written out: a page has fifty."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _moment(at: dt.datetime) -> str:
    """As Django REST framework writes it, with ``Z`` for UTC."""
    return at.isoformat().removesuffix("+00:00") + "Z"


class CaseLine(NamedTuple):
    """A case; ``category`` and what follows is ``None`` or empty where the seat sees no summary."""

    record_id: int
    reference: str
    opened_on: dt.date
    closed_on: dt.date | None
    child: str
    forename: str
    surname: str
    date_of_birth: dt.date
    category: str | None
    rating: str | None
    rated_on: dt.date | None
    account: str | None
    tiers: list[dict[str, Any]]

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "reference": self.reference,
            "opened_on": _day(self.opened_on),
            "closed_on": _day(self.closed_on),
            "child": {
                "reference": self.child,
                "name": f"{self.forename} {self.surname}",
                "date_of_birth": _day(self.date_of_birth),
            },
        }
        if self.category is not None:
            body["summary"] = {
                "primary_category": self.category,
                "rating": self.rating,
                "rated_on": _day(self.rated_on),
                "account": self.account,
            }
            body["tiers"] = [{name: tier[name] for name in ("tier", "from_on", "to_on")} for tier in self.tiers]
        return body


class ReferralLine(NamedTuple):
    record_id: int
    reference: str
    status: str
    created_at: dt.datetime
    submitted_on: dt.date | None
    decided_on: dt.date | None
    agency: str
    case: str | None
    about: str
    became: str

    def body(self) -> dict[str, Any]:
        return {
            "reference": self.reference,
            "about": self.about,
            "status": self.status,
            "created_at": _moment(self.created_at),
            "submitted_on": _day(self.submitted_on),
            "decided_on": _day(self.decided_on),
            "agency": self.agency,
            "case": self.case,
            "volt": self.became or None,
        }


class ActionLine(NamedTuple):
    key: int
    record_id: int
    reference: str
    text: str
    measure: str
    status: str
    due_on: dt.date
    closed_on: dt.date | None
    owner_agency: str
    owner: str | None

    def body(self) -> dict[str, Any]:
        return {
            "reference": self.reference,
            "text": self.text,
            "measure": self.measure,
            "status": self.status,
            "due_on": _day(self.due_on),
            "closed_on": _day(self.closed_on),
            "owner_agency": self.owner_agency,
            "owner": self.owner,
        }
