"""What an agency sees of a person, a place or a theme at each scope; entries for the police and coordinators only."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.db.utils import ProgrammingError
from django.urls import reverse

from mace.access.models import Disclosure, Scope
from mace.accounts.models import Role
from mace.core.errors import RuleBroken
from mace.core.seat import acting_as
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import MONDAY, open_case
from tests.volt.test_records import link, show_to_police
from volt.enums import Handling
from volt.models import Link, Location, LocationAccount, PersonAccount, PersonOfConcern, Theme, ThemeEvidence, Wording
from volt.services import Said, record_location, record_person, record_theme

SAID = Said(words="There is police information about this person. Do not let them collect the child.")
TIGHT: dict[str, Any] = {"handling": Handling.POLICE, "said": SAID}


def tight_person(cast: Cast, by: str = "coordinator") -> PersonOfConcern:
    with acting_as(cast[by]):
        return record_person(name="Ghost", description="Runs a line", by=cast[by], at=MONDAY, **TIGHT)


def counts(cast: Cast, name: str, *models: type[Model]) -> list[int]:
    with acting_as(cast[name]):
        return [model._default_manager.count() for model in models]


# --- Scopes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "rows"),
    [(Scope.IDENTITY, [1, 0, 1, 0]), (Scope.SUMMARY, [1, 1, 1, 0]), (Scope.FULL, [1, 1, 1, 1])],
)
def test_each_scope_opens_its_own_rows(cast: Cast, scope: Scope, rows: list[int]) -> None:
    seat = cast["coordinator"]
    with acting_as(seat):
        location = record_location(name="Station steps", harms="Approached", address="1 Quay", by=seat, at=MONDAY)
        theme = record_theme(name="Vapes", evidence="Three schools", by=seat, at=MONDAY)
    models = (Location, LocationAccount, Theme, ThemeEvidence)
    assert counts(cast, "police_lead", *models) == [0, 0, 0, 0]
    for record in (location, theme):
        show_to_police(cast, record.pk, scope)
    assert counts(cast, "police_lead", *models) == rows
    client = cast.client("police_lead")
    page = client.get(f"/volt/{location.reference}/").content.decode()
    assert "Station steps" in page
    assert ("Approached" in page, "1 Quay" in page) == (scope >= Scope.SUMMARY,) * 2
    listed = client.get("/volt/?kind=location").content.decode()
    assert ("Station steps" in listed, "1 Quay" in listed) == (True, scope >= Scope.SUMMARY)
    assert ("Three schools" in client.get(f"/volt/{theme.reference}/").content.decode()) == (scope == Scope.FULL)


def test_aliases_are_searched_only_by_who_may_read_them(cast: Cast) -> None:
    seat = cast["coordinator"]
    with acting_as(seat):
        person = record_person(name="Ghost", aliases="Slim", by=seat, at=MONDAY)
    show_to_police(cast, person.pk, Scope.IDENTITY)
    client = cast.client("police_lead")
    assert "1 found" in client.post("/volt/search/", {"q": "ghost"}).content.decode()
    assert "Nothing found" in client.post("/volt/search/", {"q": "slim"}).content.decode()
    show_to_police(cast, person.pk, Scope.SUMMARY)
    assert "1 found" in client.post("/volt/search/", {"q": "slim"}).content.decode()


def test_place_is_shared_explained_and_withdrawn_through_its_pages(cast: Cast) -> None:
    seat = cast["coordinator"]
    with acting_as(seat):
        location = record_location(name="Station steps", harms="Approached", by=seat, at=MONDAY)
    client, police = cast.client("coordinator"), cast.client("police_lead")
    pages = {
        name: reverse(f"casework:volt_{name}", args=[location.reference]) for name in ("sharing", "share", "withdraw")
    }
    agency = str(cast.agencies["police"].pk)
    sent = {
        "agency": agency,
        "scope": "2",
        "purpose": "To patrol it",
        "lawful_basis": "crime",
        "necessity": "Only they can",
        "told": "no",
        "told_reason": "Nobody is named",
    }
    checks = client.post(pages["share"], sent).content.decode()
    for words in ("Check before you share with Anytown Police", "Police Lead", "The address, and the harm seen there"):
        assert words in checks
    assert police.get(f"/volt/{location.reference}/").status_code == 404
    assert client.post(pages["share"], sent | {"confirmed": "yes"}).status_code == 302
    assert police.get(f"/volt/{location.reference}/").status_code == 200
    whole = client.get(pages["sharing"]).content.decode()
    assert "Lead of Anytown Police" in whole
    assert "Anytown Police: what it is called and an account" in whole
    own = police.get(pages["sharing"]).content.decode()
    assert ("It was shared with Anytown Police" in own, "Everybody who can see it" in own) == (True, False)
    assert client.post(pages["withdraw"], {"agency": agency, "reason": "Done"}).status_code == 302
    assert police.get(f"/volt/{location.reference}/").status_code == 404
    with acting_as(seat):
        assert Disclosure.objects.get(record_id=location.pk).withdrawn_reason == "Done"


# --- For the police and coordinators only ----------------------------------------------------------------------------


def test_lead_professional_reads_the_form_of_words_in_the_place_of_the_entry(cast: Cast) -> None:
    case, person = open_case(cast), tight_person(cast)
    link(cast, case.pk, person.pk, by="coordinator", kind="exploited_by", note="Seen by an officer", said=SAID)
    for name, sees in (("coordinator", True), ("practitioner", False), ("manager", False)):
        assert counts(cast, name, PersonOfConcern, PersonAccount, Link) == [int(sees)] * 3, name
        body = cast.client(name).get(f"/volt/{person.reference}/").content.decode()
        assert ("Ghost" in body, "Runs a line" in body) == (sees, sees), name
        assert "Do not let them collect the child" in body, name
        on_case = cast.client(name).get(f"/cases/{case.reference}/").content.decode()
        assert ("Ghost" in on_case, "Known to the police and coordinators" in on_case) == (sees, not sees), name
    for name in ("other_practitioner", "police_lead", "stranger_police"):
        assert cast.client(name).get(f"/volt/{person.reference}/").status_code == 404, name
        assert counts(cast, name, Wording) == [0], name
    assert "Ghost" not in cast.client("practitioner").get("/volt/").content.decode()
    assert "Nothing found" in cast.client("practitioner").post("/volt/search/", {"q": "ghost"}).content.decode()


def test_police_see_it_when_it_is_shared_with_them_and_others_the_words(cast: Cast) -> None:
    person = tight_person(cast)
    show_to_police(cast, person.pk)
    assert counts(cast, "police_lead", PersonOfConcern, PersonAccount) == [1, 1]
    sent = {
        "agency": str(cast.agencies["health"].pk),
        "scope": "3",
        "purpose": "Care",
        "lawful_basis": "public_task",
        "necessity": "They treat her",
        "told": "yes",
        "confirmed": "yes",
    }
    page = reverse("casework:volt_share", args=[person.reference])
    assert cast.client("coordinator").post(page, sent).status_code == 302
    assert counts(cast, "health_lead", PersonOfConcern, PersonAccount, Wording) == [0, 0, 1]
    body = cast.client("health_lead").get(f"/volt/{person.reference}/").content.decode()
    assert ("Do not let them collect the child" in body, "Ghost" in body) == (True, False)


def test_it_is_not_saved_without_the_words_or_why_there_are_none(cast: Cast) -> None:
    seat = cast["coordinator"]
    with acting_as(seat):
        for said in (Said(), Said("Some", "And a reason too")):
            with pytest.raises(RuleBroken, match="what may be said"):
                record_person(name="Ghost", by=seat, at=MONDAY, handling=Handling.POLICE, said=said)
        person = record_person(name="Ghost", by=seat, at=MONDAY)
        with pytest.raises(IntegrityError), transaction.atomic():
            PersonOfConcern.objects.filter(pk=person.pk).update(handling=Handling.POLICE)
        with pytest.raises(IntegrityError), transaction.atomic():
            Wording.objects.create(
                record_id=person.pk, reference=person.reference, written_at=MONDAY, written_by_id=seat.membership_id
            )
    none = Said(none_because="It would name who told us")
    with acting_as(seat):
        made = record_theme(name="Line", by=seat, at=MONDAY, handling=Handling.POLICE, said=none)
    assert made.wording is not None
    form = {"name": "Ghost", "handling": "T", "operation": "one"}
    client = cast.client("coordinator")
    answer = client.post("/volt/new/person/", form)
    assert (answer.status_code, "Enter what may be said" in answer.content.decode()) == (422, True)
    assert client.post("/volt/new/person/", form | {"words": "Ask the police"}).status_code == 302


def test_nobody_records_what_they_could_not_see(cast: Cast) -> None:
    seat = cast["practitioner"]
    with acting_as(seat), pytest.raises(RuleBroken, match="Only the police, coordinators and chairs"):
        record_person(name="Ghost", by=seat, at=MONDAY, **TIGHT)
    page = cast.client("practitioner").get("/volt/new/person/").content.decode()
    assert "Police and coordinators only" not in page
    with as_owner():
        cast.join("officer", cast.agencies["police"], Role.PRACTITIONER)
    assert "Police and coordinators only" in cast.client("officer").get("/volt/new/person/").content.decode()
    assert tight_person(cast, by="officer").pk
    with acting_as(seat):
        mine = record_person(name="Somebody", by=seat, at=MONDAY)
        for update in ("update volt_personofconcern set handling = 'T'", "insert into volt_wording default values"):
            with (
                pytest.raises((ProgrammingError, IntegrityError)),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(update)
        assert PersonOfConcern.objects.get(pk=mine.pk).handling == Handling.MAY_SHARE


def test_link_is_handled_no_less_tightly_than_its_ends(cast: Cast) -> None:
    case, person = open_case(cast), tight_person(cast)
    with pytest.raises(RuleBroken, match="what may be said"):
        link(cast, case.pk, person.pk, by="coordinator", kind="exploited_by")
    made = link(cast, case.pk, person.pk, by="coordinator", kind="exploited_by", said=SAID)
    assert made.handling == Handling.POLICE
    assert counts(cast, "practitioner", Link) == [0]
