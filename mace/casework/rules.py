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
