"""Minutes as a PDF: one seat's items, its name on every page, nothing in the metadata, made once."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader
from pytest_django import DjangoCaptureOnCommitCallbacks

from mace.access.models import Scope
from mace.access.services import withdraw
from mace.audit.models import ReadEntry
from mace.core.seat import acting_as
from panels import tasks
from panels.models import Meeting, MinutesDocument
from panels.services.documents import PdfUnavailable
from panels.services.meetings import approve_minutes, finish_meeting, request_document
from referrals.models import ChildIdentity
from tests.factories.cast import Cast
from tests.factories.panels import (
    HELD,
    approved_meeting,
    drafted_meeting,
    item_of,
    minuted,
    published_meeting,
    started_meeting,
)
from tests.factories.referrals import open_case
from tests.panels.test_minutes import two_cases


def asked_for(cast: Cast, name: str, meeting: Meeting) -> MinutesDocument:
    with acting_as(cast[name]):
        return request_document(meeting=meeting, by=cast[name], at=HELD)


def made(cast: Cast, name: str, meeting: Meeting) -> MinutesDocument:
    """A document asked for and made by the task, which starts in no seat."""
    document = asked_for(cast, name, meeting)
    assert tasks.make_document(membership_id=cast[name].membership_id, document_id=str(document.pk))
    with acting_as(cast[name]):
        return MinutesDocument.objects.get(pk=document.pk)


def text_of(content: Any) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(bytes(content))).pages).split())


def two_approved(cast: Cast) -> tuple[Meeting, list[str]]:
    """An approved meeting of two cases, and the names of their children."""
    first, second, meeting = two_cases(cast)
    meeting = started_meeting(cast, meeting)
    minuted(cast, item_of(cast, meeting, first), discussion="Police know the first house")
    minuted(cast, item_of(cast, meeting, second), discussion="The clinic saw the second one")
    chair = cast["chair"]
    with acting_as(chair):
        finish_meeting(meeting=meeting, by=chair, at=HELD)
        meeting = approve_minutes(meeting=meeting, by=chair, at=HELD)
        names = [ChildIdentity.objects.get(child=case.child_id).full_name for case in (first, second)]
    return meeting, names


def test_each_seat_gets_its_own_items_marked_with_its_name(cast: Cast) -> None:
    meeting, (first, second) = two_approved(cast)
    texts = {name: text_of(made(cast, name, meeting).content) for name in ("chair", "police_lead", "health_lead")}
    assert [name in texts["chair"] for name in (first, second)] == [True, True]
    assert "Police know the first house" in texts["police_lead"]
    assert "The clinic saw the second one" in texts["health_lead"]
    for name in ("The clinic saw", second, "health_lead"):
        assert name not in texts["police_lead"]
    for name in ("Police know", first):
        assert name not in texts["health_lead"]
    assert "OFFICIAL-SENSITIVE" in texts["police_lead"]
    assert f"{meeting.reference} · copy for Police Lead, Anytown Police" in texts["police_lead"]
    assert "copy for Health Lead, Anytown NHS Trust" in texts["health_lead"]


def test_metadata_is_the_reference_and_nothing_else(cast: Cast) -> None:
    meeting = approved_meeting(cast, open_case(cast))
    document: Any = made(cast, "police_lead", meeting)
    content = bytes(document.content)
    reader = PdfReader(io.BytesIO(content))
    assert reader.metadata is not None
    assert {key: value for key, value in reader.metadata.items() if key != "/Producer"} == {"/Title": meeting.reference}
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 (an object of pypdf)
    assert len(content) < 200_000


def test_making_it_twice_makes_one(cast: Cast) -> None:
    meeting = approved_meeting(cast, open_case(cast))
    document = made(cast, "police_lead", meeting)
    assert not tasks.make_document(membership_id=cast["police_lead"].membership_id, document_id=str(document.pk))
    with acting_as(cast["police_lead"]):
        again = MinutesDocument.objects.get()
        assert (again.made_at, again.content) == (document.made_at, document.content)


def test_asking_twice_while_it_waits_makes_one(cast: Cast) -> None:
    meeting = approved_meeting(cast, open_case(cast))
    assert asked_for(cast, "police_lead", meeting) == asked_for(cast, "police_lead", meeting)
    first = made(cast, "police_lead", meeting)
    assert asked_for(cast, "police_lead", meeting).reference != first.reference


def test_the_task_carries_ids_only(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = approved_meeting(cast, open_case(cast))
    with django_capture_on_commit_callbacks() as callbacks:
        document = asked_for(cast, "police_lead", meeting)
    (callback,) = callbacks
    assert callback.args == ("panels.tasks.make_document",)  # type: ignore[attr-defined]
    assert callback.keywords == {  # type: ignore[attr-defined]
        "kwargs": {"membership_id": cast["police_lead"].membership_id, "document_id": str(document.pk)}
    }


def test_a_task_for_another_seat_makes_nothing(cast: Cast) -> None:
    meeting = approved_meeting(cast, open_case(cast), invite=("police", "health"))
    document = asked_for(cast, "police_lead", meeting)
    for name in ("health_lead", "chair", "stranger_police"):
        assert not tasks.make_document(membership_id=cast[name].membership_id, document_id=str(document.pk))
    assert not tasks.make_document(membership_id=10**9, document_id=str(document.pk))
    with acting_as(cast["police_lead"]):
        assert MinutesDocument.objects.get().status == "queued"


def test_death_while_rendering_leaves_it_to_be_made(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = approved_meeting(cast, open_case(cast))
    document = asked_for(cast, "police_lead", meeting)
    ids: dict[str, Any] = {"membership_id": cast["police_lead"].membership_id, "document_id": str(document.pk)}

    def die(page: str) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tasks, "render_pdf", die)
        with pytest.raises(KeyboardInterrupt):
            tasks.make_document(**ids)
    with acting_as(cast["police_lead"]):
        assert MinutesDocument.objects.get().status == "queued"
    assert tasks.make_document(**ids)


def test_a_machine_without_pango_says_so(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = approved_meeting(cast, open_case(cast))
    document = asked_for(cast, "police_lead", meeting)

    def unavailable(page: str) -> bytes:
        raise PdfUnavailable

    monkeypatch.setattr(tasks, "render_pdf", unavailable)
    assert not tasks.make_document(membership_id=cast["police_lead"].membership_id, document_id=str(document.pk))
    page = cast.client("police_lead").get(reverse("panels:document", args=[document.reference]))
    assert "cannot be made on this machine" in page.content.decode()


def test_nothing_is_fetched_while_rendering(tmp_path: Path) -> None:
    style = tmp_path / "style.css"
    style.write_text('body::after { content: "fetched" }')
    inline = '<html lang="en"><head><title>x</title><style>{}</style></head><body>said </body></html>'
    assert text_of(tasks.render_pdf(inline.format(style.read_text()))) == "said fetched"
    assert text_of(tasks.render_pdf(inline.format(f"@import url({style.as_uri()})"))) == "said"


def download(client: Client, document: MinutesDocument) -> int:
    return client.get(reverse("panels:document_file", args=[document.reference])).status_code


def test_only_its_seat_downloads_it_and_only_while_it_may_read_all_of_it(cast: Cast) -> None:
    case = open_case(cast)
    meeting = approved_meeting(cast, case, invite=("police", "health"))
    document = asked_for(cast, "police_lead", meeting)
    client = cast.client("police_lead")
    assert download(client, document) == 404
    assert tasks.make_document(membership_id=cast["police_lead"].membership_id, document_id=str(document.pk))
    answer = client.get(reverse("panels:document_file", args=[document.reference]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == f'attachment; filename="{document.reference}.pdf"'
    assert answer.content[:5] == b"%PDF-"
    with acting_as(cast["police_lead"]):
        assert ReadEntry.objects.filter(action="minutes as PDF", reference=document.reference).count() == 1
    for name in ("chair", "coordinator", "health_lead", "stranger_police", "police_member"):
        assert download(cast.client(name), document) == 404, name
        page = cast.client(name).get(reverse("panels:document", args=[document.reference]))
        assert page.status_code == 404, name
    with acting_as(cast["coordinator"]):
        withdraw(record_id=case.pk, agency=cast.agencies["police"], reason="Done", by=cast["coordinator"], at=HELD)
    assert download(client, document) == 404


def test_drafts_are_printed_for_those_who_write_them_only(cast: Cast) -> None:
    meeting = drafted_meeting(cast, published_meeting(cast, open_case(cast), scope=Scope.FULL))
    url = reverse("panels:document_request", args=[meeting.reference])
    refused = cast.client("police_lead").post(url, follow=True)
    assert "once they are approved" in refused.content.decode()
    text = text_of(made(cast, "coordinator", meeting).content)
    assert "Draft, not approved." in text
