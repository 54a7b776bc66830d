"""The forms on which a list or a case is taken away."""

from __future__ import annotations

from tests.access.forms_ground import Form

WHY = {"reason": "For the monthly meeting of the partnership"}

EXPORTS: list[Form] = [
    Form(
        "exports/new/<str:table>/",
        "coordinator",
        lambda _: {"format": "csv", **WHY},
        path=lambda _: "/exports/new/cases/?state=open",
    ),
    Form("exports/<str:reference>/", "coordinator", lambda _: {}, "export", changes=False),
    Form("cases/<str:reference>/pdf/", "coordinator", lambda _: {"reader": "myself", **WHY}, "case"),
]
