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
from referrals.models.case import Case, CaseSummary, RatingAgreed, Review, ReviewDraft, ReviewStep, TierPeriod
from referrals.models.child import Child, ChildIdentity, ChildMerge, ChildProfile, ProtectedAddress
from referrals.models.consent import ConsentSaid
from referrals.models.elsewhere import Answer, ChildQuestion, KnownElsewhere
from referrals.models.lifecycle import CaseClosure, ClosureTold, CriterionMet, LeadPeriod
from referrals.models.matter import Matter
from referrals.models.pathways import CriticalMoment, MissingEpisode
from referrals.models.reference import Code, ListVersion
from referrals.models.referral import Circumstances, Concern, DraftSection, Prerequisite, Referral, ToldConsent
from referrals.models.sameness import ChildrenApart, ChildToCompare, PossiblePair
from referrals.models.where import AddressKind, ChildAddress, ChildAuthority, ChildNumber

__all__ = [
    "AddressKind",
    "Answer",
    "Case",
    "CaseClosure",
    "CaseDraft",
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
    "ClosureTold",
    "Code",
    "Concern",
    "ConsentSaid",
    "CriterionMet",
    "CriticalMoment",
    "DifficultiesScore",
    "DomainScore",
    "DraftSection",
    "KnownElsewhere",
    "LeadPeriod",
    "ListVersion",
    "Matter",
    "MissingEpisode",
    "PlanStep",
    "PossiblePair",
    "Prerequisite",
    "ProtectedAddress",
    "RatingAgreed",
    "RatingDecision",
    "Referral",
    "Review",
    "ReviewDraft",
    "ReviewStep",
    "RiskAssessment",
    "SafetyPlan",
    "TierPeriod",
    "ToldConsent",
]
