"""The API's OpenAPI description: valid, complete, and what real answers look like."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from openapi_schema_validator import OAS30ReadValidator, oas30_format_checker
from openapi_spec_validator import validate

from mace.casework.api.selectors import SIZE
from panels.models import Action
from tests.access.world import World
from tests.casework.test_api import API, got, many, one
from tests.factories.cast import Cast
from tests.factories.owner import as_owner


def description(client: Client) -> dict[str, Any]:
    answer = client.get(f"{API}schema/?format=json", headers={"accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


def strict(document: dict[str, Any], name: str) -> OAS30ReadValidator:
    """A validator of one component that also refuses what the description does not name."""
    components = copy.deepcopy(document["components"])
    for schema in components["schemas"].values():
        if "properties" in schema:
            schema["additionalProperties"] = False
    schema = {"allOf": [{"$ref": f"#/components/schemas/{name}"}], "components": components}
    return OAS30ReadValidator(schema, format_checker=oas30_format_checker)


@pytest.mark.django_db
def test_describing_it_gives_no_warning(tmp_path: Path) -> None:
    file = tmp_path / "schema.yaml"
    call_command("spectacular", fail_on_warn=True, validate=True, file=str(file))
    assert file.read_text().startswith("openapi: 3.")


def test_the_description_is_valid_and_names_every_address(cast: Cast) -> None:
    document = description(cast.client("practitioner"))
    validate(document)
    assert sorted(document["paths"]) == [
        "/api/v1/actions/",
        "/api/v1/actions/{reference}/",
        "/api/v1/cases/",
        "/api/v1/cases/{reference}/",
        "/api/v1/referrals/",
        "/api/v1/referrals/{reference}/",
    ]
    for path, operations in document["paths"].items():
        assert list(operations) == ["get"], path
        assert list(operations["get"]["responses"]) == ["200", "403", "404"], path


def test_real_answers_are_as_described_with_and_without_the_optional_parts(world: World) -> None:
    document = description(world.cast.client("practitioner"))
    own, identity = world.cast.client("practitioner"), world.cast.client("education_lead")
    case, action = f"cases/{world.case.reference}/", f"actions/{world.action.reference}/"
    with as_owner():
        Action.objects.filter(pk=world.withdrawn_action.pk).update(owner=None, owner_principal=None)
    answers: list[tuple[str, str, Any]] = [
        ("/cases/{reference}/", "Case", got(own, case)),
        ("/cases/{reference}/", "Case", got(identity, case)),
        ("/cases/", "CasePage", got(own, "cases/")),
        ("/cases/", "CasePage", got(identity, "cases/")),
        *(
            ("/referrals/{reference}/", "Referral", got(own, f"referrals/{row.reference}/"))
            for row in (world.referral, world.waiting, world.draft)
        ),
        ("/referrals/", "ReferralPage", got(own, "referrals/")),
        ("/referrals/", "ReferralPage", got(identity, "referrals/")),
        ("/actions/{reference}/", "Action", got(own, action)),
        ("/actions/{reference}/", "Action", got(own, f"actions/{world.withdrawn_action.reference}/")),
        ("/actions/", "ActionPage", got(own, "actions/")),
    ]
    for path, name, answer in answers:
        said = document["paths"]["/api/v1" + path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert said == {"$ref": f"#/components/schemas/{name}"}
        assert [error.message for error in strict(document, name).iter_errors(answer)] == [], name
        for key in answer:
            without = {kept: value for kept, value in answer.items() if kept != key}
            assert strict(document, name).is_valid(without) == (key in ("summary", "tiers")), (name, key)
        assert not strict(document, name).is_valid(answer | {"more": 1})
    problem = strict(document, "Problem")
    for path in (f"{API}cases/C-0000-0000/", f"{API}actions/?after=x"):
        assert problem.is_valid(own.get(path).json())
    assert problem.is_valid(Client().get(f"{API}cases/").json())


def test_a_page_with_a_further_one_is_as_described(cast: Cast) -> None:
    many(cast, one(cast), SIZE)
    client = cast.client("coordinator")
    document = description(client)
    for resource, name in (("cases", "CasePage"), ("referrals", "ReferralPage"), ("actions", "ActionPage")):
        page = got(client, f"{resource}/")
        assert page["next"] is not None
        assert strict(document, name).is_valid(page), resource
