"""Which seats the selectors of people answer: those in force, of people who may sign in, and nobody's else."""

from __future__ import annotations

import datetime as dt

import pytest

from mace.access.selectors import disclosures_of, may_be_told
from mace.accounts import selectors
from mace.accounts.models import Membership, Role
from mace.accounts.selectors import (
    seat_by_membership,
    seats_in,
    signed_in,
    system_seat,
    system_seats,
)
from mace.core.seat import acting_as
from tests.access.locks import owner, undone
from tests.access.test_locks_functions import record
from tests.access.test_locks_rows import bar
from tests.access.world import make_world
from tests.factories.cast import Cast

TODAY = dt.date(2026, 3, 2)


@pytest.mark.parametrize(
    ("begins", "ends", "current"),
    [
        ("2026-03-02", None, True),
        ("2026-03-02", "2026-03-02", True),
        ("2020-01-01", "2027-01-01", True),
        ("2026-03-03", None, False),
        ("2026-03-03", "2027-01-01", False),
        ("2020-01-01", "2026-03-01", False),
    ],
)
def test_a_seat_is_answered_while_its_dates_last(cast: Cast, begins: str, ends: str | None, current: bool) -> None:
    seat = cast["police_member"]
    owner("update accounts_membership set from_on = %s, until_on = %s where id = %s", begins, ends, seat.membership_id)
    found = signed_in(seat.user_id, on=TODAY)
    assert found is not None
    assert (
        [one.membership_id for one in found.seats] == [seat.membership_id],
        seat_by_membership(seat.membership_id, on=TODAY) is not None,
        seat.membership_id in seats_in(seat.partnership_id, on=TODAY).values_list("pk", flat=True),
    ) == (current,) * 3


def test_whose_account_is_closed_has_no_seat(cast: Cast) -> None:
    seat = cast["police_member"]
    owner("update accounts_user set is_active = false where id = %s", seat.user_id)
    assert signed_in(seat.user_id, on=TODAY) is None
    assert seat_by_membership(seat.membership_id, on=TODAY) is None
    assert not seats_in(seat.partnership_id, on=TODAY).filter(pk=seat.membership_id).exists()


def test_a_second_factor_is_ones_own_app_and_no_list_of_codes(cast: Cast) -> None:
    seat, other = cast["police_member"], cast["health_lead"]

    def known(user: int) -> bool:
        found = signed_in(user, on=TODAY)
        assert found is not None
        return found.second_factor

    assert not known(seat.user_id)
    add = "insert into mfa_authenticator (user_id, type, data, created_at) values (%s, %s, '{}', now())"
    owner(add, other.user_id, "totp")
    owner(add, seat.user_id, "recovery_codes")
    assert (known(seat.user_id), known(other.user_id)) == (False, True)
    owner(add, seat.user_id, "totp")
    assert known(seat.user_id)


def test_each_answers_the_seats_asked_for_and_never_the_systems(cast: Cast) -> None:
    seat, system = cast["police_member"], cast["system"]
    owner("update accounts_user set is_active = true where id = %s", system.user_id)
    found = signed_in(system.user_id, on=TODAY)
    assert found is not None
    assert found.seats == ()
    here = {m.pk for m in cast.memberships.values() if m.partnership_id == seat.partnership_id}
    assert {m.pk for m in seats_in(seat.partnership_id, on=TODAY)} == here - {system.membership_id}
    leads = seats_in(seat.partnership_id, on=TODAY, roles=[Role.AGENCY_LEAD])
    assert {m.role for m in leads} == {Role.AGENCY_LEAD}
    police = seats_in(seat.partnership_id, on=TODAY, agency_id=seat.agency_id)
    assert {m.agency_id for m in police} == {seat.agency_id}
    assert system_seat(seat.partnership_id).membership_id == system.membership_id
    assert {one.membership_id for one in system_seats()} == {
        system.membership_id,
        cast["stranger_system"].membership_id,
    }
    by_number = seat_by_membership(seat.membership_id, on=TODAY)
    assert by_number is not None
    assert by_number.membership_id == seat.membership_id


def test_an_agency_may_refer_where_its_own_terms_say_so(cast: Cast) -> None:
    seat, other = cast["voluntary_member"], cast["police_member"]

    def may(user: int) -> bool:
        found = signed_in(user, on=TODAY)
        assert found is not None
        (row,) = Membership.objects.annotate(may_refer=selectors.MAY_REFER).filter(user=user)
        assert row.may_refer is found.seats[0].may_refer
        return found.seats[0].may_refer

    assert (may(seat.user_id), may(other.user_id)) == (True, False)
    with undone():  # its terms in another partnership say nothing here
        owner(
            "update agencies_participation set partnership_id = %s where agency_id = %s",
            *(cast["stranger_police"].partnership_id, seat.agency_id),
        )
        assert not may(seat.user_id)
    owner("update agencies_participation set may_refer = false where agency_id = %s", seat.agency_id)
    assert not may(seat.user_id)


def test_the_sharing_decisions_of_a_record_are_its_own(cast: Cast) -> None:
    world = make_world(cast)
    with acting_as(cast["coordinator"]):
        found = list(disclosures_of(world.case.pk))
        assert {row.record_id for row in found} == {world.case.pk}
        everywhere = {row.record_id for row in disclosures_of(world.meeting.pk)}
    assert everywhere <= {world.meeting.pk}


def test_a_message_about_a_record_reaches_nobody_who_is_barred_from_it(cast: Cast) -> None:
    system, barred, other = cast["system"], cast["police_member"], cast["health_lead"]
    rec = record(system)
    bar(barred, [rec])
    with acting_as(system):
        assert may_be_told(rec, [barred.membership_id, other.membership_id]) == {other.membership_id}
    with acting_as(cast["coordinator"]):
        assert may_be_told(rec, [other.membership_id]) == set()
