"""Every table as the database itself guards it, against a table written by hand (``rows.txt``).

Tried in a seat to which nothing was given, then with grants of each scope on what the rows hang on, on one end of what
joins two records only, on something else, barred, restricted. Statements that read no column of the table are bound by
one policy alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mace.core.seat import Seat
from tests.access.locks import (
    ALLOWED,
    NO_RIGHT,
    REFUSED,
    all_rows,
    attempt,
    columns,
    copy_of,
    only,
    owner,
    owner_rows,
    possible_for_owner,
    rows,
    undone,
)
from tests.access.world import World
from tests.factories.consent import withdrawn_and_looked_at
from tests.factories.panels import HELD

TABLE = Path(__file__).with_name("rows.txt")
DECIDES = {"handling", "status", "scope", "lifted_at", "undone_at"}
"""Columns that say who sees a row."""
VERBS = ("see", "add", "change", "remove")
OPEN = "select tablename from pg_policies where schemaname = 'public' group by 1 having bool_and(cmd = 'ALL')"
ENTRY_OF = {
    "volt_personaccount": "volt_personofconcern",
    "volt_locationaccount": "volt_location",
    "volt_themeevidence": "volt_theme",
    "volt_peergroupaccount": "volt_peergroup",
}
"""An account belongs to an entry with the same record, and is seen only where that is."""


@dataclass(frozen=True)
class Asked:
    """What one verb asks for: ``with_any`` columns serve with any grant, ``alone`` ones with none."""

    words: str

    @property
    def generic(self) -> bool:
        return self.words[0].isdigit()

    @property
    def scope(self) -> int:
        return int(self.words[0])

    @property
    def with_any(self) -> list[str]:
        return re.findall(r"~(\w+)", self.words)

    @property
    def alone(self) -> list[str]:
        return re.findall(r"=(\w+)", self.words)


def table() -> dict[str, tuple[list[str], dict[str, Asked]]]:
    """For each table the columns that hold its records, and what each verb asks."""
    found = {}
    for line in TABLE.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, record, *asked = line.split()
            found[name] = (record.split("+"), {verb: Asked(words) for verb, words in zip(VERBS, asked, strict=True)})
    return found


@pytest.fixture
def probe(world: World) -> Seat:
    """A chair without a panel: no condition that asks for a role stands in the way, and no grant helps."""
    seat = world.cast["voluntary_member"]
    owner("update accounts_membership set role = 'chair', user_id = user_id where id = %s", seat.membership_id)
    _make_what_the_world_lacks(world)
    withdrawn_and_looked_at(world.case, world.cast.memberships["coordinator"], at=HELD)
    owner("delete from access_grant where principal = %s", seat.principal)
    assert owner_rows("select count(*) from access_grant where principal = %s", seat.principal) == [(0,)]
    return seat


def _make_what_the_world_lacks(world: World) -> None:
    case, member = world.case, world.cast["coordinator"].membership_id
    owner(
        "insert into access_bar (record_id, user_id, reason, set_by_id, set_at, lifted_at, lifted_by_id, "
        "lifted_reason) "
        "values (%s, %s, 'An aunt', %s, now(), now(), %s, 'Not the same')",
        *(case.pk, world.cast["police_member"].user_id, member, member),
    )
    owner(
        "insert into referrals_protectedaddress (record_id, child_id, address, reason, since_on, written_by_id) "
        "values (%s, %s, '1 Hidden Way', 'A threat', '2026-01-01', %s)",
        *(case.pk, case.child_id, member),
    )
    owner(
        "insert into referrals_reviewdraft (record_id, review_id, data, version, operation, saved_at, saved_by_id) "
        "values (%s, %s, '{}', 1, '', now(), %s)",
        *(case.pk, world.review.pk, member),
    )
    owner(
        "insert into referrals_casedraft (record_id, kind, data, version, operation, saved_at, saved_by_id) "
        "values (%s, 'plan', '{}', 1, '', now(), %s)",
        *(case.pk, member),
    )
    owner(
        "insert into referrals_ratingdecision (record_id, assessment_id, outcome, reason, decided_at, decided_by_id) "
        "select record_id, id, 'confirmed', '', now(), %s from referrals_riskassessment where record_id = %s",
        *(member, case.pk),
    )
    owner(
        "insert into referrals_difficultiesscore (record_id, child_id, written_by_id, written_by_principal, "
        "written_at, effective_on, informant, total, band) "
        "values (%s, %s, %s, %s, now(), '2026-03-01', 'parent', 15, 'raised')",
        *(case.pk, case.child_id, member, world.cast["coordinator"].principal),
    )
    owner(
        "insert into panels_chaser (record_id, action_id, step, due_on, chased_on, told) "
        "values (%s, %s, 'on_the_day', '2026-04-01', '2026-04-01', '')",
        *(world.action.record_id, world.action.pk),
    )
    owner(
        "update panels_meeting set status = 'in_progress'"
    )  # while minutes are drafted, no trigger keeps them as they are
    children = [row[0] for row in owner_rows("select record_id from referrals_child order by 1 limit 2")]
    owner(
        "insert into referrals_childmerge (child_id, into_id, reason, merged_at, merged_by_id, undone_reason) "
        "values (%s, %s, 'The same child', now(), %s, '')",
        *(*children, member),
    )
    owner(
        "insert into referrals_childrenapart (a_id, b_id, reason, said_at, said_by_id, taken_back_reason) "
        "values (%s, %s, 'Two births', now(), %s, '')",
        *(*children, member),
    )
    owner(
        "insert into referrals_childnumber (record_id, child_id, agency_id, number, written_by_id, written_at) "
        "select %s, %s, agency_id, 'H1', id, now() from accounts_membership where id = %s",
        *(case.child_id, case.child_id, member),
    )
    owner(
        "with made as (insert into agencies_localauthority (name, gss_code) values ('Far', 'E09999999') returning id) "
        "insert into referrals_childauthority "
        "(record_id, child_id, home_id, from_on, told_by, written_by_id, written_at) "
        "select %s, %s, made.id, '2026-01-01', '', %s, now() from made",
        *(case.child_id, case.child_id, member),
    )
    owner("insert into referrals_possiblepair (a_id, b_id, found_at, decision) values (%s, %s, now(), '')", *children)
    owner(
        "insert into panels_itemcriteria (record_id, item_id, answers, version, saved_at, saved_by_id) "
        "values (%s, %s, '{}', 1, now(), %s)",
        *(world.item.pk, world.item.pk, member),
    )
    owner(
        "insert into referrals_criterionmet (record_id, case_id, occasion, code, words, list_version, met, evidence, "
        "answered_by_id, answered_at) values (%s, %s, 'escalation', 'stuck', 'Stuck', 0, 'not_met', '', %s, now())",
        *(case.pk, case.pk, member),
    )
    owner(
        "insert into referrals_reviewstep (record_id, review_id, step_id, text, state, note) "
        "select %s, %s, s.id, s.text, 'done', '' from referrals_planstep s where s.record_id = %s limit 1",
        *(case.pk, world.review.pk, case.pk),
    )
    owner(
        "insert into referrals_caseclosure (record_id, case_id, period_id, view, no_view_because, plan_after) "
        "select %s, %s, t.id, '', '', '' from referrals_tierperiod t where t.case_id = %s limit 1",
        *(case.pk, case.pk, case.pk),
    )
    owner(
        "insert into referrals_closuretold (record_id, closure_id, person_id, told, reason) "
        "select record_id, id, %s, true, '' from referrals_caseclosure",
        member,
    )
    owner(
        "with made as (insert into access_record (kind, partnership_id, restricted, sort_at) "
        "select 'group', partnership_id, false, now() from accounts_membership where id = %s returning id), "
        "named as (insert into volt_peergroup (record_id, reference, partnership_id, created_at, created_by_id, "
        "handling, version, name, name_key) "
        "select made.id, 'V-TEST-0002', m.partnership_id, now(), m.id, 'P', 1, 'Crew', 'crew' "
        "from made, accounts_membership m where m.id = %s returning record_id) "
        "insert into volt_peergroupaccount (record_id, group_id, members, meets, worries) "
        "select record_id, record_id, 'Five', '', '' from named",
        *(member, member),
    )
    owner(
        "insert into volt_wording (reference, words, none_because, written_at, record_id, written_by_id) "
        "values ('W-TEST-0001', 'May be said', '', now(), %s, %s)",
        *(world.person.pk, member),
    )


def give(seat: Seat, records: list[int], scope: int) -> None:
    owner(
        "insert into access_grant (record_id, principal, kind, scope, sort_at) "
        "select r.id, %s, r.kind, %s, r.sort_at from access_record r where r.id = any (%s) order by r.about_id "
        "nulls last "
        "on conflict (record_id, principal) do update set scope = excluded.scope, until = null",
        *(seat.principal, scope, records),
    )


def another_record(seat: Seat) -> int:
    """A record that is about nobody, and on which none of these rows hangs."""
    (made,) = owner_rows(
        "insert into access_record (kind, partnership_id, restricted, sort_at) values ('theme', %s, false, now()) "
        "returning id",
        seat.partnership_id,
    )
    return int(made[0])


def every_record() -> list[int]:
    return [row[0] for row in owner_rows("select id from access_record")]


def changing(name: str, keep: list[str]) -> str:
    """A change of every row that reads none, by a column that no condition speaks of; as the owner it can be done."""
    kinds = ("character varying", "text", "date", "timestamp", "integer", "smallint", "boolean", "jsonb")
    for column, kind in columns(name).items():
        if (
            column in keep
            or not kind.startswith(kinds)
            or column in {"handling", "status", "scope", "lifted_at", "undone_at"}
        ):
            continue
        ((value,),) = owner_rows(f'select "{column}"::text from "{name}" limit 1')
        literal = "null" if value is None else f"'{value}'::{kind}".replace("%", "%%") if "'" not in value else ""
        if not literal:
            continue
        statement = f'update "{name}" set "{column}" = {literal}'
        if possible_for_owner(statement):
            return statement
    raise AssertionError(f"{name} has no column to change")


def outcome(seat: Seat, verb: str, name: str, change: str, copies: list[tuple[str, list[Any]]]) -> tuple[str, int]:
    if verb == "see":
        return attempt(seat, f'select 1 from "{name}"')
    if verb == "change":
        return attempt(seat, change)
    if verb == "remove":
        return attempt(seat, f'delete from "{name}"')
    outcomes = {attempt(seat, *copy[:1], *copy[1]) for copy in copies}
    assert len(outcomes) == 1, (name, outcomes)
    return outcomes.pop()


def said(asked: Asked, *, scope: int, principal_in: str = "", shut: bool = False) -> str:
    """What the table says becomes of it."""
    if asked.words == "-":
        return NO_RIGHT
    if asked.words == "never":
        return REFUSED
    if principal_in in asked.alone and not shut:
        return ALLOWED
    if principal_in in asked.with_any and scope and not shut:
        return ALLOWED
    return ALLOWED if scope >= asked.scope and not shut else REFUSED


@dataclass
class Trial:
    """One table, what is asked of it, and what came out otherwise than the list says."""

    probe: Seat
    name: str
    record_columns: list[str]
    verbs: dict[str, Asked]

    def __post_init__(self) -> None:
        self.generic = {verb: asked for verb, asked in self.verbs.items() if asked.words != "else"}
        self.own = sorted({c for asked in self.verbs.values() for c in (*asked.with_any, *asked.alone)})
        self.present = all_rows(self.name)
        self.wrong: list[tuple[str, str, str, str]] = []
        assert self.present or not any(asked.generic for asked in self.generic.values()), f"nothing in {self.name}"
        keep = [*self.record_columns, *self.own]
        self.change = changing(self.name, keep) if self.present else ""

    def tried(self, situation: str, scope: int, principal_in: str = "", *, shut: bool = False) -> None:
        copies = [copy_of(self.name, row) for row in all_rows(self.name)[:2]]
        for verb, asked in self.generic.items():
            if verb in {"add", "change"} and not self.present:
                continue
            expected = said(asked, scope=scope, principal_in=principal_in, shut=shut)
            got, count = outcome(self.probe, verb, self.name, self.change, copies)
            if got != expected:
                self.wrong.append((self.name, verb, situation, f"expected {expected}, got {got}"))
            elif expected == ALLOWED and verb == "see" and count != len(self.present):
                self.wrong.append((self.name, verb, situation, f"{count} rows of {len(self.present)}"))

    def with_grants(self, records: list[int]) -> None:
        with undone():
            self.tried("nothing given", 0)
        with undone():
            give(self.probe, [another_record(self.probe)], 3)
            if self.name == "access_record":  # that other record is a row of this table
                assert attempt(self.probe, "select 1 from access_record") == (ALLOWED, 1)
            else:
                self.tried("given something else", 0)
        for scope in (1, 2, 3):
            with undone():
                give(self.probe, records, scope)
                self.tried(f"given at {scope}", scope)
        if self.name != "access_record":
            with undone():
                give(self.probe, records, 1)
                give(self.probe, [another_record(self.probe)], 3)
                self.tried("given at 1, and something else in full", 1)
        if self.record_columns != ["-"]:
            with undone():
                give(self.probe, records, 3)
                bar(self.probe, records)
                self.tried("given and barred", 3, shut=True)

    def with_ones_own(self, records: list[int]) -> None:
        for column in self.own:
            for scope in (0, 1):
                with undone():
                    owner(f'update "{self.name}" set "{column}" = %s', self.probe.principal)
                    if scope:
                        give(self.probe, records, scope)
                    self.tried(f"{column}, given at {scope}", scope, column)
        for column in self.verbs["see"].alone:
            for shut in (bar, restrict):
                with undone():
                    owner(f'update "{self.name}" set "{column}" = %s', self.probe.principal)
                    shut(self.probe, records)
                    self.tried(f"{column}, {shut.__name__}", 0, column, shut=True)


def test_each_row_is_reached_at_its_scope_and_no_other_way(world: World, probe: Seat) -> None:
    listed, wrong = table(), []
    records = every_record()
    for name in only(listed):
        trial = Trial(probe, name, *listed[name])
        trial.with_grants(records)
        trial.with_ones_own(records)
        wrong += trial.wrong
    assert wrong == []


def bar(seat: Seat, records: list[int]) -> None:
    owner(
        "insert into access_bar (record_id, user_id, reason, set_by_id, set_at, lifted_reason) "
        "select r, %s, 'A relative', %s, now(), '' from unnest(%s::bigint[]) r",
        *(seat.user_id, seat.membership_id, records),
    )


def restrict(seat: Seat, records: list[int]) -> None:
    owner("update access_record set restricted = true where id = any (%s)", records)


def held_only(present: list[dict[str, Any]], column: str, *others: str) -> list[int]:
    """The records in one column of the rows that stand in none of the others."""
    return sorted({row[column] for row in present} - {row[other] for other in others for row in present})


def test_what_joins_two_records_needs_both(world: World, probe: Seat) -> None:
    listed, wrong = table(), []
    pairs = {name: entry for name, entry in listed.items() if len(entry[0]) == 2}
    assert len(pairs) >= 1
    for name in only(pairs):
        record_columns, verbs = pairs[name]
        present = all_rows(name)
        change = changing(name, record_columns)
        for column in record_columns:
            other = next(o for o in record_columns if o != column)
            held = held_only(present, column, other)
            assert held, (name, column)
            with undone():
                give(probe, held, 3)
                owner(
                    "delete from access_grant where principal = %s and not record_id = any (%s)", probe.principal, held
                )
                for verb in ("see", "add", "change"):
                    copies = [copy_of(name, row) for row in present]
                    expected = said(verbs[verb], scope=0)
                    got = outcome(probe, verb, name, change, copies)
                    if got[0] != expected:
                        wrong.append((name, verb, f"only {column}", got))
            with undone():  # nor is less at one end made up for by the other
                give(probe, every_record(), 3)
                give(probe, sorted({row[column] for row in present}), 2)
                give(probe, held_only(present, other, column), 3)
                for verb in ("see", "add", "change"):
                    copies = [copy_of(name, row) for row in present]
                    expected = said(verbs[verb], scope=2)
                    got = outcome(probe, verb, name, change, copies)
                    if got[0] != expected:
                        wrong.append((name, verb, f"less at {column}", got))
    assert wrong == []


def test_no_row_is_moved_to_where_one_may_not_add_it_nor_taken_from_where_one_may_not_change_it(
    world: World, probe: Seat
) -> None:
    listed, wrong = table(), []
    movable = {name: entry for name, entry in listed.items() if entry[1]["change"].generic}
    records, elsewhere, own = every_record(), another_record(probe), another_record(probe)
    for name in only(movable):
        record_columns, verbs = movable[name]
        scope = verbs["change"].scope
        for column in record_columns:
            away, here = (f'update "{name}" set "{column}" = {record}' for record in (elsewhere, own))

            tried: list[tuple[str, str, str]] = []
            with undone():
                if entry := ENTRY_OF.get(name):
                    for at in (own, elsewhere):
                        row = all_rows(entry)[0] | {"record_id": at, "reference": f"V-{at}", "operation": f"own {at}"}
                        statement, parameters = copy_of(entry, row)
                        owner(statement, *parameters)
                others = [o for o in record_columns if o != column]
                beside = [rec for other in others for rec in held_only(all_rows(name), other, column)]
                give(probe, [own, *beside], 3)
                tried.append(("taken from what it was not given", attempt(probe, here)[0], REFUSED))
                if scope > 1:
                    give(probe, records, scope - 1)
                    give(probe, [own, *beside], 3)
                    tried.append(("taken from what it was given less of", attempt(probe, here)[0], REFUSED))
                give(probe, records, 3)
                tried.append(("moved between what it was given", attempt(probe, here)[0], ALLOWED))
                tried.append(("moved to what it was not given", attempt(probe, away)[0], REFUSED))
                if scope > 1:
                    give(probe, [elsewhere], scope - 1)
                    tried.append(("moved to what it was given less of", attempt(probe, away)[0], REFUSED))
            wrong += [(name, column, situation, got) for situation, got, wanted in tried if got != wanted]
    assert wrong == []


@pytest.mark.django_db
def test_every_table_with_a_policy_is_in_the_list() -> None:
    listed = set(table())
    assert listed == {
        row[0] for row in rows("select distinct tablename from pg_policies where schemaname = 'public'")
    } - {row[0] for row in rows(OPEN)}
