"""What can be done with referrals and cases: one verb each. The seat and the moment are passed in, never read."""

from referrals.services.cases import agree_rating, escalate_case, hand_over_case
from referrals.services.closing import close_tier, complete_closure
from referrals.services.drafting import save_section, start_referral, submit_referral, withdraw_referral
from referrals.services.elsewhere import answer_question, ask_partnership
from referrals.services.leads import acknowledge_notes
from referrals.services.merging import merge_children, undo_merge
from referrals.services.reviews import answer_review, hold_review, make_review, save_review
from referrals.services.sameness import say_apart, take_back_apart
from referrals.services.screening import accept_referral, decline_referral, redirect_referral, return_referral
from referrals.services.where import write_address, write_authority, write_number

__all__ = [
    "accept_referral",
    "acknowledge_notes",
    "agree_rating",
    "answer_question",
    "answer_review",
    "ask_partnership",
    "close_tier",
    "complete_closure",
    "decline_referral",
    "escalate_case",
    "hand_over_case",
    "hold_review",
    "make_review",
    "merge_children",
    "redirect_referral",
    "return_referral",
    "save_review",
    "save_section",
    "say_apart",
    "start_referral",
    "submit_referral",
    "take_back_apart",
    "undo_merge",
    "withdraw_referral",
    "write_address",
    "write_authority",
    "write_number",
]
