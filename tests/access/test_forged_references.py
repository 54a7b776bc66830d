"""Forms sent with the reference of what one may not see: they change nothing, and tell nothing."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from mace.core import clock
from mace.core.clock import london_time
from mace.core.seat import acting_as
from panels.models import AgendaItem
from referrals.models import Case
from tests.access.tables import count_rows, without_token
from tests.access.world import World
from tests.factories.panels import HELD, planned_meeting
from tests.factories.referrals import another_child, open_case
from volt.models import PersonOfConcern


@pytest.fixture(autouse=True)
def before_the_meetings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: london_time(dt.date(2026, 3, 13), 9))


LINK = {
    "kind": "associates",
    "source": "A talk",
    "basis": "opinion",
    "source_grade": "2",
    "assessment": "C",
    "handling": "P",
}
SHARING = {"scope": "3", "purpose": "x", "lawful_basis": "public_task", "necessity": "x", "told": "yes", "reason": "x"}
SHARING |= {"confirmed": "yes"}
ITEM = {"kind": "new", "minutes": "10"}
PERSON = {"name": "Kay", "handling": "P"}


def posted(client: Client, path: str, data: dict[str, Any], status: int) -> str:
    answer = client.post(path, data)
    assert answer.status_code == status, (path, data, answer.status_code)
    return answer.content.decode()


def refused_alike(client: Client, path: str, status: int, data: dict[str, Any], field: str, *names: str) -> None:
    """Whatever reference stands in the field, a hidden one or one that does not exist, the answer is the same."""
    answers = []
    for name in names:
        body = posted(client, path, data | {field: name}, status)
        answers.append(without_token(re.sub(r'value="[0-9a-f]{32}"', "", body).replace(name, "?").encode()))
    assert len(set(answers)) == 1, path


def test_a_foreign_reference_in_a_form_changes_nothing(world: World) -> None:
    """Posted by a coordinator elsewhere with records of their own, who knows the references of ours."""
    cast, case, person = world.cast, world.case.reference, world.person.reference
    client = cast.client("stranger_coordinator")
    own_case = open_case(cast, by="stranger_practitioner", coordinator="stranger_coordinator", child=another_child(7))
    own = own_case.reference
    with acting_as(cast["stranger_coordinator"]):
        agency, own_agency = (str(cast.agencies[name].pk) for name in ("police", "other_police"))
    first, second = (
        planned_meeting(cast, on_it, panel="other_pre_mace", by="stranger_coordinator", starts_at=at)
        for on_it, at in ((own_case, HELD), (None, HELD + dt.timedelta(days=7)))
    )
    with acting_as(cast["stranger_coordinator"]):
        item = AgendaItem.objects.get().reference
    add = f"/meetings/{second.reference}/agenda/add"

    before = count_rows()
    refused_alike(client, f"{add}/case/", 422, ITEM, "case", case, "C-0000-0000")
    refused_alike(client, f"{add}/volt/", 422, ITEM, "subject", person, "V-0000-0000")
    for name, absent in ((case, "C-0000-0000"), (person, "V-0000-0000")):
        refused_alike(client, "/volt/link/", 422, LINK | {"a": own}, "other", name, absent)
        refused_alike(client, "/volt/link/", 404, LINK | {"other": own}, "a", name, absent)
    refused_alike(client, "/volt/new/person/", 422, PERSON, "also_child", case, "C-0000-0000")
    refused_alike(client, "/volt/new/person/", 404, PERSON, "case", case, "C-0000-0000")
    for page in ("new", "end"):
        posted(client, f"/cases/{case}/sharing/{page}/", SHARING | {"agency": own_agency}, 404)
        posted(client, f"/cases/{own}/sharing/{page}/", SHARING | {"agency": agency}, 422)
    posted(client, f"/items/{item}/invite/", SHARING | {"agencies": [agency]}, 422)
    posted(client, f"/items/{world.next_item.reference}/invite/", SHARING | {"agencies": [own_agency]}, 404)
    for asked in (case, own):
        assert client.get("/volt/shared/", {"case": asked}).status_code == (200 if asked == own else 404)
    assert count_rows() == before

    # The same forms with references of their own do what they say.
    posted(client, "/volt/new/person/", PERSON | {"also_child": own}, 302)
    with acting_as(cast["stranger_coordinator"]):
        own_person = PersonOfConcern.objects.get().reference
    posted(client, "/volt/link/", LINK | {"a": own, "other": own_person}, 302)
    posted(client, f"{add}/case/", ITEM | {"case": own, "review": world.review.reference}, 302)
    posted(client, f"{add}/volt/", ITEM | {"subject": own_person}, 302)
    posted(client, f"/items/{item}/invite/", SHARING | {"agencies": [own_agency]}, 302)
    posted(client, f"/cases/{own}/sharing/end/", SHARING | {"agency": own_agency}, 302)
    posted(client, f"/cases/{own}/sharing/new/", SHARING | {"agency": own_agency}, 302)
    with acting_as(cast["stranger_coordinator"]):
        found = AgendaItem.objects.filter(meeting=second).order_by("position")
        assert [(row.kind, row.review_id) for row in found] == [("new", None), ("new", None)]
        assert not AgendaItem.objects.filter(meeting=first).exclude(subject_id=own_case.pk).exists()


def test_whoever_does_not_see_a_case_cannot_put_it_anywhere_in_the_same_partnership_either(world: World) -> None:
    cast = world.cast
    hidden = open_case(cast, child=another_child(8))
    with acting_as(cast["chair"]):
        assert not Case.objects.filter(pk=hidden.pk).exists()
    client = cast.client("chair")
    before = count_rows()
    add = f"/meetings/{world.next_meeting.reference}/agenda/add/case/"
    refused_alike(client, add, 422, ITEM, "case", hidden.reference, "C-0000-0000")
    posted(
        client, f"/cases/{hidden.reference}/sharing/new/", SHARING | {"agency": str(cast.agencies["police"].pk)}, 404
    )
    assert count_rows() == before
    posted(cast.client("coordinator"), add, ITEM | {"case": hidden.reference}, 302)
