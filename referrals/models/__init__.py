"""The records of a child, a referral and a case. One module for each; this is their index."""

from referrals.models.assessment import ChildVoice, DomainScore, PlanStep, RiskAssessment, SafetyPlan
from referrals.models.case import Case, CaseSummary, RatingAgreed, Review, ReviewDraft, ReviewStep, TierPeriod
from referrals.models.child import Child, ChildIdentity, ChildMerge, ChildProfile, ProtectedAddress
from referrals.models.lifecycle import CaseClosure, ClosureTold, CriterionMet, LeadPeriod
from referrals.models.reference import Code, ListVersion
from referrals.models.referral import Concern, DraftSection, Prerequisite, Referral, ToldConsent

__all__ = [
    "Case",
    "CaseClosure",
    "CaseSummary",
    "Child",
    "ChildIdentity",
    "ChildMerge",
    "ChildProfile",
    "ChildVoice",
    "ClosureTold",
    "Code",
    "Concern",
    "CriterionMet",
    "DomainScore",
    "DraftSection",
    "LeadPeriod",
    "ListVersion",
    "PlanStep",
    "Prerequisite",
    "ProtectedAddress",
    "RatingAgreed",
    "Referral",
    "Review",
    "ReviewDraft",
    "ReviewStep",
    "RiskAssessment",
    "SafetyPlan",
    "TierPeriod",
    "ToldConsent",
]
