"""The pages of VOLT: who opens them, what they show, forms with and without faults, statements, markup."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mace.core.seat import acting_as
from tests.access.tables import without_token
from tests.dashboards.markup import Markup
from tests.factories.cast import Cast
from tests.factories.referrals import MONDAY, another_child, open_case
from tests.volt.test_records import link, place, show_to_police, two_cases_at_one_place
from volt.enums import LinkKind
from volt.models import Link, Location, PersonOfConcern, Theme
from volt.services import record_person, record_theme

LIST, SEARCH, SHARED, LINK = (reverse(f"volt:{name}") for name in ("list", "search", "shared", "link"))
GRADED = {"basis": "fact", "source_grade": "1", "assessment": "A", "handling": "P"}


def new(kind: str) -> str:
    return reverse("volt:new", args=[kind])


def page_of(reference: str) -> str:
    return reverse("volt:record", args=[reference])


def linked(prefix: str = "link-", **changes: str) -> dict[str, str]:
    return {prefix + name: value for name, value in (GRADED | {"source": "School staff"} | changes).items()}


@pytest.mark.parametrize(
    ("name", "reads", "writes"),
    [
        ("practitioner", 200, 200),
        ("manager", 200, 200),
        ("coordinator", 200, 200),
        ("chair", 200, 200),
        ("police_lead", 200, 403),
        ("police_member", 403, 403),
        ("board", 200, 403),
        ("analyst", 403, 403),
        ("ig", 403, 403),
        ("admin", 403, 403),
    ],
)
def test_who_may_open_the_pages(cast: Cast, name: str, reads: int, writes: int) -> None:
    client = cast.client(name)
    assert [client.get(url).status_code for url in (LIST, SHARED)] == [reads, reads]
    assert client.post(SEARCH, {"q": "station"}).status_code == reads
    assert [client.get(new(kind)).status_code for kind in ("person", "location", "theme")] == [writes] * 3


def test_hidden_record_and_absent_one_answer_alike(cast: Cast) -> None:
    location = place(cast)
    assert cast.client("practitioner").get(page_of(location.reference)).status_code == 200
    for name in ("other_practitioner", "police_lead", "chair", "stranger_coordinator", "stranger_police"):
        client = cast.client(name)
        hidden, absent = client.get(page_of(location.reference)), client.get(page_of("V-0000-0000"))
        assert hidden.status_code == absent.status_code == 404
        assert without_token(hidden.content) == without_token(absent.content)
    assert cast.client("coordinator").get(new("meeting")).status_code == 404
    assert cast.client("coordinator").get(LIST, {"kind": "case"}).status_code == 404
    assert cast.client("coordinator").get(LIST, {"after": "nonsense"}).status_code == 404


def test_record_page_says_source_grade_and_handling_in_words(cast: Cast) -> None:
    case, location = open_case(cast), place(cast)
    link(cast, case.pk, location.pk, note="Seen twice")
    text = cast.client("manager").get(page_of(location.reference)).content.decode()
    for words in (
        "Station steps",
        case.reference,
        "Tamika Brightwater",
        "Spends time at",
        "Fact, according to School staff",
        "Source reliable; known directly to the source",
        "May be shared lawfully",
        "Seen twice",
    ):
        assert words in text
    Markup(text).check()


def test_partner_sees_the_record_and_not_the_case_it_was_not_told_of(cast: Cast) -> None:
    case, location = open_case(cast), place(cast)
    link(cast, case.pk, location.pk)
    client = cast.client("police_lead")
    assert client.get(page_of(location.reference)).status_code == 404
    show_to_police(cast, location.pk)
    text = client.get(page_of(location.reference)).content.decode()
    assert "Station steps" in text
    assert case.reference not in text
    assert "Brightwater" not in text
    assert "School staff" not in text
    assert "Link this record" not in text
    listed = client.get(LIST, {"kind": "location"}).content.decode()
    assert "Station steps" in listed
    assert "Record a person of concern" not in listed


def test_new_place_from_a_case_is_recorded_and_linked_in_one_go(cast: Cast) -> None:
    case = open_case(cast)
    client = cast.client("practitioner")
    url = f"{new('location')}?case={case.reference}"
    asked = client.get(url).content.decode()
    assert f"Case {case.reference}, Tamika Brightwater" in asked
    Markup(asked).check()
    data = {
        "name": "Station steps",
        "handling": "P",
        "operation": "op1",
        "case": case.reference,
        **linked(kind="missing_at"),
    }
    for _ in range(2):
        response = client.post(url, data)
        assert response.status_code == 302
    with acting_as(cast["practitioner"]):
        location = Location.objects.get()
        made = Link.objects.get()
    assert response["Location"] == page_of(location.reference)
    assert (made.a_id, made.b_id, made.kind, made.source) == (case.pk, location.pk, "missing_at", "School staff")


def test_without_a_source_nothing_is_recorded_and_what_was_typed_is_kept(cast: Cast) -> None:
    case = open_case(cast)
    client = cast.client("practitioner")
    data = {"name": "“Dex”", "description": "White van", "handling": "P", "case": case.reference}
    response = client.post(new("person"), data | linked(kind="exploited_by", source=""))
    assert response.status_code == 422
    text = response.content.decode()
    assert "Enter who says so: a link without a source cannot be saved" in text
    assert "White van" in text
    assert "“Dex”" in text
    Markup(text).check()
    response = client.post(new("person"), data | {"also_child": "C-0000-0000"} | linked(kind="exploited_by"))
    assert response.status_code == 422
    assert "Enter the reference of a case that you can see" in response.content.decode()
    with acting_as(cast["practitioner"]):
        assert not PersonOfConcern.objects.exists()
        assert not Link.objects.exists()


def test_hidden_case_cannot_be_named_on_the_forms(cast: Cast) -> None:
    case = open_case(cast)
    client = cast.client("other_practitioner")
    for url in (
        f"{new('theme')}?case={case.reference}",
        f"{LINK}?a={case.reference}",
        f"{SHARED}?case={case.reference}",
    ):
        assert client.get(url).status_code == 404
    own = place(cast, by="other_practitioner")
    response = client.post(LINK, {"a": own.reference, "other": case.reference, "kind": "frequents", **linked("")})
    assert response.status_code == 422
    assert "Enter the reference of a record that you can see in full" in response.content.decode()


def test_person_who_is_a_child_known_here_is_shown_as_a_victim_first(cast: Cast) -> None:
    own = open_case(cast)
    other = open_case(cast, child=another_child(1))
    client = cast.client("practitioner")
    data = {"name": "Tamika B", "handling": "P", "also_child": own.reference.lower(), "case": other.reference}
    response = client.post(new("person"), data | linked(kind="associates"))
    assert response.status_code == 302
    text = client.get(response["Location"]).content.decode()
    assert "Victim first, also a person of concern" in text
    assert "They are discussed and helped as a victim first" in text
    Markup(text).check()


def test_link_page_joins_two_records(cast: Cast) -> None:
    case, location = open_case(cast), place(cast)
    client = cast.client("practitioner")
    text = client.get(LINK, {"a": case.reference, "to": location.reference}).content.decode()
    assert f'value="{location.reference}"' in text
    assert "names people, places or themes" in text
    Markup(text).check()
    data = {"a": case.reference, "other": location.reference, "kind": "frequents", **linked("")}
    response = client.post(LINK, data)
    assert (response.status_code, response["Location"]) == (302, reverse("casework:case", args=[case.reference]))
    with acting_as(cast["practitioner"]):
        theme = record_theme(name="Vapes", by=cast["practitioner"], at=MONDAY)
    data = {"a": location.reference, "other": theme.reference, "kind": "frequents", **linked("")}
    assert client.post(LINK, data).status_code == 422
    assert client.post(LINK, data | {"kind": "part_of"}).status_code == 302
    assert "Vapes" in client.get(page_of(location.reference)).content.decode()


def test_shared_page_names_both_cases_to_who_sees_both(cast: Cast) -> None:
    first, second, _ = two_cases_at_one_place(cast)
    text = cast.client("coordinator").get(SHARED).content.decode()
    assert first.reference in text
    assert second.reference in text
    Markup(text).check()
    one = cast.client("coordinator").get(SHARED, {"case": first.reference}).content.decode()
    assert second.reference in one
    assert "According to" not in one
    for name, other in (("practitioner", second), ("other_practitioner", first)):
        text = cast.client(name).get(SHARED).content.decode()
        assert "Nothing is shared" in text
        assert other.reference not in text


def test_mentions_page_records_and_links(cast: Cast) -> None:
    case = open_case(cast)
    with acting_as(cast["practitioner"]):
        reference = case.referrals.get().reference
    client = cast.client("practitioner")
    url = reverse("volt:mentions", args=[reference])
    text = client.get(url).content.decode()
    assert "Location: Anytown Station" in text
    Markup(text).check()
    answers = {"person_0": "new", "location_0": "new", "theme_0": ""}
    response = client.post(url, answers | GRADED)
    assert (response.status_code, response["Location"]) == (302, reverse("casework:case", args=[case.reference]))
    with acting_as(cast["practitioner"]):
        assert (PersonOfConcern.objects.count(), Location.objects.count(), Theme.objects.count()) == (1, 1, 0)
    again = client.get(url).content.decode()
    assert "Linked already" in again
    assert cast.client("other_practitioner").get(url).status_code == 404


def test_search_is_by_post_and_leaves_no_name_in_an_address(cast: Cast) -> None:
    with acting_as(cast["practitioner"]):
        person = record_person(name="Ghost", by=cast["practitioner"], at=MONDAY)
    client = cast.client("practitioner")
    assert client.get(SEARCH).status_code == 405
    text = client.post(SEARCH, {"q": "ghost"}).content.decode()
    assert page_of(person.reference) in text
    Markup(text).check()
    assert "Nothing found" in client.post(SEARCH, {"q": "g"}).content.decode()
    assert "Ghost" not in cast.client("other_practitioner").post(SEARCH, {"q": "ghost"}).content.decode()


def statements(cast: Cast, url: str) -> int:
    client = cast.client("practitioner")
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len([query for query in captured if "SAVEPOINT" not in query["sql"]])


def test_list_takes_the_same_statements_at_one_row_and_at_25(cast: Cast) -> None:
    place(cast)
    url = f"{LIST}?kind=location"
    empty_page = statements(cast, reverse("volt:new", args=["theme"]))
    one = statements(cast, url)
    for number in range(24):
        place(cast, name=f"Place {number}")
    assert statements(cast, url) == one
    assert one - empty_page == 3


def test_record_takes_the_same_statements_at_one_link_and_at_ten(cast: Cast) -> None:
    case, location = open_case(cast), place(cast)
    link(cast, case.pk, location.pk)
    empty_page = statements(cast, reverse("volt:new", args=["theme"]))
    one = statements(cast, page_of(location.reference))
    for number in range(1, 10):
        link(cast, open_case(cast, child=another_child(number)).pk, location.pk, kind=LinkKind.MISSING_AT)
    assert statements(cast, page_of(location.reference)) == one
    assert one - empty_page <= 6
