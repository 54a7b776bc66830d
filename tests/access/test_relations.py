"""Every page × every relation to the case × every method, against a table written by hand (``relations.txt``)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from tests.access.relations import Related, make_related, standing
from tests.access.tables import (
    ABSENT,
    EVERY_METHOD,
    OF_PEOPLE,
    address,
    asked,
    browser,
    changed,
    digests,
    methods,
    rows_of,
    some_methods,
    table,
    undone,
    whole,
)
from tests.factories.cast import Cast

RELATIONS = ("shared", "restricted", "named", "barred")
PARTS = 10
"""The columns are tried in as many groups, so that several processes share them."""
SECRETS = ("Brightwater", "Tamika", "Visit the flat", "Ask at ")

Columns = list[tuple[str, str]]
Rows = dict[tuple[str, str], list[int]]


EXTENT = pytest.mark.parametrize(
    "every", [pytest.param(False, id="some"), pytest.param(True, id="every", marks=pytest.mark.deep)]
)


def related_table() -> tuple[Columns, Rows]:
    """The relations with their seats, and for each route and object the status of each column."""
    (_, _, *relations), (_, _, *seats), *lines = rows_of("relations.txt")
    columns = list(zip(relations, seats, strict=True))
    rows: Rows = {}
    for route, subject, *statuses in lines:
        assert (route, subject) not in rows, f"{route} stands there twice with {subject}"
        assert len(statuses) == len(columns), f"{route}: {len(statuses)} statuses for {len(columns)} columns"
        rows[route, subject] = [int(status) for status in statuses]
    return columns, rows


@pytest.fixture
def related(cast: Cast) -> Related:
    return make_related(cast)


def test_every_page_of_a_record_is_in_the_table() -> None:
    wanted = {route for route, (subject, _) in table()[1].items() if subject != "-" and subject not in OF_PEOPLE}
    columns, rows = related_table()
    assert sorted(wanted ^ {route for route, _ in rows}) == []
    assert len(wanted) > 40
    assert len(columns) == len(set(columns)) >= 28
    assert {relation for relation, _ in columns} == set(RELATIONS)


@EXTENT
@pytest.mark.parametrize("part", range(PARTS))
def test_every_relation_gets_what_the_table_says(related: Related, part: int, *, every: bool) -> None:
    """Opening, or an empty form where a page is only sent to; what is hidden is absent to the byte by every method.

    Lists, counts, search and home say nothing of it either; whoever does see it finds the child's name on several.
    """
    columns, rows = related_table()
    opened, hidden = rows["cases/<str:reference>/", "case"], 0
    wrong: list[tuple[str, ...]] = []
    for column, (relation, seat) in list(enumerate(columns))[part::PARTS]:
        with undone(), standing(related, relation, seat):
            client, before, references = browser(related.cast, seat), digests(), related.references(seat)
            for row, ((route, subject), statuses) in enumerate(rows.items()):
                found = unlike(client, route, subject, references, statuses[column], turn=column + row, every=every)
                wrong += [(relation, seat, *said) for said in found]
            said = where(client, related, seat, barred=relation == "barred")
            if opened[column] == 200:
                assert len(said["Brightwater"]) >= 5, seat
            else:
                wrong += [(relation, seat, secret, *pages) for secret, pages in said.items() if pages]
                hidden += 1
            wrong += [(relation, seat, "changed", name) for name in changed(before)]
    assert wrong == [], "\n".join(map(str, wrong))
    assert hidden >= 1


def unlike(
    client: Client, route: str, subject: str, references: dict[str, str], status: int, *, turn: int, every: bool
) -> Iterator[tuple[str, ...]]:
    """Every way in which a page is answered otherwise than the table says."""
    takes = methods()[route]
    main = "GET" if "GET" in takes else "POST"
    path, reference = address(route, subject, references), references[subject]
    for method in {main, *(EVERY_METHOD if every else some_methods(turn))} if status == 404 else {main}:
        with undone():
            got = asked(client, method, path)
        if method not in takes:
            if (got.status_code, sorted(got.headers["Allow"].split(", "))) != (405, sorted(takes)):
                yield route, subject, method, f"expected 405, got {got.status_code}"
        elif got.status_code != status:
            yield route, subject, method, f"expected {status}, got {got.status_code}"
        elif status == 404:
            absent = asked(client, method, address(route, "nothing", {}))
            if whole(got, reference) != whole(absent, ABSENT):
                yield route, subject, method, "hidden differs from absent"


def where(client: Client, related: Related, seat: str, *, barred: bool) -> dict[str, list[str]]:
    """The pages, of all there are, that hold each of the case's secrets or say its reference unasked.

    The log of what one's own agency read may go on saying the reference, but to somebody who is barred from the case.
    """
    references, case = related.references(seat), related.world.case.reference
    pages = {}
    for route, (subject, _) in table()[1].items():
        path = address(route, subject, references)
        with undone():  # the log holds what was asked for in vain, and says so to whoever asked
            pages[path] = client.get(path).content.decode(errors="replace").replace(path, "")
        if path == "/access-log/people/" and not barred:
            pages[path] = pages[path].replace(case, "")
    for words in ("Brightwater", "Tamika", case):
        found = client.post("/cases/search/", {"text": words}).content.decode()
        pages[f"search for {words}"] = found.replace(f'value="{words}"', "")
    return {secret: [page for page, body in pages.items() if secret in body] for secret in (*SECRETS, case)}
