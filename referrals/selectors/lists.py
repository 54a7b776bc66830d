"""The lists that a partnership keeps for itself: what they are for, what stands in them, what was changed when."""

from __future__ import annotations

from dataclasses import dataclass

from referrals.models import ListVersion
from referrals.selectors.codes import CodeList, Entry, code_list

HELP = "help"


@dataclass(frozen=True, slots=True)
class Kept:
    """``fixed``: its entries are worded anew, but none is added or taken out of use: the product counts on each.

    ``switches``: each is a way of working, in use or not; none is added.
    """

    title: str
    about: str
    fixed: bool = False
    grouped: bool = False
    switches: bool = False


KEPT: dict[str, Kept] = {
    "practice": Kept("Ways of working", "What your partnership does and what it does not.", switches=True),
    "screening_criterion": Kept(
        "Criteria for screening", "What a referral must meet. Shown to the coordinator beside the decision."
    ),
    "matter_criterion": Kept(
        "Criteria for screening where no child is referred",
        "What a referral of a person, a place, a peer group or a theme must meet.",
    ),
    "rating_descriptor": Kept("What the ratings mean", "Shown beside each rating wherever one is chosen.", fixed=True),
    "risk_domain": Kept(
        "Domains of the risk tool", "What is scored. Totals are never compared between versions of this list."
    ),
    "primary_category": Kept("Kinds of risk", "The main risk and other risks of a referral."),
    "wider_factor": Kept("Wider factors", "What makes a child vulnerable, apart from risk.", grouped=True),
    "legal_status": Kept("Social care status", "Where the child stands with children’s social care."),
    "education_status": Kept("Education", "How the child is educated."),
    "known_to": Kept("Services that know a child", "Asked in a referral."),
    "sen_need": Kept("Kinds of special educational need", "Asked in a referral."),
    "neurodiversity": Kept("Neurodiversity", "Asked in a referral, with or without a diagnosis."),
    "context": Kept("Contexts of harm", "Where the harm happens."),
    "critical_moment": Kept("Critical moments", "What a service reports and a referral tells."),
    "nrm_stage": Kept("Stages of the National Referral Mechanism", "Asked in a referral."),
    "care_act": Kept("Bases under the Care Act", "Asked from 18."),
    "place_kind": Kept("Kinds of place", "Asked in a referral of a place."),
    "matter_ask": Kept("What is asked of MACE", "Asked in a referral that is about no child."),
    HELP: Kept("Help beneath the questions of a referral", "What stands beneath each question.", fixed=True),
}
"""In the order of their page. Sex and ethnicity follow the census, so that figures can be compared."""


@dataclass(frozen=True, slots=True)
class Change:
    """One version: what it changed, in words."""

    version: ListVersion
    words: list[str]


def standing_list(list_name: str, shipped: CodeList | None = None) -> CodeList:
    """The list in force, whole. ``shipped`` is the one that the partnership begins with, where no table holds it.

    Questions that were added since the partnership worded its help stand at their places, as shipped.
    """
    if shipped is None:
        return code_list(list_name)
    try:
        own = code_list(list_name)
    except KeyError:
        return shipped
    return CodeList({code: own.entries.get(code, entry) for code, entry in shipped.entries.items()}, own.version)


def help_texts() -> dict[str, str]:
    """What the partnership wrote beneath the questions, by section and field; empty where it changed nothing."""
    try:
        return {code: entry.label for code, entry in code_list(HELP).entries.items()}
    except KeyError:
        return {}


def list_changes(list_name: str, partnership_id: int, shipped: CodeList) -> list[Change]:
    """Every version of a partnership's list, the newest first, each beside the one before it."""
    before, found = shipped.entries, []
    rows = ListVersion.objects.filter(partnership_id=partnership_id, list_name=list_name).order_by("version")
    for row in rows.select_related("made_by__user"):
        now = {entry["code"]: Entry(**entry) for entry in row.entries}
        found.append(Change(row, changed_words(before, now)))
        before = now
    return found[::-1]


def changed_words(before: dict[str, Entry], now: dict[str, Entry]) -> list[str]:
    """What is different, one line for each entry and one for the order."""
    words = []
    for code, entry in now.items():
        was = before.get(code)
        if was is None:
            words.append(f"Added: ‘{entry.label}’")
            continue
        if was.label != entry.label:
            words.append(f"‘{was.label}’ became ‘{entry.label}’" if was.label else f"Written: ‘{entry.label}’")
        if was.group != entry.group:
            words.append(f"‘{entry.label}’ moved to ‘{entry.group or 'no group'}’")
        if was.active != entry.active:
            words.append(f"‘{entry.label}’ {'is in use again' if entry.active else 'is no longer in use'}")
    known = [code for code in now if code in before]
    if known != [code for code in before if code in now]:
        words.append("The order was changed")
    if any(entry.proposed for entry in before.values()) and not any(entry.proposed for entry in now.values()):
        words.append("Adopted as the partnership’s own wording")
    return words
