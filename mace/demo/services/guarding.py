"""Fourth act: a restricted case, a bar, an emergency access that waits for its review, and people named for a time."""

from __future__ import annotations

import datetime as dt

from mace.access.models import Disclosure, Kind, Scope
from mace.access.services import bar_person, restrict
from mace.casework.services.emergency import begin_emergency_access
from mace.casework.services.naming import name_on_record
from mace.demo.services.meeting import Meetings
from mace.demo.services.stage import Stage, on_stage
from referrals.enums import Tier
from referrals.models import Case, ChildIdentity


class Guarded:
    """What keeps a case narrower than usual, and what opens one to somebody for a while."""

    def __init__(self, stage: Stage, meetings: Meetings) -> None:
        self.stage, self.meetings = stage, meetings
        self.taken: set[int] = set()

    def schedule(self) -> None:
        for days_ago, act in ((25, self.restrict_one), (18, self.bar_somebody), (6, self.name_for_a_time)):
            self.stage.at(self.stage.when(days_ago, 15), act)
        self.stage.at(self.stage.when(0, 8), self.open_in_an_emergency)

    def _open_cases(self) -> list[Case]:
        """Open cases that this act has not used, oldest first."""
        rows = Case.objects.filter(closed_on__isnull=True).exclude(pk__in=self.taken)
        return list(rows.select_related("lead_professional", "team").order_by("opened_on", "pk"))

    def _take(self, case: Case) -> Case:
        self.taken.add(case.pk)
        return case

    def restrict_one(self, at: dt.datetime) -> None:
        """The child of a colleague: only the coordinator, the chair and the lead professional are named."""
        del at
        with on_stage(self.stage.seat(self.meetings.coordinator)) as seat:
            case = self._take(next(c for c in self._open_cases() if c.lead_professional != self.stage.people["priya"]))
            people = {self.stage.people[key]: Scope.FULL for key in (self.meetings.coordinator, "marcus_chair")}
            restrict(
                record_id=case.pk,
                people=people | {case.lead_professional: Scope.FULL},
                reason="A parent works for the partnership.",
                by=seat,
            )

    def bar_somebody(self, at: dt.datetime) -> None:
        """The attendance officer is an uncle of this child."""
        with on_stage(self.stage.seat(self.meetings.coordinator)) as seat:
            case = self._take(self._open_cases()[-1])
            user = self.stage.people["owen"].user
            bar_person(record_id=case.pk, user=user, reason="An uncle of the child.", by=seat, at=at)

    def name_for_a_time(self, at: dt.datetime) -> None:
        """A board member on an escalated case, two cases for an audit, three for a study."""
        with on_stage(self.stage.seat("marcus_chair")):
            escalated = Case.objects.filter(tiers__tier=Tier.MACE, tiers__to_on__isnull=True, closed_on=None)
            case = escalated.exclude(pk__in=self.taken).order_by("pk").first()
            if case is not None:
                self._name("catherine", case.pk, "Asked to unblock housing.", Scope.SUMMARY, at)
        with on_stage(self.stage.seat(self.meetings.coordinator)):
            with_police = Disclosure.objects.filter(
                agency=self.stage.agencies["police"], withdrawn_at__isnull=True, record__kind=Kind.CASE
            ).exclude(record_id__in=self.taken)
            for record_id in list(with_police.order_by("record_id").values_list("record_id", flat=True).distinct())[:2]:
                self._name("tobias", record_id, "Sampled for the audit.", Scope.IDENTITY, at)
            for studied in self._open_cases()[:3]:
                self._name("ines", studied.pk, "Part of the study.", Scope.SUMMARY, at)

    def _name(self, key: str, record_id: int, reason: str, scope: Scope, at: dt.datetime) -> None:
        by = self.stage.seat("marcus_chair" if key == "catherine" else self.meetings.coordinator)
        name_on_record(
            record_id=record_id,
            kind=Kind.CASE,
            membership=self.stage.people[key],
            scope=scope,
            reason=reason,
            ends_on=None,
            by=by,
            at=at,
        )

    def open_in_an_emergency(self, at: dt.datetime) -> None:
        """In the night health needed to know of a child whose case is not shared with it."""
        with on_stage(self.stage.seat(self.meetings.coordinator)):
            shared = Disclosure.objects.filter(agency=self.stage.agencies["health"]).values("record_id")
            case = self._take(next(c for c in self._open_cases() if not shared.filter(record_id=c.pk).exists()))
            child = ChildIdentity.objects.get(child_id=case.child_id)
        with on_stage(self.stage.seat("amara")) as seat:
            begin_emergency_access(
                forename=child.forename,
                surname=child.surname,
                born=child.date_of_birth,
                reason="Brought to the emergency department in the night; the ward must know of any risk now.",
                by=seat,
                at=at,
            )
