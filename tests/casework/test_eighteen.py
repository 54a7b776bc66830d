"""Sharing that was decided for a child is looked at again from the 18th birthday on."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest

from mace.access.models import Disclosure, Scope
from mace.access.selectors import disclosures_of
from mace.access.services import withdraw
from mace.casework.models import SharingLookedAt
from mace.casework.selectors.sharing_subject import case_subject
from mace.casework.services.sharing import look_again
from mace.core import clock
from mace.core.clock import london_time
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from referrals.models import Case, ChildIdentity
from referrals.rules import adult_from, adult_if_born_by, age_on
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import open_case
from tests.factories.sharing import shared
from tests.referrals.test_consent import standing

DAY = dt.timedelta(days=1)
BORN = dt.date(2008, 6, 10)
BIRTHDAY = dt.date(2026, 6, 10)
WAITS, COMING = "Sharing that was decided before is to be looked at again", "turns 18 on"


@pytest.fixture
def case(cast: Cast) -> Case:
    return open_case(cast)


def born(case: Case, on: dt.date, *, known: bool = True) -> None:
    with as_owner():
        ChildIdentity.objects.filter(child_id=case.child_id).update(date_of_birth=on, birth_day_known=known)


def on_day(monkeypatch: pytest.MonkeyPatch, day: dt.date, hour: int = 9) -> None:
    monkeypatch.setattr(clock, "now", lambda: london_time(day, hour))


def read(cast: Cast, name: str, path: str) -> str:
    answer = cast.client(name).get(path)
    assert answer.status_code == 200, (name, path, answer.status_code)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def said(cast: Cast, case: Case) -> tuple[bool, bool, bool]:
    """Whether the page of sharing warns, says that the birthday comes, and whether the first page lists the case."""
    page = read(cast, "coordinator", f"/cases/{case.reference}/sharing/")
    home = read(cast, "coordinator", "/")
    return WAITS in page, COMING in page, f"Sharing to look at again: {case.reference}, 18 since" in home


@pytest.mark.parametrize("year", range(2024, 2033))
def test_the_birthday_and_the_latest_date_of_birth_are_those_of_the_age(year: int) -> None:
    days = [dt.date(year, 2, 25) + n * DAY for n in range(8)] + [dt.date(year, 12, 31), dt.date(year, 1, 1)]
    for on in days:
        assert age_on(adult_if_born_by(on), on) >= 18 > age_on(adult_if_born_by(on) + DAY, on)
        assert age_on(on, adult_from(on)) == 18
        assert age_on(on, adult_from(on) - DAY) == 17


@pytest.mark.parametrize(
    ("of", "known", "today", "expected"),
    [
        (BORN, True, BIRTHDAY - 31 * DAY, (False, False, False)),
        (BORN, True, BIRTHDAY - 30 * DAY, (False, True, False)),
        (BORN, True, BIRTHDAY - DAY, (False, True, False)),
        (BORN, True, BIRTHDAY, (True, False, True)),
        (BORN, True, BIRTHDAY + 400 * DAY, (True, False, True)),
        (dt.date(2008, 2, 29), True, dt.date(2026, 2, 28), (False, True, False)),
        (dt.date(2008, 2, 29), True, dt.date(2026, 3, 1), (True, False, True)),
        (dt.date(2008, 6, 15), False, dt.date(2026, 6, 14), (False, True, False)),
        (dt.date(2008, 6, 15), False, dt.date(2026, 6, 15), (True, False, True)),
    ],
)
def test_the_clock(
    cast: Cast,
    case: Case,
    monkeypatch: pytest.MonkeyPatch,
    of: dt.date,
    known: bool,
    today: dt.date,
    expected: tuple[bool, bool, bool],
) -> None:
    shared(cast, case.pk, "police", at=london_time(dt.date(2026, 1, 5), 9))
    born(case, of, known=known)
    on_day(monkeypatch, today)
    assert said(cast, case) == expected


@pytest.mark.parametrize(
    ("decided", "ends_on", "waits"),
    [
        # in summer, London's day begins an hour before that of UTC
        (dt.datetime(2026, 6, 9, 22, 59, tzinfo=dt.UTC), None, True),
        (dt.datetime(2026, 6, 9, 23, 0, tzinfo=dt.UTC), None, False),
        (dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC), BIRTHDAY, True),
        (dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC), BIRTHDAY - DAY, False),
    ],
)
def test_it_is_what_was_decided_before_the_birthday_and_is_in_force(
    cast: Cast,
    case: Case,
    monkeypatch: pytest.MonkeyPatch,
    decided: dt.datetime,
    ends_on: dt.date | None,
    waits: bool,
) -> None:
    shared(cast, case.pk, "police", at=decided, ends_on=ends_on)
    born(case, BORN)
    on_day(monkeypatch, BIRTHDAY)
    with as_owner():
        Disclosure.objects.filter(record_id=case.pk).exclude(starts_at=decided).delete()
    assert said(cast, case) == (waits, False, waits)


def test_looking_again_settles_it_once_and_changes_nothing(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared(cast, case.pk, "police", Scope.FULL)
    born(case, BORN)
    on_day(monkeypatch, BIRTHDAY + DAY)
    with as_owner():  # what was looked at the day before the birthday settles nothing
        early = SharingLookedAt.objects.create(
            record_id=case.pk, looked_on=BIRTHDAY - DAY, words="Early", by=cast.memberships["coordinator"]
        )
    before = standing()
    page, words = f"/cases/{case.reference}/sharing/again/", "The police still look for the phones"
    assert said(cast, case) == (True, False, True)
    assert "Looked at again" in read(cast, "coordinator", page)
    empty = cast.client("coordinator").post(page, {"words": "", "operation": "a"})
    assert (empty.status_code, "Say why it goes on" in empty.content.decode()) == (422, True)
    for name, status in {"police_lead": 403, "practitioner": 403, "stranger_coordinator": 404}.items():
        assert cast.client(name).post(page, {"words": words, "operation": "a"}).status_code == status
    with acting_as(cast["police_lead"]), pytest.raises(NotAllowed):
        look_again(
            subject=case_subject(case.reference), words=words, operation="", by=cast["police_lead"], at=clock.now()
        )
    for _ in range(2):  # sent twice
        assert cast.client("coordinator").post(page, {"words": words, "operation": "a"}).status_code == 302
    assert cast.client("coordinator").post(page, {"words": words, "operation": "b"}).status_code == 422
    with acting_as(cast["coordinator"]):
        row = SharingLookedAt.objects.exclude(pk=early.pk).get()
    assert (row.looked_on, row.words) == (BIRTHDAY + DAY, words)
    assert said(cast, case) == (False, False, False)
    assert words in read(cast, "coordinator", f"/cases/{case.reference}/sharing/")
    assert words not in read(cast, "police_lead", f"/cases/{case.reference}/sharing/")
    assert standing() == before


def test_where_nothing_is_shared_or_the_case_is_closed_nothing_waits(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared(cast, case.pk, "police")
    born(case, BORN)
    on_day(monkeypatch, BIRTHDAY)
    assert said(cast, case) == (True, False, True)
    coordinator = cast["coordinator"]
    with as_owner():
        Case.objects.filter(pk=case.pk).update(closed_on=BIRTHDAY)
    assert said(cast, case) == (False, False, False)
    with as_owner():
        Case.objects.filter(pk=case.pk).update(closed_on=None)
    with acting_as(coordinator):
        for agency in {line.agency for line in disclosures_of(case.pk)}:
            withdraw(record_id=case.pk, agency=agency, reason="Done", by=coordinator, at=clock.now())
    assert said(cast, case) == (False, False, False)
    with acting_as(coordinator), pytest.raises(RuleBroken):
        look_again(subject=case_subject(case.reference), words="All", operation="", by=coordinator, at=clock.now())
