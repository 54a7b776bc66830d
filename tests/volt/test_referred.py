"""Referrals about no child: from the first page to the VOLT record, who sees them, and what they do not count for."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from dashboards.selectors import referral_figures
from mace.access.models import Kind
from mace.accounts.models import Role
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from referrals.enums import About, ReferralStatus
from referrals.models import CriterionMet, Matter, Referral
from referrals.services import accept_referral, save_section, submit_referral, withdraw_referral
from referrals.services.copying import copy_referral
from referrals.services.screening import accept_matter
from tests.factories.cast import Cast
from tests.factories.files import attached
from tests.factories.matters import HARM, SUBJECTS, TIGHT, draft_matter, pages_about, submitted_matter
from tests.factories.owner import as_owner
from tests.factories.referrals import MONDAY, every_criterion, open_case, submitted_referral
from tests.referrals.test_approving import switch
from volt.enums import Handling, LinkKind
from volt.models import Link, Location, PeerGroup, PersonOfConcern, Theme
from volt.rules import KIND_OF_MATTER
from volt.selectors import MODELS, volt_like
from volt.services import Said, accept_as_record, record_group, record_location

KIND_OF: dict[str, Any] = {"person": PersonOfConcern, "place": Location, "group": PeerGroup, "theme": Theme}
ANSWERED = {"reason": "Several agencies are needed", **dict.fromkeys(("redirected_to",), "")}


def address(name: str, referral: Any, *more: str) -> str:
    return reverse(name, args=[getattr(referral, "reference", referral), *more])


def accept(cast: Cast, referral: Referral, existing: str = "", by: str = "coordinator") -> Any:
    with acting_as(cast[by]):
        return accept_as_record(referral=referral, existing=existing, reason="Needed", by=cast[by], at=MONDAY)


def decided(decision: str, **more: str) -> dict[str, str]:
    return ANSWERED | every_criterion("matter_criterion", "harm") | {"decision": decision} | more


@pytest.mark.parametrize("about", ["person", "place", "group", "theme"])
def test_from_the_first_page_to_the_record(cast: Cast, about: str) -> None:
    writer, coordinator = cast.client("practitioner"), cast.client("coordinator")
    tasks = writer.post(reverse("referrals:new"), {"about": about, "operation": "x1"})["Location"]
    assert tasks == writer.post(reverse("referrals:new"), {"about": about, "operation": "x1"})["Location"]
    reference = tasks.split("/")[-2]
    for page, typed in pages_about(about).items():
        assert writer.post(address("referrals:check", reference)).status_code == 422  # not complete yet
        url = address("referrals:section", reference, page)
        assert writer.get(url).status_code == 200
        for name in typed:  # each of them must be said
            assert writer.post(url, {key: said for key, said in typed.items() if key != name}).status_code == 422, name
        assert writer.post(url, typed).status_code == 302
    assert writer.get(address("referrals:section", reference, "child")).status_code == 404
    assert writer.get(address("referrals:copy", reference)).status_code == 404
    assert coordinator.get(tasks).status_code == 404  # a draft is its writer's
    name = SUBJECTS[about]["name"]
    assert name in writer.get(tasks).content.decode()
    assert name in writer.get(address("referrals:check", reference)).content.decode()
    assert writer.post(address("referrals:check", reference))["Location"] == address("referrals:submitted", reference)

    listed = coordinator.get(reverse("referrals:screening")).content.decode()
    assert f"{name} ({About(about).label.replace('A ', 'a ')})" in listed
    screen = address("volt:screen", reference)
    assert coordinator.get(address("referrals:screen", reference))["Location"] == screen
    assert name in coordinator.get(screen).content.decode()
    back = {"decision": "return", "reason": "Since when?", "record": "new"}
    assert coordinator.post(screen, back)["Location"] == reverse("referrals:screening")
    assert "Since when?" in writer.get(tasks).content.decode()
    harm = pages_about(about)["harm"] | {"since": "Since Easter"}
    assert writer.post(address("referrals:section", reference, "harm"), harm).status_code == 302
    assert writer.post(address("referrals:check", reference)).status_code == 302

    assert coordinator.post(screen, decided("accept")).status_code == 422  # new, or which?
    assert coordinator.post(screen, decided("accept", record="new", reason="")).status_code == 422
    assert coordinator.post(screen, {"decision": "accept", "record": "new", "reason": "x"}).status_code == 422
    for _ in range(2):  # a double click makes one
        assert coordinator.post(screen, decided("accept", record="new")).status_code == 302
    with acting_as(cast["coordinator"]):
        row = KIND_OF[about].objects.get(name=name)
        link = Link.objects.get(b_id=row.pk)
        referral = Referral.objects.get(reference=reference)
        assert (link.a_id, link.kind, link.source, link.source_grade) == (referral.pk, "referred", "Youth workers", "1")
        assert (referral.status, referral.became, referral.case_id) == (ReferralStatus.ACCEPTED, row.reference, None)
        assert set(CriterionMet.objects.filter(referral=referral).values_list("occasion", flat=True)) == {"matter"}
    record = address("volt:record", row.reference)
    for client in (writer, coordinator, cast.client("manager")):
        text = client.get(tasks).content.decode()
        assert row.reference in text
        assert "Since Easter" in text
        assert reference in client.get(record).content.decode()  # what it rests on
    for other in ("police_lead", "other_practitioner", "stranger_coordinator", "social_care_lead"):
        assert {cast.client(other).get(url).status_code for url in (tasks, record)} == {404}, other
    about_it = {"person": "gives out vapes", "place": "Below Quay Street", "group": "sent out", "theme": "owe for"}
    shown = {"group": "The older two send"}.get(about, about_it[about])
    assert shown in coordinator.get(record).content.decode()


@pytest.mark.parametrize("how", ["redirect", "decline"])
def test_it_is_redirected_or_declined_like_any_other(cast: Cast, how: str) -> None:
    made, coordinator = submitted_matter(cast), cast.client("coordinator")
    sent = decided(how, record="new", redirected_to="Parks department" if how == "redirect" else "")
    assert coordinator.post(address("volt:screen", made), sent)["Location"] == reverse("referrals:screening")
    text = cast.client("practitioner").get(address("referrals:tasks", made)).content.decode()
    assert "Several agencies are needed" in text
    assert ("Parks department" in text) == (how == "redirect")
    assert Location.objects.count() == 0


def test_it_adds_to_a_record_of_a_like_name(cast: Cast) -> None:
    made, seat = submitted_matter(cast), cast["coordinator"]
    with acting_as(seat):
        there = record_location(name="The Harbour Underpass", harms="Fights", by=seat, at=MONDAY)
        record_location(name="Bus station", by=seat, at=MONDAY)
        assert [entry.row.pk for entry in volt_like(Kind.LOCATION, "Harbour underpass")] == [there.pk]
    client = cast.client("coordinator")
    assert there.reference in client.get(address("volt:screen", made)).content.decode()
    assert client.post(address("volt:screen", made), decided("accept", record=there.reference)).status_code == 302
    with acting_as(seat):
        assert Location.objects.count() == 2
        assert Link.objects.get(b_id=there.pk).a_id == made.pk
    assert cast.client("practitioner").get(address("volt:record", there)).status_code == 200


def test_it_is_accepted_once_by_who_may(cast: Cast) -> None:
    made = submitted_matter(cast)
    with acting_as(cast["practitioner"]), pytest.raises(NotAllowed):
        accept_as_record(referral=made, existing="", reason="x", by=cast["practitioner"], at=MONDAY)
    with pytest.raises(RuleBroken, match="record that is there"):
        accept(cast, made, existing="V-0000-0000")
    with acting_as(cast["coordinator"]):
        with pytest.raises(RuleBroken, match="no case"):
            accept_referral(referral=made, reason="x", lead_professional=None, by=cast["coordinator"], at=MONDAY)
        assert Referral.objects.get(pk=made.pk).status == ReferralStatus.SUBMITTED  # as if nothing had been said
    accept(cast, made)
    with pytest.raises(RuleBroken, match="is accepted"):
        accept(cast, made)
    with acting_as(cast["coordinator"]):
        assert Location.objects.count() == Link.objects.filter(kind=LinkKind.REFERRED).count() == 1
    with acting_as(cast["practitioner"]), pytest.raises(RuleBroken, match="child"):
        copy_referral(source=made, parts=["concern"], by=cast["practitioner"], at=MONDAY)


def test_what_is_for_the_police_stays_with_them(cast: Cast) -> None:
    """The referral, its drafts, lists and the record: with the police, the coordinators and the chairs."""
    with as_owner():
        cast.join("constable", cast.agencies["police"], Role.PRACTITIONER)
    made = submitted_matter(cast, "group", by="constable", source=TIGHT)
    plain = draft_matter(cast, "group", source=TIGHT)  # nobody records what they could not see
    with acting_as(cast["practitioner"]), pytest.raises(RuleBroken, match="not complete"):
        submit_referral(referral=plain, by=cast["practitioner"], at=MONDAY)
    assert SUBJECTS["group"]["name"] in cast.client("coordinator").get(reverse("referrals:screening")).content.decode()
    row = accept(cast, made)
    assert row.handling == Handling.POLICE
    for who, status in (("constable", 200), ("coordinator", 200), ("practitioner", 404), ("manager", 404)):
        client = cast.client(who)
        assert client.get(address("referrals:tasks", made)).status_code == status, who
        assert client.get(address("volt:record", row)).status_code == status, who


def test_a_record_for_the_police_takes_in_a_referral_and_says_nothing_of_it(cast: Cast) -> None:
    made, seat = submitted_matter(cast, "group"), cast["coordinator"]
    with acting_as(seat):
        there = record_group(
            name="Skate park", handling=Handling.POLICE, said=Said("Something is known"), by=seat, at=MONDAY
        )
    assert accept(cast, made, existing=there.reference).pk == there.pk
    with acting_as(seat):
        assert Link.objects.get(b_id=there.pk).handling == Handling.POLICE
    writer = cast.client("practitioner")
    assert there.reference not in writer.get(address("referrals:tasks", made)).content.decode()
    assert writer.get(address("volt:record", there)).status_code == 404


def test_a_manager_approves_it_and_a_file_says_what_has_happened(cast: Cast) -> None:
    switch(cast, on=True)
    made = draft_matter(cast, "theme", harm={"account": ""})
    writer, check = cast.client("practitioner"), address("referrals:check", made)
    assert writer.post(check).status_code == 422
    file = attached(cast, made, by="practitioner", kind="assessment")
    with acting_as(cast["practitioner"]):
        harm = {**HARM, "account": "", "attached": file.reference}
        save_section(
            referral=made, section="harm", data=harm, version=None, operation="", by=cast["practitioner"], at=MONDAY
        )
    assert writer.post(check).status_code == 302
    manager, screen = cast.client("manager"), address("volt:screen", made)
    assert cast.client("coordinator").get(screen).status_code == 404
    page = manager.get(address("referrals:approve", made)).content.decode()
    assert SUBJECTS["theme"]["name"] in page
    assert file.reference in page
    assert manager.post(address("referrals:approve", made), {"decision": "approve"}).status_code == 302
    assert cast.client("coordinator").get(screen).status_code == 200


def test_it_counts_as_no_referral_of_a_child(cast: Cast) -> None:
    submitted_matter(cast)
    submitted_referral(cast)
    with acting_as(cast["coordinator"]):
        day = MONDAY.date()
        found = referral_figures(
            partnership=cast.partnership.pk, start=day - dt.timedelta(days=1), end=day + dt.timedelta(days=1)
        )
        assert found.referrals == 1


@pytest.mark.parametrize(
    "change",
    [{"about": "child", "handling": "T"}, {"became": "V-TEST-0001"}, {"about": "child", "status": "accepted"}],
    ids=["a child's is handled by its case", "not accepted yet", "a child's has a case"],
)
def test_what_the_database_refuses(cast: Cast, change: dict[str, str]) -> None:
    made = submitted_matter(cast)
    with acting_as(cast["coordinator"]), pytest.raises(IntegrityError), transaction.atomic():
        Referral.objects.filter(pk=made.pk).update(**change)


def test_it_is_withdrawn_approved_and_typed_like_any_other(cast: Cast) -> None:
    made = draft_matter(cast, "theme")
    seat = cast["practitioner"]
    with acting_as(seat):
        with pytest.raises(RuleBroken, match="no such page"):
            save_section(referral=made, section="child", data={}, version=None, operation="", by=seat, at=MONDAY)
        sent = submit_referral(referral=made, by=seat, at=MONDAY)
        assert Matter.objects.get(referral=sent).facts["horizon"] == "medium"
        assert withdraw_referral(referral=sent, reason="Told elsewhere", by=seat, at=MONDAY).status == "withdrawn"
    assert set(KIND_OF_MATTER.values()) == set(MODELS)
    with acting_as(cast["coordinator"]), pytest.raises(RuleBroken):
        accept_matter(referral=made, reason="x", by=cast["coordinator"], at=MONDAY)


@pytest.mark.parametrize(("who", "back"), [("practitioner", "referrals:list"), ("social_care_lead", "casework:home")])
def test_a_referral_leads_back_to_where_one_may_go(cast: Cast, who: str, back: str) -> None:
    case, client = open_case(cast), cast.client(who)
    with acting_as(cast["coordinator"]):
        reference = Referral.objects.get(case=case).reference
    page = client.get(address("referrals:tasks", reference)).content.decode()
    assert re.findall(r'<a href="([^"]*)" class="govuk-back-link"', page) == [reverse(back)]
    assert client.get(reverse(back)).status_code == 200
