"""The forms on which a spreadsheet is brought in."""

from __future__ import annotations

from tests.access.forms_ground import Form, Sent
from tests.access.world import World

HERE = "imports/<str:reference>/"
HOLDS = ("name", "date_of_birth", "sex", "rating", "referred_on", "pre_mace_on", "state")


def columns(_: World) -> Sent:
    fields = {f"c-column_{number}": field for number, field in enumerate(HOLDS, 1)}
    return {"step": "columns", "c-names": "forename_surname", **fields}


def one_child(world: World) -> Sent:
    [group] = world.checked.found["groups"]
    return {group["key"]: "no"}


IMPORTS: list[Form] = [
    Form("imports/", "coordinator", offers=("file",), status=422, changes=False),
    Form(HERE + "go/", "coordinator", lambda _: {"do": "check"}, "import"),
    Form(HERE + "people/", "coordinator", one_child, "import", offers=("version",)),
    Form(HERE + "undo/", "coordinator", lambda _: {"reason": "The wrong file"}, "brought"),
    Form(HERE + "sheets/<str:number>/", "coordinator", columns, "import", offers=("use", "first", "second", "version")),
    Form(
        HERE + "values/<str:field>/",
        "coordinator",
        lambda _: {"rating_0": "moderate", "rating_1": "significant"},
        "import",
        offers=("version",),
    ),
    Form(
        HERE + "cells/<str:number>/<str:address>/",
        "coordinator",
        lambda _: {"text": "04/05/2011"},
        "import",
        offers=("version",),
    ),
]
