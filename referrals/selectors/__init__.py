"""What a seat may see of referrals, cases and reviews. The policies check every row again."""

from referrals.selectors.cases import (
    CaseContent,
    case_by_reference,
    case_content,
    cases_page,
    next_review_due,
    possible_leads,
)
from referrals.selectors.codes import choices, codes, group, grouped_choices, is_code, label, labels
from referrals.selectors.matching import Match, Wanted, possible_matches
from referrals.selectors.referrals import (
    matter_of,
    mentions_of,
    name_of,
    referral_by_reference,
    referrals_of,
    waiting_referrals,
)
from referrals.selectors.reviews import open_reviews_for, review_by_reference

__all__ = [
    "CaseContent",
    "Match",
    "Wanted",
    "case_by_reference",
    "case_content",
    "cases_page",
    "choices",
    "codes",
    "group",
    "grouped_choices",
    "is_code",
    "label",
    "labels",
    "matter_of",
    "mentions_of",
    "name_of",
    "next_review_due",
    "open_reviews_for",
    "possible_leads",
    "possible_matches",
    "referral_by_reference",
    "referrals_of",
    "review_by_reference",
    "waiting_referrals",
]
