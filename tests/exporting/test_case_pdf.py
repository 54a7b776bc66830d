"""A case as a PDF: what its reader may see, never more than whoever asks sees, marked on every page."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest
from django.urls import reverse
from pypdf import PdfReader

from mace.access.models import Scope
from mace.access.services import withdraw
from mace.audit.models import ReadEntry
from mace.casework.selectors.case import CasePage, case_page
from mace.core.seat import acting_as
from mace.exporting import tasks
from mace.exporting.forms import MYSELF
from mace.exporting.models import Export
from mace.exporting.selectors.document import narrowed
from mace.exporting.selectors.readers import readers_of
from mace.exporting.services.making import NO_PDF, NO_READER
from panels.services.documents import PdfUnavailable
from referrals.models import Case
from referrals.selectors import CaseContent, case_by_reference
from tests.access.world import World, make_world
from tests.exporting.taken import WHY, download
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.panels import HELD
from tests.factories.sharing import shared
from tests.volt.test_records import link
from tests.volt.test_scopes_and_handling import TIGHT
from volt.enums import LinkKind
from volt.services import record_person

WHO = ("Tamika Brightwater", "27 March 2011", "1 Invented Road")
SUMMARY = ("May be made to carry drugs", "Significant", "Opened at Pre-MACE")
FULL = (
    "I just want it to stop.",
    "To go back to school.",
    "60 miles away with two phones",
    "Missing twice, new things",
    "Two episodes in February",
    "Taxi to and from school",
    "keeps a safe phone",
    "Her father may be involved.",
    "Anytown Station",
    "The nurse has written",
    "12-week review W-",
)
ACTION_OF_POLICE, ACTION_OF_HEALTH = "Visit the flat", "Book the check"
CANARIES = (*WHO, *SUMMARY, *FULL, ACTION_OF_POLICE, ACTION_OF_HEALTH)


@pytest.fixture
def world(cast: Cast) -> World:
    """The police at *summary*, education at *identity*, health at *full*."""
    world = make_world(cast)
    shared(cast, world.case.pk, "health", Scope.FULL, at=HELD)
    return world


def asked(cast: Cast, name: str, case: Case, reader: str = "") -> Export:
    """Asked for on the page; ``reader`` is one of the cast."""
    chosen = cast.memberships[reader].reference if reader else MYSELF
    url = reverse("exporting:case_pdf", args=[case.reference])
    answer = cast.client(name).post(url, {"reader": chosen, "reason": WHY})
    assert answer.status_code == 302, answer.content.decode()
    with acting_as(cast[name]):
        return Export.objects.latest("pk")


def made(cast: Cast, name: str, case: Case, reader: str = "") -> Export:
    export = asked(cast, name, case, reader)
    tasks.make_export(membership_id=cast[name].membership_id, export_id=export.pk)
    with acting_as(cast[name]):
        return Export.objects.get(pk=export.pk)


def pages_of(cast: Cast, name: str, export: Export) -> list[str]:
    answer = download(cast, name, export)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(answer.content)).pages]


def text_of(cast: Cast, name: str, export: Export) -> str:
    return " ".join(pages_of(cast, name, export))


def on_their_page(cast: Cast, reader: str, case: Case) -> set[str]:
    """Which canaries the reader's own page of the case and its history show."""
    pages = [reverse(f"casework:{name}", args=[case.reference]) for name in ("case", "case_history")]
    content = "".join(cast.client(reader).get(page).content.decode() for page in pages)
    text = " ".join(re.sub("<[^>]*>", " ", html.unescape(content)).split())
    return {canary for canary in CANARIES if canary in text}


def in_the_document(cast: Cast, world: World, reader: str) -> set[str]:
    text = text_of(cast, "coordinator", made(cast, "coordinator", world.case, reader))
    return {canary for canary in CANARIES if canary in text}


def test_a_reader_with_the_identity_gets_who_the_child_is_and_no_more(cast: Cast, world: World) -> None:
    found = in_the_document(cast, world, "education_lead")
    assert found == set(WHO) == on_their_page(cast, "education_lead", world.case)


def test_a_reader_with_the_summary_gets_that_and_their_actions(cast: Cast, world: World) -> None:
    found = in_the_document(cast, world, "police_lead")
    assert found == {*WHO, *SUMMARY, ACTION_OF_POLICE} == on_their_page(cast, "police_lead", world.case)


def test_a_reader_of_the_whole_case_gets_the_whole_case(cast: Cast, world: World) -> None:
    found = in_the_document(cast, world, "health_lead")
    assert found == on_their_page(cast, "health_lead", world.case)
    assert {*WHO, *SUMMARY, *FULL} - {"Anytown Station"} <= found


def test_whoever_asks_for_themselves_gets_what_they_see(cast: Cast, world: World) -> None:
    for name in ("coordinator", "practitioner"):
        text = text_of(cast, name, made(cast, name, world.case))
        assert {canary for canary in CANARIES if canary in text} == on_their_page(cast, name, world.case), name
        assert f"For {cast[name].person_name}, {cast[name].words}" in text
    text = text_of(cast, "police_lead", made(cast, "police_lead", world.case))
    assert {canary for canary in CANARIES if canary in text} == {*WHO, *SUMMARY, ACTION_OF_POLICE}


def test_nobody_takes_away_for_a_reader_what_they_do_not_see_themselves(cast: Cast, world: World) -> None:
    """The lead of the police sees who is for the police and coordinators only; a chair does not, a coordinator does."""
    with acting_as(cast["coordinator"]):
        tight = record_person(name="Vee Tightly", description="", by=cast["coordinator"], at=HELD, **TIGHT)
    link(cast, world.case.pk, tight.pk, by="coordinator", kind=LinkKind.EXPLOITED_BY, **TIGHT)
    for record in (world.case.pk, tight.pk):
        shared(cast, record, "police", Scope.FULL, at=HELD)
    page = cast.client("police_lead").get(reverse("casework:case", args=[world.case.reference])).content.decode()
    assert "Vee Tightly" in page
    assert "Vee Tightly" in text_of(cast, "coordinator", made(cast, "coordinator", world.case, "police_lead"))
    by_chair = text_of(cast, "chair", made(cast, "chair", world.case, "police_lead"))
    assert "Vee Tightly" not in by_chair
    assert {*FULL} - {"Anytown Station"} <= {canary for canary in CANARIES if canary in by_chair}


def test_every_page_is_marked_and_the_file_says_nothing_else(cast: Cast, world: World) -> None:
    export = made(cast, "coordinator", world.case, "health_lead")
    pages = pages_of(cast, "coordinator", export)
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        for words in (
            "OFFICIAL-SENSITIVE",
            "For Health Lead, Agency lead, Anytown NHS Trust",
            export.reference,
            f"Page {number} of {len(pages)}",
        ):
            assert words in page
    reader = PdfReader(io.BytesIO(download(cast, "coordinator", export).content))
    assert reader.metadata is not None
    assert {key: value for key, value in reader.metadata.items() if key != "/Producer"} == {"/Title": export.reference}
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 (an object of pypdf)
    about = root["/Metadata"].get_data().decode()
    assert "pdfuaid:part" in about
    assert "Lead" not in about


def test_only_those_who_share_choose_another_reader(cast: Cast, world: World) -> None:
    url = reverse("exporting:case_pdf", args=[world.case.reference])
    page = cast.client("practitioner").get(url).content.decode()
    assert "Who will read it?" not in page
    police = cast.memberships["police_lead"].reference
    cast.client("practitioner").post(url, {"reader": police, "reason": WHY})
    with acting_as(cast["practitioner"]):
        assert Export.objects.get().reader_id is None
    assert "Police Lead, Agency lead, Anytown Police" in cast.client("coordinator").get(url).content.decode()


def test_readers_are_those_whom_a_sharing_decision_lets_see_it(cast: Cast, world: World) -> None:
    with acting_as(cast["coordinator"]):
        names = {reader.member.user.name: reader.scope for reader in readers_of(world.case.pk)}
        assert {name: names[name] for name in ("Police Lead", "Education Lead", "Health Lead")} == {
            "Police Lead": Scope.SUMMARY,
            "Education Lead": Scope.IDENTITY,
            "Health Lead": Scope.FULL,
        }
        assert not names.keys() & {"Chair", "Coordinator", "Practitioner", "Voluntary Lead", "Stranger Police"}
    for name in ("practitioner", "police_lead", "stranger_coordinator"):
        with acting_as(cast[name]):
            assert readers_of(world.case.pk) == [] or name == "practitioner"
    stranger = cast.memberships["stranger_police"].reference
    url = reverse("exporting:case_pdf", args=[world.case.reference])
    assert cast.client("coordinator").post(url, {"reader": stranger, "reason": WHY}).status_code == 422


def test_it_is_gone_for_a_reader_from_whom_the_case_was_taken(cast: Cast, world: World) -> None:
    ready = made(cast, "coordinator", world.case, "health_lead")
    waiting = asked(cast, "coordinator", world.case, "health_lead")
    own = made(cast, "coordinator", world.case)
    coordinator = cast["coordinator"]
    with acting_as(coordinator):
        withdraw(record_id=world.case.pk, agency=cast.agencies["health"], reason="Done", by=coordinator, at=HELD)
    answer = download(cast, "coordinator", ready)
    assert answer.status_code == 410
    assert "not open to its reader or to you any more" in answer.content.decode()
    assert not tasks.make_export(membership_id=coordinator.membership_id, export_id=waiting.pk)
    with acting_as(coordinator):
        waiting.refresh_from_db()
    assert (waiting.status, waiting.problem) == ("failed", NO_READER)
    assert download(cast, "coordinator", own).status_code == 200


def test_a_case_seen_no_more_hides_its_exports(cast: Cast, world: World) -> None:
    export = made(cast, "police_lead", world.case)
    assert download(cast, "police_lead", export).status_code == 200
    with acting_as(cast["coordinator"]):
        withdraw(
            record_id=world.case.pk, agency=cast.agencies["police"], reason="Done", by=cast["coordinator"], at=HELD
        )
    assert download(cast, "police_lead", export).status_code == 404
    assert cast.client("police_lead").get(reverse("exporting:export", args=[export.reference])).status_code == 404
    assert export.reference not in cast.client("police_lead").get(reverse("exporting:exports")).content.decode()


def test_asking_making_and_each_download_are_on_record_in_the_askers_name(cast: Cast, world: World) -> None:
    export = made(cast, "coordinator", world.case, "police_lead")
    download(cast, "coordinator", export)
    with as_owner():
        found = ReadEntry.objects.filter(reference=export.reference).order_by("pk")
        entries = [(one.membership_id, one.kind, one.action, one.record_id, one.rows) for one in found]
        by_reader = ReadEntry.objects.filter(membership_id=cast["police_lead"].membership_id).count()
    own = cast["coordinator"].membership_id
    assert entries == [
        (own, "export", "export asked for", world.case.pk, 0),
        (own, "export", "export made", world.case.pk, export.rows),
        (own, "export", "export taken away", world.case.pk, export.rows),
    ]
    assert export.rows > 1
    assert by_reader == 0


def test_a_machine_without_pango_says_so(cast: Cast, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(page: str) -> bytes:
        raise PdfUnavailable

    monkeypatch.setattr(tasks, "render_pdf", unavailable)
    export = made(cast, "practitioner", world.case)
    assert (export.status, export.problem) == ("failed", NO_PDF)
    page = cast.client("practitioner").get(reverse("exporting:export", args=[export.reference])).content.decode()
    assert "Print the page of the case" in page


def test_nothing_wider_than_ones_own_view_is_put_together(cast: Cast, world: World) -> None:
    with acting_as(cast["coordinator"]):
        whole = case_page(case_by_reference(world.case.reference))
    with acting_as(cast["police_lead"]):
        less = case_page(case_by_reference(world.case.reference))
    with pytest.raises(ValueError, match="more than they see"):
        narrowed(whole, less)
    empty = CasePage(whole.case, whole.scope, CaseContent(), [], {})
    nothing = narrowed(whole, empty)
    assert nothing.content == CaseContent()
    assert (nothing.actions, nothing.minutes, nothing.reviews, nothing.sharing) == ([], [], [], [])
    assert nothing.volt is not None
    assert nothing.volt.entries == []
    assert not any(nothing.updates.values())
    assert narrowed(whole, whole).content == whole.content
