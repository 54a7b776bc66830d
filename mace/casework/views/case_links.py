"""What the page of a case offers beside the assessment, the plan and the voice, and what it says is missing there."""

from __future__ import annotations

import datetime as dt
from typing import Any

from mace.access.policy import Capability, can
from mace.casework.selectors.case import CasePage
from mace.core.seat import Seat
from mace.core.templatetags.components import uk_date
from referrals.enums import Informant
from referrals.rules import voice_wanted_since
from referrals.selectors.assessing import decision_of
from referrals.selectors.voices import last_heard
from referrals.services.case_drafts import may_assess


def case_links(page: CasePage, seat: Seat, *, on: dt.date) -> dict[str, Any]:
    """For the template; empty where the seat does not see the case in full."""
    if not page.full:
        return {}
    heard = last_heard(page.history.voices, page.reviews)
    still_open = page.case.closed_on is None
    return {
        "may_assess": can(seat, Capability.ASSESS) and may_assess(page.case, seat),
        "may_add_voice": can(seat, Capability.WRITE_VOICE),
        "waiting": any(decision_of(row) == "waiting" for row in page.history.assessments),
        "unheard": _unheard(heard) if still_open and (heard is None or heard <= voice_wanted_since(on)) else "",
        "difficulties": [
            f"{uk_date(row.effective_on)}: {row.total} of 40"
            + (f" ({row.band_words.lower()})" if row.band_words else "")
            + f", completed by: {Informant(row.informant).label.lower()}"
            for row in page.history.difficulties
        ],
    }


def _unheard(heard: dt.date | None) -> str:
    if heard is None:
        return "Nothing of what the child says is on record."
    return f"Nothing of what the child says came on record in the last 12 weeks, since {uk_date(heard)}."
