"""Missing episodes with the 72 hours of their interview, critical moments, and what a referral hands on to its case."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from mace.access.models import Scope
from mace.access.services import withdraw
from mace.agencies.models import LocalAuthority
from mace.core.clock import LONDON, london_date
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from mace.notifications.models import Message
from referrals.enums import Interview
from referrals.models import Case, ChildAuthority, Circumstances, CriticalMoment, MissingEpisode, Referral
from referrals.rules_pathways import interview_due, interview_late, interview_overdue, last_day, nights_missing
from referrals.selectors.pathways import pathways_of
from referrals.services import accept_referral, write_authority
from referrals.services.carrying import carry_over
from referrals.services.pathways import (
    CHANGED_BY_OTHERS,
    child_returned,
    record_interview,
    record_missing,
    report_moment,
    respond_to_moment,
)
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import MONDAY, another_child, open_case, submitted_referral
from tests.factories.sharing import shared

NOW = MONDAY + dt.timedelta(days=14)
TODAY = NOW.date()
YESTERDAY = TODAY - dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def case(cast: Cast) -> Case:
    return open_case(cast)


def missing(cast: Cast, case: Case, by: str = "practitioner", **changes: Any) -> MissingEpisode:
    said: dict[str, Any] = {"from_on": YESTERDAY, "from_time": dt.time(21, 40), "about": "Seen at the station"}
    said |= {"police_reference": "", "operation": ""}
    with acting_as(cast[by]):
        return record_missing(case=case, **said | changes, by=cast[by], at=NOW)


def moment(cast: Cast, case: Case, by: str = "practitioner", **changes: Any) -> CriticalMoment:
    said: dict[str, Any] = {"kind": "arrest", "on": TODAY, "about": "Held since noon", "operation": ""}
    with acting_as(cast[by]):
        return report_moment(case=case, **said | changes, by=cast[by], at=NOW)


def seen(cast: Cast, name: str, case: Case) -> tuple[set[str], set[str]]:
    """References of the episodes and of the moments that were reported."""
    with acting_as(cast[name]):
        found = pathways_of(case)
        return {one.reference for one in found.missing}, {one.reference for one in found.moments if not one.referral}


def told(cast: Cast, name: str) -> list[str]:
    with acting_as(cast[name]):
        return list(Message.objects.filter(recipient_id=cast[name].membership_id).values_list("subject", flat=True))


# --- The clock -------------------------------------------------------------------------------------------------------


def in_london(text: str) -> dt.datetime:
    """The first of the two where the clock shows an hour twice."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("returned", "due"),
    [
        ("2026-01-12 08:15", "2026-01-15 08:15"),  # winter
        ("2026-07-01 23:30", "2026-07-04 23:30"),  # summer: another day in UTC
        ("2026-03-27 10:00", "2026-03-30 11:00"),  # the clock goes forward on 29 March
        ("2026-03-28 23:59", "2026-04-01 00:59"),  # and so it is due a day later
        ("2026-10-24 10:00", "2026-10-27 09:00"),  # the clock goes back on 25 October
        ("2026-10-23 00:30", "2026-10-25 23:30"),  # and so it is due a day earlier
        ("2028-02-27 12:00", "2028-03-01 12:00"),  # a leap day between
    ],
)
def test_72_hours_after_a_known_hour_are_hours_that_pass(returned: str, due: str) -> None:
    back, end = in_london(returned), in_london(due)
    episode = MissingEpisode(returned_on=london_date(back), returned_at=back)
    assert interview_due(episode) == end == back + 72 * HOUR
    assert not interview_overdue(episode, end - dt.timedelta(seconds=1))
    assert interview_overdue(episode, end)


@pytest.mark.parametrize("day", ["2026-03-27", "2026-03-29", "2026-10-24", "2026-10-25", "2028-02-27", "2026-07-01"])
def test_where_only_the_day_is_known_they_end_with_the_third_day_after_it_in_london(day: str) -> None:
    back = dt.date.fromisoformat(day)
    last = back + dt.timedelta(days=3)
    episode = MissingEpisode(returned_on=back)
    assert last_day(episode) == last
    assert not interview_overdue(episode, in_london(f"{last} 23:59"))
    assert interview_overdue(episode, in_london(f"{last + dt.timedelta(days=1)} 00:00"))


def test_nothing_is_due_while_missing_or_once_done_or_declined() -> None:
    long_after = NOW + 1000 * HOUR
    assert interview_due(MissingEpisode(from_on=TODAY)) is None
    for said, overdue in (("", True), ("offered", True), ("accepted", True), ("done", False), ("declined", False)):
        assert interview_overdue(MissingEpisode(returned_on=TODAY, interview=said), long_after) == overdue, said
    for days, late in ((0, False), (3, False), (4, True)):
        on = TODAY + dt.timedelta(days=days)
        assert interview_late(MissingEpisode(returned_on=TODAY, interview="done", interview_on=on)) == late
    assert nights_missing(MissingEpisode(from_on=dt.date(2026, 2, 28)), dt.date(2026, 3, 2)) == 2


# --- Reporting -------------------------------------------------------------------------------------------------------


def test_an_episode_from_report_to_interview_and_the_lead_is_told_at_once(cast: Cast, case: Case) -> None:
    made = missing(cast, case, "coordinator")
    assert (made.from_at, made.agency_id) == (in_london(f"{YESTERDAY} 21:40"), cast["coordinator"].agency_id)
    assert f"The child is reported missing: case {case.reference}" in told(cast, "practitioner")
    by: dict[str, Any] = {"by": cast["practitioner"], "at": NOW}
    talked: dict[str, Any] = {"interview": Interview.DONE, "interview_on": TODAY, "note": "Was with a friend"}
    with acting_as(cast["practitioner"]):
        assert pathways_of(case).missing_now == made
        with pytest.raises(RuleBroken, match="Record first when the child came back"):
            record_interview(episode=made, **talked, version=1, **by)
        back = child_returned(episode=made, returned_on=TODAY, returned_time=dt.time(7, 5), version=1, **by)
        assert (back.returned_at, pathways_of(case).missing_now) == (in_london(f"{TODAY} 07:05"), None)
        again = child_returned(episode=made, returned_on=TODAY, returned_time=dt.time(7, 5), version=None, **by)
        assert MissingEpisode.objects.get(pk=again.pk).version == 2  # sent twice
        with pytest.raises(RuleBroken, match=CHANGED_BY_OTHERS):
            record_interview(episode=made, **talked, version=1, **by)
        record_interview(episode=made, **talked, version=2, **by)
        kept = MissingEpisode.objects.get(pk=made.pk)
    assert (kept.interview, kept.interview_on, kept.interview_note) == ("done", TODAY, "Was with a friend")
    assert f"The child is back: case {case.reference}" not in told(cast, "practitioner")  # they wrote it themselves


def test_a_moment_is_told_to_the_lead_and_answered_once_for_all_to_see(cast: Cast, case: Case) -> None:
    shared(cast, case.pk, "police", Scope.IDENTITY)
    made = moment(cast, case, "police_lead")
    assert made.kind_words == "Arrest"
    assert told(cast, "practitioner")[-1:] == [f"A critical moment is reported: case {case.reference}"] or (
        f"A critical moment is reported: case {case.reference}" in told(cast, "practitioner")
    )
    by: dict[str, Any] = {"by": cast["practitioner"], "at": NOW}
    with acting_as(cast["practitioner"]):
        respond_to_moment(moment=made, response="Seen in custody", version=1, **by)
        with pytest.raises(RuleBroken, match=CHANGED_BY_OTHERS):
            respond_to_moment(moment=made, response="Something else", version=1, **by)
    with acting_as(cast["police_lead"]):
        [mine] = pathways_of(case).moments
        assert (mine.response, mine.responded_by_id) == ("Seen in custody", cast["practitioner"].membership_id)
        with pytest.raises(NotAllowed):
            respond_to_moment(moment=made, response="Ours", version=None, by=cast["police_lead"], at=NOW)


@pytest.mark.parametrize(
    ("what", "changes", "field"),
    [
        (missing, {"from_on": TODAY + dt.timedelta(days=1)}, "from_on"),
        (missing, {"from_on": TODAY, "from_time": dt.time(23, 59)}, "from_time"),
        (moment, {"kind": "eclipse"}, "kind"),
        (moment, {"on": TODAY + dt.timedelta(days=1)}, "moment_on"),
        (moment, {"about": "  "}, "about"),
    ],
)
def test_what_cannot_be_is_refused(cast: Cast, case: Case, what: Any, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        what(cast, case, **changes)
    assert broken.value.field == field


@pytest.mark.parametrize(
    ("returned", "time"), [(YESTERDAY, dt.time(21, 39)), (YESTERDAY - dt.timedelta(days=1), None), (TODAY, dt.time(23))]
)
def test_nobody_is_back_before_they_were_gone_nor_tomorrow(
    cast: Cast, case: Case, returned: dt.date, time: dt.time | None
) -> None:
    made = missing(cast, case)
    with acting_as(cast["practitioner"]), pytest.raises(RuleBroken):
        child_returned(
            episode=made, returned_on=returned, returned_time=time, version=1, by=cast["practitioner"], at=NOW
        )


def test_the_same_page_sent_twice_reports_once_and_tells_once(cast: Cast, case: Case) -> None:
    for what, subject in ((missing, "The child is reported missing"), (moment, "A critical moment is reported")):
        first, again, other = (what(cast, case, "manager", operation=operation) for operation in ("a", "a", "b"))
        assert first == again != other
        assert told(cast, "practitioner").count(f"{subject}: case {case.reference}") == 2


def test_a_closed_case_takes_no_report(cast: Cast, case: Case) -> None:
    with as_owner():
        Case.objects.filter(pk=case.pk).update(closed_on=TODAY)
    for what in (missing, moment):
        with pytest.raises(RuleBroken, match="This case is closed"):
            what(cast, case)


# --- Who sees what ---------------------------------------------------------------------------------------------------


def test_an_agency_reports_at_any_scope_and_sees_its_own_alone(cast: Cast, case: Case) -> None:
    shared(cast, case.pk, "police", Scope.IDENTITY)
    shared(cast, case.pk, "education", Scope.SUMMARY)
    ours = (missing(cast, case).reference, moment(cast, case).reference)
    theirs = {
        name: (missing(cast, case, name).reference, moment(cast, case, name).reference)
        for name in ("police_lead", "education_lead")
    }
    for name, (episode, arrest) in theirs.items():
        assert seen(cast, name, case) == ({episode}, {arrest})
    every = [ours, *theirs.values()]
    for name in ("coordinator", "manager", "social_care_lead"):
        assert seen(cast, name, case) == ({pair[0] for pair in every}, {pair[1] for pair in every}), name
    for name in ("health_lead", "other_practitioner", "stranger_coordinator"):
        for what in (missing, moment):
            with pytest.raises(NotAllowed):
                what(cast, case, name)
        assert seen(cast, name, case) == (set(), set())
    with acting_as(cast["coordinator"]):
        withdraw(record_id=case.pk, agency=cast.agencies["police"], reason="Done", by=cast["coordinator"], at=NOW)
    assert seen(cast, "police_lead", case) == ({theirs["police_lead"][0]}, {theirs["police_lead"][1]})  # what it wrote
    with acting_as(cast["police_lead"]):
        [mine] = pathways_of(case).missing
        with pytest.raises(NotAllowed):  # and it changes nothing any more
            child_returned(
                episode=mine, returned_on=TODAY, returned_time=None, version=1, by=cast["police_lead"], at=NOW
            )


@pytest.mark.parametrize("name", ["board", "analyst", "ig"])
def test_who_only_reads_reports_nothing(cast: Cast, case: Case, name: str) -> None:
    for what in (missing, moment):
        with pytest.raises(NotAllowed):
            what(cast, case, name)


# --- What the database itself refuses --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("missing_returns_after_it_begins", {"returned_on": YESTERDAY - dt.timedelta(days=1)}),
        (
            "missing_returns_after_the_hour_it_begins",
            {"returned_on": YESTERDAY, "returned_at": in_london(f"{YESTERDAY} 21:39")},
        ),
        ("missing_hour_is_on_its_day", {"from_at": in_london(f"{TODAY} 00:30")}),
        ("missing_return_hour_is_on_its_day", {"returned_at": NOW}),
        ("interview_after_a_return", {"interview": "offered", "interview_on": TODAY}),
        ("interview_has_date", {"returned_on": TODAY, "interview": "done"}),
        ("interview_has_date", {"returned_on": TODAY, "interview": "done", "interview_on": YESTERDAY}),
        ("interview_has_date", {"returned_on": TODAY, "interview_on": TODAY}),
        ("interview_declined_says_why", {"returned_on": TODAY, "interview": "declined", "interview_on": TODAY}),
    ],
)
def test_an_episode_that_cannot_be_is_refused_by_the_database(
    cast: Cast, case: Case, rule: str, values: dict[str, Any]
) -> None:
    made = missing(cast, case)
    with as_owner(), pytest.raises(IntegrityError, match=rule), transaction.atomic():
        MissingEpisode.objects.filter(pk=made.pk).update(**values)


def test_an_hour_after_midnight_in_summer_is_on_its_day_in_london(cast: Cast, case: Case) -> None:
    """00:30 on 2 July in London is still 1 July in UTC."""
    made = missing(cast, case)
    with as_owner():
        MissingEpisode.objects.filter(pk=made.pk).update(
            from_on=dt.date(2026, 7, 2), from_at=in_london("2026-07-02 00:30")
        )


def test_a_moment_s_response_says_who_and_when_and_a_page_reports_once(cast: Cast, case: Case) -> None:
    made = moment(cast, case, operation="a")
    other = missing(cast, case, operation="a")
    for rule, rows, values in (
        ("moment_response_says_who_and_when", CriticalMoment.objects.filter(pk=made.pk), {"response": "Seen"}),
        ("moment_reported_once", CriticalMoment.objects.filter(pk=moment(cast, case).pk), {"operation": "a"}),
        ("missing_reported_once", MissingEpisode.objects.filter(pk=missing(cast, case).pk), {"operation": "a"}),
    ):
        with as_owner(), pytest.raises(IntegrityError, match=rule), transaction.atomic():
            rows.update(**values)
    assert other.operation == "a"


# --- What a referral hands on ----------------------------------------------------------------------------------------

PLACED = {"lives_here": "yes", "placing_authority": "E09000099", "home_told": "yes"}
TOLD_ON = {"home_told_on_day": "20", "home_told_on_month": "2", "home_told_on_year": "2026"}


@pytest.fixture
def far(cast: Cast) -> dict[str, LocalAuthority]:
    del cast
    with as_owner():
        return {
            name: LocalAuthority.objects.create(name=name, gss_code=code)
            for name, code in (("Farshire", "E09000099"), ("Nearshire", "E09000098"))
        }


def joined(cast: Cast, number: int, **changes: Any) -> Referral:
    """Another referral of the same child, accepted: it joins the open case."""
    referral = submitted_referral(cast, by="manager", at=NOW, child=another_child(number), **changes)
    with as_owner():
        child = Case.objects.get().child_id
        Referral.objects.filter(pk=referral.pk).update(child_id=child)
    with acting_as(cast["coordinator"]):
        accept_referral(referral=referral, reason="Again", lead_professional=None, by=cast["coordinator"], at=NOW)
    return referral


def test_moments_with_a_date_become_the_case_s_own_once(cast: Cast) -> None:
    case = open_case(cast)
    with as_owner():
        said = Circumstances.objects.get()
        said.moments.append({"kind": "arrest", "on": "", "about": "Some time ago"})
        said.save()
    with acting_as(cast["coordinator"]):
        referral = Referral.objects.get(case=case)
        carry_over(referral=referral, case=case, by=cast["coordinator"], at=NOW)  # once more
        [made] = pathways_of(case).moments
        assert pathways_of(case).missing == []  # a count makes no episodes
    assert (made.kind, made.on, made.about) == ("exclusion", dt.date(2026, 1, 12), "Sent home for good")
    assert (made.referral_id, made.written_by_id) == (referral.pk, cast["practitioner"].membership_id)
    assert (made.record_id, made.written_by_agency_principal) == (case.pk, None)


def test_who_placed_the_child_becomes_their_authority_from_the_day_of_acceptance(
    cast: Cast, far: dict[str, LocalAuthority]
) -> None:
    case = open_case(cast, situation=PLACED | TOLD_ON)
    with acting_as(cast["coordinator"]):
        [made] = ChildAuthority.objects.all()
        referral = Referral.objects.get(case=case)
        carry_over(referral=referral, case=case, by=cast["coordinator"], at=NOW)
        assert ChildAuthority.objects.get().doubt == ""
    assert (made.home, made.placing) == (far["Farshire"], far["Farshire"])
    assert (made.from_on, made.to_on, made.told_on) == (MONDAY.date(), None, dt.date(2026, 2, 20))
    assert (made.source, made.told_by) == (f"Referral {referral.reference}", f"As referral {referral.reference} says")


def test_a_recorded_authority_stands_and_what_another_referral_says_is_a_doubt_until_it_is_written_again(
    cast: Cast, far: dict[str, LocalAuthority]
) -> None:
    case = open_case(cast, situation=PLACED | {"placing_authority": "E09000098", "home_told": "no"})
    kept: dict[str, Any] = {"home": far["Nearshire"], "placing": far["Nearshire"], "from_on": MONDAY.date()}
    same = joined(cast, 5, situation=PLACED | TOLD_ON | {"placing_authority": "E09000098"})
    with acting_as(cast["coordinator"]):
        [row] = ChildAuthority.objects.all()
        assert (row.told_on, row.told_by) == (dt.date(2026, 2, 20), f"As referral {same.reference} says")
        assert row.doubt == ""
    other = joined(cast, 6, situation=PLACED | TOLD_ON)
    says = f"Referral {other.reference} says that Farshire placed the child here."
    page = f"/cases/{case.reference}/child/"
    with acting_as(cast["coordinator"]):
        [row] = ChildAuthority.objects.all()
        assert (row.placing, row.doubt) == (far["Nearshire"], says)
    assert says in cast.client("coordinator").get(page).content.decode()
    with acting_as(cast["coordinator"]):
        write_authority(case=case, **kept, told_on=None, told_by="", by=cast["coordinator"], at=NOW)
        assert ChildAuthority.objects.get().doubt == ""
    assert says not in cast.client("coordinator").get(page).content.decode()


# --- Taken through everything ----------------------------------------------------------------------------------------


@pytest.mark.deep
@pytest.mark.parametrize("order", list(itertools.permutations(("back", "offered", "done", "mended", "declined"))))
def test_whatever_the_order_the_row_is_one_that_can_be(cast: Cast, case: Case, order: tuple[str, ...]) -> None:
    """Against a small model: what is said last counts, the interview only after a return and not before its day."""
    made, seat = missing(cast, case), cast["practitioner"]
    returned: dt.date | None = None
    interview, interview_on = "", None
    for step in order:
        day = {"back": YESTERDAY, "mended": TODAY}.get(step, YESTERDAY if step == "offered" else TODAY)
        with acting_as(seat):
            try:
                if step in ("back", "mended"):
                    child_returned(episode=made, returned_on=day, returned_time=None, version=None, by=seat, at=NOW)
                    fine = interview_on is None or interview_on >= day
                    returned = day
                else:
                    record_interview(
                        episode=made, interview=step, interview_on=day, note="Why", version=None, by=seat, at=NOW
                    )
                    fine = returned is not None and day >= returned
                    interview, interview_on = step, day
            except RuleBroken:
                assert (
                    (interview_on is not None and interview_on < day)
                    if step in ("back", "mended")
                    else returned is None or day < returned
                )
            else:
                assert fine
            kept = MissingEpisode.objects.get(pk=made.pk)
        assert (kept.returned_on, kept.interview, kept.interview_on) == (returned, interview, interview_on), step
