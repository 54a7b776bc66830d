"""What each page of a referral asks and what it accepts: one place for the page that asks and the service that checks.

Each page is a form over what was typed. It stands below the services, because a draft is judged there too.
"""

import datetime as dt
from collections.abc import Iterator

from django.forms import HiddenInput

from referrals.enums import About, Section
from referrals.sections.base import Asked, AttachedFile, SectionForm
from referrals.sections.case import CASE_FORMS
from referrals.sections.child import ChildSection
from referrals.sections.concern import ConcernSection
from referrals.sections.family import PrerequisitesSection, ToldSection
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
from referrals.sections.voice import VoiceSection
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
    """What stands beneath each question as the product has it, by section and field, in the order of the pages.

    Of questions that are asked for each row, and of each domain, there is one; a case's stand after a referral's.
    """
    entries: dict[str, Entry] = {}
    for form in _every_page():
        for name, question in form.fields.items():
            code = f"{form.section.value}.{form.help_code(name)}"
            if code not in entries and not isinstance(question.widget, HiddenInput):
                head = f"{form.section.label}: {form.help_head(name)}"
                entries[code] = Entry(code, str(question.help_text), head, proposed=True)
    order = list(Section)
    return CodeList(dict(sorted(entries.items(), key=lambda pair: order.index(Section(pair[0].partition(".")[0])))))


def _every_page() -> Iterator[SectionForm]:
    """Each page with a file that may stand in; then what only a young person or a case is asked."""
    every = {name: form for forms in SECTIONS_OF.values() for name, form in forms.items()}
    for adult in (False, True):
        for form_class in every.values():
            files = (AttachedFile(0, "-", getattr(form_class, "stands_in", ""), ""),)
            yield form_class(asked=Asked(on=dt.date.max, files=files, adult=adult, tight=True))
    for form_class in CASE_FORMS.values():
        yield form_class(asked=Asked(on=dt.date.max))


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
