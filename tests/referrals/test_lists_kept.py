"""A partnership's own criteria, lists and wording: versions of them, and what they change."""

from __future__ import annotations

import re
import sys
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from mace.core.errors import Conflict, NotAllowed, RuleBroken
from mace.core.seat import acting_as
from referrals.models import Code, ListVersion
from referrals.sections import Asked, ConcernSection
from referrals.selectors.codes import Entry, choices, code_list, forget_codes, is_code, label
from referrals.selectors.lists import KEPT, list_opened
from referrals.services.lists import save_list, shipped, standing
from tests.dashboards.markup import Markup
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import submitted_referral
from tests.referrals.listed import AT, worded

FACTORS = "wider_factor"


def saved(cast: Cast, name: str, entries: list[Entry], *, by: str = "coordinator", **more: Any) -> int:
    said: dict[str, Any] = {"adopted": False, "why": "Agreed in March", "version": None} | more
    with acting_as(cast[by]):
        return save_list(list_name=name, entries=entries, by=cast[by], at=AT, **said)


def now(cast: Cast, name: str, *, by: str = "coordinator") -> list[Entry]:
    with acting_as(cast[by]):
        return list(standing(name).entries.values())


def test_a_list_worded_anew_counts_in_its_partnership_alone(cast: Cast) -> None:
    before = now(cast, FACTORS)
    assert saved(cast, FACTORS, [replace(before[0], label="Care far from home"), *before[1:]]) == 1
    for name, words in (("practitioner", "Care far from home"), ("stranger_practitioner", before[0].label)):
        with acting_as(cast[name]):
            assert label(FACTORS, before[0].code) == words
            assert choices(FACTORS)[0] == (before[0].code, words)
    with as_owner():
        assert Code.objects.get(list_name=FACTORS, code=before[0].code).label == before[0].label


def test_what_is_added_can_be_chosen_and_what_is_out_of_use_stays_readable(cast: Cast) -> None:
    before = now(cast, FACTORS)
    entries = [before[1], Entry("", "Fostered far away", "Family"), replace(before[0], active=False), *before[2:]]
    saved(cast, FACTORS, entries)
    with acting_as(cast["practitioner"]):
        assert [code for code, _ in choices(FACTORS)][:2] == [before[1].code, "fostered_far_away"]
        assert before[0].code not in dict(choices(FACTORS))
        assert label(FACTORS, before[0].code) == before[0].label
        assert is_code(FACTORS, before[0].code)
        form = ConcernSection(asked=Asked(on=AT.date()))
        assert "Fostered far away" in str(form["wider_factors"])
    # a second one of that name gets a code of its own
    saved(cast, FACTORS, [*now(cast, FACTORS), Entry("", "Fostered far away!", "")])
    assert now(cast, FACTORS)[-1].code == "fostered_far_away_2"


def test_versions_count_up_and_are_never_changed(cast: Cast) -> None:
    first = now(cast, "screening_criterion")
    assert saved(cast, "screening_criterion", worded(standing_of(cast)), version=0) == 1
    assert saved(cast, "screening_criterion", first, version=1) == 2
    with as_owner():
        assert list(ListVersion.objects.order_by("version").values_list("version", "why")) == [
            (1, "Agreed in March"),
            (2, "Agreed in March"),
        ]


def standing_of(cast: Cast) -> Any:
    with acting_as(cast["coordinator"]):
        return standing("screening_criterion")


def test_nothing_changed_makes_no_version(cast: Cast) -> None:
    assert saved(cast, FACTORS, now(cast, FACTORS), why="") == 0
    with as_owner():
        assert not ListVersion.objects.exists()


def test_a_change_by_somebody_else_is_not_overwritten(cast: Cast) -> None:
    entries = now(cast, FACTORS)
    saved(cast, FACTORS, [replace(entries[0], label="One"), *entries[1:]], version=0)
    with pytest.raises(Conflict) as conflict:
        saved(cast, FACTORS, [replace(entries[0], label="Two"), *entries[1:]], by="chair", version=0)
    assert conflict.value.version == 1
    # another process, which remembers the list from before
    with as_owner():
        row = ListVersion.objects.get()
        row.pk, row.version = None, 2
        row.save()
    with pytest.raises(Conflict) as conflict:
        saved(cast, FACTORS, [replace(entries[0], label="Three"), *entries[1:]], version=1)
    assert conflict.value.version == 2


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        (FACTORS, lambda rows: rows[1:], "An entry is missing"),
        (FACTORS, lambda rows: [replace(rows[0], label=" "), *rows[1:]], "without words"),
        (FACTORS, lambda rows: [replace(rows[0], label=rows[1].label.upper()), *rows[1:]], "say the same"),
        (FACTORS, lambda rows: [*rows, Entry("made_up", "Made up")], "Nothing can be added"),
        (FACTORS, lambda rows: [replace(row, active=False) for row in rows], "must stay in use"),
        ("rating_descriptor", lambda rows: [*rows, Entry("", "Extreme")], "Nothing can be added"),
        ("rating_descriptor", lambda rows: [replace(rows[0], active=False), *rows[1:]], "taken out of use"),
    ],
)
def test_a_list_that_cannot_be_is_refused(cast: Cast, name: str, change: Any, words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        saved(cast, name, change(now(cast, name)))
    with pytest.raises(RuleBroken, match="why the list"):
        saved(cast, name, [replace(now(cast, name)[0], label="Other"), *now(cast, name)[1:]], why=" ")


@pytest.mark.parametrize("name", ["practitioner", "manager", "admin", "police_lead", "ig", "board"])
def test_only_those_who_keep_lists_change_them(cast: Cast, name: str) -> None:
    with pytest.raises(NotAllowed):
        saved(cast, FACTORS, now(cast, FACTORS), by=name)
    assert cast.client(name).get("/lists/").status_code == 403


def test_a_proposal_is_adopted_with_or_without_other_words(cast: Cast) -> None:
    entries = now(cast, "risk_domain")
    assert all(entry.proposed for entry in entries)
    saved(cast, "risk_domain", [replace(entries[0], label="Missing from home or care"), *entries[1:]])
    assert [entry.proposed for entry in now(cast, "risk_domain")] == [False, *[True] * (len(entries) - 1)]
    saved(cast, "risk_domain", now(cast, "risk_domain"), adopted=True)
    assert not any(entry.proposed for entry in now(cast, "risk_domain"))


def test_help_beneath_a_question_is_the_partnerships_own(cast: Cast) -> None:
    code = "concern.threshold"
    entries = [replace(row, label="Say it in two lines.") if row.code == code else row for row in now(cast, "help")]
    assert saved(cast, "help", entries) == 1
    for name, there in (("practitioner", True), ("stranger_practitioner", False)):
        with acting_as(cast[name]):
            drawn = str(ConcernSection(asked=Asked(on=AT.date()))["threshold"].as_field_group())
            assert ("Say it in two lines." in drawn) == there
            assert ("Why the child’s details" in drawn) != there


def test_every_list_has_its_page_and_every_question_its_help(cast: Cast) -> None:
    client = cast.client("coordinator")
    body = client.get("/lists/").content.decode()
    Markup(body).check()
    for name, kept in KEPT.items():
        assert f'href="/lists/{name}/"' in body
        page = client.get(f"/lists/{name}/")
        assert page.status_code == 200
        Markup(page.content.decode()).check()
        assert kept.title in page.content.decode()
    assert client.get("/lists/ethnicity/").status_code == 404
    codes = [entry.code for entry in now(cast, "help")]
    assert len(codes) == len(set(codes)) > 40
    assert "/lists/" in client.get("/referrals/").content.decode()


def sent_of(page: str) -> dict[str, Any]:
    """What a browser sends of the form as it stands."""
    found: dict[str, Any] = {}
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL):
        found[name] = text.replace("&#x27;", "'").replace("&amp;", "&")
    for tag in re.findall(r"<input[^>]+>", page):
        name, value = (re.search(rf'{part}="([^"]*)"', tag) for part in ("name", "value"))
        if not name or name[1] == "csrfmiddlewaretoken" or ('type="checkbox"' in tag and "checked" not in tag):
            continue
        found[name[1]] = value[1] if value else ""
    return found


def test_a_list_is_changed_on_its_page(cast: Cast) -> None:
    client, here = cast.client("coordinator"), f"/lists/{FACTORS}/"
    code = now(cast, FACTORS)[0].code
    sent = sent_of(client.get(here).content.decode())
    assert sent["version"] == "0"
    refused = client.post(here, sent | {f"label_{code}": "Fostered"})
    assert refused.status_code == 422
    assert "Say why the list is changed" in refused.content.decode()
    assert ">\nFostered</textarea>" in refused.content.decode().replace("\r", "")
    done = client.post(
        here,
        sent | {f"label_{code}": "Fostered", "label_+1": "Has nobody", "place_+1": "1", "why": "The board, 3 March"},
    )
    assert done.status_code == 302
    body = client.get(here).content.decode()
    for words in ("Version 1", "became ‘Fostered’", "Added: ‘Has nobody’", "The board, 3 March"):
        assert words in body, words
    assert now(cast, FACTORS)[0].label == "Has nobody"


@pytest.mark.parametrize("also_wrong", [False, True])
def test_two_who_change_a_list_at_once_both_keep_what_they_typed(cast: Cast, also_wrong: bool) -> None:
    chair, coordinator, here = cast.client("chair"), cast.client("coordinator"), f"/lists/{FACTORS}/"
    one, two, three, four, *rest = (entry.code for entry in now(cast, FACTORS))
    opened = sent_of(coordinator.get(here).content.decode())
    del opened["opened_in"]  # the coordinator's
    theirs = {f"label_{one}": "Theirs, one", f"label_{two}": "Theirs, two", "label_+1": "New, theirs", "place_+1": "1"}
    left_out = {name: value for name, value in opened.items() if name != f"use_{three}"}
    assert chair.post(here, left_out | theirs | {"why": "The chair"}).status_code == 302
    mine = {f"label_{two}": "Mine, two", "label_+1": "New, mine", "place_+1": "2", f"place_{four}": "1"}
    sent = {name: value for name, value in opened.items() if name != f"use_{rest[0]}"} | mine
    refused = coordinator.post(
        here, sent | {"why": "The coordinator", **({f"label_{rest[1]}": ""} if also_wrong else {})}
    )
    page = refused.content.decode()
    assert refused.status_code == 422
    assert ("Enter the wording" in page) == also_wrong
    beside, _, below = page.partition("<form")[2].partition("app-conflict")[2].partition("</section>")
    for words in ("became ‘Theirs, one’", "became ‘Theirs, two’", "Added: ‘New, theirs’", "is no longer in use"):
        assert words in beside, words
    again = sent_of(below)
    assert again.items() >= (mine | {"why": "The coordinator", f"label_{one}": "Theirs, one", "version": "1"}).items()
    if also_wrong:
        again[f"label_{rest[1]}"] = opened[f"label_{rest[1]}"]
    assert coordinator.post(here, again).status_code == 302
    kept = {entry.code: entry for entry in now(cast, FACTORS)}
    assert [entry.label for entry in kept.values() if entry.active][:3] == [
        kept[four].label,
        "New, theirs",
        "New, mine",
    ]
    assert (kept[one].label, kept[two].label) == ("Theirs, one", "Mine, two")
    assert [code for code, entry in kept.items() if not entry.active] == [three, rest[0]]


def test_the_list_as_it_was_opened_is_the_one_of_that_version(cast: Cast) -> None:
    for by, name, words in (
        ("stranger_coordinator", FACTORS, "Theirs"),
        ("coordinator", "context", "Of another list"),
        ("coordinator", FACTORS, "First"),
        ("coordinator", FACTORS, "Second"),
    ):
        entries = now(cast, name, by=by)
        saved(cast, name, [replace(entries[0], label=words), *entries[1:]], by=by)
    with acting_as(cast["coordinator"]):
        kept = [list_opened(FACTORS, cast.partnership.pk, version, shipped(FACTORS)) for version in range(4)]
    first = [next(iter(each.entries.values())).label if each else None for each in kept]
    assert first == ["Goes missing from home or care", "First", "Second", None]


def test_two_who_change_ways_of_working_at_once(cast: Cast) -> None:
    chair, coordinator, here = cast.client("chair"), cast.client("coordinator"), "/lists/practice/"
    coordinator.get(here)
    assert chair.post(here, {"version": "0", "why": "The chair", "use": "manager_approves"}).status_code == 302
    page = coordinator.post(here, {"version": "0", "why": "Nothing of it"})
    assert page.status_code == 422
    assert "is in use again" in page.content.decode()
    assert sent_of(page.content.decode()).items() >= {"use": "manager_approves", "why": "Nothing of it"}.items()


def test_criteria_are_asked_in_the_partnerships_own_words(cast: Cast) -> None:
    referral = submitted_referral(cast)
    entries = now(cast, "screening_criterion")
    saved(cast, "screening_criterion", [replace(entries[-1], label="Somebody can do something"), *entries[:-1]])
    body = cast.client("coordinator").get(f"/referrals/{referral.reference}/screen/").content.decode()
    assert body.index("Somebody can do something") < body.index(entries[0].label[:40])
    assert entries[-1].label not in body


def test_lists_are_read_again_after_a_minute_at_the_latest(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = now(cast, FACTORS)
    saved(cast, FACTORS, [replace(entries[0], label="Early"), *entries[1:]])
    with acting_as(cast["practitioner"]):
        assert label(FACTORS, entries[0].code) == "Early"
    with as_owner():
        row = ListVersion.objects.get()
        row.pk, row.version, row.entries[0]["label"] = None, 2, "Late"
        row.save()
    with acting_as(cast["practitioner"]):
        assert label(FACTORS, entries[0].code) == "Early"
        moment = time.monotonic() + 61
        monkeypatch.setattr(sys.modules[forget_codes.__module__], "time", SimpleNamespace(monotonic=lambda: moment))
        assert label(FACTORS, entries[0].code) == "Late"
        assert code_list(FACTORS).version == 2
    forget_codes()
