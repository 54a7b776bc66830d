"""How scopes are said on screen."""

from __future__ import annotations

from mace.core.protection import FULL, IDENTITY, SUMMARY

SCOPE_NAMES: dict[int, str] = {
    IDENTITY: "Who the child is",
    SUMMARY: "Who the child is and a summary",
    FULL: "The whole case",
}
SCOPE_WORDS: dict[int, str] = {
    IDENTITY: (
        "Name, date of birth, address and NHS number, the case’s reference and its coordinator, and the "
        "actions given to the agency. Nothing about the concern."
    ),
    SUMMARY: (
        "The same, and the main category, the rating, a short account of the concern, and the minutes of "
        "items that the agency was invited to."
    ),
    FULL: "The same, and the referral, the assessments, the safety plan, the reviews and the whole history.",
}
SCOPE_SEEN: dict[int, str] = {
    IDENTITY: "Who the child is, whom to ask, and the actions given to you or your agency. Nothing about the concern.",
    SUMMARY: "Who the child is, the summary with its rating, the minutes of items you were invited to, and actions.",
    FULL: "Everything: who the child is, the referral, assessments, plan, reviews, meetings, actions and the history.",
}

EMERGENCY_SEARCH = "emergency search"
"""How the read log calls a search for emergency access; ``rows`` is 0 where nothing matched."""
EMERGENCY_MISSES_A_DAY = 10
EMERGENCY_REASON_LEAST = 20
"""Characters. Fewer cannot say both what is happening and why it cannot wait."""
EMERGENCY_HOURS = 3
EMERGENCY_REVIEW_WORKING_DAYS = 2

VOLT_NOUNS: dict[str, str] = {
    "person": "person of concern",
    "location": "place",
    "theme": "theme",
    "group": "peer group",
}
VOLT_SCOPE_NAMES: dict[int, str] = {
    IDENTITY: "What it is called",
    SUMMARY: "What it is called and an account",
    FULL: "All of it",
}
VOLT_SCOPE_WORDS: dict[int, str] = {
    IDENTITY: "The reference, the kind and the name. Nothing of why it is a concern.",
    SUMMARY: (
        "The same, and of a person the other names, the age and what makes them a concern; of a place the address "
        "and the harm seen there; of a peer group who belongs to it, where they meet and what worries."
    ),
    FULL: (
        "The same, and what a theme rests on, and the links to other records that the agency sees in full, as far as "
        "their handling allows."
    ),
}

OPEN, CLOSED, MINE, OF_AGENCY, NOT_HEARD = "open", "closed", "mine", "agency", "missing"
"""By what a list of cases, or the history of one, can be narrowed, beside its codes."""
SEEN_AT: dict[int, str] = {
    IDENTITY: "seen by everybody who has this case",
    SUMMARY: "seen by whoever has the summary or the whole case",
    FULL: "seen only by whoever has the whole case",
}
"""Who can see an entry of a case's history, in words."""

CASE_COLUMNS: dict[str, str] = {
    "age": "Age",
    "case": "Case",
    "rating": "Rating",
    "category": "Main category",
    "open_at": "Open at",
    "lead": "Lead professional",
    "coordinator": "Coordinator",
    "agency": "Lead agency",
    "opened": "Opened",
    "rated": "Rated",
    "born": "Date of birth",
    "repeat": "Repeat",
    "heard": "Child last heard",
}
"""What a list of cases can show beside the name."""
CASE_COLUMNS_SHOWN = ("age", "case", "rating", "category", "open_at", "lead", "coordinator")
SAVED_VIEWS_AT_MOST = 20
