"""Agreements on sharing information: the warning is about that agency in that partnership, and about no other."""

from __future__ import annotations

import datetime as dt

import pytest

from mace.agencies.selectors import agreement_warnings, lapsed_agreements, participations
from mace.core.seat import acting_as
from tests.access.locks import owner
from tests.factories.cast import SINCE, Cast

TODAY = dt.date(2026, 3, 2)
NONE = "It has no information-sharing agreement with this partnership."
DUE = "The review of its information-sharing agreement was due on 1 March 2026."


def agree(cast: Cast, name: str, *, signed: dt.date | None, due: dt.date | None, elsewhere: bool = False) -> None:
    """What stands between an agency and the partnership, or the other one."""
    partnership = cast.other_partnership if elsewhere else cast.partnership
    owner(
        "insert into agencies_participation (agency_id, partnership_id, agreement_signed_on, agreement_review_due_on, "
        "may_refer) values (%s, %s, %s, %s, false) on conflict (agency_id, partnership_id) do update "
        "set agreement_signed_on = excluded.agreement_signed_on, "
        "agreement_review_due_on = excluded.agreement_review_due_on",
        *(cast.agencies[name].pk, partnership.pk, signed, due),
    )


@pytest.fixture
def terms(cast: Cast) -> dict[str, str]:
    """Two agencies whose agreement has lapsed, one each way; elsewhere it is the other way round for everybody."""
    yesterday = TODAY - dt.timedelta(days=1)
    agree(cast, "police", signed=None, due=None)
    agree(cast, "health", signed=SINCE, due=yesterday)
    agree(cast, "education", signed=SINCE, due=TODAY)
    for name in ("police", "health"):
        agree(cast, name, signed=SINCE, due=None, elsewhere=True)
    for name in ("social_care", "education", "voluntary"):
        agree(cast, name, signed=None, due=None, elsewhere=True)
    return {"police": NONE, "health": DUE}


def test_a_warning_is_about_the_agency_in_the_partnership(cast: Cast, terms: dict[str, str]) -> None:
    here, there = cast.partnership.pk, cast.other_partnership.pk
    chosen = [cast.agencies[name] for name in ("police", "health", "education", "voluntary", "other_police")]
    with acting_as(cast["coordinator"]):
        together = agreement_warnings(chosen, here, TODAY)
        elsewhere = agreement_warnings(chosen, there, TODAY)
        assert [cast.agencies[name].pk in elsewhere for name in terms] == [False, False]
        assert NONE in elsewhere[cast.agencies["education"].pk]
    expected = terms | {"other_police": NONE}  # which takes part elsewhere only
    assert together == {
        cast.agencies[name].pk: f"{cast.agencies[name].name}: {words} "
        "Sharing is still possible: ask the coordinator to have it renewed."
        for name, words in expected.items()
    }


def test_agreements_are_listed_for_one_partnership(cast: Cast, terms: dict[str, str]) -> None:
    with acting_as(cast["coordinator"]):
        listed = [row.agency.name for row in participations(cast.partnership.pk)]
        lapsed = {row.agency_id for row in lapsed_agreements(cast.partnership.pk, on=TODAY)}
    assert listed == sorted(agency.name for name, agency in cast.agencies.items() if not name.startswith("other_"))
    assert lapsed == {cast.agencies[name].pk for name in terms}
