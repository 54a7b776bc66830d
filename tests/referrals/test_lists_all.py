"""Every list of the product is a partnership's own to word, and whatever reads it reads its words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django import forms

from mace.attachments.enums import AttachmentKind
from mace.core.errors import RuleBroken
from mace.core.seat import acting_as
from referrals.enums import Informant, Occasion
from referrals.forms.assessing import VoiceForm
from referrals.forms.criteria import criteria_fields
from referrals.models import CriterionMet
from referrals.models.reference import LONGEST_WORDS
from referrals.reference import FOLDER
from referrals.rules import ROWS_SHOWN
from referrals.sections import SECTIONS, SECTIONS_OF, Asked, SectionForm
from referrals.sections.base import AttachedFile
from referrals.sections.case import CASE_FORMS
from referrals.selectors.codes import practised
from referrals.selectors.lists import HELP, KEPT
from referrals.selectors.risk_tool import difficulties_band, suggested_rating
from referrals.services import escalate_case
from referrals.services.lists import save_list, standing
from referrals.services.voicing import record_voice
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import STUCK, draft_referral, open_case
from tests.referrals.assessed import LATER, all_scored, assess, scored
from tests.referrals.listed import AT

NOT_KEPT = {
    "sex": "follows the census, so that figures can be compared",
    "ethnicity": "follows the census, so that figures can be compared",
    "nicknames": "is no list to choose from: it says which first names are forms of one another",
}
ASKED = [name for name, kept in KEPT.items() if name != HELP and not (kept.bands or kept.switches)]
CHOSEN = ("risk_domain", "evidence_source", "exploitation_level", "voice_way", "escalation_criterion")
"""Those whose words are written beside what was chosen."""


def save(cast: Cast, name: str, change: Any) -> None:
    with acting_as(cast["coordinator"]):
        rows = change(list(standing(name).entries.values()))
        save_list(
            list_name=name, entries=rows, adopted=False, why="Agreed", version=None, by=cast["coordinator"], at=AT
        )


def relabel(**labels: str) -> Any:
    return lambda rows: [replace(row, label=labels.get(row.code, row.label)) for row in rows]


def longest(name: str, place: int = 0) -> str:
    """As long as an entry may be, and unlike any other."""
    return f"{name} {place} ".ljust(LONGEST_WORDS, "w")


def every_page() -> list[type[SectionForm]]:
    """Of referrals, whatever they are about, and of cases."""
    return [*{form: None for forms in SECTIONS_OF.values() for form in forms.values()}, *CASE_FORMS.values()]


def drawn() -> str:
    """Every question that is asked with the help of a list."""
    asked = Asked(on=AT.date(), adult=True, tight=True)
    made: list[forms.Form] = [form(asked=asked) for form in every_page()]
    criteria = type("Criteria", (forms.Form,), {})()
    for occasion in Occasion:
        criteria.fields |= criteria_fields(occasion)
    return "".join(map(str, [*made, VoiceForm(), criteria]))


def questions() -> Iterator[SectionForm]:
    """Every page of a referral, of a child and of an adult, with a file that may stand in, and those of a case."""
    files = tuple(AttachedFile(1, "F-1", kind, "Assessment.pdf") for kind in AttachmentKind.values)
    for adult in (False, True):
        for form in every_page():
            yield form(asked=Asked(on=AT.date(), adult=adult, files=files, tight=True))


def test_the_help_of_every_question_is_the_partnerships_to_word(cast: Cast) -> None:
    save(cast, HELP, lambda rows: [replace(row, label=f"Help of {row.code}.") for row in rows])
    draft = draft_referral(cast)
    with acting_as(cast["practitioner"]):
        bound = [form[name] for form in questions() for name in form.fields]
        asked = [question.as_field_group() for question in bound if not question.is_hidden]
        codes = {code: entry.group for code, entry in standing(HELP).entries.items()}
    assert [codes[code] for code in ("plan.step_row_who", "risk.domain_on", "risk.case_lowering_reason")] == [
        "Safety plan: Step: who",
        "Risk assessment: Each domain: date of the evidence",
        "Risk assessment: If you rate it lower than the scores suggest, or than it is rated now: why?",
    ]
    assert [code for code in codes if not any(f"Help of {code}." in question for question in asked)] == []
    assert [question for question in asked if "Help of " not in question] == []
    client, case = cast.client("practitioner"), open_case(cast)
    for address, wanted in {
        f"/referrals/{draft.reference}/pages/around/": {
            "around.around_row_name": ROWS_SHOWN,
            "around.around_row_relation": ROWS_SHOWN,
        },
        f"/referrals/{draft.reference}/pages/plan/": {
            "plan.step_row_text": ROWS_SHOWN,
            "plan.step_row_who": ROWS_SHOWN,
            "plan.summary": 1,
        },
        f"/referrals/{draft.reference}/pages/mentions/": {"mentions.place_row_about": ROWS_SHOWN},
        f"/referrals/{draft.reference}/pages/risk/": {
            "risk.missing_score": 1,
            "risk.domain_evidence": 12,
            "risk.rating": 1,
        },
        f"/cases/{case.reference}/assessments/new/": {"risk.domain_source": 12, "risk.case_lowering_reason": 1},
    }.items():
        page = client.get(address).content.decode()
        assert {code: page.count(f"Help of {code}.") for code in wanted} == wanted, address


def test_help_that_a_page_gives_for_a_reason_stays(cast: Cast) -> None:
    save(cast, HELP, lambda rows: [replace(row, label="Worded") for row in rows])
    with acting_as(cast["practitioner"]):
        kept = SECTIONS["child"](asked=Asked(on=AT.date(), address_kept=True))
        gone = SECTIONS["risk"]({"attached": "F-9"}, asked=Asked(on=AT.date()))
        assert "Worded" not in (kept["address"].help_text, gone["attached"].help_text)
        assert SECTIONS["child"](asked=Asked(on=AT.date()))["address"].help_text == "Worded"


def test_every_list_is_kept_or_fixed_with_a_reason() -> None:
    assert {path.stem for path in FOLDER.glob("*.csv")} == KEPT.keys() - {HELP} | NOT_KEPT.keys()


def test_every_question_asks_in_the_partnerships_words(cast: Cast) -> None:
    for name in ASKED:
        save(cast, name, lambda rows, name=name: [replace(rows[0], label=longest(name)), *rows[1:]])
    with acting_as(cast["practitioner"]):
        page = drawn()
        assert [name for name in ASKED if longest(name) not in page] == []
    with acting_as(cast["stranger_practitioner"]):
        page = drawn()
        assert [name for name in ASKED if longest(name) in page] == []


def test_what_was_chosen_keeps_the_words_of_its_day(cast: Cast) -> None:
    for name in CHOSEN:
        save(
            cast,
            name,
            lambda rows, name=name: [replace(row, label=longest(name, place)) for place, row in enumerate(rows)],
        )
    case = open_case(cast)
    with acting_as(cast["coordinator"]):
        escalate_case(case=case, reason="Stuck", criteria=STUCK, by=cast["coordinator"], at=LATER)
    with acting_as(cast["practitioner"]):
        scores = scored(1)
    made = assess(cast, case, **scores, missing_source="own", cse_level="red", cce_level="blue")
    with acting_as(cast["practitioner"]):
        said = record_voice(
            case=case,
            words="It is better now.",
            observed="",
            wants="",
            said_on=LATER.date(),
            way="conversation",
            with_whom="",
            themes=[],
            operation="",
            by=cast["practitioner"],
            at=LATER,
        )
    for name in CHOSEN:
        save(cast, name, lambda rows: [replace(row, label=f"Later {row.code}") for row in rows])
    with as_owner():
        made.refresh_from_db()
        said.refresh_from_db()
        score = made.scores.get()
        assert (score.domain_words, score.source_words) == (longest("risk_domain"), longest("evidence_source"))
        assert made.cse_level_words == longest("exploitation_level")
        assert made.cce_level_words == longest("exploitation_level", 3)
        assert said.way_words == longest("voice_way")
        assert CriterionMet.objects.get().words == longest("escalation_criterion")
    page = cast.client("practitioner").get(f"/cases/{case.reference}/").content.decode()
    assert longest("voice_way") in page
    assert "Later conversation" not in page


def test_thresholds_are_the_partnerships_own(cast: Cast) -> None:
    save(cast, "risk_band", relabel(emerging="0 to 2", moderate="3 to 4", significant="5 and over"))
    save(cast, "difficulties_band", relabel(self_average="0 to 9", self_raised="10 to 17"))
    with acting_as(cast["practitioner"]):
        assert [suggested_rating(total) for total in (2, 3, 4, 5)] == [
            "emerging",
            "moderate",
            "moderate",
            "significant",
        ]
        assert [difficulties_band(Informant.SELF, total) for total in (9, 10)] == ["average", "raised"]
        assert difficulties_band(Informant.PARENT, 10) == "average"
        scores = all_scored(4)
    assert assess(cast, open_case(cast), **scores).suggested == "moderate"
    with acting_as(cast["stranger_practitioner"]):
        assert suggested_rating(5) == "emerging"


@pytest.mark.parametrize(
    ("name", "labels", "words", "at"),
    [
        ("risk_band", {"moderate": "Ten to nineteen"}, "Enter the totals in figures", "moderate"),
        ("risk_band", {"moderate": "10, 11 or 12"}, "Enter the totals in figures", "moderate"),
        ("risk_band", {"moderate": "10 to 9"}, "end at 10 or above", "moderate"),
        ("risk_band", {"moderate": "12 to 19"}, "begin at 10: each band follows", "moderate"),
        ("risk_band", {"moderate": "9 to 19"}, "begin at 10: each band follows", "moderate"),
        ("risk_band", {"moderate": "From 20"}, "begin at 10: each band follows", "moderate"),
        ("risk_band", {"moderate": "From 10", "significant": "From 10"}, "begin at 11 or above", "significant"),
        ("difficulties_band", {"teacher_raised": "12 to 16"}, "begin at 17", "teacher_high"),
    ],
)
def test_thresholds_that_cannot_be_are_refused_beside_the_band(
    cast: Cast, name: str, labels: dict[str, str], words: str, at: str
) -> None:
    with pytest.raises(RuleBroken, match=words) as broken:
        save(cast, name, relabel(**labels))
    assert broken.value.field == f"label_{at}"


def test_a_way_of_working_is_one_tick(cast: Cast) -> None:
    client, here = cast.client("coordinator"), "/lists/practice/"
    page = client.get(here).content.decode()
    assert page.count('name="use"') == page.count('value="manager_approves"') == 1
    assert "One of them approves it or sends it back" in page
    for words in ("Wording of", "Place in the list", "Offered to choose", "own wording", "Proposal"):
        assert words not in page, words
    for version, sent, words in ((0, ["manager_approves"], "is in use again"), (1, [], "is no longer in use")):
        assert client.post(here, {"version": version, "why": "Agreed", "use": sent}).status_code == 302
        with acting_as(cast["practitioner"]):
            assert practised("manager_approves") == bool(sent)
        assert words in client.get(here).content.decode()
    with pytest.raises(RuleBroken, match="cannot be worded"):
        save(cast, "practice", relabel(manager_approves="Other words"))
