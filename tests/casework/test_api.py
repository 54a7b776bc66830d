"""The API: each seat's own view, a page at a time, as its OpenAPI description says."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from mace.access.models import Grant, Kind, Record
from mace.access.selectors import next_key
from mace.audit.models import ReadEntry
from mace.casework.api.selectors import SIZE
from mace.core.references import action_reference, case_reference, child_reference, referral_reference
from mace.core.seat import acting_as
from panels.models import Action
from referrals.models import Case, CaseSummary, Child, ChildIdentity, Referral, TierPeriod
from tests.access.world import World
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import open_case
from tests.panels.given import an_action

API = "/api/v1/"
RESOURCES = ("cases", "referrals", "actions")
SIGN_IN_STATEMENTS = 3
"""The person with their seats, the begin and the end of the transaction."""
LIST_STATEMENTS = 2
"""The rows, and the entry in the read log."""
HIDDEN_FROM = ("stranger_coordinator", "stranger_police", "other_practitioner", "health_lead")


def got(client: Client, path: str) -> Any:
    answer = client.get(path if path.startswith("http") else API + path)
    assert answer.status_code == 200, path
    assert answer["Content-Type"] == "application/json"
    return answer.json()


def listed(client: Client, resource: str) -> list[str]:
    page = got(client, f"{resource}/")
    assert page["next"] is None
    return [row["reference"] for row in page["results"]]


# --- Whose view ------------------------------------------------------------------------------------------------------


def test_each_seat_is_given_its_own_cases_referrals_and_actions(world: World) -> None:
    case, both = [world.case.reference], [world.withdrawn_action.reference, world.action.reference]
    sent, own = world.referral.reference, world.action.reference
    expected: dict[str, tuple[list[str], list[str], list[str]]] = {
        "practitioner": (case, [world.matter.reference, world.waiting.reference, world.draft.reference, sent], both),
        "manager": (case, [world.matter.reference, world.waiting.reference, sent], both),
        "coordinator": (case, [world.matter.reference, world.waiting.reference, sent], both),
        "chair": (case, [sent], both),
        "social_care_lead": (case, [sent], both),
        "police_lead": (case, [], [own]),
        "police_member": (case, [], [own]),
        "education_lead": (case, [], []),
        "health_lead": ([], [], []),
        "voluntary_member": ([], [], []),
        "other_practitioner": ([], [], []),
        "stranger_coordinator": ([], [], []),
        "stranger_police": ([], [], []),
    }
    for name, lists in expected.items():
        client = world.cast.client(name)
        assert tuple(listed(client, resource) for resource in RESOURCES) == lists, name


def test_scope_summary_is_answered_exactly(world: World) -> None:
    with acting_as(world.cast["coordinator"]):
        child = Child.objects.get(pk=world.case.child_id)
    expected = {
        "reference": world.case.reference,
        "opened_on": "2026-03-02",
        "closed_on": None,
        "child": {"reference": child.reference, "name": "Tamika Brightwater", "date_of_birth": "2011-03-27"},
        "summary": {
            "primary_category": "county_lines",
            "rating": "significant",
            "rated_on": "2026-03-16",
            "account": "May be made to carry drugs by older people.",
        },
        "tiers": [{"tier": "pre_mace", "from_on": "2026-03-02", "to_on": None}],
    }
    for name in ("police_lead", "coordinator"):
        client = world.cast.client(name)
        assert got(client, f"cases/{world.case.reference}/") == expected
        assert got(client, "cases/") == {"results": [expected], "next": None}


@pytest.mark.parametrize("name", ["education_lead", "police_member"])
def test_at_identity_summary_and_tiers_are_absent(world: World, name: str) -> None:
    client = world.cast.client(name)
    case = got(client, f"cases/{world.case.reference}/")
    assert sorted(case) == ["child", "closed_on", "opened_on", "reference"]
    assert case["child"]["name"] == "Tamika Brightwater"
    assert got(client, "cases/")["results"] == [case]


def test_referral_and_action_are_answered_exactly(world: World) -> None:
    assert got(world.cast.client("practitioner"), f"referrals/{world.referral.reference}/") == {
        "reference": world.referral.reference,
        "about": "child",
        "status": "accepted",
        "created_at": "2026-03-02T09:00:00Z",
        "submitted_on": "2026-03-02",
        "decided_on": "2026-03-02",
        "agency": "Anytown Children’s Services",
        "case": world.case.reference,
        "volt": None,
    }
    assert got(world.cast.client("police_member"), f"actions/{world.action.reference}/") == {
        "reference": world.action.reference,
        "text": "Visit the flat",
        "measure": "",
        "status": "open",
        "due_on": "2026-04-01",
        "closed_on": None,
        "owner_agency": "Anytown Police",
        "owner": "Police Member",
    }


def test_a_referral_whose_case_is_hidden_names_no_case(world: World) -> None:
    """Who wrote a referral keeps it when the case is theirs no more."""
    seat = world.cast["practitioner"]
    with as_owner():
        Grant.objects.filter(record_id=world.case.pk).exclude(
            principal=world.cast["coordinator"].partnership_principal
        ).delete()
    with acting_as(seat):
        assert not Case.objects.exists()
    client = world.cast.client("practitioner")
    assert got(client, f"referrals/{world.referral.reference}/")["case"] is None
    assert world.case.reference not in client.get(f"{API}referrals/").content.decode()


@pytest.mark.parametrize("name", HIDDEN_FROM)
def test_hidden_and_unknown_are_answered_alike_to_the_byte(world: World, name: str) -> None:
    client, owner = world.cast.client(name), world.cast.client("practitioner")
    for resource, reference, absent in (
        ("cases", world.case.reference, "C-0000-0000"),
        ("referrals", world.referral.reference, "R-0000-0000"),
        ("actions", world.action.reference, "A-0000-0000"),
    ):
        assert got(owner, f"{resource}/{reference}/")["reference"] == reference
        hidden, unknown = client.get(f"{API}{resource}/{reference}/"), client.get(f"{API}{resource}/{absent}/")
        assert (hidden.status_code, unknown.status_code) == (404, 404)
        assert hidden.content == unknown.content
        assert dict(hidden.headers) == dict(unknown.headers)


# --- Who may ask, and how --------------------------------------------------------------------------------------------


def paths(world: World) -> list[str]:
    return [
        *(f"{API}{resource}/" for resource in RESOURCES),
        f"{API}cases/{world.case.reference}/",
        f"{API}referrals/{world.referral.reference}/",
        f"{API}actions/{world.action.reference}/",
    ]


def test_nobody_is_answered_before_signing_in(world: World) -> None:
    for path in [*paths(world), f"{API}schema/"]:
        answer = Client().get(path)
        assert answer.status_code == 403, path
        assert b"Authentication credentials were not provided." in answer.content


def test_a_role_without_the_capability_is_refused(world: World) -> None:
    for name, refused in (("ig", RESOURCES), ("admin", RESOURCES), ("analyst", RESOURCES)):
        client = world.cast.client(name)
        for path in paths(world):
            answer = client.get(path)
            if path.removeprefix(API).split("/")[0] in refused:
                assert answer.status_code == 403, (name, path)
                assert answer.json() == {"detail": "You do not have permission to perform this action."}
            else:
                assert (answer.status_code, world.action.text in answer.content.decode()) in (
                    (200, False),
                    (404, False),
                )


def test_it_is_for_reading_only(world: World) -> None:
    client = world.cast.client("coordinator")
    for path in [*paths(world), f"{API}schema/"]:
        for method in ("post", "put", "patch", "delete"):
            answer = getattr(client, method)(path, data="{}", content_type="application/json")
            assert answer.status_code == 405, (path, method)
        head = client.head(path)
        assert (head.status_code, head.content) == (200, b"")


def test_no_answer_is_kept_by_browsers_or_proxies(world: World) -> None:
    client = world.cast.client("coordinator")
    for path in [*paths(world), f"{API}schema/", f"{API}cases/C-0000-0000/"]:
        assert client.get(path)["Cache-Control"] == "no-store", path


def test_each_answer_is_in_the_read_log(world: World) -> None:
    client, seat = world.cast.client("police_lead"), world.cast["police_lead"]
    for path in paths(world):
        client.get(path)
    with as_owner():
        entries = list(
            ReadEntry.objects.filter(membership_id=seat.membership_id)
            .order_by("pk")
            .values_list("action", "record_id", "reference", "rows", "refused")
        )
    assert entries == [
        ("api cases", None, "", 1, False),
        ("api referrals", None, "", 0, False),
        ("api actions", None, "", 1, False),
        ("api case", world.case.pk, world.case.reference, 1, False),
        ("api:referral", None, world.referral.reference, 1, True),
        ("api action", world.case.pk, world.action.reference, 1, False),
    ]


# --- Pages -----------------------------------------------------------------------------------------------------------

BEGUN = dt.datetime(2026, 3, 2, 9, 0, 0, 123457, tzinfo=dt.UTC)


def moment(number: int) -> dt.datetime:
    """Three rows share each moment, so that a page also ends among equals."""
    return BEGUN + dt.timedelta(microseconds=number // 3)


def one(cast: Cast) -> Action:
    """A case, its referral and its action."""
    return an_action(cast, open_case(cast))


def many(cast: Cast, action: Action, more: int) -> dict[str, list[str]]:
    """So many more cases, referrals and actions for the coordinator, copied by the owner from one; all references."""
    with as_owner():
        case = Case.objects.get(pk=action.record_id)
        made: dict[str, list[str]] = {"cases": [case.reference], "actions": [action.reference]}
        referral = Referral.objects.get(case=case)
        made["referrals"] = [referral.reference]
        identity, summary = ChildIdentity.objects.get(child_id=case.child_id), CaseSummary.objects.get(case=case)
        principal = cast["coordinator"].partnership_principal
        for number in range(more):
            at = moment(number)
            child_id, case_id, referral_id = (
                Record.objects.create(kind=kind, partnership=cast.partnership, sort_at=at).pk
                for kind in (Kind.CHILD, Kind.CASE, Kind.REFERRAL)
            )
            Child.objects.create(record_id=child_id, reference=child_reference(), created_at=at)
            row: Any
            for row, keys in (
                (identity, {"record_id": child_id, "child_id": child_id}),
                (case, {"record_id": case_id, "child_id": child_id, "reference": case_reference()}),
                (summary, {"record_id": case_id, "case_id": case_id}),
                (referral, {"record_id": referral_id, "reference": referral_reference(), "created_at": at}),
                (action, {"id": None, "reference": action_reference(), "created_at": at}),
            ):
                fields = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields} | keys
                new: Any = type(row)(**fields)
                new.save(force_insert=True)
                if hasattr(new, "reference"):
                    made[type(row).__name__.lower() + "s"].append(new.reference)
            TierPeriod.objects.create(record_id=case_id, case_id=case_id, tier="pre_mace", from_on=dt.date(2026, 3, 2))
            Grant.objects.bulk_create(
                Grant(record_id=pk, principal=principal, kind=kind, scope=3, sort_at=at)
                for pk, kind in ((child_id, Kind.CHILD), (case_id, Kind.CASE), (referral_id, Kind.REFERRAL))
            )
    return made


def test_pages_follow_one_another_without_loss_or_repetition(cast: Cast) -> None:
    made = many(cast, one(cast), SIZE)
    client = cast.client("coordinator")
    for resource in RESOURCES:
        assert len(made[resource]) == SIZE + 1 == 51
        first = got(client, f"{resource}/")
        assert len(first["results"]) == SIZE
        assert first["next"].startswith(f"http://testserver{API}{resource}/?after=")
        last = got(client, first["next"])
        assert last["next"] is None
        found = [row["reference"] for row in [*first["results"], *last["results"]]]
        assert len(found) == len(set(found)) == SIZE + 1, resource
        assert set(found) == set(made[resource])
        if resource != "cases":  # the first of each is older by its moment
            assert found[-1] == made[resource][0]


def test_a_full_page_without_a_further_row_has_no_next(cast: Cast) -> None:
    many(cast, one(cast), SIZE - 1)
    for resource in RESOURCES:
        page = got(cast.client("coordinator"), f"{resource}/")
        assert (len(page["results"]), page["next"]) == (SIZE, None), resource


@pytest.mark.parametrize(
    "after",
    [
        "x",
        "_",
        "1",
        "1_",
        "_1",
        "1_x",
        "-1_1",
        "1_-1",
        "1.5_1",
        "1_1_1",
        "²_1",
        "١_1",
        " 1_1",
        "1_1'--",
        "1772442000000000_9223372036854775808",
        "999999999999999999_1",
        "999999999999999999999999999999_1",
        "1" * 5000 + "_1",
    ],
)
def test_an_after_that_no_page_gave_is_not_found(cast: Cast, after: str) -> None:
    client = cast.client("coordinator")
    for resource in RESOURCES:
        answer = client.get(f"{API}{resource}/", {"after": after})
        assert answer.status_code == 404, resource
        assert answer.json() == {"detail": "Not found."}
    for page in ("/cases/", "/meetings/"):
        assert client.get(page, {"after": after}).headers.get("Location") == page
    assert client.get("/volt/", {"after": after}).status_code == 404


def test_the_key_of_a_hidden_row_tells_nothing(world: World) -> None:
    """Whoever makes up a key is given only rows of their own."""
    for name in HIDDEN_FROM:
        client = world.cast.client(name)
        for resource in RESOURCES:
            page = got(client, f"{resource}/?after={next_key(dt.datetime(2099, 1, 1, tzinfo=dt.UTC), 2**63 - 1)}")
            assert page == {"results": [], "next": None}


@pytest.mark.parametrize("resource", RESOURCES)
def test_statements_of_a_list_do_not_grow_with_its_rows(
    cast: Cast, resource: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    action = one(cast)
    client = cast.client("coordinator")
    got(client, f"{resource}/")
    with django_assert_num_queries(SIGN_IN_STATEMENTS + LIST_STATEMENTS):
        assert len(got(client, f"{resource}/")["results"]) == 1
    many(cast, action, 24)
    with django_assert_num_queries(SIGN_IN_STATEMENTS + LIST_STATEMENTS):
        assert len(got(client, f"{resource}/")["results"]) == 25
