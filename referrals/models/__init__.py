"""The records of a child, a referral and a case. One module for each; this is their index."""

from referrals.models.assessment import ChildVoice, DomainScore, PlanStep, RiskAssessment, SafetyPlan
from referrals.models.case import Case, CaseSummary, RatingAgreed, Review, ReviewDraft, TierPeriod
from referrals.models.child import Child, ChildIdentity, ChildMerge, ChildProfile, ProtectedAddress
from referrals.models.elsewhere import Answer, ChildQuestion, KnownElsewhere
from referrals.models.reference import Code
from referrals.models.referral import Concern, DraftSection, Prerequisite, Referral, ToldConsent
from referrals.models.sameness import ChildrenApart

__all__ = [
    "Answer",
    "Case",
    "CaseSummary",
    "Child",
    "ChildIdentity",
    "ChildMerge",
    "ChildProfile",
    "ChildQuestion",
    "ChildVoice",
    "ChildrenApart",
    "Code",
    "Concern",
    "DomainScore",
    "DraftSection",
    "KnownElsewhere",
    "PlanStep",
    "Prerequisite",
    "ProtectedAddress",
    "RatingAgreed",
    "Referral",
    "Review",
    "ReviewDraft",
    "RiskAssessment",
    "SafetyPlan",
    "TierPeriod",
    "ToldConsent",
]
