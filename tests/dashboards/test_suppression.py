"""What is published tells of no child, also by subtraction; and who may read it."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, ProgrammingError, transaction

from dashboards.models import PublishedFigures
from dashboards.rules import half_year_of, half_years_ended, hide, suppressed, table
from dashboards.services import publish_figures
from dashboards.tasks import publish_figures as publish_task
from mace.core.errors import NotAllowed
from mace.core.seat import acting_as
from tests.dashboards.samples import AT, import_sample
from tests.factories.cast import Cast

LATER = dt.datetime(2024, 4, 2, 5, tzinfo=dt.UTC)
LEAST_POSSIBLE_VALUES = 3


def splits(total: int, places: int) -> Iterator[tuple[int, ...]]:
    """Every way to put ``total`` people into ``places`` groups."""
    if places == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in splits(total - first, places - 1):
            yield (first, *rest)


@pytest.mark.parametrize(
    ("places", "total"),
    [(2, n) for n in range(10, 40)]
    + [(3, n) for n in range(10, 27)]
    + [(4, n) for n in range(10, 23)]
    + [(5, n) for n in range(10, 17)],
)
def test_no_hidden_count_can_be_worked_out_by_who_knows_rule_and_total(places: int, total: int) -> None:
    possible: dict[tuple[int | None, ...], list[set[int]]] = defaultdict(lambda: [set() for _ in range(places)])
    for counts in splits(total, places):
        for place, values in enumerate(possible[tuple(hide(counts))]):
            values.add(counts[place])
    for shown, all_values in possible.items():
        for count, could_be in zip(shown, all_values, strict=True):
            if count is None:
                assert len(could_be) >= LEAST_POSSIBLE_VALUES, shown
            else:
                assert could_be == {count}
                assert count == 0 or count >= 5


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([5, 10, 0], [5, 10, 0]),
        ([3, 6, 16, 0], [None, None, 16, 0]),
        ([2, 13, 0], [None, None, None]),
        ([1, 1, 13], [None, None, None]),
        ([4, 4, 4, 20], [None, None, None, 20]),
        ([1, 9, 15], [None, None, None]),
        ([0, 30], [0, 30]),
    ],
)
def test_hiding_by_example(counts: list[int], shown: list[int | None]) -> None:
    assert hide(counts) == shown


def test_shares_of_hidden_counts_and_of_few_people_are_hidden() -> None:
    hidden = suppressed(table("rating", "Rating", [("a", 3), ("b", 6), ("c", 16)]))
    assert [(group.count, group.percent) for group in hidden.groups] == [(None, None), (None, None), (16, 64.0)]
    assert hidden.total == 25
    few = suppressed(table("rating", "Rating", [("a", 9), ("b", 0)]))
    assert [(group.count, group.percent) for group in few.groups] == [(9, None), (0, None)]


def test_half_years_touch_and_never_overlap() -> None:
    periods = half_years_ended(before=dt.date(2024, 4, 2), count=6)
    assert periods[0] == (dt.date(2023, 10, 1), dt.date(2024, 3, 31))
    assert periods[-1] == (dt.date(2021, 4, 1), dt.date(2021, 9, 30))
    for later, earlier in itertools.pairwise(periods):
        assert earlier[1] + dt.timedelta(days=1) == later[0]
    assert half_year_of(dt.date(2024, 2, 29)) == periods[0]
    assert half_years_ended(before=dt.date(2024, 3, 31), count=1)[0][1] == dt.date(2023, 9, 30)


def test_a_half_year_is_published_once_and_stays(cast: Cast) -> None:
    import_sample(cast)
    with acting_as(cast["system"]):
        assert publish_figures(by=cast["system"], at=AT) == 0
        assert publish_figures(by=cast["system"], at=LATER) == 1
        assert publish_figures(by=cast["system"], at=LATER) == 0
        row = PublishedFigures.objects.get()
    assert (row.month, row.body["from"], row.body["to"], row.body["referrals"]) == (
        dt.date(2024, 3, 1),
        "2023-10-01",
        "2024-03-31",
        15,
    )
    tables = {entry["name"]: entry for entry in row.body["tables"]}
    assert "team" not in tables
    assert [group["count"] for group in tables["sex"]["groups"]] == [6, 9, 0]
    assert [group["count"] for group in tables["rating"]["groups"]] == [None, 8, None, 0]
    assert all(
        group["count"] is None or group["count"] == 0 or group["count"] >= 5
        for entry in row.body["tables"]
        for group in entry["groups"]
    )
    with acting_as(cast["system"]), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        PublishedFigures.objects.filter(pk=row.pk).update(body={})
    with acting_as(cast["system"]):
        assert PublishedFigures.objects.get().body == row.body


def test_few_referrals_are_not_published(cast: Cast) -> None:
    import_sample(cast)
    with acting_as(cast["system"]):
        assert publish_figures(by=cast["system"], at=dt.datetime(2023, 10, 2, tzinfo=dt.UTC)) == 0
    with acting_as(cast["stranger_system"]):
        assert publish_figures(by=cast["stranger_system"], at=LATER) == 0
        assert not PublishedFigures.objects.exists()


def test_task_publishes_for_every_partnership_and_is_safe_to_repeat(cast: Cast) -> None:
    import_sample(cast)
    with acting_as(cast["system"]):
        publish_figures(by=cast["system"], at=LATER)
    assert publish_task() == 0


@pytest.mark.parametrize("name", ["board", "analyst", "coordinator", "chair"])
def test_board_analyst_coordinator_and_chair_read_what_is_published(cast: Cast, name: str) -> None:
    import_sample(cast)
    with acting_as(cast["system"]):
        publish_figures(by=cast["system"], at=LATER)
    with acting_as(cast[name]):
        assert PublishedFigures.objects.count() == 1


@pytest.mark.parametrize(
    "name", ["stranger_coordinator", "stranger_system", "practitioner", "police_lead", "ig", "admin"]
)
def test_others_do_not(cast: Cast, name: str) -> None:
    import_sample(cast)
    with acting_as(cast["system"]):
        publish_figures(by=cast["system"], at=LATER)
        assert PublishedFigures.objects.count() == 1
    with acting_as(cast[name]):
        assert not PublishedFigures.objects.exists()


@pytest.mark.parametrize("name", ["coordinator", "chair", "board", "practitioner"])
def test_nobody_publishes_by_hand(cast: Cast, name: str) -> None:
    with acting_as(cast[name]):
        with pytest.raises(NotAllowed):
            publish_figures(by=cast[name], at=LATER)
        with pytest.raises(DatabaseError), transaction.atomic():
            PublishedFigures.objects.create(
                partnership=cast.partnership, month=dt.date(2024, 3, 1), body={}, published_at=LATER
            )
