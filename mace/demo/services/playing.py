"""The whole play: two years of invented casework, through the very services that people use, ending today."""

from __future__ import annotations

import datetime as dt

from celery import current_app
from django.db.models import F

from dashboards.services import publish_figures
from mace.accounts.selectors import system_seats
from mace.core.clock import london_time
from mace.core.seat import Seat
from mace.demo.people import EASTMERE, NORTHGATE
from mace.demo.services.around import Around
from mace.demo.services.beside import Beside
from mace.demo.services.closing import schedule_closing_details
from mace.demo.services.guarding import Guarded
from mace.demo.services.matters import Matters
from mace.demo.services.meeting import OPERATIONAL_EVERY, PRE_MACE_EVERY, Meetings
from mace.demo.services.referring import Referring
from mace.demo.services.stage import Act, Fate, Stage, on_stage, set_stage
from mace.notifications.models import Message
from panels.enums import PanelKind
from panels.services.chasing import chase_partnership
from panels.services.reviews import chase_reviews, make_due_reviews
from referrals.models import Case, Review

YEARS_DAYS = 2 * 365
REVIEWS_SINCE_DAYS = 400
ANSWERED_AFTER_DAYS = 11
READ_AFTER_DAYS = 10
UNANSWERED_SINCE_DAYS = 14
WRITERS = ("priya", "tom", "priya", "leila", "tom", "grace")


def is_seeded(system: Seat) -> bool:
    """Whether a partnership has a case already."""
    with on_stage(system):
        return Case.objects.filter(partnership_id=system.partnership_id).exists()


def seed_casework(*, today: dt.date) -> dict[str, int]:
    """Play both partnerships up to ``today``; answers how many of what there are. Nothing of it is mailed."""
    queue = current_app.conf.broker_url
    current_app.conf.update(broker_url="memory://localhost//")
    try:
        counts = _play_eastmere(today)
        _play_northgate(today)
    finally:
        current_app.conf.update(broker_url=queue)
    for seat in system_seats():
        with on_stage(seat):
            _put_messages_behind(seat, today)
            publish_figures(by=seat, at=london_time(today, 6))
    return counts


def _put_messages_behind(seat: Seat, today: dt.date) -> None:
    """The older part of what was told counts as read."""
    rows = Message.objects.filter(partnership_principal=seat.partnership_principal, read_at__isnull=True)
    rows.filter(created_at__date__lt=today - dt.timedelta(days=READ_AFTER_DAYS)).update(read_at=F("created_at"))


def _play_eastmere(today: dt.date) -> dict[str, int]:
    stage = set_stage(EASTMERE, today=today)
    referring, meetings = Referring(stage), Meetings(stage)
    _schedule_meetings(meetings)
    _schedule_past_referrals(referring)
    _schedule_present_referrals(referring)
    Around(stage, meetings).schedule(days_ago=60)
    Matters(stage).schedule()
    Guarded(stage, meetings).schedule()
    schedule_closing_details(stage, coordinator=meetings.coordinator, since_days=YEARS_DAYS)
    Beside(stage, meetings).schedule()
    _schedule_beat(stage, meetings)
    stage.play()
    with on_stage(stage.system):
        return {
            "cases": Case.objects.filter(partnership_id=stage.system.partnership_id).count(),
            "open": Case.objects.filter(partnership_id=stage.system.partnership_id, closed_on__isnull=True).count(),
            "reviews": Review.objects.count(),
        }


def _schedule_meetings(meetings: Meetings) -> None:
    """Pre-MACE every four weeks, MACE every six; one of each is to come, and one has its minutes to approve."""
    for days_ago in _every(PRE_MACE_EVERY, -PRE_MACE_EVERY):
        meetings.plan(PanelKind.PRE_MACE, days_ago=days_ago, published=days_ago >= 0)
    for days_ago in _every(OPERATIONAL_EVERY, 4 - OPERATIONAL_EVERY):
        meetings.plan(PanelKind.OPERATIONAL, days_ago=days_ago, published=days_ago >= 0, approved=days_ago > 4)


def _every(days: int, first: int) -> list[int]:
    """Days ago, that far apart; in the first year of the play there were half as many meetings."""
    recent = list(range(first, YEARS_DAYS // 2, days))
    return [*recent, *range(recent[-1] + 2 * days, YEARS_DAYS, 2 * days)]


def _schedule_past_referrals(referring: Referring) -> None:
    """Older ones are closed by now; the later ones are open, some of them at MACE."""
    for place, days_ago in enumerate(range(YEARS_DAYS - 20, 260, -31)):
        fate = Fate(escalates=place % 4 == 0, closes_after=80 + 20 * (place % 4))
        child = referring.refer(WRITERS[place % len(WRITERS)], days_ago=days_ago, outcome="accept", fate=fate)
        if place in (2, 5, 9):  # it begins again, within a year of the closing
            referring.refer(WRITERS[place % len(WRITERS)], days_ago=days_ago - 240, outcome="accept", child=child)
    for place, days_ago in enumerate(range(255, 12, -9)):
        fate = Fate(
            escalates=place % 4 == 1, closes_after=70 if place % 5 == 0 or (days_ago > 130 and place % 4) else None
        )
        referring.refer(WRITERS[place % len(WRITERS)], days_ago=days_ago, outcome="accept", fate=fate)
    for days_ago, outcome in (
        (640, "redirect"),
        (420, "decline"),
        (300, "redirect"),
        (150, "decline"),
        (66, "redirect"),
        (31, "decline"),
        (48, "withdraw"),
    ):
        referring.refer(WRITERS[days_ago % len(WRITERS)], days_ago=days_ago, outcome=outcome)
    referring.refer("eddie", days_ago=110, outcome="accept", lead="priya")
    referring.refer("ruth", days_ago=52, outcome="accept", lead="tom")


def _schedule_present_referrals(referring: Referring) -> None:
    """What the home pages of practitioners and coordinator have on them today."""
    for who, days_ago in (("priya", 11), ("leila", 8), ("ruth", 5), ("eddie", 2), ("tom", 0)):
        referring.refer(who, days_ago=days_ago)
    referring.refer("priya", days_ago=9, outcome="return")
    referring.refer("tom", days_ago=7, outcome="return")
    for who, days_ago in (("priya", 6), ("priya", 1), ("tom", 15), ("leila", 3), ("eddie", 4)):
        referring.draft(who, days_ago=days_ago)


def _schedule_beat(stage: Stage, meetings: Meetings) -> None:
    """What beat does each day: weekly for the distant past, daily for the last eight weeks."""
    for days_ago in [*range(REVIEWS_SINCE_DAYS, 56, -7), *range(56, -1, -1)]:
        stage.at(stage.when(days_ago, 7), lambda at: _beat(stage, meetings, at))


def _beat(stage: Stage, meetings: Meetings, at: dt.datetime) -> None:
    with on_stage(stage.system) as seat:
        known = set(Review.objects.values_list("pk", flat=True))
        if make_due_reviews(by=seat, at=at):
            for review in Review.objects.exclude(pk__in=known):
                recent = (stage.today - review.due_on).days < UNANSWERED_SINCE_DAYS
                if not recent or review.pk % 2:  # of the newest, every second is left unanswered
                    stage.at(at + dt.timedelta(days=ANSWERED_AFTER_DAYS, hours=5), _answers(meetings, review.pk))
        if (stage.today - at.date()).days <= 60:
            chase_reviews(by=seat, at=at)
            chase_partnership(by=seat, at=at)


def _answers(meetings: Meetings, review_id: int) -> Act:
    return lambda at: meetings.answer(review_id, at)


def _play_northgate(today: dt.date) -> None:
    """A few cases of strangers, so that there is something that Eastmere cannot see."""
    stage = set_stage(NORTHGATE, today=today)
    stage.children = iter(list(stage.children)[72:])
    referring, meetings = Referring(stage), Meetings(stage)
    for days_ago in (-21, 35):
        meetings.plan(PanelKind.PRE_MACE, days_ago=days_ago, published=days_ago >= 0)
    for days_ago in (70, 50):
        referring.refer("dilys", days_ago=days_ago, outcome="accept")
    referring.refer("dilys", days_ago=4)
    stage.play()
