"""Which rows the figures count: of one partnership, each referral with what is its own, tiers as they stood."""

from __future__ import annotations

import datetime as dt

from dashboards.selectors import CLOSED, OPEN, Figures, referral_figures
from mace.core.seat import acting_as
from tests.access.locks import owner
from tests.dashboards.samples import END, START, import_sample
from tests.factories.cast import Cast

ALL = 15


def figures(cast: Cast, *, end: dt.date = END) -> Figures:
    seat = cast["coordinator"]
    with acting_as(seat):
        return referral_figures(partnership=seat.partnership_id, start=START, end=end)


def tiers(cast: Cast) -> dict[str, tuple[int, int]]:
    """How many cases are open and closed at each tier."""
    found = figures(cast)
    return {tier: (found.count(tier, OPEN), found.count(tier, CLOSED)) for tier in ("pre_mace", "mace")}


def test_what_the_seat_holds_of_another_partnership_is_not_counted(cast: Cast) -> None:
    import_sample(cast)
    owner(
        "update referrals_referral set partnership_id = %s where source_reference = 'EX-001'",
        cast.other_partnership.pk,
    )
    assert figures(cast).referrals == ALL - 1


def test_a_code_that_stands_in_another_list_too_counts_once(cast: Cast) -> None:
    import_sample(cast)
    before = figures(cast).as_dict()
    owner(
        'insert into referrals_code (list_name, code, label, "group", position, proposed, active) '
        "select 'another', code, 'Another', 'Other', position, false, true from referrals_code "
        "where list_name = 'ethnicity'"
    )
    assert (figures(cast).referrals, figures(cast).as_dict()) == (ALL, before)


def test_the_rating_is_that_of_the_referral_itself_where_many_came_on_one_day(cast: Cast) -> None:
    import_sample(cast)
    before = figures(cast).as_dict()["rating"]
    owner("update referrals_referral set submitted_on = %s", START)
    owner("update referrals_riskassessment set effective_on = %s", START)
    assert figures(cast).as_dict()["rating"] == before


def test_each_tier_counts_its_own_periods_as_they_stood_at_the_end(cast: Cast) -> None:
    import_sample(cast)
    assert tiers(cast) == {"pre_mace": (10, 5), "mace": (2, 0)}
    close = "update referrals_tierperiod set to_on = %s, outcome = 'closed' where tier = %s and case_id in ({})"
    at_mace = "select case_id from referrals_tierperiod where tier = 'mace'"
    owner(close.format(at_mace), END, "pre_mace")
    assert tiers(cast) == {"pre_mace": (8, 7), "mace": (2, 0)}
    for tier in ("pre_mace", "mace"):
        owner(close.format(at_mace), END + dt.timedelta(days=1), tier)
    assert tiers(cast) == {"pre_mace": (10, 5), "mace": (2, 0)}
    owner(close.format(at_mace), END, "mace")
    assert tiers(cast) == {"pre_mace": (10, 5), "mace": (0, 2)}
