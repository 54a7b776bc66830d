"""The records of a child, a referral and a case. One module for each; this is their index."""

from referrals.models.assessment import (
    CaseDraft,
    ChildVoice,
    DifficultiesScore,
    DomainScore,
    PlanStep,
    RatingDecision,
    RiskAssessment,
    SafetyPlan,
)
from referrals.models.case import Case, CaseSummary, RatingAgreed, Review, ReviewDraft, TierPeriod
from referrals.models.child import Child, ChildIdentity, ChildMerge, ChildProfile, ProtectedAddress
from referrals.models.reference import Code, ListVersion
from referrals.models.referral import Concern, DraftSection, Prerequisite, Referral, ToldConsent

__all__ = [
    "Case",
    "CaseDraft",
    "CaseSummary",
    "Child",
    "ChildIdentity",
    "ChildMerge",
    "ChildProfile",
    "ChildVoice",
    "Code",
    "Concern",
    "DifficultiesScore",
    "DomainScore",
    "DraftSection",
    "ListVersion",
    "PlanStep",
    "Prerequisite",
    "ProtectedAddress",
    "RatingAgreed",
    "RatingDecision",
    "Referral",
    "Review",
    "ReviewDraft",
    "RiskAssessment",
    "SafetyPlan",
    "TierPeriod",
    "ToldConsent",
]
