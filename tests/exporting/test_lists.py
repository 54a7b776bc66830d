"""Lists taken away as files: asked for, made in the seat that asked, downloaded, erased."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.http import HttpResponse
from django.urls import reverse

from mace.audit.models import ReadEntry
from mace.core import clock
from mace.core.seat import acting_as
from mace.exporting import tasks
from mace.exporting.models import Export, ExportFile
from mace.notifications.models import Message
from referrals.models import ChildIdentity
from tests.factories.cast import Cast
from tests.factories.referrals import open_case

WHY = "For the monthly meeting of the partnership"


def asked(cast: Cast, name: str, what: str = "cases", query: str = "", *, format: str = "csv") -> Export:
    """Asked for on the page, as a person would."""
    url = reverse("exporting:ask", args=[what]) + query
    answer = cast.client(name).post(url, {"format": format, "reason": WHY})
    assert answer.status_code == 302, answer.content.decode()
    with acting_as(cast[name]):
        return Export.objects.latest("pk")


def made(cast: Cast, name: str, what: str = "cases", query: str = "", *, format: str = "csv") -> Export:
    export = asked(cast, name, what, query, format=format)
    tasks.make_export(membership_id=cast[name].membership_id, export_id=export.pk)
    with acting_as(cast[name]):
        return Export.objects.get(pk=export.pk)


def download(cast: Cast, name: str, export: Export) -> Any:
    return cast.client(name).get(reverse("exporting:file", args=[export.reference]))


def rows_of(answer: HttpResponse) -> list[list[str]]:
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_list_of_cases_is_asked_for_made_and_downloaded(cast: Cast) -> None:
    case = open_case(cast)
    with acting_as(cast["coordinator"]):
        child = ChildIdentity.objects.get(child=case.child_id).full_name
    export = made(cast, "coordinator")
    assert (export.status, export.rows) == ("ready", 1)
    answer = download(cast, "coordinator", export)
    marking, head, row = rows_of(answer)
    assert marking[0].startswith("OFFICIAL-SENSITIVE · exported by ")
    assert export.reference in marking[0]
    assert WHY in marking[0]
    assert "delete after" in marking[0]
    assert head[:3] == ["Name", "Age", "Case"]
    assert (row[0], row[2]) == (child, case.reference)
