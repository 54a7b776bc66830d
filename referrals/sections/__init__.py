"""What each page of a referral asks and what it accepts: one place for the page that asks and the service that checks.

Each page is a form over what was typed. It stands below the services, because a draft is judged there too.
"""

from referrals.sections.base import Asked, SectionForm
from referrals.sections.child import ChildSection
from referrals.sections.concern import ConcernSection
from referrals.sections.family import PrerequisitesSection, ToldSection, VoiceSection
from referrals.sections.plan import MentionsSection, PlanSection
from referrals.sections.risk import RiskSection

SECTIONS: dict[str, type[SectionForm]] = {
    form.section.value: form
    for form in (
        ChildSection,
        ConcernSection,
        PrerequisitesSection,
        ToldSection,
        VoiceSection,
        RiskSection,
        PlanSection,
        MentionsSection,
    )
}
OPTIONAL = frozenset({MentionsSection.section.value})

__all__ = [
    "OPTIONAL",
    "SECTIONS",
    "Asked",
    "ChildSection",
    "ConcernSection",
    "MentionsSection",
    "PlanSection",
    "PrerequisitesSection",
    "RiskSection",
    "SectionForm",
    "ToldSection",
    "VoiceSection",
]
