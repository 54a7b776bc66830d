"""What a panel counts and insists on: balance of the agenda, quorum, what may be decided, what blocks approval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from panels.enums import Decision, PanelKind, Presence, Strand
from referrals.enums import Tier

TIER_OF: dict[str, str] = {
    PanelKind.PRE_MACE.value: Tier.PRE_MACE.value,
    PanelKind.OPERATIONAL.value: Tier.MACE.value,
    PanelKind.OVER_18.value: Tier.OVER_18.value,
}
"""The tier that a panel decides on; the strategic board decides on none."""

CONFIDENTIALITY_STATEMENT = (
    "What is shared here is shared to safeguard children and to prevent or detect crime. Share only what is necessary "
    "and proportionate, and say what is fact, opinion or intelligence. Do not pass it on without its owner’s "
    "agreement, and keep it in your agency’s secure system. Tell the chair now of any conflict of interest."
)

VICTIMS_AT_MOST = 75
"""Percent of the minutes for V, O, L and T. London peer review 2022, paras 60 and 222: agendas should follow VOLT."""

STRAND_LETTERS: dict[str, str] = {
    Strand.VICTIM.value: "Victims",
    Strand.OFFENDER.value: "Offenders",
    Strand.LOCATION.value: "Locations",
    Strand.THEME.value: "Themes",
    Strand.STANDING.value: "Standing items",
}

DISCUSSED_BETWEEN_MEETINGS_DAYS = 42
"""Operational panels meet monthly or every six weeks (London peer review 2022, para 61)."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Minutes by strand against the minutes there are."""

    minutes: dict[str, int]
    available: int

    @property
    def total(self) -> int:
        return sum(self.minutes.values())

    @property
    def over(self) -> int:
        return max(0, self.total - self.available)

    @property
    def victims_percent(self) -> int:
        """The victims' part of the minutes for V, O, L and T, in whole percent."""
        volt = self.total - self.minutes[Strand.STANDING]
        return round(100 * self.minutes[Strand.VICTIM] / volt) if volt else 0

    @property
    def warnings(self) -> list[str]:
        """What the person who builds the agenda should know, in sentences."""
        found = []
        if self.over:
            found.append(f"The agenda is {self.over} minutes longer than the {self.available} minutes of this panel.")
        if self.minutes[Strand.VICTIM] and self.victims_percent > VICTIMS_AT_MOST:
            found.append(
                f"Victims take {self.victims_percent}% of the time for victims, offenders, locations and themes. "
                "Leave room for the people, places and themes behind the harm."
            )
        return found


def balance_of(items: Iterable[tuple[str, int]], available: int) -> Balance:
    """The balance of (strand, minutes) pairs."""
    minutes = {strand.value: 0 for strand in Strand}
    for strand, allowed in items:
        minutes[strand] += allowed
    return Balance(minutes=minutes, available=available)


def place_for(strands: list[str], strand: str) -> int:
    """Where a new item goes: after the last of its own or an earlier strand; standing items at the end."""
    order = [Strand.VICTIM.value, Strand.OFFENDER.value, Strand.LOCATION.value, Strand.THEME.value]
    if strand not in order:
        return len(strands)
    rank = order.index(strand)
    earlier = [place for place, other in enumerate(strands) if other in order and order.index(other) <= rank]
    if earlier:
        return earlier[-1] + 1
    later = [place for place, other in enumerate(strands) if other in order]
    return later[0] if later else len(strands)


def listed(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


@dataclass(frozen=True, slots=True)
class Quorum:
    """Whether every agency that the panel needs is there, itself or by a deputy."""

    met: bool
    missing: tuple[str, ...]

    @property
    def words(self) -> str:
        if self.met:
            return "The meeting is quorate."
        return (
            f"The meeting is not quorate without {listed(self.missing)}. "
            "Take urgent items only, and say so in the minutes."
        )


def quorum_of(needed: Mapping[int, str], presences: Mapping[int, str]) -> Quorum:
    """``needed``: id to name of the agencies that the panel cannot do without; ``presences``: id to presence."""
    there = {Presence.PRESENT.value, Presence.DEPUTY.value}
    missing = tuple(name for agency, name in needed.items() if presences.get(agency) not in there)
    return Quorum(met=not missing, missing=missing)


def decisions_for(strand: str, panel_kind: str) -> tuple[Decision, ...]:
    """What may be decided on an item of this strand by this kind of panel."""
    if strand != Strand.VICTIM or panel_kind not in TIER_OF:
        return (Decision.NOTE,)
    if panel_kind == PanelKind.PRE_MACE:
        return (Decision.KEEP_OPEN, Decision.ESCALATE, Decision.CLOSE)
    return (Decision.KEEP_OPEN, Decision.CLOSE)


@dataclass(frozen=True, slots=True)
class Said:
    """What is minuted of one item, for the check before approval."""

    strand: str
    discussion: str = ""
    rationale: str = ""
    decision: str = ""
    decision_reason: str = ""
    criteria_met: bool = False


def gaps(said: Said) -> list[str]:
    """What the minutes of one item still lack, as parts of a sentence; empty when they can be approved."""
    if said.strand == Strand.STANDING:
        return []
    found = []
    if not said.discussion.strip():
        found.append("the discussion")
    if not said.rationale.strip():
        found.append("the rationale for sharing")
    if not said.decision:
        found.append("a decision")
    elif not said.decision_reason.strip():
        found.append("the reason for the decision")
    if said.decision == Decision.ESCALATE and not said.criteria_met:
        found.append("a criterion for escalation that is met, with its evidence")
    return found
