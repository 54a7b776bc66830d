"""Referrals about no child, as they are typed and sent."""

from __future__ import annotations

import datetime as dt
from typing import Any

from mace.core.seat import acting_as
from referrals.models import Referral
from referrals.services import save_section, start_referral, submit_referral
from tests.factories.cast import Cast
from tests.factories.referrals import MONDAY

SUBJECTS: dict[str, dict[str, Any]] = {
    "person": {"name": "Man in a red van", "under_age": "no", "worry": "Waits at the gate and gives out vapes."},
    "place": {
        "name": "Harbour underpass",
        "address": "Below Quay Street",
        "place_kind": "transport",
        "harms": "Two children were hurt there in May.",
    },
    "group": {
        "name": "The skate park year 10s",
        "members": "Five from one school year, two older",
        "children": "yes",
        "worry": "The older two send the others out with parcels.",
    },
    "theme": {
        "name": "Debts made up by dealers",
        "seen": "Children are told they owe for what was stolen from them.",
        "evidence": "Four return home interviews since March.",
        "horizon": "medium",
    },
}
"""What must be said of each, by what the referral is about."""
HARM = {"urgent": "no", "harms": ["CCE"], "account": "Seen on four evenings by a youth worker."}
SOURCE = {"source": "Youth workers", "basis": "fact", "source_grade": "1", "assessment": "A", "handling": "P"}
TIGHT = SOURCE | {"handling": "T", "may_be_said": "There is a worry about this."}
ASK = {"asked_of": ["discuss", "gather"], "threshold": "Agencies must know who is meant to keep children safe."}


def pages_about(about: str) -> dict[str, dict[str, Any]]:
    """Page to what is typed into it, no more than must be."""
    asked = ASK if about in ("person", "group") else {name: said for name, said in ASK.items() if name != "threshold"}
    return {about: SUBJECTS[about], "harm": HARM, "source": SOURCE, "ask": asked}


def draft_matter(
    cast: Cast, about: str = "place", *, by: str = "practitioner", at: dt.datetime = MONDAY, **changes: Any
) -> Referral:
    """A draft with every page filled. ``changes``: page name to fields that differ."""
    seat = cast[by]
    with acting_as(seat):
        referral = start_referral(by=seat, at=at, about=about)
        for page, filled in pages_about(about).items():
            data = filled | changes.get(page, {})
            save_section(referral=referral, section=page, data=data, version=None, operation="", by=seat, at=at)
    return referral


def submitted_matter(cast: Cast, about: str = "place", *, by: str = "practitioner", **more: Any) -> Referral:
    """A referral about no child that waits to be screened."""
    referral = draft_matter(cast, about, by=by, **more)
    with acting_as(cast[by]):
        return submit_referral(referral=referral, by=cast[by], at=more.get("at", MONDAY))
