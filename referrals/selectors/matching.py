"""Children who may be the same: a function of the database answers, because the referrer may not see their records."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection

from mace.core.forms import long_date
from mace.core.names import name_key


@dataclass(frozen=True, slots=True)
class Match:
    """A child of the seat's own partnership who may be the one meant, and why."""

    child_id: int
    reference: str
    forename: str
    surname: str
    date_of_birth: dt.date
    same_birth: bool
    sounds_alike: bool
    alike: float

    @property
    def name(self) -> str:
        return f"{self.forename} {self.surname}"

    @property
    def why(self) -> str:
        """`same date of birth, name sounds alike`."""
        reasons = ["same date of birth" if self.same_birth else f"born {long_date(self.date_of_birth)}"]
        if self.alike >= 1:
            reasons.append("same name")
        elif self.sounds_alike:
            reasons.append("name sounds alike")
        else:
            reasons.append("name is written alike")
        return ", ".join(reasons)


def possible_matches(forename: str, surname: str, date_of_birth: dt.date, *, besides: int | None = None) -> list[Match]:
    """The likeliest first, at most ten; ``besides`` leaves one child's record out (the referral's own)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select child, reference, forename, surname, date_of_birth, same_birth, sounds_alike, alike "
            "from referrals_child_matches(%s, %s)",
            [name_key(forename, surname), date_of_birth],
        )
        found = [Match(*row) for row in cursor.fetchall()]
    return [match for match in found if match.child_id != besides]
