"""What a referral about no child asks besides a grant: how it is handled, for all that hangs on it."""

from __future__ import annotations

import pytest

from mace.accounts.models import Role
from tests.access.locks import ALLOWED, REFUSED, attempt, owner
from tests.access.test_locks_conditions import ROLES, nobody, who_may
from tests.access.test_locks_conditions_volt import READ_ONLY, TEAM
from tests.access.test_locks_rows import every_record, give
from tests.access.world import World

HANGS_ON = {
    "referrals_referral": ("record_id", "redirected_to = 'x'"),
    "referrals_draftsection": ("referral_id", "operation = 'x'"),
    "referrals_matter": ("referral_id", "words = 'x'"),
}
"""Table to its column that names the referral, and a change to it."""


@pytest.mark.parametrize("table", list(HANGS_ON))
def test_what_is_for_the_police_is_told_to_them_alone(world: World, table: str) -> None:
    seat, agencies, everybody = nobody(world), world.cast.agencies, set(ROLES) - {Role.SYSTEM.value}
    give(seat, every_record(), 3)
    column, change = HANGS_ON[table]
    refused = READ_ONLY if table != "referrals_draftsection" else set()  # whose history begins when it is sent
    see = f'select 1 from "{table}" where {column} = {world.matter.pk}'
    alter = f'update "{table}" set {change} where {column} = {world.matter.pk}'
    roles = [role for role in ROLES if role != Role.SYSTEM]
    assert who_may(seat, see, roles=roles) == everybody
    owner("update referrals_referral set handling = 'T' where record_id = %s", world.matter.pk)
    for agency, expected in (("voluntary", TEAM - {"system"}), ("police", everybody)):
        owner("update accounts_membership set agency_id = %s where id = %s", agencies[agency].pk, seat.membership_id)
        assert who_may(seat, see, roles=roles) == expected, agency
        assert who_may(seat, alter, roles=roles) == expected - refused, agency
    owner("update accounts_membership set agency_id = %s where id = %s", agencies["voluntary"].pk, seat.membership_id)
    others = f'select 1 from "{table}" where {column} = {world.waiting.pk}'
    if table != "referrals_matter":
        assert who_may(seat, others, roles=roles) == everybody  # of a child's nothing else is asked


def test_its_author_is_shut_out_by_its_handling(world: World) -> None:
    """Who wrote it keeps it without a grant; not what is for others."""
    writer = world.cast["practitioner"]
    owner("delete from access_grant where record_id = %s", world.matter.pk)
    see = f"select 1 from referrals_referral where record_id = {world.matter.pk}"
    assert attempt(writer, see)[0] == ALLOWED
    owner("update referrals_referral set handling = 'T' where record_id = %s", world.matter.pk)
    assert attempt(writer, see)[0] == REFUSED
