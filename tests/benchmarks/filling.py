"""Many cases, made by the database itself from one that people made: for measurements of plans and times.

Each table's new rows are like the first one's but for what is said here. The owner makes them, past the triggers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

from mace.accounts.models import Membership, Role, User
from mace.accounts.selectors import MAY_REFER, SEAT_JOINS, seat_of
from mace.agencies.models import Agency, AgencyKind, Participation, Partnership
from mace.core.seat import Seat
from referrals.models import Case
from tests.factories.cast import SINCE, Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import open_case

TABLES = (
    "access_record",
    "access_grant",
    "referrals_child",
    "referrals_childidentity",
    "referrals_case",
    "referrals_referral",
    "referrals_casesummary",
    "referrals_tierperiod",
)
PARTNERSHIPS = 20
CHILDREN, CASES = 1_000_000_000, 2_000_000_000
"""Added to a row's number, so that no key is one that people made."""

# Of a hundred cases 26 are shared with the large agency, of a thousand 12 with the middle one and 2 with the small one;
# about 24 of a hundred with one of all the others. With the partnership's own, on the case and on its child, that makes
# three grants for each case.
AGENCY = """case when i % 100 < 26 then 1 when i % 62 = 7 * 4 then 2 when i % 331 = 200 then 3
  when i % 100 between 30 and 53 then 4 + (i / 100) % ({agencies} - 3) end"""
SIZES = ("large", "middle", "small")

FORENAMES = (
    "Ada Ben Cara Dev Ella Finn Gita Hugo Isla Jude Kaya Liam Mina Noah Omar Pia Rafi Sara Theo Uma Vera Will Yara Zain"
)
FIRST = "Al Bar Cor Dun El Fair Gor Hol In Jar Kel Lan Mor Nor Or Pen Quen Ros Sten Thor Ul Var Wes Yor"
MIDDLE = "a be di fo ga ha in ka lo ma ne or pe ri so ta"
LAST = "by dale field ford ham land ley ness pool ridge shaw stone thwaite ton wick worth"

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Filled:
    """Whose seat each measurement takes: a lead of a large, a middle and a small agency, and a coordinator."""

    seats: dict[str, Seat]


def one_of(words: str, number: str) -> str:
    """SQL: the word of that number, counted round and round."""
    listed = words.split()
    return f"(array[{', '.join(repr(word) for word in listed)}])[1 + ({number}) % {len(listed)}]"


Child = tuple[str, str, dt.date]
"""First name, surname, date of birth."""
RARE: Child = ("Ella", "Ulaby", dt.date(2009, 1, 21))
COMMON: Child = ("Mohammed", "Khan", dt.date(2010, 5, 16))
"""Children of the first partnership: number 20, and number 500, whose name one in 73 bears."""


def _or_common(name: str, made: str) -> str:
    return f"case when i % 1460 = 500 then '{name}' else {made} end"


SURNAME = _or_common(COMMON[1], f"{one_of(FIRST, 'i * 7')} || {one_of(MIDDLE, 'i / 24')} || {one_of(LAST, 'i / 384')}")
FORENAME = _or_common(COMMON[0], one_of(FORENAMES, "i * 5 + i / 24"))


def _like(table: str, key: str, given: dict[str, str], numbers: str) -> None:
    """Add rows like the one with that key but for ``given``: SQL of ``i``, the row's number, and ``b``, the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select attname::text from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped "
            "and attgenerated = ''",
            [table],
        )
        columns = [name for (name,) in cursor.fetchall() if name != "id" or name in given]
        chosen = ", ".join(given.get(name, f'b."{name}"') for name in columns)
        names = ", ".join(f'"{name}"' for name in columns)
        cursor.execute(
            f"insert into {table} ({names}) select {chosen} from (select * from {table} where {key}) b, {numbers}"
        )


@contextmanager
def without_triggers() -> Iterator[None]:
    """Rows are added past our own triggers, which would keep a history of each; keys are still checked."""

    def switch(how: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
            cursor.execute("; ".join(f"alter table {table} {how} trigger user" for table in TABLES))

    switch("disable")
    yield
    switch("enable")


def leads(agencies: list[Agency], partnership: Partnership) -> None:
    """A lead for each of the first three agencies."""
    for size, agency in zip(SIZES, agencies, strict=False):
        user = User.objects.create_user(f"{size}@example.org", None, name=f"{size.title()} Lead")
        Membership.objects.create(
            user=user, agency=agency, partnership=partnership, role=Role.AGENCY_LEAD, from_on=SINCE
        )


def filled() -> Filled:
    """The seats in a database that was filled before."""
    with as_owner():
        found = Membership.objects.select_related(*SEAT_JOINS).annotate(may_refer=MAY_REFER)
        named = {name: found.get(user__email=f"{name}@example.org") for name in (*SIZES, "coordinator")}
    return Filled(seats={name: seat_of(membership) for name, membership in named.items()})


def fill(cast: Cast, *, cases: int, agencies: int, tell: Tell) -> Filled:
    """So many cases, each of a child of its own, in twenty partnerships, shared with so many agencies."""
    first = open_case(cast)
    with as_owner():
        tell(f"{agencies} agencies in {PARTNERSHIPS} partnerships")
        made = Agency.objects.bulk_create(
            [Agency(name=f"Agency {number}", kind=AgencyKind.POLICE) for number in range(1, agencies + 1)]
        )
        shared = [cast.partnership] + [
            Partnership.objects.create(name=f"Partnership {number}", slug=f"p{number}")
            for number in range(2, PARTNERSHIPS + 1)
        ]
        Participation.objects.bulk_create(
            [
                Participation(agency=agency, partnership=cast.partnership, agreement_signed_on=SINCE, may_refer=True)
                for agency in made
            ]
        )
        made = list(Agency.objects.filter(pk__in=[agency.pk for agency in made]).order_by("pk"))
        leads(made, cast.partnership)
        principals = [p.principal for p in Partnership.objects.filter(pk__in=[p.pk for p in shared]).order_by("pk")]
        with without_triggers():
            _records(first, cases, [p.pk for p in shared], tell)
            _grants(cases, principals, [agency.principal for agency in made], tell)
    return filled()


def _records(first: Case, cases: int, partnerships: list[int], tell: Tell) -> None:
    numbers = f"generate_series(1::bigint, {cases}) i"
    partnership = f"(array{partnerships})[1 + i % {len(partnerships)}]"
    at = f"timestamptz '2014-01-06 09:00+00' + ((i * 7919) % {cases}) * interval '5 minutes'"
    child, case = f"{CHILDREN} + i", f"{CASES} + i"
    day = f"({at})::date"
    tell(f"{cases} children")
    _like(
        "access_record", f"id = {first.child_id}", {"id": child, "partnership_id": partnership, "sort_at": at}, numbers
    )
    _like(
        "referrals_child",
        f"record_id = {first.child_id}",
        {"record_id": child, "reference": "'P-' || (100000000 + i)", "created_at": at},
        numbers,
    )
    _like(
        "referrals_childidentity",
        f"record_id = {first.child_id}",
        {
            "record_id": child,
            "child_id": child,
            "forename": FORENAME,
            "surname": SURNAME,
            "nhs_number": "''",
            "aliases": "''",
            "upn": "''",
            "local_id": "''",
            "date_of_birth": "date '2009-01-01' + (i % 2500)::int",
            "name_key": f"lower({FORENAME} || ' ' || {SURNAME})",
        },
        numbers,
    )
    tell(f"{cases} cases")
    _like(
        "access_record",
        f"id = {first.pk}",
        {"id": case, "partnership_id": partnership, "about_id": child, "within_id": "null", "sort_at": at},
        numbers,
    )
    _like(
        "referrals_case",
        f"record_id = {first.pk}",
        {
            "record_id": case,
            "child_id": child,
            "partnership_id": partnership,
            "reference": "'C-' || (100000000 + i)",
            "opened_on": day,
            "closed_on": "null",
        },
        numbers,
    )
    _like(
        "referrals_referral",
        f"case_id = {first.pk}",
        {
            "record_id": case,
            "child_id": child,
            "case_id": case,
            "partnership_id": partnership,
            "created_at": at,
            "reference": "'R-' || (100000000 + i)",
            "operation": "''",
            "source_reference": "''",
            "submitted_at": at,
        },
        numbers,
    )
    _like("referrals_casesummary", f"record_id = {first.pk}", {"record_id": case, "case_id": case}, numbers)
    _like(
        "referrals_tierperiod", f"case_id = {first.pk}", {"record_id": case, "case_id": case, "from_on": day}, numbers
    )


def _grants(cases: int, partnerships: list[int], agencies: list[int], tell: Tell) -> None:
    at = f"timestamptz '2014-01-06 09:00+00' + ((i * 7919) % {cases}) * interval '5 minutes'"
    owners = {
        "the partnerships": (f"(array{partnerships})[1 + i % {len(partnerships)}]", "3"),
        "the agencies": (f"(array{agencies})[{AGENCY.format(agencies=len(agencies))}]", "1 + i % 3"),
    }
    for whose, (principal, scope) in owners.items():
        tell(f"grants of {whose}")
        numbers = (
            f"(select i, {principal} as principal, {scope} as scope, {at} as at "
            f"from generate_series(1::bigint, {cases}) i) n where n.principal is not null"
        )
        for kind, record in (("case", CASES), ("child", CHILDREN)):
            with connection.cursor() as cursor:
                cursor.execute(
                    "insert into access_grant (record_id, principal, kind, scope, sort_at) "
                    f"select {record} + n.i, n.principal, '{kind}', n.scope, n.at from {numbers}"
                )
