"""Files beside a referral as people attach, read and remove them, and in place of what would be typed."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from mace.attachments.models import Attachment
from mace.core.errors import NotAllowed
from mace.core.seat import acting_as
from referrals.models import Referral
from referrals.services import withdraw_referral
from referrals.services.files import attach_file, may_attach, may_take_off, take_file_off
from tests.factories.cast import Cast
from tests.factories.files import PDF, attached, office
from tests.factories.owner import as_owner
from tests.factories.referrals import another_child, draft_referral, open_case, submitted_referral
from tests.referrals.doing import LATER, decide
from tests.referrals.filed import only_file, page, referral_again, send, sent, upload

pytestmark = pytest.mark.usefixtures("folder")

# --- The pages -------------------------------------------------------------------------------------------------------


def test_attached_listed_opened_and_removed_without_scripts(
    cast: Cast, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    draft, client = draft_referral(cast), cast.client("practitioner")
    tasks = page(client, "referrals:tasks", draft.reference)
    assert reverse("referrals:files", args=[draft.reference]) in tasks
    assert "Nothing is attached yet" in page(client, "referrals:files", draft.reference)
    answer = send(client, draft, title="Plan of March")
    assert answer.status_code == 302
    file = only_file()
    listed = page(client, "referrals:files", draft.reference)
    assert f"File {file.reference} is attached." in listed
    assert "Plan of March (PDF, 1 KB)" in listed
    assert "Not scanned for viruses." in listed
    assert "plan.pdf" not in listed
    assert "1 attached" in page(client, "referrals:tasks", draft.reference)
    assert client.get(reverse("attachments:file", args=[file.reference])).content == PDF
    remove = reverse("referrals:remove_file", args=[file.reference])
    assert remove in listed
    assert "Remove Plan of March" in client.get(remove).content.decode()
    refused = client.post(remove, {"reason": " "})
    assert refused.status_code == 422
    assert "Say why the file is removed" in refused.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(remove, {"reason": "An old version"}).status_code == 302
    after = page(client, "referrals:files", draft.reference)
    assert "An old version" in after
    assert client.get(reverse("attachments:file", args=[file.reference])).status_code == 404
    assert client.get(remove).status_code == 302
    assert [path for path in folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"x" * (20 * 1024 * 1024 + 1), "larger than 20 MB"),
        (b"MZ\x00\x01", "This kind of file cannot be attached"),
        (office(parts={"word/vbaProject.bin": b"x"}), "macros"),
    ],
)
def test_a_file_that_is_refused_says_what_to_do_and_loses_nothing_else(cast: Cast, content: bytes, words: str) -> None:
    draft, client = draft_referral(cast), cast.client("practitioner")
    answer = send(client, draft, title="Our very own title", kind="chronology", file=upload(content))
    body = answer.content.decode()
    assert answer.status_code == 422
    assert words in body
    assert 'value="Our very own title"' in body
    assert re.search(r'value="chronology"[^>]* checked', body)
    with as_owner():
        assert not Attachment.objects.exists()


def test_what_is_missing_is_asked_for(cast: Cast) -> None:
    draft, client = draft_referral(cast), cast.client("practitioner")
    body = client.post(reverse("referrals:files", args=[draft.reference]), {}).content.decode()
    assert "Choose a file" in body
    assert "What is it: select one of the answers" in body or "Select" in body


def test_a_double_click_attaches_one_file(cast: Cast) -> None:
    draft, client = draft_referral(cast), cast.client("practitioner")
    token = re.search(r'name="operation" value="([0-9a-f]{32})"', page(client, "referrals:files", draft.reference))
    assert token
    for _ in range(2):
        assert send(client, draft, operation=token[1]).status_code == 302
    assert only_file().operation == token[1]


def test_ten_files_leave_no_form(cast: Cast) -> None:
    draft, client = draft_referral(cast), cast.client("practitioner")
    for _ in range(10):
        attached(cast, draft)
    body = page(client, "referrals:files", draft.reference)
    assert "10 files are attached, which is as many as there may be" in body
    assert 'type="file"' not in body
    assert send(client, draft).status_code == 422


def test_what_is_larger_than_a_form_is_taken_by_pages_with_files_only(cast: Cast) -> None:
    draft, client = draft_referral(cast), cast.client("practitioner")
    big = b"Some text. " * (6 * 1024 * 1024 // 11)
    assert send(client, draft, file=upload(big), kind="other").status_code == 302
    section = reverse("referrals:section", args=[draft.reference, "plan"])
    for path in (section, reverse("referrals:new"), "/there-is-no-such-page/"):
        assert client.post(path, {"file": upload(big)}).status_code == 413, path
    plain = client.post(
        reverse("referrals:files", args=[draft.reference]),
        b"title=" + big,
        content_type="application/x-www-form-urlencoded",
    )
    assert plain.status_code == 413
    assert send(client, draft, file=upload(b"x" * (21 * 1024 * 1024))).status_code == 413


# --- Who may ---------------------------------------------------------------------------------------------------------


def who(cast: Cast, asks: Any, referral: Referral) -> set[str]:
    names = (
        *("practitioner", "other_practitioner", "manager", "coordinator", "chair"),
        *("police_lead", "stranger_coordinator", "social_care_lead"),
    )
    return {name for name in names if asks(referral, cast[name])}


def test_who_may_attach_and_remove_while_it_goes_its_way(cast: Cast) -> None:
    referral = draft_referral(cast)
    writers, later = {"practitioner", "manager"}, {"practitioner", "manager", "coordinator"}
    assert (who(cast, may_attach, referral), who(cast, may_take_off, referral)) == (writers, writers)
    referral = sent(cast, referral)
    assert (who(cast, may_attach, referral), who(cast, may_take_off, referral)) == (later, {"coordinator"})
    referral = decide(cast, "return", referral)
    assert (who(cast, may_attach, referral), who(cast, may_take_off, referral)) == (writers, writers)
    referral = sent(cast, referral)
    referral = decide(cast, "decline", referral)
    assert (who(cast, may_attach, referral), who(cast, may_take_off, referral)) == (set(), {"coordinator"})


def test_the_lead_professional_attaches_until_the_case_is_closed(cast: Cast) -> None:
    case = open_case(cast, lead="other_practitioner")
    with acting_as(cast["coordinator"]):
        referral = Referral.objects.select_related("case").get(case=case)
        assert who(cast, may_attach, referral) == {"practitioner", "manager", "coordinator", "other_practitioner"}
        assert referral.case is not None
        referral.case.closed_on = dt.date(2026, 5, 1)
        assert who(cast, may_attach, referral) == set()
    assert attached(cast, referral_again(cast, case), by="other_practitioner").record_id == case.pk


def test_the_services_refuse_whoever_may_not(cast: Cast) -> None:
    referral = submitted_referral(cast)
    file = attached(cast, referral)
    other = draft_referral(cast, child=another_child(1))
    chair, writer, coordinator = cast["chair"], cast["practitioner"], cast["coordinator"]
    common = {"kind": "other", "title": "x", "name": "x", "content": PDF, "operation": "", "at": LATER}
    with acting_as(chair), pytest.raises(NotAllowed):
        attach_file(referral=referral, by=chair, **common)  # type: ignore[arg-type]
    with acting_as(writer), pytest.raises(NotAllowed):
        take_file_off(referral=referral, attachment=file, reason="x", by=writer, at=LATER)
    with acting_as(writer), pytest.raises(NotAllowed):  # a file of another referral than the one that may be changed
        take_file_off(referral=other, attachment=file, reason="x", by=writer, at=LATER)
    with acting_as(coordinator):
        assert take_file_off(referral=referral, attachment=file, reason="x", by=coordinator, at=LATER).removed_at


def test_a_referral_that_went_on_meanwhile_takes_no_file(cast: Cast) -> None:
    stale = draft_referral(cast)
    seat = cast["practitioner"]
    with acting_as(seat):
        withdraw_referral(referral=stale, by=seat, at=LATER)
    with pytest.raises(NotAllowed):
        attached(cast, stale)
    with as_owner():
        assert not Attachment.objects.exists()
