"""The records of a child, a referral and a case. One module for each; this is their index."""

from referrals.models.assessment import ChildVoice, DomainScore, PlanStep, RiskAssessment, SafetyPlan
from referrals.models.case import Case, CaseSummary, RatingAgreed, Review, ReviewDraft, TierPeriod
from referrals.models.child import Child, ChildIdentity, ChildMerge, ChildProfile, ProtectedAddress
from referrals.models.elsewhere import Answer, ChildQuestion, KnownElsewhere
from referrals.models.reference import Code, ListVersion
from referrals.models.referral import Circumstances, Concern, DraftSection, Prerequisite, Referral, ToldConsent
from referrals.models.sameness import ChildrenApart, ChildToCompare, PossiblePair
from referrals.models.where import AddressKind, ChildAddress, ChildAuthority, ChildNumber

__all__ = [
    "AddressKind",
    "Answer",
    "Case",
    "CaseSummary",
    "Child",
    "ChildAddress",
    "ChildAuthority",
    "ChildIdentity",
    "ChildMerge",
    "ChildNumber",
    "ChildProfile",
    "ChildQuestion",
    "ChildToCompare",
    "ChildVoice",
    "ChildrenApart",
    "Circumstances",
    "Code",
    "Concern",
    "DomainScore",
    "DraftSection",
    "KnownElsewhere",
    "ListVersion",
    "PlanStep",
    "PossiblePair",
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
