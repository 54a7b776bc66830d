"""The lists that a partnership keeps for itself: what they are for, what stands in them, what was changed when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from referrals.enums import DifficultiesBand, Rating
from referrals.models import ListVersion
from referrals.selectors.codes import CodeList, Entry, code_list

HELP = "help"


def _its_group(entry: Entry) -> str:
    return entry.group


def _its_rating(entry: Entry) -> str:
    return str(Rating(entry.code).label)


def _its_band(entry: Entry) -> str:
    """`Parent or carer: Slightly raised`."""
    return f"{entry.group}: {DifficultiesBand(entry.code.partition('_')[2]).label}"


@dataclass(frozen=True, slots=True)
class Kept:
    """``fixed``: its entries are worded anew, but none is added or taken out of use: the product counts on each.

    ``heads`` says which each is. ``bands``: the words of each are the totals it holds for. ``switches``: each is a way
    of working, in use or not; none is added or worded anew, and ``hints`` says by code what it brings about.
    """

    title: str
    about: str
    fixed: bool = False
    grouped: bool = False
    switches: bool = False
    bands: bool = False
    heads: Callable[[Entry], str] = _its_group
    hints: Mapping[str, str] = field(default_factory=dict)


PRACTICES = {
    "manager_approves": (
        "A referral goes to the managers of the referrer’s team first. One of them approves it or sends it back; only "
        "then does a coordinator see it. A manager’s own referral, and one from a team without a manager, goes to the "
        "coordinators at once."
    ),
}


KEPT: dict[str, Kept] = {
    "practice": Kept(
        "Ways of working", "What your partnership does and what it does not.", switches=True, hints=PRACTICES
    ),
    "screening_criterion": Kept(
        "Criteria for screening", "What a referral must meet. Shown to the coordinator beside the decision."
    ),
    "escalation_criterion": Kept("Criteria for escalating", "Answered when a case goes to the operational panel."),
    "matter_criterion": Kept(
        "Criteria for screening where no child is referred",
        "What a referral of a person, a place, a peer group or a theme must meet.",
    ),
    "rating_descriptor": Kept(
        "What the ratings mean", "Shown beside each rating wherever one is chosen.", fixed=True, heads=_its_rating
    ),
    "risk_domain": Kept(
        "Domains of the risk tool", "What is scored. Totals are never compared between versions of this list."
    ),
    "risk_band": Kept(
        "Totals that suggest a rating",
        "The total of all scores advises a rating by these. It never decides.",
        fixed=True,
        bands=True,
        heads=_its_rating,
    ),
    "evidence_source": Kept("Sources of evidence", "What the score of a domain rests on."),
    "protective_factor": Kept("What protects a child", "Ticked in an assessment of risk."),
    "push_factor": Kept("What pushes a child towards harm", "Ticked in an assessment of risk."),
    "pull_factor": Kept("What pulls a child towards harm", "Ticked in an assessment of risk."),
    "exploitation_level": Kept(
        "Levels of another scheme", "Asked of sexual and of criminal exploitation, beside the rating and apart from it."
    ),
    "difficulties_band": Kept(
        "Bands of strengths and difficulties",
        "Which band a total belongs to, by who completed the questionnaire.",
        fixed=True,
        bands=True,
        heads=_its_band,
    ),
    "plan_maker": Kept("Who makes a safety plan", "Ticked in a safety plan."),
    "voice_theme": Kept("Themes of what children say", "By these it is read across children, without names."),
    "voice_way": Kept("Ways in which a child says it", "Asked beside what the child says."),
    "primary_category": Kept("Kinds of risk", "The main risk and other risks of a referral."),
    "wider_factor": Kept("Wider factors", "What makes a child vulnerable, apart from risk.", grouped=True),
    "legal_status": Kept("Social care status", "Where the child stands with children’s social care."),
    "separated": Kept("Separated or asylum-seeking", "Asked in a referral."),
    "education_status": Kept("Education", "How the child is educated."),
    "known_to": Kept("Services that know a child", "Asked in a referral."),
    "sen_provision": Kept("Special educational needs", "Which support the child has."),
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


def list_opened(list_name: str, partnership_id: int, version: int, shipped: CodeList) -> CodeList | None:
    """The list as it was in an earlier version, 0 being the shipped one; none for a version that never was."""
    if not version:
        return shipped
    row = ListVersion.objects.filter(partnership_id=partnership_id, list_name=list_name, version=version).first()
    return CodeList({entry["code"]: Entry(**entry) for entry in row.entries}, version) if row else None


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
