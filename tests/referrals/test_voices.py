"""What children say: on a case at any time, across cases without names, missing where it is; difficulties scores."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mace.access.models import Grant
from mace.audit.models import ReadEntry
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from referrals.enums import Section
from referrals.forms.assessing import VoiceForm
from referrals.models import Case, ChildIdentity, ChildVoice, DifficultiesScore
from referrals.rules import age_band
from referrals.sections import Asked, VoiceSection
from referrals.selectors.risk_tool import difficulties_band
from referrals.selectors.voices import LEFT_OUT, cases_not_heard, nameless, theme_counts, voices
from referrals.services.voicing import record_difficulties, record_voice
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import FILLED, MONDAY, another_child, open_case
from tests.referrals.assessed import own_list

LATER = MONDAY + dt.timedelta(days=14)
DAY = dt.timedelta(days=1)
VOICE = FILLED[Section.VOICE]


@pytest.fixture
def case(cast: Cast) -> Case:
    return open_case(cast)


def say(cast: Cast, case: Case, by: str = "practitioner", **changes: Any) -> ChildVoice:
    said: dict[str, Any] = {"words": "Nobody asked me.", "observed": "", "wants": "", "said_on": LATER.date()}
    said |= {"way": "conversation", "with_whom": "Her mentor", "themes": ["professionals"], "operation": ""}
    with acting_as(cast[by]):
        return record_voice(case=case, **said | changes, by=cast[by], at=LATER)


# --- On a case -------------------------------------------------------------------------------------------------------


def test_what_the_child_says_is_kept_with_who_how_and_what_about(cast: Cast, case: Case) -> None:
    made = say(cast, case, wants="To be asked", said_on=(LATER - DAY).date())
    assert (made.words, made.wants, made.effective_on) == ("Nobody asked me.", "To be asked", (LATER - DAY).date())
    assert (made.way_words, made.with_whom, made.themes) == ("In a conversation", "Her mentor", ["professionals"])
    assert made.written_by_id == cast["practitioner"].membership_id


@pytest.mark.parametrize("name", ["manager", "coordinator", "social_care_lead"])
def test_whoever_sees_the_case_in_full_adds_to_it(cast: Cast, case: Case, name: str) -> None:
    assert say(cast, case, name).written_by_id == cast[name].membership_id


@pytest.mark.parametrize("name", ["other_practitioner", "police_lead", "board", "stranger_coordinator"])
def test_nobody_else_does(cast: Cast, case: Case, name: str) -> None:
    with pytest.raises(NotAllowed):
        say(cast, case, name)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"words": " "}, "words_said"),
        ({"said_on": (LATER + DAY).date()}, "said_on"),
        ({"way": "shouted"}, "way"),
        ({"themes": ["safety", "nothing"]}, "themes"),
    ],
)
def test_what_makes_no_sense_is_refused(cast: Cast, case: Case, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        say(cast, case, **changes)
    assert broken.value.field == field


def test_the_same_page_sent_twice_adds_once(cast: Cast, case: Case) -> None:
    assert say(cast, case, operation="a") == say(cast, case, operation="a") != say(cast, case, operation="b")


# --- Across cases ----------------------------------------------------------------------------------------------------


def test_across_cases_no_name_and_no_number_of_the_child_is_told(cast: Cast, case: Case) -> None:
    with as_owner():
        ChildIdentity.objects.filter(child_id=case.child_id).update(
            aliases="Tee, Mika", nhs_number="9990001235", upn="Z999000000001"
        )
    said = "TAMIKA says: I am Tee, 999 000 1235, 9990001235 or Z999000000001. Teeth, and Sam, stay."
    say(cast, case, words=said, observed="Brightwater’s room", themes=["home", "safety"])
    with acting_as(cast["coordinator"]):
        line = voices().lines[0]
    x = LEFT_OUT
    assert line.words == f"{x} says: I am {x}, {x}, {x} or {x}. Teeth, and Sam, stay."
    assert line.observed == f"{x}’s room"
    assert (line.themes, line.age, line.month) == ("Home and family; Feeling safe or unsafe", "14 or 15", "March 2026")
    page = cast.client("coordinator").get("/voices/").content.decode()
    assert f"{x} says: I am" in page
    for word in ("Tamika", "TAMIKA", "Brightwater", case.reference, "Practitioner", "Her mentor"):
        assert word not in page, word


def test_what_a_referral_tells_of_the_child_is_read_across_with_its_themes(cast: Cast) -> None:
    heard = {"way": "drawing", "with_whom": "Her form tutor", "themes": ["school", "future"]}
    made = open_case(cast, voice=heard)
    with acting_as(cast["coordinator"]):
        (line,) = voices(theme="future").lines
        assert (line.themes, line.words) == ("School, college or work; Hopes and what comes next", VOICE["words_said"])
        assert theme_counts() == [("Hopes and what comes next", 1), ("School, college or work", 1)]
    page = cast.client("coordinator").get("/voices/?theme=future").content.decode()
    assert VOICE["words_said"] in page
    assert "Her form tutor" not in page
    with as_owner():
        sent_with = made.referrals.get()
    coordinator = cast.client("coordinator")
    case = coordinator.get(f"/cases/{made.reference}/").content.decode()
    assert "In a drawing or play, with Her form tutor" in case
    sent = coordinator.get(f"/referrals/{sent_with.reference}/").content.decode()
    for words in ("In a drawing or play", "Her form tutor", "School, college or work; Hopes and what comes next"):
        assert words in sent, words


@pytest.mark.parametrize("at", ["referral", "case"])
def test_both_pages_ask_the_same_of_the_childs_voice(cast: Cast, case: Case, at: str) -> None:
    own_list(cast, "help", [{"code": "voice.themes", "label": "Tick what it is about."}])
    with acting_as(cast["practitioner"]):
        page = str(VoiceForm() if at == "case" else VoiceSection(asked=Asked(on=LATER.date())))
    for name in ("words_said", "observed", "wants", "way", "with_whom", "themes"):
        assert f'name="{name}"' in page, name
    assert "Tick what it is about." in page
    assert ('name="said_on_day"' in page) == (at == "case")


def test_a_child_without_a_name_hides_nothing() -> None:
    nobody = ChildIdentity(forename="", surname="", aliases="", nhs_number="", upn="", local_id="")
    assert nameless(nobody).sub(LEFT_OUT, "All of it stays.") == "All of it stays."


def test_by_theme_and_period_with_counts(cast: Cast, case: Case) -> None:
    other = open_case(cast, child=another_child(1))
    say(cast, case, words="One", themes=["home", "safety"])
    say(cast, other, words="Two", themes=["home"], said_on=(MONDAY + DAY).date())
    with acting_as(cast["coordinator"]):
        assert [line.words for line in voices(theme="home").lines] == ["One", "Two"]
        assert [line.words for line in voices(theme="safety").lines] == ["One"]
        assert [line.words for line in voices(theme="none").lines] == ["I just want it to stop."] * 2
        assert [line.words for line in voices(since=LATER.date()).lines] == ["One"]
        assert [line.words for line in voices(theme="home", until=(LATER - DAY).date()).lines] == ["Two"]
        assert theme_counts() == [("Home and family", 2), ("No theme yet", 2), ("Feeling safe or unsafe", 1)]
        assert theme_counts(since=LATER.date()) == [("Feeling safe or unsafe", 1), ("Home and family", 1)]


def test_pages_by_key_leave_nothing_out_and_repeat_nothing(cast: Cast, case: Case) -> None:
    for number in range(7):
        say(cast, case, words=f"Number {number}", said_on=(LATER - DAY * (number // 3)).date())
    with acting_as(cast["coordinator"]):
        whole = [line.words for line in voices(size=100).lines]
        paged, after = [], ""
        for _ in range(4):
            page = voices(after=after, size=2)
            paged += [line.words for line in page.lines]
            after = page.following
        assert (paged, after, len(whole)) == (whole, "", 8)
    assert cast.client("coordinator").get("/voices/?after=nonsense").status_code == 302


def test_only_of_cases_that_the_reader_sees_in_full(cast: Cast, case: Case) -> None:
    elsewhere = open_case(cast, by="stranger_practitioner", coordinator="stranger_coordinator", child=another_child(2))
    assert elsewhere.partnership_id != case.partnership_id
    with acting_as(cast["coordinator"]):
        assert len(voices().lines) == 1
    with acting_as(cast["stranger_coordinator"]):
        assert [line.record for line in voices().lines] == [elsewhere.pk]
    with acting_as(cast["police_lead"]):
        assert voices().lines == []
    with acting_as(cast["practitioner"]):
        assert len(voices().lines) == 1  # the lead professional holds all of it; the page is not theirs
    assert cast.client("practitioner").get("/voices/").status_code == 403


def test_what_was_only_written_and_is_held_no_more_does_not_count(cast: Cast, case: Case) -> None:
    seat = cast["practitioner"]
    own = [principal for principal in (seat.principal, seat.team_principal, seat.agency_principal) if principal]
    with as_owner():
        Grant.objects.filter(record_id=case.pk, principal__in=own).delete()
    with acting_as(cast["practitioner"]):
        assert ChildVoice.objects.count() == 1
        assert voices().lines == []


def test_the_read_log_says_whose_it_was(cast: Cast, case: Case) -> None:
    other = open_case(cast, child=another_child(1))
    cast.client("coordinator").get("/voices/")
    with as_owner():
        entry = ReadEntry.objects.filter(membership_id=cast["coordinator"].membership_id).latest("pk")
    assert (entry.action, entry.rows, set(entry.records)) == ("what children say", 2, {case.pk, other.pk})


# --- Missing ---------------------------------------------------------------------------------------------------------


def test_a_voice_not_heard_for_twelve_weeks_is_missing(cast: Cast, case: Case) -> None:
    heard = MONDAY.date()
    with acting_as(cast["coordinator"]):
        days = [heard + dt.timedelta(days=after) for after in (0, 83, 84, 85)]
        assert [cases_not_heard(day) for day in days] == [0, 0, 1, 1]
    say(cast, case)
    with acting_as(cast["coordinator"]):
        assert cases_not_heard(heard + dt.timedelta(days=85)) == 0


@pytest.mark.parametrize(
    ("age", "words"), [(10, "Under 11"), (11, "11 to 13"), (14, "14 or 15"), (17, "16 or 17"), (18, "18 or over")]
)
def test_ages_are_told_roughly(age: int, words: str) -> None:
    assert age_band(dt.date(2026 - age, 3, 1), dt.date(2026, 3, 1)) == words


# --- Strengths and difficulties --------------------------------------------------------------------------------------

PARTS = {"emotional": None, "conduct": None, "hyperactivity": None, "peers": None, "prosocial": None}


def score(cast: Cast, case: Case, by: str = "practitioner", **changes: Any) -> DifficultiesScore:
    said: dict[str, Any] = {"informant": "parent", "done_on": LATER.date(), "total": 15, "parts": PARTS, "band": ""}
    with acting_as(cast[by]):
        return record_difficulties(case=case, **said | {"operation": ""} | changes, by=cast[by], at=LATER)


@pytest.mark.parametrize(
    ("informant", "cuts"), [("parent", (14, 17, 20)), ("teacher", (12, 16, 19)), ("self", (15, 18, 20))]
)
def test_the_band_follows_from_the_total_by_the_published_cuts(
    cast: Cast, informant: str, cuts: tuple[int, int, int]
) -> None:
    bands = ("average", "raised", "high", "very_high")
    with acting_as(cast["practitioner"]):
        for below, above, cut in zip(bands, bands[1:], cuts, strict=False):
            assert (difficulties_band(informant, cut - 1), difficulties_band(informant, cut)) == (below, above)
        assert (difficulties_band(informant, 0), difficulties_band(informant, 40)) == (bands[0], bands[-1])
        assert difficulties_band("aunt", 15) == ""


def test_a_score_keeps_totals_and_its_band(cast: Cast, case: Case) -> None:
    parts = {"emotional": 5, "conduct": 4, "hyperactivity": 3, "peers": 3, "prosocial": 9}
    made = score(cast, case, parts=parts, operation="a", band="very_high")
    assert (made.total, made.band, made.band_words, made.prosocial) == (15, "raised", "Slightly raised", 9)
    assert score(cast, case, parts=parts, operation="a") == made
    page = cast.client("practitioner").get(f"/cases/{case.reference}/").content.decode()
    assert "16 March 2026: 15 of 40 (slightly raised), completed by: parent or carer" in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"total": 41}, "total"),
        ({"total": -1}, "total"),
        ({"informant": "aunt"}, "informant"),
        ({"done_on": (LATER + DAY).date()}, "done_on"),
        ({"parts": PARTS | {"peers": 11}}, "peers"),
        ({"parts": PARTS | {"emotional": 9, "peers": 9}}, "total"),
        ({"parts": {"emotional": 1, "conduct": 1, "hyperactivity": 1, "peers": 1, "prosocial": 9}}, "total"),
    ],
)
def test_scores_that_cannot_be_are_refused(cast: Cast, case: Case, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        score(cast, case, **changes)
    assert broken.value.field == field


@pytest.mark.parametrize("name", ["chair", "other_practitioner", "police_lead"])
def test_scores_are_added_by_those_who_assess(cast: Cast, case: Case, name: str) -> None:
    with pytest.raises(NotAllowed):
        score(cast, case, name)
