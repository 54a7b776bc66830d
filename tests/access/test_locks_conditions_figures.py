"""Who reads the figures that are kept, and what they are compared with, and who writes them."""

from __future__ import annotations

from mace.accounts.models import Role
from tests.access.locks import attempt, owner
from tests.access.test_locks_conditions import ROLES, copies, nobody, who_may
from tests.access.world import World


def test_published_figures_are_read_by_their_partnerships_board_analysts_coordinators_and_chairs(world: World) -> None:
    owner(
        "insert into dashboards_publishedfigures (month, body, published_at, partnership_id) values ('2026-02-01', "
        "'{}', now(), %s)",
        world.cast.partnership.pk,
    )
    seat, stranger = nobody(world), world.cast["stranger_practitioner"]
    see, add = (
        "select 1 from dashboards_publishedfigures",
        copies("dashboards_publishedfigures", id=99, month="2026-01-01"),
    )
    readers = {Role.BOARD, Role.ANALYST, Role.COORDINATOR, Role.CHAIR, Role.SYSTEM}
    assert who_may(seat, see) == readers
    assert who_may(stranger, see) == set()
    assert who_may(seat, *add[:1], *add[1]) == {Role.SYSTEM}
    assert who_may(stranger, *add[:1], *add[1]) == set()
    assert who_may(seat, "update dashboards_publishedfigures set body = '{}'") == set()


def test_shares_of_the_population_are_read_in_every_seat_of_the_partnership_and_loaded_by_nobody(world: World) -> None:
    """But by the system seat, in which the command runs."""
    owner(
        'insert into dashboards_populationshare (partnership_id, dimension, "group", percent, population, source, '
        "illustrative) values (%s, 'sex', 'female', 49, 'Anytown, 10 to 21', 'Census', false)",
        world.cast.partnership.pk,
    )
    seat, stranger = nobody(world), world.cast["stranger_practitioner"]
    see, change = "select 1 from dashboards_populationshare", "update dashboards_populationshare set percent = 50"
    add, values = copies("dashboards_populationshare", id=99, group="male")
    assert who_may(seat, see) == set(ROLES)
    assert who_may(seat, change) == who_may(seat, add, *values) == {Role.SYSTEM}
    assert who_may(stranger, see) == who_may(stranger, change) == who_may(stranger, add, *values) == set()
    taken_along = change + ", partnership_id = %s"
    assert who_may(seat, taken_along, world.cast.other_partnership.pk) == set()
    brought = attempt(world.cast["stranger_system"], taken_along, world.cast.other_partnership.pk)
    assert brought[1] == 0
    assert attempt(world.cast["system"], "delete from dashboards_populationshare")[1] == 0


def test_a_view_is_seen_kept_and_removed_in_its_own_seat_alone(world: World) -> None:
    seat, other = world.cast["coordinator"], nobody(world)
    see = "select 1 from casework_savedview"
    change, remove = "update casework_savedview set name = 'x'", "delete from casework_savedview"
    add, values = copies("casework_savedview", id=99, reference="L-2", name="Another")
    for sql, given in ((see, ()), (change, ()), (remove, ()), (add, values)):
        assert attempt(seat, sql, *given)[1] == 1, sql
        assert who_may(other, sql, *given) == set(), sql
    assert attempt(seat, "update casework_savedview set membership_id = %s", other.membership_id)[1] == 0
    assert attempt(other, "update casework_savedview set membership_id = %s", other.membership_id)[1] == 0
