"""Files beside a referral as people attach, read and remove them, and in place of what would be typed."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from mace.access.models import Scope
from mace.access.services import bar_person, restrict, withdraw
from mace.attachments import vault as vault_
from mace.attachments.models import Attachment
from mace.audit.models import ReadEntry
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from referrals.enums import Section
from referrals.models import Case, Child, Concern, PlanStep, Referral, RiskAssessment, SafetyPlan
from referrals.services import save_section, submit_referral, withdraw_referral
from referrals.services.drafting import checked_sections
from referrals.services.files import attach_file, may_attach, may_take_off, take_file_off
from tests.access.world import World
from tests.attachments.scanner import Clamd
from tests.factories.cast import Cast
from tests.factories.files import PDF, attached, office
from tests.factories.owner import as_owner
from tests.factories.referrals import FILLED, MONDAY, another_child, draft_referral, open_case, submitted_referral
from tests.factories.sharing import shared
from tests.referrals.doing import LATER, decide


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.FILES_DIR = tmp_path / "files"
    return tmp_path / "files"


def page(client: Client, name: str, *arguments: str, status: int = 200) -> str:
    answer = client.get(reverse(name, args=arguments))
    assert answer.status_code == status
    return answer.content.decode()


def upload(content: bytes = PDF, name: str = "plan.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/octet-stream")


def send(client: Client, referral: Referral, **said: Any) -> Any:
    form = {"kind": "plan", "title": "Our plan", "file": upload()} | said
    return client.post(reverse("referrals:files", args=[referral.reference]), form)


def only_file() -> Attachment:
    with as_owner():
        return Attachment.objects.get()


def saved(cast: Cast, referral: Referral, section: str, **changes: Any) -> bool:
    """The page as it is filled usually, with changes; whether it is complete."""
    seat = cast["practitioner"]
    with acting_as(seat):
        return save_section(
            referral=referral,
            section=section,
            data=FILLED[Section(section)] | changes,
            version=None,
            operation="",
            by=seat,
            at=LATER,
        ).complete


def sent(cast: Cast, referral: Referral) -> Referral:
    seat = cast["practitioner"]
    with acting_as(seat):
        return submit_referral(referral=referral, by=seat, at=LATER)


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


def referral_again(cast: Cast, case: Case) -> Referral:
    with acting_as(cast["coordinator"]):
        return Referral.objects.select_related("case").get(case=case)


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


# --- Reading ---------------------------------------------------------------------------------------------------------


def fetched(cast: Cast, name: str, file: Attachment) -> int:
    return int(cast.client(name).get(reverse("attachments:file", args=[file.reference])).status_code)


def test_withdrawing_stops_it_at_once_and_scope_decides(cast: Cast) -> None:
    case = open_case(cast)
    file = attached(cast, referral_again(cast, case))
    assert fetched(cast, "police_lead", file) == 404
    for scope, status in ((Scope.SUMMARY, 404), (Scope.FULL, 200)):
        shared(cast, case.pk, "police", scope, at=LATER)
        assert fetched(cast, "police_lead", file) == status
        assert (file.title in page(cast.client("police_lead"), "casework:case", case.reference)) == (status == 200)
    by = cast["coordinator"]
    with acting_as(by):
        withdraw(record_id=case.pk, agency=cast.agencies["police"], reason="Done", by=by, at=LATER)
    assert fetched(cast, "police_lead", file) == 404
    assert fetched(cast, "practitioner", file) == 200


def test_a_restricted_case_and_a_bar_close_it_even_to_whoever_attached_it(world: World) -> None:
    cast, file = world.cast, world.file
    chair = cast["chair"]
    vault_.put(b"She is seldom late.\n", partnership_id=file.partnership_id, file=file.file, owner=file.reference)
    assert (fetched(cast, "practitioner", file), fetched(cast, "chair", file)) == (200, 200)
    with acting_as(cast["coordinator"]):
        bar_person(
            record_id=world.case.pk,
            user=cast.memberships["practitioner"].user,
            reason="An aunt",
            by=cast["coordinator"],
            at=LATER,
        )
    assert (fetched(cast, "practitioner", file), fetched(cast, "manager", file)) == (404, 200)
    with acting_as(chair):
        restrict(
            record_id=world.case.pk, people={cast.memberships["chair"]: Scope.FULL}, reason="A colleague", by=chair
        )
    assert [fetched(cast, name, file) for name in ("manager", "coordinator", "chair")] == [404, 404, 200]


def test_taking_it_is_put_on_record_as_a_file(cast: Cast) -> None:
    file = attached(cast, draft_referral(cast))
    fetched(cast, "practitioner", file)
    fetched(cast, "other_practitioner", file)
    with as_owner():
        taken, refused = ReadEntry.objects.order_by("-pk")[:2][::-1]
    assert (taken.kind, taken.action, taken.record_id, taken.reference) == (
        "file",
        "file",
        file.record_id,
        file.reference,
    )
    assert (refused.kind, refused.record_id, refused.reference) == ("refusal", None, file.reference)


@pytest.mark.parametrize(("how", "words"), [("drop", "waits for the virus scan"), ("small", "could not read it")])
def test_a_file_that_is_not_known_to_be_clean_is_given_to_nobody(
    cast: Cast, settings: Any, how: str, words: str
) -> None:
    draft = draft_referral(cast)
    with Clamd(how=how) as daemon:
        settings.CLAMD = daemon.address
        file = attached(cast, draft)
    client = cast.client("practitioner")
    answer = client.get(reverse("attachments:file", args=[file.reference]))
    assert (answer.status_code, PDF in answer.content) == (409, False)
    assert words in answer.content.decode()
    assert words in page(client, "referrals:files", draft.reference)
    assert reverse("attachments:file", args=[file.reference]) + '"' not in page(
        client, "referrals:files", draft.reference
    ).replace("/remove/", "")


def test_a_file_that_is_lost_is_said_to_be_and_is_no_fault_of_the_page(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    file = attached(cast, draft_referral(cast), name="Tamika.pdf")
    vault_.discard(partnership_id=file.partnership_id, file=file.file)
    answer = cast.client("practitioner").get(reverse("attachments:file", args=[file.reference]))
    assert answer.status_code == 503
    assert "cannot be read where it is kept" in answer.content.decode()
    assert file.reference in caplog.text
    assert "Tamika" not in caplog.text


def test_the_files_of_every_referral_of_a_case_stand_on_its_page(cast: Cast) -> None:
    case = open_case(cast)
    first = referral_again(cast, case)
    attached(cast, first, title="Of the first")
    removed = attached(cast, first, title="Taken away")
    with acting_as(cast["coordinator"]):
        child = Child.objects.get(pk=case.child_id).reference
    second = submitted_referral(cast, by="other_practitioner", at=LATER, child={"same_as": child})
    attached(cast, second, by="other_practitioner", title="Of the second")
    decide(cast, "accept", second)
    by = cast["coordinator"]
    with acting_as(by):
        take_file_off(referral=first, attachment=removed, reason="x", by=by, at=LATER)
    body = page(cast.client("coordinator"), "casework:case", case.reference)
    assert "Of the first" in body
    assert "Of the second" in body
    assert "Taken away" not in body
    assert reverse("referrals:files", args=[second.reference]) in body
    shared(cast, case.pk, "police", Scope.FULL, at=LATER)
    reader = page(cast.client("police_lead"), "casework:case", case.reference)
    assert "Of the first" in reader
    assert "Of the second" in reader
    assert "Attach a file" not in reader


def test_screening_and_the_referral_show_what_is_attached(cast: Cast) -> None:
    referral = submitted_referral(cast)
    attached(cast, referral, title="School letter")
    assert "School letter" in page(cast.client("coordinator"), "referrals:screen", referral.reference)
    own = page(cast.client("practitioner"), "referrals:tasks", referral.reference)
    assert "School letter" in own
    assert reverse("referrals:files", args=[referral.reference]) in own


# --- In place of what would be typed ---------------------------------------------------------------------------------

NO_STEPS = {"step_0_text": "", "step_0_who": "", "step_0_by_day": "", "step_0_by_month": "", "step_0_by_year": ""}


def test_an_attached_plan_needs_no_steps_and_the_record_says_which(cast: Cast) -> None:
    draft, client = draft_referral(cast), cast.client("practitioner")
    assert not saved(cast, draft, "plan", **NO_STEPS)
    file = attached(cast, draft, kind="plan", title="Plan of March")
    attached(cast, draft, kind="assessment", title="Not a plan")
    body = page(client, "referrals:section", draft.reference, "plan")
    assert "Is the plan in a file that you attached?" in body
    assert "Plan of March (PDF, 1 KB)" in body
    assert "Not a plan" not in body
    assert re.search(rf'value="{file.reference}"[^>]* checked', body)  # offered, because no step is written
    assert "Steps (not needed where the plan is attached)" in body
    assert saved(cast, draft, "plan", attached=file.reference, **NO_STEPS)
    assert not saved(cast, draft, "plan", attached="no", **NO_STEPS)
    assert saved(cast, draft, "plan", attached=file.reference, **NO_STEPS)
    assert "Plan of March" in page(client, "referrals:check", draft.reference)
    sent(cast, draft)
    with acting_as(cast["coordinator"]):
        assert SafetyPlan.objects.get().attachment_id == file.pk
        assert not PlanStep.objects.exists()
    body = page(cast.client("coordinator"), "referrals:screen", draft.reference)
    link = reverse("attachments:file", args=[file.reference])
    assert f'See the attached plan: <a class="govuk-link" href="{link}">Plan of March (PDF, 1 KB)</a>' in body


def test_steps_that_are_written_stand_open_and_keep_their_answer(cast: Cast) -> None:
    draft, client = draft_referral(cast), cast.client("practitioner")
    file = attached(cast, draft, kind="plan")
    body = page(client, "referrals:section", draft.reference, "plan")
    assert "Steps (not needed" not in body
    assert not re.search(rf'value="{file.reference}"[^>]* checked', body)


def test_what_happened_may_be_in_an_attached_assessment(cast: Cast) -> None:
    draft, client = draft_referral(cast), cast.client("practitioner")
    assert not saved(cast, draft, "concern", account="")
    assert "Does the attached assessment say" not in page(client, "referrals:section", draft.reference, "concern")
    file = attached(cast, draft, kind="assessment", title="Single assessment")
    assert "Does the attached assessment say what has happened?" in page(
        client, "referrals:section", draft.reference, "concern"
    )
    assert not saved(cast, draft, "concern", account="")
    assert not saved(cast, draft, "concern", account="", short_account="", attached=file.reference)
    assert saved(cast, draft, "concern", account="", attached=file.reference)
    assert saved(cast, draft, "risk", attached=file.reference)
    assert not saved(cast, draft, "risk", attached=file.reference, rating="", rationale="")
    assert saved(cast, draft, "risk", attached=file.reference)
    case = decide(cast, "accept", sent(cast, draft))
    with acting_as(cast["coordinator"]):
        assert (Concern.objects.get().account, Concern.objects.get().attachment_id) == ("", file.pk)
        assert RiskAssessment.objects.get().attachment_id == file.pk
    for name in ("practitioner", "coordinator"):
        body = page(cast.client(name), "casework:case", case.reference)
        assert body.count("See the attached assessment: ") == 2
    body = page(cast.client("practitioner"), "referrals:tasks", draft.reference)
    assert body.count("See the attached assessment: ") == 2


@pytest.mark.parametrize(
    ("section", "kind", "typed"), [("plan", "plan", NO_STEPS), ("concern", "assessment", {"account": ""})]
)
def test_a_file_that_is_removed_makes_its_page_incomplete_and_it_says_so(
    cast: Cast, section: str, kind: str, typed: dict[str, str]
) -> None:
    draft, client = draft_referral(cast), cast.client("practitioner")
    file = attached(cast, draft, kind=kind)
    assert saved(cast, draft, section, attached=file.reference, **typed)
    assert "Check your answers and send" in page(client, "referrals:tasks", draft.reference)
    assert "Cannot start yet" not in page(client, "referrals:tasks", draft.reference)
    seat = cast["practitioner"]
    with acting_as(seat):
        take_file_off(referral=draft, attachment=file, reason="x", by=seat, at=LATER)
    tasks = page(client, "referrals:tasks", draft.reference)
    assert "Cannot start yet" in tasks
    assert "In progress" in tasks
    assert "The file that was chosen here was removed." in page(client, "referrals:section", draft.reference, section)
    answer = client.post(
        reverse("referrals:section", args=[draft.reference, section]),
        FILLED[Section(section)] | typed | {"attached": file.reference},
    )
    assert answer.status_code == 422
    assert "Attach it again and choose it" in answer.content.decode()
    with acting_as(seat), pytest.raises(RuleBroken, match="is not complete"):
        checked_sections(draft, LATER)
    assert saved(cast, draft, section, attached="no")
    sent(cast, draft)


def test_a_file_of_another_referral_or_kind_stands_for_nothing(cast: Cast) -> None:
    draft, other = draft_referral(cast), draft_referral(cast, child=another_child(1))
    foreign = attached(cast, other, kind="plan")
    wrong = attached(cast, draft, kind="chronology")
    for file in (foreign, wrong):
        assert not saved(cast, draft, "plan", attached=file.reference, **NO_STEPS)
    assert not saved(cast, draft, "plan", attached="T-0000-0000")


def test_a_plan_whose_file_was_taken_away_later_says_so(cast: Cast) -> None:
    draft = draft_referral(cast)
    file = attached(cast, draft, kind="plan")
    saved(cast, draft, "plan", attached=file.reference, **NO_STEPS)
    sent(cast, draft)
    by = cast["coordinator"]
    with acting_as(by):
        take_file_off(referral=draft, attachment=file, reason="Of another child", by=by, at=LATER)
    body = page(cast.client("coordinator"), "referrals:screen", draft.reference)
    assert "The plan was in an attached file, which was removed: Of another child" in body


@pytest.mark.parametrize(
    ("table", "column"),
    [("referrals_concern", "account"), ("referrals_riskassessment", "rationale"), ("referrals_safetyplan", "summary")],
)
def test_a_record_says_it_or_names_the_file(cast: Cast, table: str, column: str) -> None:
    referral = submitted_referral(cast)
    file = attached(cast, referral)
    with as_owner(), connection.cursor() as cursor:
        with pytest.raises(IntegrityError, match="or_is_attached"), transaction.atomic():
            cursor.execute(f"update {table} set {column} = ''")
        cursor.execute(f"update {table} set {column} = '', attachment_id = %s", [file.pk])
        assert cursor.rowcount == 1


def test_the_files_of_a_withdrawn_draft_are_kept_with_it(cast: Cast) -> None:
    draft = draft_referral(cast)
    file = attached(cast, draft)
    seat = cast["practitioner"]
    with acting_as(seat):
        withdraw_referral(referral=draft, by=seat, at=MONDAY)
    assert fetched(cast, "practitioner", file) == 200
