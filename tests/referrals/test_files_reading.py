"""Who is given a file of a referral, and what is said where it cannot be given."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from mace.access.models import Scope
from mace.access.services import bar_person, restrict, withdraw
from mace.attachments import vault as vault_
from mace.audit.models import ReadEntry
from mace.core.seat import acting_as
from referrals.models import Child
from referrals.services.files import take_file_off
from tests.access.world import World
from tests.attachments.scanner import Clamd
from tests.factories.cast import Cast
from tests.factories.files import PDF, attached
from tests.factories.owner import as_owner
from tests.factories.referrals import draft_referral, open_case, submitted_referral
from tests.factories.sharing import shared
from tests.referrals.doing import LATER, decide
from tests.referrals.filed import fetched, page, referral_again

pytestmark = pytest.mark.usefixtures("folder")


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
