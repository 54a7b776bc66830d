"""Third act: people of concern, places and themes, what cases share, and a sharing that is ended."""

from __future__ import annotations

import datetime as dt

from mace.access.models import LawfulBasis, Scope
from mace.access.services import disclose, withdraw
from mace.core.workdays import next_working_day
from mace.demo.services.meeting import Meetings
from mace.demo.services.stage import Stage, on_stage
from panels.enums import PanelKind, Strand
from panels.services.actions import close_action, create_action, report_on_action
from referrals.models import Case
from volt.enums import Assessment, Basis, Handling, Horizon, LinkKind, SourceGrade
from volt.services import link_records, record_location, record_person, record_theme

SOURCES = (
    ("School staff, told to the coordinator", SourceGrade.RELIABLE, Assessment.KNOWN_DIRECTLY, Basis.FACT),
    (
        "A friend of the child, through the youth worker",
        SourceGrade.UNTESTED,
        Assessment.KNOWN_INDIRECTLY,
        Basis.OPINION,
    ),
    ("Police, Exploitation Unit", SourceGrade.RELIABLE, Assessment.KNOWN_INDIRECTLY_CORROBORATED, Basis.INTELLIGENCE),
)
PLACES = (
    (
        "Eastmere bus station",
        "Station Parade",
        "Children are met here and given bags. Journeys begin on Fridays.",
        ("CCE", "county_lines"),
    ),
    ("Flat above Corner News", "41a Ferry Stairs", "Men gather in the evening; children are brought by car.", ("CSE",)),
    (
        "Larkfield Park",
        "Larkfield Road",
        "Children are hit and filmed after school; no light after four.",
        ("P2P", "SYV"),
    ),
    ("Route 14 bus", "", "Fights between two groups, between half past three and five.", ("SYV",)),
)
PEOPLE = (
    ("“Blue”", "about 19", "Older boy with a blue scooter who says who owes what.", ("CCE",), LinkKind.EXPLOITED_BY),
    ("Darren Fisk", "34", "Rents the flat above Corner News.", ("CSE",), LinkKind.EXPLOITED_BY),
    (
        "“Marlo”",
        "twenties",
        "Name of a line that is used in two areas.",
        ("county_lines", "CCE"),
        LinkKind.EXPLOITED_BY,
    ),
)
ASKED = (
    ("early_help", "Offer the mother the evening parenting group"),
    ("substance_misuse", "See the young person at the Tuesday clinic"),
    ("adult_social_care", "Name a worker for the time after the eighteenth birthday"),
)
NAMED = (
    # who ("" when the lead is still to name somebody), the agency, what, days from today that it is due
    ("joanna", "police", "Say which addresses the adults use", -3),
    ("peter", "health", "Offer an appointment with the young people’s clinic", 1),
    ("owen", "education", "Report attendance for the last six weeks", 4),
    ("callum", "youth_justice", "Share the dates of the court hearings", 6),
    ("", "youth_justice", "Offer a place in the mentoring programme", 9),
)
"""Something to do for each agency member, on any day that the demonstration is begun."""
THEMES = (
    ("Blackmail over pictures by one account", Horizon.SHORT, "The same account name in five schools.", ("ONL",)),
    ("Debt as the way in", Horizon.MEDIUM, "Debts of a few pounds that grow within weeks.", ("CCE", "county_lines")),
)


class Around:
    """Records VOLT and links it to the open cases whose story it belongs to."""

    def __init__(self, stage: Stage, meetings: Meetings) -> None:
        self.stage, self.meetings = stage, meetings

    def schedule(self, *, days_ago: int) -> None:
        self.stage.at(self.stage.when(days_ago, 12), self.record)
        self.stage.at(self.stage.when(days_ago // 2, 12), self.victim_first)
        self.stage.at(self.stage.when(24, 9), self.share_directly)
        self.stage.at(self.stage.when(20, 9), self.name_colleagues)
        self.stage.at(self.stage.when(12, 9), self.ask_others)
        self.stage.at(self.stage.when(9, 9), self.withdraw_one)

    def _cases(self, categories: tuple[str, ...], most: int) -> list[Case]:
        rows = Case.objects.filter(closed_on__isnull=True).order_by("-opened_on", "pk")
        return [case for case in rows if self.stage.stories[case.pk].story.category in categories][:most]

    def record(self, at: dt.datetime) -> None:
        """Places, people and themes, each linked to up to three cases, so that some cases share them."""
        panel = self.meetings.panels
        with on_stage(self.stage.seat(self.meetings.coordinator)) as seat:
            serial = 0
            for name, address, harms, categories in PLACES:
                place = record_location(name=name, address=address, harms=harms, by=seat, at=at)
                self.meetings.volt_items.setdefault(panel[PanelKind.OPERATIONAL].pk, (place.pk, Strand.LOCATION))
                for case in self._cases(categories, 3):
                    self._link(case.pk, place.pk, LinkKind.FREQUENTS, serial, at)
                    serial += 1
            for name, age, about, categories, kind in PEOPLE:
                person = record_person(
                    name=name, approximate_age=age, description=about, handling=Handling.CONDITIONS, by=seat, at=at
                )
                self.meetings.volt_items.setdefault(panel[PanelKind.PRE_MACE].pk, (person.pk, Strand.OFFENDER))
                self.person = person.pk
                for case in self._cases(categories, 3):
                    self._link(case.pk, person.pk, kind, serial, at)
                    serial += 1
            for name, horizon, evidence, categories in THEMES:
                theme = record_theme(name=name, horizon=horizon, evidence=evidence, by=seat, at=at)
                for case in self._cases(categories, 3):
                    self._link(case.pk, theme.pk, LinkKind.PART_OF, serial, at)
                    serial += 1

    def _link(self, case: int, volt: int, kind: LinkKind, serial: int, at: dt.datetime) -> None:
        source, grade, assessment, basis = SOURCES[serial % len(SOURCES)]
        link_records(
            a=case,
            b=volt,
            kind=kind,
            source=source,
            source_grade=grade,
            assessment=assessment,
            basis=basis,
            handling=Handling.CONDITIONS if basis == Basis.INTELLIGENCE else Handling.MAY_SHARE,
            note="",
            by=self.stage.seat(self.meetings.coordinator),
            at=at,
        )

    def victim_first(self, at: dt.datetime) -> None:
        """A child with a case of their own who is also said to bring others in: a victim first."""
        with on_stage(self.stage.seat(self.meetings.coordinator)) as seat:
            cases = self._cases(("CCE", "county_lines", "P2P", "SYV"), 2)
            if len(cases) < 2:
                return
            own, other = cases
            child = self.stage.stories[own.pk]
            person = record_person(
                name=f"{child.forename} {child.surname}",
                description="Said to bring younger children to the bus station.",
                child=own.child,
                handling=Handling.CONDITIONS,
                by=seat,
                at=at,
            )
            self._link(other.pk, person.pk, LinkKind.ASSOCIATES, 1, at)

    def share_directly(self, at: dt.datetime) -> None:
        """Housing is told of one child and given an action; it reports, and does it."""
        with on_stage(self.stage.seat(self.meetings.coordinator)) as seat:
            case = self._cases(("CCE", "county_lines", "SYV"), 1)[0]
            disclose(
                record_id=case.pk,
                agency=self.stage.agencies["housing"],
                scope=Scope.SUMMARY,
                purpose="To move the family away from the address that is known",
                lawful_basis=LawfulBasis.PUBLIC_TASK,
                necessity="Only the landlord can move them, and must know why it is urgent.",
                told=True,
                by=seat,
                at=at,
            )
            action = create_action(
                record_id=case.pk,
                item=None,
                strand=Strand.VICTIM,
                text="Find a home for the family outside Eastmere town",
                measure="Keys handed over",
                owner_agency=self.stage.agencies["housing"],
                owner=None,
                due_on=None,
                by=seat,
                at=at,
            )
        self.housing_case = case.pk
        later = at + dt.timedelta(days=6)
        with on_stage(self.stage.seat("stuart")) as seat:
            report_on_action(action=action, text="Two flats would do; viewing on Monday.", by=seat, at=later)
        with on_stage(self.stage.seat("stuart")) as seat:
            close_action(
                action=action, status="done", note="The family has the keys.", by=seat, at=later + dt.timedelta(days=5)
            )

    def ask_others(self, at: dt.datetime) -> None:
        """Agencies that are seldom at the table get one action each, outside a meeting."""
        with on_stage(self.stage.seat(self.meetings.coordinator)) as seat:
            cases = self._cases(("CCE", "CSE", "SYV", "county_lines", "P2P"), 3)
            wanted = [(case.pk, Strand.VICTIM, *ask) for case, ask in zip(cases, ASKED, strict=False)]
            wanted.append(
                (self.person, Strand.OFFENDER, "probation", "Say whether licence conditions can keep him away")
            )
            for days, (record_id, strand, agency, text) in enumerate(wanted):
                create_action(
                    record_id=record_id,
                    item=None,
                    strand=strand,
                    text=text,
                    measure="Answered in writing",
                    owner_agency=self.stage.agencies[agency],
                    owner=None,
                    due_on=next_working_day(self.stage.today + dt.timedelta(days=3 * days)),
                    by=seat,
                    at=at,
                )

    def name_colleagues(self, at: dt.datetime) -> None:
        """Actions with a partner's own member named on them, outside a meeting."""
        with on_stage(self.stage.seat(self.meetings.coordinator)) as seat:
            cases = list(Case.objects.filter(closed_on__isnull=True).order_by("-opened_on", "pk")[: len(NAMED)])
            for place, (who, agency, text, days) in enumerate(NAMED):
                create_action(
                    record_id=cases[place % len(cases)].pk,
                    item=None,
                    strand=Strand.VICTIM,
                    text=text,
                    measure="",
                    owner_agency=self.stage.agencies[agency],
                    owner=self.stage.people[who] if who else None,
                    due_on=self.stage.today + dt.timedelta(days=days),
                    by=seat,
                    at=at,
                )

    def withdraw_one(self, at: dt.datetime) -> None:
        """Its part being done, housing is told no more. What it wrote stays readable to it."""
        with on_stage(self.stage.seat(self.meetings.coordinator)) as seat:
            withdraw(
                record_id=self.housing_case,
                agency=self.stage.agencies["housing"],
                reason="The family has moved; housing needs to know no more.",
                by=seat,
                at=at,
            )
