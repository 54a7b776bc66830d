"""A small model of who may see what, in plain Python: sets of grants, no SQL and nothing of the program's own rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

IDENTITY, SUMMARY, FULL = 1, 2, 3

ONE, TWO, ITEM = "case one", "case two", "item of case one"
CASES = (ONE, TWO)
WITHIN = {ONE: (ONE, ITEM), TWO: (TWO,)}
AUTHOR = {ONE: "practitioner", TWO: "other_practitioner"}

TEAM_OF = {"practitioner": "team", "manager": "team", "other_practitioner": "other team"}
LEADS = {
    name: name.removesuffix("_lead") for name in ("police_lead", "health_lead", "education_lead", "social_care_lead")
}
OF_AGENCY = {
    "police": ("police_lead", "police_member"),
    "health": ("health_lead",),
    "education": ("education_lead",),
    "voluntary": ("voluntary_member",),
    "social_care": ("social_care_lead",),
}
"""The agency's leads and members, who lose their names when it is withdrawn from."""
SEATS = (
    *("practitioner", "other_practitioner", "manager", "coordinator", "chair", "police_lead", "police_member"),
    *("health_lead", "education_lead", "social_care_lead", "voluntary_member", "stranger_coordinator"),
)
REFERS = {"practitioner", "other_practitioner", "manager", "coordinator", "chair", "voluntary_member"}
LEAD_AGENCY = "social_care"
PARTS = {"case": IDENTITY, "identity": IDENTITY, "summary": SUMMARY, "concern": FULL, "score": FULL}


@dataclass(frozen=True)
class Grant:
    scope: int
    ends: bool = False


@dataclass(frozen=True)
class Decision:
    case: str
    agency: str
    scope: int
    ends: bool = False


Held = dict[str, Grant]


@dataclass
class Model:
    """Who holds what. Principals are words: ``seat chair``, ``agency police``, ``team``, ``partnership``, ``panel``."""

    grants: dict[str, Held] = field(default_factory=lambda: {ONE: {}, TWO: {}, ITEM: {}})
    aside: dict[str, Held] = field(default_factory=lambda: {ONE: {}, TWO: {}, ITEM: {}})
    meeting: set[str] = field(default_factory=set)
    restricted: set[str] = field(default_factory=set)
    named: set[tuple[str, str]] = field(default_factory=set)
    bars: set[tuple[str, str]] = field(default_factory=set)
    decisions: list[Decision] = field(default_factory=list)
    over: list[Decision] = field(default_factory=list)
    """Decisions whose last day has passed and that nobody has cleared away yet."""
    emergencies: dict[str, str] = field(default_factory=dict)
    """Emergency principal to the seat that holds it."""
    lead: dict[str, str] = field(default_factory=lambda: dict(AUTHOR))
    gone: set[str] = field(default_factory=set)
    merged: bool = False
    chairs: bool = True

    def __post_init__(self) -> None:
        for case, author in AUTHOR.items():
            for principal in (f"seat {author}", TEAM_OF[author], "partnership", f"agency {LEAD_AGENCY}"):
                self.grants[case][principal] = Grant(FULL)
            self.decisions.append(Decision(case, LEAD_AGENCY, FULL))
        # The item was put on the agenda by the coordinator, published, and the police were invited for it.
        for principal in ("seat coordinator", "partnership", "panel", "seat practitioner", "team"):
            self.grants[ITEM][principal] = Grant(FULL)
        self.grants[ONE]["panel"] = Grant(FULL)
        for record in (ONE, ITEM):
            self.grants[record]["agency police"] = Grant(SUMMARY)
        self.decisions.append(Decision(ONE, "police", SUMMARY))
        self.meeting = {"seat coordinator", "partnership", "panel", "seat practitioner", "team", "agency police"}

    # --- What a seat sees -------------------------------------------------------------------------------------------

    def principals(self, seat: str) -> set[str]:
        found = {f"seat {seat}"} | {principal for principal, holder in self.emergencies.items() if holder == seat}
        found |= {"partnership"} if seat == "coordinator" else set()
        found |= {TEAM_OF[seat]} if seat == "manager" else set()
        found |= {f"agency {LEADS[seat]}"} if seat in LEADS else set()
        return found | ({"panel"} if seat == "chair" and self.chairs else set())

    def around(self, case: str) -> tuple[str, ...]:
        """What stands and falls with a case."""
        return (ONE, ITEM, TWO) if self.merged else WITHIN[case]

    def barred(self, seat: str, record: str) -> bool:
        return any(person == seat and record in self.around(case) for case, person in self.bars)

    def held(self, seat: str, record: str) -> int:
        """The scope at which a seat holds a record, 0 for none."""
        if seat in self.gone or self.barred(seat, record):
            return 0
        mine = self.principals(seat)
        return max((grant.scope for who, grant in self.grants[record].items() if who in mine), default=0)

    def shut(self, seat: str, record: str) -> bool:
        """Barred from it, or it is restricted and the seat does not hold it."""
        return self.barred(seat, record) or (record in self.restricted and not self.held(seat, record))

    def sees(self, seat: str) -> set[tuple[str, str]]:
        """What the seat reads: the part and the record it is of."""
        found = set()
        for case in CASES:
            scope = self.held(seat, case)
            parts = [
                ("case", IDENTITY),
                ("identity", IDENTITY),
                ("summary", SUMMARY),
                ("concern", FULL),
                ("score", FULL),
            ]
            found |= {(part, case) for part, least in parts if scope >= least}
            if AUTHOR[case] == seat and seat not in self.gone and not self.shut(seat, case):
                found.add(("concern", case))
        scope, invited = self.held(seat, ITEM), seat not in self.gone and bool(self.principals(seat) & self.meeting)
        found |= {("item", ITEM)} if scope >= IDENTITY else set()
        found |= {("meeting", ITEM)} if invited else set()
        # minutes that are approved are read by whoever sees the meeting too; coordinators and chairs write them
        if scope >= SUMMARY and (invited or seat in ("coordinator", "chair")):
            found.add(("minute", ITEM))
        return found

    def matches(self, seat: str) -> set[str]:
        """The children whom the page of a new referral offers to the seat when their own names are typed."""
        if seat not in REFERS or seat in self.gone:
            return set()
        return {case for case in CASES if not self.shut(seat, case)}

    # --- What happens -----------------------------------------------------------------------------------------------

    def share(self, record: str, principal: str, scope: int, *, ends: bool = False) -> None:
        """Exactly this scope; on a restricted record only to those named, no wider than they are; else set aside."""
        grant = Grant(scope, ends)
        if record not in self.restricted:
            self.grants[record][principal] = grant
            return
        case = ONE if record == ITEM else record
        named = [
            self.grants[other][principal].scope
            for other in self.around(case)
            if other in CASES and other in self.restricted and principal in self.grants[other]
        ]
        if named:
            self.grants[record][principal] = Grant(min(scope, max(named)), ends)
        else:
            self.aside[record][principal] = grant

    def take(self, records: Iterable[str], principals: Iterable[str]) -> None:
        for record in records:
            for principal in principals:
                self.grants[record].pop(principal, None)
                self.aside[record].pop(principal, None)

    def widest(self, case: str, agency: str) -> Grant | None:
        rows = [row for row in self.decisions if (row.case, row.agency) == (case, agency)]
        if not rows:
            return None
        scope = max(row.scope for row in rows)
        return Grant(scope, all(row.ends for row in rows if row.scope == scope))

    def disclose(self, decision: Decision) -> None:
        self.decisions.append(decision)
        found = self.widest(decision.case, decision.agency)
        assert found is not None
        self.share(decision.case, f"agency {decision.agency}", found.scope, ends=found.ends)

    def withdraw(self, case: str, agency: str) -> None:
        for rows in (self.decisions, self.over):
            rows[:] = [row for row in rows if (row.case, row.agency) != (case, agency)]
        on_the_list = {who for who in self.grants[case] if case in self.restricted}
        people = [person for person in OF_AGENCY[agency] if f"seat {person}" not in on_the_list]
        self.named -= {(case, person) for person in people}
        self.take(WITHIN[case], [f"agency {agency}", *(f"seat {person}" for person in people)])
        for record in WITHIN[case]:
            for person in OF_AGENCY[agency]:
                self.aside[record].pop(f"seat {person}", None)

    def expire(self) -> None:
        """The last day of everything that has one is over."""
        for held in (*self.grants.values(), *self.aside.values()):
            for principal in [principal for principal, grant in held.items() if grant.ends]:
                del held[principal]
        self.over += [row for row in self.decisions if row.ends]
        self.decisions = [row for row in self.decisions if not row.ends]
        self.emergencies.clear()

    def sweep(self) -> None:
        """What is over is cleared away; an agency keeps the widest that is left."""
        over, self.over = self.over, []
        for row in over:
            found = self.widest(row.case, row.agency)
            agency = f"agency {row.agency}"
            if found is None:
                self.withdraw(row.case, row.agency)
                continue
            self.share(row.case, agency, found.scope, ends=found.ends)
            for inner in WITHIN[row.case][1:]:
                held = self.grants[inner].get(agency)
                if held is not None and held.scope > found.scope:
                    self.share(inner, agency, found.scope, ends=found.ends)

    def hand_over(self, case: str, to: str) -> None:
        former = self.lead[case]
        arriving = {f"seat {to}", TEAM_OF[to]}
        leaving = {TEAM_OF[former]} | (set() if (case, former) in self.named else {f"seat {former}"})
        leaving -= arriving
        records = [case]
        if case == ONE and (leaving | arriving) & (self.grants[ITEM].keys() | self.aside[ITEM].keys()):
            records.append(ITEM)
        named = set(self.grants[case])
        self.take(WITHIN[case], leaving)
        for record in records:
            for principal in arriving:
                if case not in self.restricted:
                    self.grants[record][principal] = Grant(FULL)
                elif principal not in named:
                    self.aside[record][principal] = Grant(FULL)
        self.meeting |= arriving & self.grants[ITEM].keys() if case == ONE else set()
        self.lead[case] = to

    def restrict(self, case: str, people: Mapping[str, int]) -> None:
        named = {f"seat {person}": scope for person, scope in people.items()}
        for record in self.around(case):
            held = self.grants[record]
            if record not in self.restricted:
                self.aside[record] |= {who: grant for who, grant in held.items() if who not in self.emergencies}
            self.restricted.add(record)
            self.grants[record] = {who: Grant(scope) for who, scope in named.items()}
        self.named = {
            (at, who) for at, who in self.named if at != case or who in people or f"seat {who}" in self.aside[case]
        } | {(case, person) for person in people}

    def lift(self, case: str) -> None:
        for record in self.around(case):
            self.restricted.discard(record)
            for who, grant in self.aside[record].items():
                own = self.grants[record].get(who)
                if own is None or own.scope < grant.scope:
                    self.grants[record][who] = grant
                elif own.scope == grant.scope:
                    self.grants[record][who] = Grant(own.scope, own.ends and grant.ends)
            self.aside[record] = {}

    def name(self, case: str, person: str, scope: int) -> None:
        self.named.add((case, person))
        self.share(case, f"seat {person}", scope)

    def unname(self, case: str, person: str) -> None:
        self.named.discard((case, person))
        self.take([case], [f"seat {person}"])

    def begin_emergency(self, case: str, seat: str, principal: str) -> None:
        self.emergencies[principal] = seat
        for record in WITHIN[case]:
            self.grants[record][principal] = Grant(FULL, ends=True)
