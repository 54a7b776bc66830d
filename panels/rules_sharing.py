"""What an agency sees of a record at each scope, in words, for the page that says so before anything is shared."""

from __future__ import annotations

from mace.core.protection import FULL, IDENTITY, SUMMARY

CASE_PARTS: tuple[tuple[int, str], ...] = (
    (IDENTITY, "The child’s name, other names, date of birth, address, NHS number and pupil number"),
    (IDENTITY, "The case’s reference, its lead professional and its coordinator"),
    (IDENTITY, "The actions given to the agency, with their reports"),
    (SUMMARY, "The main category of harm, the rating and how it changed, and a short account of the concern"),
    (SUMMARY, "The tiers at which the case is and was open"),
    (SUMMARY, "The minutes of the agenda items that the agency was invited to"),
    (FULL, "The whole referral and the referrals before it"),
    (FULL, "The risk assessments, the child’s own words and the safety plan"),
    (FULL, "The 12-week reviews, everybody’s actions and the history"),
    (FULL, "The people, places and themes linked with the case that the agency also sees in full"),
)
"""What a case page is made of, each with the least scope that covers it; a protected address is in none of them."""
VOLT_PARTS: dict[str, tuple[tuple[int, str], ...]] = {
    "person": (
        (IDENTITY, "The reference and the name, and whether the person is a child known here"),
        (SUMMARY, "Other names, age, and what makes the person a concern"),
        (SUMMARY, "The minutes of the agenda items that the agency was invited to"),
        (FULL, "Actions given on the record, and its links to records that the agency also sees in full"),
    ),
    "location": (
        (IDENTITY, "The reference and the name"),
        (SUMMARY, "The address, and the harm seen there"),
        (SUMMARY, "The minutes of the agenda items that the agency was invited to"),
        (FULL, "Actions given on the record, and its links to records that the agency also sees in full"),
    ),
    "group": (
        (IDENTITY, "The reference and the name"),
        (SUMMARY, "Who belongs to it, where they meet, and what worries"),
        (SUMMARY, "The minutes of the agenda items that the agency was invited to"),
        (FULL, "Actions given on the record, and its links to records that the agency also sees in full"),
    ),
    "theme": (
        (IDENTITY, "The reference and the name, and how long the response takes"),
        (SUMMARY, "The minutes of the agenda items that the agency was invited to"),
        (FULL, "What the theme rests on, actions, and its links to records that the agency also sees in full"),
    ),
}
