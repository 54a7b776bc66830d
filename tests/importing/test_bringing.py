"""What a spreadsheet becomes: children, cases, referrals, tiers, actions and places; nothing lost, nobody told."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from celery import current_app
from django.conf import settings

from mace.access.models import Disclosure
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from mace.importing.enums import ImportStatus
from mace.importing.models import Import, ImportedCell, ImportedRow
from mace.importing.services import bringing
from mace.importing.services.bringing import run_import
from mace.importing.services.planning import (
    bring_file,
    correct_cell,
    decide_people,
    forget_old,
    set_columns,
    start,
)
from mace.importing.tasks import forget_imports_of
from mace.notifications.models import Message
from panels.models import Action
from referrals.models import Case, Child, Concern, Referral, RiskAssessment, TierPeriod
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import open_case
from tests.importing.ground import AT, brought, checked, imported, started
from tests.importing.sheets import HEAD, book, row, tracker
from volt.models import Location

DAY = dt.date
NAMES = ("Marla Quillfeather", "Tobin Ashgrove", "Wren Halloway", "Ivy Penhallow", "Jory Trevean")
FIVE = [row(name, f"0{number + 1}/05/2011") for number, name in enumerate(NAMES)]


def tiers(case: Case) -> list[tuple[str, dt.date, dt.date | None]]:
    return list(TierPeriod.objects.filter(case=case).order_by("from_on", "pk").values_list("tier", "from_on", "to_on"))


def test_a_row_becomes_a_child_a_referral_and_a_case(cast: Cast) -> None:
    imported(cast, tracker(row("Marla Quillfeather", "04/05/2011", rating="sig", concern="CSE", sex="Female")))
    with acting_as(cast["coordinator"]):
        case = Case.objects.select_related("child__identity", "child__profile", "summary").get()
        child, referral = case.child, Referral.objects.get()
        assert (child.identity.forename, child.identity.surname) == ("Marla", "Quillfeather")
        assert (child.identity.date_of_birth, child.profile.sex) == (DAY(2011, 5, 4), "F")
        assert (case.opened_on, case.closed_on) == (DAY(2026, 2, 9), None)
        assert (case.summary.rating, case.summary.primary_category) == ("significant", "CSE")
        assert tiers(case) == [("pre_mace", DAY(2026, 2, 9), None)]
        assert (referral.case_id, referral.status, referral.submitted_on) == (case.pk, "accepted", DAY(2026, 2, 2))
        assert case.lead_professional_id == cast["coordinator"].membership_id
        assert Concern.objects.get().primary_category == "CSE"
        assert RiskAssessment.objects.get().rating == "significant"


def test_rows_of_one_child_make_a_case_for_each_time(cast: Cast) -> None:
    """Closed, and referred again later: two cases. Open, and on the list again: one case with two referrals."""
    content = tracker(
        row("Marla Quillfeather", "04/05/2011", referred="01/09/2025", pre="10/09/2025", state="Closed"),
        row("Quillfeather Marla", "2011-05-04", rating="Emerging"),
        row("Marla Quillfeather", "4 May 2011", rating="sig", referred="01/03/2026", pre="", mace="20/03/2026"),
    )
    imported(cast, content)
    with acting_as(cast["coordinator"]):
        assert Child.objects.count() == 1
        first, second = Case.objects.order_by("opened_on")
        assert tiers(first) == [("pre_mace", DAY(2025, 9, 10), DAY(2025, 9, 10))]
        assert tiers(second) == [("pre_mace", DAY(2026, 2, 9), DAY(2026, 3, 20)), ("mace", DAY(2026, 3, 20), None)]
        assert (first.closed_on, second.closed_on) == (DAY(2025, 9, 10), None)
        assert Counter(Referral.objects.values_list("case_id", flat=True)) == {first.pk: 1, second.pk: 2}
        assert second.summary.rating == "significant"
        assert list(
            RiskAssessment.objects.filter(record_id__in=Referral.objects.filter(case=second).values("record_id"))
            .order_by("effective_on")
            .values_list("rating", flat=True)
        ) == ["emerging", "significant"]


def test_the_last_row_closes_the_case_at_every_tier(cast: Cast) -> None:
    content = tracker(
        row("Marla Quillfeather", "04/05/2011", pre="09/02/2026", mace="20/02/2026"),
        row("Marla Quillfeather", "04/05/2011", referred="01/03/2026", pre="10/03/2026", state="Closed"),
    )
    imported(cast, content)
    with acting_as(cast["coordinator"]):
        case = Case.objects.get()
        assert case.closed_on == DAY(2026, 3, 10)
        assert tiers(case) == [
            ("pre_mace", DAY(2026, 2, 9), DAY(2026, 2, 20)),
            ("mace", DAY(2026, 2, 20), DAY(2026, 3, 10)),
        ]


def test_a_case_that_is_open_here_is_added_to_and_otherwise_left_as_it_is(cast: Cast) -> None:
    case = open_case(cast)
    with acting_as(cast["coordinator"]):
        before = (tiers(case), case.summary.rating, Case.objects.get().closed_on)
    imported(cast, tracker(row("Tamika Brightwater", "27/03/2011", rating="sig", state="Closed")))
    with acting_as(cast["coordinator"]):
        case = Case.objects.select_related("summary").get()
        assert (tiers(case), case.summary.rating, case.closed_on) == before
        assert Referral.objects.filter(case=case).count() == 2
        assert list(ImportedRow.objects.values_list("outcome", "made_case", "made_child")) == [("added", False, False)]


def test_nobody_else_is_told_and_no_agency_sees_it(cast: Cast) -> None:
    """Whoever asked is told that it is checked and done, and of whom it speaks nobody."""
    imported(cast, tracker(row("Marla Quillfeather", "04/05/2011", actions="Police to check - Police by 30/04/2026")))
    with as_owner():
        told = set(Message.objects.values_list("recipient_id", "about"))
        assert told == {(cast["coordinator"].membership_id, None)}
        assert (Message.objects.count(), Disclosure.objects.count(), Action.objects.count()) == (2, 0, 1)
    for name, sees in (
        ("coordinator", 1),
        ("chair", 0),
        ("practitioner", 0),
        ("police_lead", 0),
        ("social_care_lead", 0),
        ("stranger_coordinator", 0),
    ):
        with acting_as(cast[name]):
            assert (Case.objects.count(), Child.objects.count(), ImportedCell.objects.exists()) == (
                sees,
                sees,
                bool(sees),
            ), name


def test_actions_that_are_not_done_are_given_to_whoever_brings_them_in(cast: Cast) -> None:
    actions = (
        "SW to complete NRM - Police by 30/04/2026\n"
        "Housing to look at move - Housing by 01/03/2026\n"
        "Safety plan updated - SW by DONE"
    )
    imported(
        cast,
        tracker(
            row("Marla Quillfeather", "04/05/2011", actions=actions),
            row("Tobin Ashgrove", "05/06/2012", actions=actions, state="Closed"),
        ),
    )
    with acting_as(cast["coordinator"]):
        made = {action.text: action for action in Action.objects.all()}
        assert {text: action.due_on for text, action in made.items()} == {
            "SW to complete NRM (Police)": DAY(2026, 4, 30),
            "Housing to look at move (Housing)": DAY(2026, 4, 29),  # the day has passed: 28 days from now
        }
        assert {action.owner_id for action in made.values()} == {cast["coordinator"].membership_id}


def test_what_stood_in_every_cell_is_kept_word_for_word(cast: Cast) -> None:
    cells = row(
        "Marla Quillfeather", "04/05/2011", rating="Amber", concern="CCE + missing", comments="Aunt rings on Fridays"
    )
    imported(cast, tracker(cells))
    with acting_as(cast["coordinator"]):
        found = list(ImportedCell.objects.order_by("pk").values_list("cell", "field", "text", "sheet", "file_name"))
    texts = {(cell, text) for cell, _, text, _, _ in found}
    letters = "ABCDEFGHIJK"
    assert {(f"{letters[at]}3", said) for at, said in enumerate(cells) if said} <= texts
    assert {(sheet, name) for *_, sheet, name in found} == {("Tracker", "tracker.xlsx")}
    assert {(cell, text) for cell, field, text, *_ in found if not field} >= {
        ("D3", "Amber"),
        ("K3", "Aunt rings on Fridays"),
    }


def test_what_has_no_rating_is_shown_as_not_rated(cast: Cast) -> None:
    imported(cast, tracker(row("Marla Quillfeather", "04/05/2011", rating="RED")))
    client = cast.client("coordinator")
    with acting_as(cast["coordinator"]):
        case = Case.objects.get()
    body = client.get(f"/cases/{case.reference}/").content.decode()
    assert "Not rated yet" in body
    assert f"/cases/{case.reference}/spreadsheet/" in body
    assert "‘RED’" not in body
    assert "RED" in client.get(f"/cases/{case.reference}/spreadsheet/").content.decode()


def test_a_row_that_cannot_be_imported_is_said_and_the_others_are(cast: Cast) -> None:
    content = tracker(
        row("Marla Quillfeather", "approx 15"),
        row("Tobin Ashgrove", "05/06/2012", referred="", pre=""),
        row("Wren Halloway", "06/07/2012", referred="02/02/2027", pre=""),
        row("Ivy Penhallow", "07/08/2012"),
    )
    file = imported(cast, content)
    with acting_as(cast["coordinator"]):
        assert dict(ImportedRow.objects.filter(file=file, outcome="left_out").values_list("row", "words")) == {
            3: "B3: The date of birth is not a date. The row is not imported without one. "
            "Correct the cell, then check again",
            4: "No date says when this was referred or discussed. Correct a cell, then check again",
            5: "A date lies in the future. Correct the cell, then check again",
        }
        assert Case.objects.count() == 1


def test_a_corrected_cell_is_read_and_what_stood_there_is_kept(cast: Cast) -> None:
    file, seat = checked(cast, brought(cast, tracker(row("Marla Quillfeather", "approx 15")))), cast["coordinator"]
    assert [one["cell"] for one in file.found["doubts"] if one["blocks"]] == ["B3"]
    with acting_as(seat):
        file = correct_cell(file=file, sheet="Tracker", cell="B3", text="4 May 2011", version=file.version, by=seat)
        assert (file.status, file.found) == (ImportStatus.PLANNING, {})
    file = checked(cast, file)
    assert "left_out" not in file.found["counts"]
    with acting_as(seat):
        bringing_file = Import.objects.get(pk=file.pk)
        going = start(file=bringing_file, status=ImportStatus.IMPORTING, by=seat, queue=False)
        assert run_import(file=going, by=seat, at=AT)
        assert Child.objects.get().identity.date_of_birth == DAY(2011, 5, 4)
        assert ImportedCell.objects.get(cell="B3").text == "approx 15 (read as: 4 May 2011)"


def test_people_are_kept_apart_when_that_is_decided(cast: Cast) -> None:
    """Two whom the file names alike, with one date of birth, and who are not one."""
    content = tracker(
        row("Marla Quillfeather", "04/05/2011"), row("Marla Quillfeather", "04/05/2011", referred="03/02/2026")
    )
    file, seat = checked(cast, brought(cast, content)), cast["coordinator"]
    [group] = file.found["groups"]
    assert (group["sure"], file.found["counts"]["children"]) == (True, 1)
    with acting_as(seat):
        file = decide_people(file=file, same={group["key"]: False}, version=file.version, by=seat)
    file = checked(cast, file)
    assert file.found["counts"] == {"children": 2, "cases": 2}
    with acting_as(seat):
        going = start(file=file, status=ImportStatus.IMPORTING, by=seat, queue=False)
        assert run_import(file=going, by=seat, at=AT)
        assert (Child.objects.count(), Case.objects.count()) == (2, 2)


def test_people_kept_apart_stay_so_when_the_import_goes_on_elsewhere(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing, "AT_ONCE", 1)
    content = tracker(
        row("Marla Quillfeather", "04/05/2011"), row("Marla Quillfeather", "04/05/2011", referred="03/02/2026")
    )
    file, seat = checked(cast, brought(cast, content)), cast["coordinator"]
    with acting_as(seat):
        key = file.found["groups"][0]["key"]
        file = checked(cast, decide_people(file=file, same={key: False}, version=file.version, by=seat))
        going = start(file=file, status=ImportStatus.IMPORTING, by=seat, queue=False)
        turns = iter([True, False])
        assert not run_import(file=going, by=seat, at=AT, more=lambda: next(turns))
        assert Child.objects.count() == 1
        assert run_import(file=going, by=seat, at=AT)  # as another task does it: nothing is remembered from the first
        assert Child.objects.count() == 2


def test_a_row_that_cannot_be_stored_is_left_out_alone(cast: Cast) -> None:
    """Eighty letters that become two hundred and forty once they are written small for the sort key."""
    long = "\ufb03" * 80
    file = started(cast, tracker(*FIVE, row(f"Ivo {long}", "04/05/2012")))
    seat = cast["coordinator"]
    assert file.found["counts"] == {"children": 5, "cases": 5, "left_out": 1}
    with acting_as(seat):
        assert run_import(file=file, by=seat, at=AT)
        assert Case.objects.count() == 5
        left = ImportedRow.objects.get(outcome="left_out")
        assert (left.row, left.words) == (8, bringing.NOT_STORED)


def test_what_no_field_holds_is_kept_as_text_and_what_is_not_taken_is_not_kept(cast: Cast) -> None:
    head = [*HEAD, "Outcome", "Favourite colour"]
    rows = [[*row("Marla Quillfeather", "04/05/2011"), "Moved to the south coast", "green"]]
    file, seat = brought(cast, book(Tracker=[["MACE tracker"], head, *rows])), cast["coordinator"]
    with acting_as(seat):
        columns = {one["heading"]: one for one in file.plan["sheets"][0]["columns"]}
        fields = {one["column"]: one["field"] for one in columns.values()}
        fields[columns["Favourite colour"]["column"]] = "ignore"
        names = file.plan["sheets"][0]["names"]
        assert fields[columns["Outcome"]["column"]] == "outcome"
        file = set_columns(file=file, sheet="Tracker", fields=fields, names=names, version=file.version, by=seat)
    file = checked(cast, file)
    with acting_as(seat):
        going = start(file=file, status=ImportStatus.IMPORTING, by=seat, queue=False)
        assert run_import(file=going, by=seat, at=AT)
        kept = {one.heading: (one.field, one.text) for one in ImportedCell.objects.all()}
        assert kept["Outcome"] == ("", "Moved to the south coast")
        assert kept["YP name"] == ("name", "Marla Quillfeather")
        assert "Favourite colour" not in kept


def test_places_are_recorded(cast: Cast) -> None:
    places = [
        ["Location", "Concern", "First raised", "RAG"],
        ["Arches behind the station", "Dealing", "01/02/2026", "R"],
    ]
    imported(cast, book(Tracker=[["t"], *[HEAD, *FIVE]], Locations=places))
    with acting_as(cast["coordinator"]):
        place = Location.objects.select_related("account").get()
        assert place.name == "Arches behind the station"
        assert place.account.harms == "Concern: Dealing\nFirst raised: 01/02/2026\nRAG: R"


def test_the_dry_run_says_what_the_import_then_does_and_leaves_nothing(cast: Cast) -> None:
    content = tracker(*FIVE)
    file = checked(cast, brought(cast, content))
    with as_owner():
        assert (Case.objects.count(), Child.objects.count(), ImportedRow.objects.count()) == (0, 0, 0)
    counted = file.found["counts"]
    assert counted == {"children": 5, "cases": 5}
    done = imported(cast, content)
    assert done.found["counts"] == counted
    with as_owner():
        assert (Case.objects.count(), Child.objects.count(), Referral.objects.count()) == (5, 5, 5)
    assert (done.content, done.plan, done.outline, done.decisions) == (None, {}, [], {})


def test_an_import_that_died_goes_on_where_it_stopped(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bringing, "AT_ONCE", 2)
    file = started(cast, tracker(*FIVE))
    seat, whole = cast["coordinator"], bringing.Bringing.bring
    calls: list[int] = []

    def dies(self: bringing.Bringing, some: bringing.Some) -> int:
        calls.append(1)
        done = whole(self, some)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(bringing.Bringing, "bring", dies)
    with acting_as(seat):
        with pytest.raises(KeyboardInterrupt):
            run_import(file=file, by=seat, at=AT)
        assert (Case.objects.count(), Import.objects.get(pk=file.pk).rows_done) == (2, 2)
        monkeypatch.setattr(bringing.Bringing, "bring", whole)
        assert run_import(file=file, by=seat, at=AT)
        assert Case.objects.count() == 5
        assert not run_import(file=Import.objects.get(pk=file.pk), by=seat, at=AT)
        assert not run_import(file=file, by=seat, at=AT)  # as it was before: another worker with an old row
        assert Case.objects.count() == 5


@pytest.mark.parametrize("name", ["practitioner", "chair", "police_lead", "admin", "board"])
def test_only_coordinators_bring_in_files(cast: Cast, name: str) -> None:
    with pytest.raises(NotAllowed), acting_as(cast[name]):
        bring_file(content=tracker(), name="t.xlsx", by=cast[name], at=AT)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7 something",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        b"PK\x03\x04 broken",
        b"x" * (21 * 1024 * 1024),
    ],
)
def test_what_is_no_spreadsheet_is_refused_in_plain_words(cast: Cast, content: bytes) -> None:
    seat = cast["coordinator"]
    with acting_as(seat), pytest.raises(RuleBroken) as refused:
        bring_file(content=content, name="cases.xlsx", by=seat, at=AT)
    assert len(refused.value.message) > 20
    with as_owner():
        assert not Import.objects.exists()


def test_a_file_that_nobody_goes_on_with_is_forgotten_after_thirty_days(cast: Cast) -> None:
    old, done = checked(cast, brought(cast, tracker(*FIVE))), imported(cast, tracker(*FIVE))
    for days, status in ((30, ImportStatus.CHECKED), (31, ImportStatus.LEFT)):
        for name in ("system", "stranger_system"):
            with acting_as(cast[name]):
                forget_old(by=cast[name], at=AT + dt.timedelta(days=days))
        with as_owner():
            assert Import.objects.get(pk=old.pk).status == status
    with as_owner():
        assert Import.objects.get(pk=old.pk).content is None
        assert Import.objects.get(pk=done.pk).status == ImportStatus.IMPORTED
    names = [str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    assert names.count("mace.importing.tasks.forget_imports") == 1
    assert "mace.importing.tasks.forget_imports" in current_app.tasks


def test_another_partnerships_files_are_not_forgotten(cast: Cast) -> None:
    file = brought(cast, tracker(*FIVE))
    forget_imports_of(partnership_id=cast.other_partnership.pk)
    with as_owner():
        assert Import.objects.get(pk=file.pk).status == ImportStatus.PLANNING
    forget_imports_of(partnership_id=cast.partnership.pk)
    with as_owner():
        assert Import.objects.get(pk=file.pk).status == ImportStatus.LEFT  # brought in long ago
