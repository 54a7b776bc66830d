"""Lists taken away as people take them: asked for on the page, made by the task, downloaded."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from mace.core.seat import acting_as
from mace.exporting import tasks
from mace.exporting.models import Export
from tests.factories.cast import Cast

WHY = "For the monthly meeting of the partnership"


def asked(cast: Cast, name: str, what: str = "cases", query: str = "", *, kind: str = "csv") -> Export:
    """Asked for on the page, as a person would."""
    url = reverse("exporting:ask", args=[what]) + query
    answer = cast.client(name).post(url, {"format": kind, "reason": WHY})
    assert answer.status_code == 302, answer.content.decode()
    with acting_as(cast[name]):
        return Export.objects.latest("pk")


def run(cast: Cast, name: str, export: Export) -> bool:
    return tasks.make_export(membership_id=cast[name].membership_id, export_id=export.pk)


def now_of(cast: Cast, name: str, export: Export) -> Export:
    with acting_as(cast[name]):
        return Export.objects.get(pk=export.pk)


def made(cast: Cast, name: str, what: str = "cases", query: str = "", *, kind: str = "csv") -> Export:
    """Asked for, and made by the task, which starts in no seat."""
    export = asked(cast, name, what, query, kind=kind)
    run(cast, name, export)
    return now_of(cast, name, export)


def download(cast: Cast, name: str, export: Export) -> Any:
    return cast.client(name).get(reverse("exporting:file", args=[export.reference]))


def rows_of(answer: HttpResponse) -> list[list[str]]:
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def table(cast: Cast, name: str, what: str, query: str = "") -> list[dict[str, str]]:
    """The rows of an export by their headings."""
    _, head, *rows = rows_of(download(cast, name, made(cast, name, what, query)))
    return [dict(zip(head, row, strict=True)) for row in rows]


def page(cast: Cast, name: str, export: Export) -> str:
    return cast.client(name).get(reverse("exporting:export", args=[export.reference])).content.decode()


def links(cast: Cast, name: str, path: str, pattern: str) -> list[str]:
    """References that a page links to, in its order."""
    body = cast.client(name).get(path).content.decode()
    return list(dict.fromkeys(re.findall(f'href="{pattern}([A-Z]-[0-9A-Z]{{4}}-[0-9A-Z]{{4}})/"', body)))
