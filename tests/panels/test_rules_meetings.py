"""Balance of an agenda, quorum, place of an item, what minutes lack."""

from __future__ import annotations

import pytest

from panels.enums import Decision
from panels.rules import Said, balance_of, decisions_for, gaps, place_for, quorum_of


def test_proposed_agenda_is_balanced() -> None:
    found = balance_of([("victim", 55), ("offender", 10), ("location", 10), ("theme", 5), ("standing", 40)], 120)
    assert (found.total, found.over, found.victims_percent, found.warnings) == (120, 0, 69, [])


def test_victims_that_crowd_out_the_rest_are_warned_of() -> None:
    found = balance_of([("victim", 100), ("location", 5), ("standing", 20)], 120)
    assert found.warnings == [
        "The agenda is 5 minutes longer than the 120 minutes of this panel.",
        (
            "Victims take 95% of the time for victims, offenders, locations and themes. "
            "Leave room for the people, places and themes behind the harm."
        ),
    ]


def test_empty_agenda_warns_of_nothing() -> None:
    assert balance_of([], 120).warnings == []


@pytest.mark.parametrize(
    ("strands", "strand", "place"),
    [
        ([], "victim", 0),
        (["standing"], "victim", 1),
        (["standing", "location", "standing"], "victim", 1),
        (["standing", "victim", "theme"], "victim", 2),
        (["victim", "location", "theme"], "offender", 1),
        (["victim", "theme"], "standing", 2),
    ],
)
def test_items_are_placed_in_the_order_of_volt(strands: list[str], strand: str, place: int) -> None:
    assert place_for(strands, strand) == place


def test_quorum_names_who_is_missing() -> None:
    needed = {1: "Police", 2: "Health", 3: "Education"}
    assert quorum_of(needed, {1: "present", 2: "deputy", 3: "present"}).words == "The meeting is quorate."
    assert quorum_of(needed, {1: "apologies", 2: "absent", 3: "present"}).words == (
        "The meeting is not quorate without Police and Health. Take urgent items only, and say so in the minutes."
    )
    assert quorum_of(needed, {}).missing == ("Police", "Health", "Education")
    assert quorum_of({}, {}).met


def test_panels_decide_on_their_own_tier() -> None:
    assert decisions_for("victim", "pre_mace") == (Decision.KEEP_OPEN, Decision.ESCALATE, Decision.CLOSE)
    assert decisions_for("victim", "operational") == (Decision.KEEP_OPEN, Decision.CLOSE)
    assert decisions_for("victim", "strategic") == decisions_for("location", "pre_mace") == (Decision.NOTE,)


def test_gaps_are_named() -> None:
    assert gaps(Said(strand="standing")) == []
    assert gaps(Said(strand="theme", discussion="a", rationale="b", decision="note")) == ["the reason for the decision"]
    assert gaps(Said("victim", "a", "b", "close", "c")) == []
