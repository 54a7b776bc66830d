"""Files that stand in place of what would be typed."""

from __future__ import annotations

import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from mace.core.errors import RuleBroken
from mace.core.seat import acting_as
from referrals.enums import Section
from referrals.models import Concern, PlanStep, RiskAssessment, SafetyPlan
from referrals.services import withdraw_referral
from referrals.services.drafting import checked_sections
from referrals.services.files import take_file_off
from tests.factories.cast import Cast
from tests.factories.files import attached
from tests.factories.owner import as_owner
from tests.factories.referrals import FILLED, MONDAY, another_child, draft_referral, submitted_referral
from tests.referrals.doing import LATER, decide
from tests.referrals.filed import fetched, page, saved, sent

pytestmark = pytest.mark.usefixtures("folder")


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
