"""The criteria for escalation as they are answered on the items of a meeting."""

from __future__ import annotations

from collections.abc import Iterable

from panels.enums import Decision, Strand
from panels.models import AgendaItem, ItemCriteria
from panels.rules import decisions_for
from referrals.rules_cases import Ticked


def may_escalate(item: AgendaItem) -> bool:
    """Whether the panel of the item's meeting may escalate the case that it speaks of."""
    return item.strand == Strand.VICTIM and Decision.ESCALATE in decisions_for(item.strand, item.meeting.panel.kind)


def criteria_of(items: Iterable[int]) -> dict[int, ItemCriteria]:
    """What was answered on each of these items; asks nothing where there are none."""
    wanted = list(items)
    return {row.item_id: row for row in ItemCriteria.objects.filter(item__in=wanted)} if wanted else {}


def ticked_on(kept: ItemCriteria | None) -> list[Ticked]:
    """What was answered on one item."""
    return [Ticked(code, met, note) for code, (met, note) in kept.answers.items()] if kept else []
