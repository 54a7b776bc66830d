"""The bench measures what it says: selectors in seats, bound by the policies; and it says what falls short."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.benchmarks import places, report, store
from tests.benchmarks.asking import QUESTIONS, Asked
from tests.benchmarks.places import at
from tests.benchmarks.running import READ_LOG_AT_MOST, Found, find_out
from tests.benchmarks.store import CannotMeasure, Size
from tests.benchmarks.timing import Measured, Place, ReadLog, Times, check_bound, measure, place
from tests.cluster import clone, servers

PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw") or 0)
SIZE = Size(cases=600, agencies=12 + PROCESS)  # of a name of its own in each process of a run
SEATS = ("large", "middle", "small", "coordinator")


@pytest.fixture(scope="module")
def filled(django_db_blocker: Any, django_db_setup: None) -> Iterator[Place]:
    """Six hundred cases in a database of their own, committed, as the bench has them."""
    clone(SIZE.database)
    with django_db_blocker.unblock():
        places.fill_made(servers(), SIZE, lambda _: None)
        with place(servers(), SIZE) as made:
            yield made
    servers().drop_database(SIZE.database)


def grants_of(of: Place, seat: str) -> int:
    """How many cases a seat holds, counted by the owner."""
    held = of.seats[seat]
    principals = [held.principal, held.agency_principal if seat != "coordinator" else held.partnership_principal]
    held_cases = "select count(distinct record_id) from access_grant where kind = 'case' and principal = any (%s)"
    return counted(of, held_cases, principals)


def counted(of: Place, sql: str, *parameters: Any) -> int:
    """What the owner counts there."""
    with at(of.plain), connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return int(cursor.fetchone()[0])


def test_every_question_is_timed_in_every_seat_and_brings_what_the_seat_sees(filled: Place) -> None:
    told: list[str] = []
    found = find_out((filled,), told.append, seconds=0, fewest=2)
    assert [(one.seat, one.question.name) for one in found.questions] == [
        (seat, question.name) for seat in SEATS for question in QUESTIONS
    ]
    for one in found.questions:
        (times,) = one.times
        assert len(times.restricted) == len(times.plain) == 2
        assert min(times.restricted + times.plain) > 0
        assert min(times.buffers) > 0, one
    brought = {(one.seat, one.question.name): one.times[0].rows for one in found.questions}
    for seat in SEATS:
        held = grants_of(filled, seat)
        assert held > 0
        assert brought[seat, "list of 25"] == (min(held, 25), 25)
        assert brought[seat, "count"] == (held, SIZE.cases + 1)
        assert brought[seat, "open"] == (1, 1)
        assert 1 <= brought[seat, "name search"][0] <= min(held, 50)
    assert brought["large", "count"][0] > brought["small", "count"][0]
    assert found.log.nothing > 0
    assert counted(filled, "select count(*) from audit_readentry where action = 'bench'") == 2
    agencies = SIZE.agencies + 7  # those of the cast stand there too
    assert filled.counts == {"agencies": agencies, "cases": 601, "records": 1202, "grants": filled.counts["grants"]}
    assert filled.counts["grants"] >= 3 * SIZE.cases
    text = report.written(found.paragraphs(), ["too slow"], at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC), busy=0.0)
    assert "MISSED: too slow" in text
    assert all(text.count(f"\n{seat:<12}{question.name:<13}") == 1 for seat in SEATS for question in QUESTIONS)


def test_who_is_not_bound_is_not_measured(filled: Place) -> None:
    with at(filled.restricted):
        check_bound()
    with at(filled.plain), pytest.raises(CannotMeasure):
        check_bound()


def test_what_brings_nothing_is_not_measured(filled: Place) -> None:
    lost = replace(filled, asked={"large": Asked(references=("C-0",), names=("Qqqq Xxxxxx",))})
    search = next(question for question in QUESTIONS if question.name == "name search")
    with pytest.raises(CannotMeasure):
        measure((lost,), "large", search, seconds=0, fewest=1)


def test_a_missed_target_is_said_to_be_missed(filled: Place) -> None:
    question = QUESTIONS[0]
    just = Measured("large", question, (Times([4.5], [1.0]), Times([5.8], [1.3])))
    assert just.misses() == []
    slow = Measured("large", question, (Times([4.5], [1.0]), Times([6.0], [1.2])))
    assert slow.misses() == [
        "list of 25, large: 5.00x the plain time, wanted 4.5x",
        "list of 25, large: 1.33x the time of the smaller size, wanted 1.3x",
    ]
    plans, slow_log = ["reads from end to end"], ReadLog(added=READ_LOG_AT_MOST + 0.1, nothing=0, worked=None)
    assert Found((filled,), plans, [slow], slow_log).missed() == [
        *slow.misses(),
        "read log: an entry adds 0.70 ms, wanted 0.6 ms",
        *plans,
    ]
    assert Found((filled,), [], [just], ReadLog(added=READ_LOG_AT_MOST, nothing=0, worked=None)).missed() == []


def test_a_filling_that_would_not_fit_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "FOLDER", tmp_path)
    store.make_room([Size(cases=1, agencies=12)], servers())
    with pytest.raises(CannotMeasure, match=r"There is not enough room in .* GB are free"):
        store.make_room([Size(cases=10**12, agencies=12)], servers())
