"""What each page of a referral asks and what it accepts: one place for the page that asks and the service that checks.

Each page is a form over what was typed. It stands below the services, because a draft is judged there too.
"""

import datetime as dt

from referrals.enums import About, Section
from referrals.sections.base import Asked, SectionForm
from referrals.sections.child import ChildSection
from referrals.sections.concern import ConcernSection
from referrals.sections.family import PrerequisitesSection, ToldSection, VoiceSection
from referrals.sections.matter import (
    AskSection,
    GroupSection,
    HarmSection,
    PersonSection,
    PlaceSection,
    SourceSection,
    SubjectSection,
    ThemeSection,
)
from referrals.sections.plan import MentionsSection, PlanSection
from referrals.sections.risk import RiskSection
from referrals.sections.situation import AroundSection, SituationSection, SurroundingsSection
from referrals.selectors.codes import CodeList, Entry

SECTIONS: dict[str, type[SectionForm]] = {
    form.section.value: form
    for form in (
        ChildSection,
        SituationSection,
        AroundSection,
        ConcernSection,
        SurroundingsSection,
        PrerequisitesSection,
        ToldSection,
        VoiceSection,
        RiskSection,
        PlanSection,
        MentionsSection,
    )
}
"""Of a child's referral, in the order of its task list."""
_BESIDE: tuple[type[SectionForm], ...] = (HarmSection, SourceSection, AskSection)
SECTIONS_OF: dict[str, dict[str, type[SectionForm]]] = {About.CHILD.value: SECTIONS} | {
    about.value: {form.section.value: form for form in (subject, *_BESIDE)}
    for about, subject in (
        (About.PERSON, PersonSection),
        (About.PLACE, PlaceSection),
        (About.GROUP, GroupSection),
        (About.THEME, ThemeSection),
    )
}
"""By what the referral is about; of those without a child the first page says who or what it is."""


def shipped_help() -> CodeList:
    """What stands beneath each question as the product has it, by section and field, in the order of the pages."""
    entries = {}
    every = {name: form for forms in SECTIONS_OF.values() for name, form in forms.items()}
    for name, form_class in every.items():
        form = form_class(asked=Asked(on=dt.date.max, tight=True))
        for field, question in form.fields.items():
            if not form.comes_and_goes(field):
                code = f"{name}.{field}"
                head = f"{Section(name).label}: {form.question(field)}"
                entries[code] = Entry(code, str(question.help_text), head, proposed=True)
    return CodeList(entries)


OPTIONAL = frozenset({Section.AROUND.value, Section.SURROUNDINGS.value, Section.MENTIONS.value})

__all__ = [
    "OPTIONAL",
    "SECTIONS",
    "SECTIONS_OF",
    "AroundSection",
    "Asked",
    "ChildSection",
    "ConcernSection",
    "HarmSection",
    "MentionsSection",
    "PlanSection",
    "PrerequisitesSection",
    "RiskSection",
    "SectionForm",
    "SituationSection",
    "SubjectSection",
    "SurroundingsSection",
    "ToldSection",
    "VoiceSection",
    "shipped_help",
]
