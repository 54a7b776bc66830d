"""The functions of emergency access and of protected addresses, which match, say and empty across the policies."""

from __future__ import annotations

from typing import Any

import pytest

from mace.accounts.models import Role
from mace.agencies.models import AgencyKind
from mace.core.seat import Seat
from tests.access.locks import owner, owner_rows, undone
from tests.access.test_locks_conditions import ROLES, as_role
from tests.access.test_locks_functions import REFUSED, called, callers, hold, moment, record
from tests.access.test_locks_functions_cases import Made, made_case
from tests.access.test_locks_functions_reading import merge
from tests.access.test_locks_rows import bar, restrict
from tests.factories.cast import Cast

BEGIN = "referrals_begin_emergency(%s, %s, 'E-TEST-0001', %s, now(), current_date)"
BORN = "2011-03-27"
STATUTORY = {"social_care", "police", "health", "education", "youth_justice", "probation"}


def begun(seat: Seat, *, name: str | None = "ann other", born: str = BORN, why: str | None = "Missing") -> Any:
    """The case that is opened, or the refusal. Nothing of it stays."""
    with undone():
        return called(seat, BEGIN, name, born, why)


def used(seat: Seat, case: int, *, number: int = 1, hours: int = 1) -> tuple[int, int]:
    """An emergency access by that seat: its key and its principal, which the seat holds until it ends."""
    ends = moment(hours)
    ((access, principal),) = owner_rows(
        "insert into access_emergencyaccess (reference, record_id, partnership_id, membership_id, scope, reason, "
        "begun_at, ends_at, review_due_on, outcome, review_note) values (%s, %s, %s, %s, 3, 'x', now(), %s, "
        "current_date, '', '') returning id, principal",
        *(f"E-{number}", case, seat.partnership_id, seat.membership_id, ends),
    )
    owner(
        "insert into accounts_holding (membership_id, principal, from_on, until_at) values (%s, %s, current_date, %s)",
        *(seat.membership_id, principal, ends),
    )
    return int(access), int(principal)


# --- Beginning -------------------------------------------------------------------------------------------------------


def test_referrals_begin_emergency_is_for_three_roles_of_statutory_agencies(cast: Cast) -> None:
    seat = cast["police_member"]
    made = made_case(cast["practitioner"])
    assert callers(seat, BEGIN, "ann other", BORN, "Missing") == {Role.PRACTITIONER, Role.MANAGER, Role.AGENCY_LEAD}
    lead = cast["police_lead"]
    kinds = set()
    for kind in AgencyKind.values:
        with undone():
            owner("update agencies_agency set kind = %s where id = %s", kind, lead.agency_id)
            if begun(lead) == made.case:
                kinds.add(kind)
            else:
                assert begun(lead) == REFUSED, kind
    assert kinds == STATUTORY
    owner("update accounts_membership set until_on = '2020-12-31' where id = %s", lead.membership_id)
    assert begun(lead) == REFUSED


def test_referrals_begin_emergency_matches_name_and_birth_within_the_partnership(cast: Cast) -> None:
    seat = cast["police_lead"]
    made = made_case(cast["practitioner"])
    made_case(cast["practitioner"], name="beth other", opened="2026-02-02")
    foreign = made_case(cast["stranger_practitioner"], name="cara other")
    nameless = made_case(cast["practitioner"], name="")
    assert begun(seat) == made.case
    assert begun(cast["stranger_police"], name="cara other") == foreign.case
    for wrong in (
        {"name": "ann othe"},
        {"name": "cara other"},
        {"name": ""},
        {"name": None},
        {"born": "2011-03-28"},
        {"why": ""},
        {"why": "  "},
        {"why": None},
    ):
        assert begun(seat, **wrong) is None, wrong
    assert nameless.case != made.case


def test_referrals_begin_emergency_opens_nothing_that_is_restricted_or_barred_to_the_person(cast: Cast) -> None:
    seat, other = cast["police_lead"], cast["health_lead"]
    made = made_case(cast["practitioner"])
    with undone():
        restrict(seat, [made.case])
        assert begun(seat) is None
    with undone():
        bar(seat, [made.case])
        assert (begun(seat), begun(other)) == (None, made.case)
    restrict(seat, [record(seat)])
    bar(seat, [record(seat)])
    assert begun(seat) == made.case


@pytest.mark.parametrize(("closed", "scope"), [(None, 3), ("2026-02-01", 2)])
def test_referrals_begin_emergency_opens_a_closed_case_at_the_summary(
    cast: Cast, closed: str | None, scope: int
) -> None:
    seat = cast["police_lead"]
    made = made_case(cast["practitioner"])
    owner("update referrals_case set closed_on = %s where record_id = %s", closed, made.case)
    assert called(seat, BEGIN, "ann other", BORN, "Missing") == made.case
    assert owner_rows(
        "select a.scope, a.reason, g.scope from access_emergencyaccess a "
        "join access_grant g on g.principal = a.principal and g.record_id = a.record_id"
    ) == [(scope, "Missing", scope)]


# --- Which case it was -----------------------------------------------------------------------------------------------


def test_referrals_emergency_case_is_told_to_its_user_officers_and_who_holds_the_case(cast: Cast) -> None:
    user, seat, stranger = cast["police_lead"], cast["health_lead"], cast["stranger_police"]
    made, apart = made_case(cast["practitioner"]), made_case(cast["practitioner"])
    (access, _), (second, _) = used(user, made.case), used(user, apart.case, number=2)
    case_of = "referrals_emergency_case(%s)"
    reference = f"M-{made.case}"

    def told(of: Seat) -> set[str]:
        found = set()
        for role in ROLES:
            with undone():
                answer = called(as_role(of, role), case_of, access)
                assert answer in {None, reference}, role
                found |= {role} if answer else set()
        return found

    assert (told(user), called(user, case_of, second)) == (set(ROLES), f"M-{apart.case}")
    officers = {Role.INFORMATION_GOVERNANCE, Role.SYSTEM}
    assert (told(seat), told(stranger)) == (officers, set())
    hold(seat.principal, apart.case, 3)
    assert told(seat) == officers
    for each in (seat, stranger):
        hold(each.principal, made.case, 1)
    assert (told(seat), told(stranger)) == (set(ROLES), set())
    with undone():
        bar(seat, [made.case])
        bar(user, [apart.case])
        assert (told(seat), told(user)) == (set(), set(ROLES))
    bar(user, [made.case])
    assert told(user) == set()
    owner("update accounts_membership set until_on = '2020-12-31' where id = %s", seat.membership_id)
    assert called(seat, case_of, access) is None


# --- Addresses -------------------------------------------------------------------------------------------------------

READ_ONLY = {"ig", "admin", "analyst", "analyst_identifiable", "auditor"}
CHANGES = "referrals_address_changes(%s, date '2026-03-03')"


def protect(made: Made, seat: Seat, *, until: str | None = None) -> None:
    owner(
        "insert into referrals_protectedaddress (record_id, child_id, address, reason, since_on, until_on, "
        "written_by_id) values (%s, %s, '1 Hidden Way', 'A threat', '2026-01-01', %s, %s)",
        *(record(seat, "address", within_id=made.case), made.child, until, seat.membership_id),
    )


def addresses(made: Made) -> tuple[str, set[str | None]]:
    """The ordinary address of the child, and the days on which protected ones end."""
    ((ordinary,),) = owner_rows("select address from referrals_childidentity where child_id = %s", made.child)
    ends = owner_rows("select until_on::text from referrals_protectedaddress where child_id = %s", made.child)
    return ordinary, {day for (day,) in ends}


def test_referrals_address_changes_empties_what_is_of_that_child_only(cast: Cast) -> None:
    seat = cast["practitioner"]
    apart, made, same, later = (made_case(seat) for _ in range(4))
    for each in (apart, made, same, later):
        protect(each, seat)
    protect(made, seat, until="2026-02-02")
    merge(seat, made.child, same.child)
    hold(seat.principal, made.case, 3)
    assert called(seat, CHANGES, made.case) != REFUSED
    assert addresses(made) == ("", {"2026-02-02", "2026-03-03"})
    assert addresses(same) == ("", {"2026-03-03"})
    assert addresses(apart) == addresses(later) == ("At home", {None})


def test_referrals_address_changes_asks_for_a_matter_about_a_child_in_full(cast: Cast) -> None:
    seat, other = cast["practitioner"], cast["police_member"]
    made = made_case(seat)
    for scope, refused in ((1, True), (2, True), (3, False)):
        hold(seat.principal, made.case, scope)
        with undone():
            assert (called(seat, CHANGES, made.case) == REFUSED) == refused, scope
    assert callers(seat, CHANGES, made.case) == set(ROLES) - {Role.SYSTEM, *READ_ONLY}
    assert called(other, CHANGES, made.case) == REFUSED
    for kind, about, refused in (
        ("referral", made.child, False),
        ("case", made.child, False),
        ("case", None, True),
        ("item", made.child, True),
        ("theme", made.child, True),
    ):
        with undone():
            rec = record(seat, kind, about_id=about)
            hold(seat.principal, rec, 3)
            assert (called(seat, CHANGES, rec) == REFUSED) == refused, (kind, about)
    bar(seat, [made.case])
    assert called(seat, CHANGES, made.case) == REFUSED


def test_referrals_address_changes_is_not_opened_by_emergency_access(cast: Cast) -> None:
    seat, other = cast["police_lead"], cast["health_lead"]
    made, apart = made_case(cast["practitioner"]), made_case(cast["practitioner"])
    _, emergency = used(seat, made.case)
    hold(emergency, made.case, 3, moment(1))
    hold(other.principal, made.case, 3)
    hold(seat.principal, apart.case, 3)
    assert called(seat, "access_held(%s)", made.case) == 3
    assert called(seat, CHANGES, made.case) == REFUSED
    for scope, hours, refused in ((1, None, True), (2, None, True), (3, -1, True), (3, 1, False), (3, None, False)):
        with undone():
            hold(seat.principal, made.case, scope, moment(hours) if hours else None)
            assert (called(seat, CHANGES, made.case) == REFUSED) == refused, (scope, hours)
    assert called(other, CHANGES, made.case) != REFUSED


def test_referrals_address_protected_is_told_to_who_holds_the_child_in_full(cast: Cast) -> None:
    seat, protected = cast["practitioner"], "referrals_address_protected(%s)"
    made, apart, same, former = (made_case(seat) for _ in range(4))
    protect(made, seat)
    protect(former, seat, until="2026-02-02")
    merge(seat, same.child, made.child)
    for scope, told in ((0, False), (1, False), (2, False), (3, True)):
        for each in (made, apart, same, former):
            if scope:
                hold(seat.principal, each.child, scope)
        answers = [called(seat, protected, each.child) for each in (made, same, apart, former)]
        assert answers == [told, told, False, False], scope
