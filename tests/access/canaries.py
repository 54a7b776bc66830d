"""A word of its own in every column of text, and who may be told it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from tests.access.channels import OWN_LOG, Heard, everything
from tests.access.tables import rows_of
from tests.access.world import World
from tests.factories.owner import as_owner

TEXT = "'text', 'varchar', 'bpchar', 'citext', 'jsonb', 'json', '_text', '_varchar'"
WORD = re.compile(r"qxz[a-p]{5}")
REFERENCE = re.compile(r"\b[a-z]-[0-9a-hjkmnp-tv-z]{4}-[0-9a-hjkmnp-tv-z]{4}\b")
BEGINNING = "Qxza"
"""What all canaries begin with: looked for, so that no channel only says again what was typed."""
NO_CANARY = {"open", "code", "key"}
EITHER_OR = {"attachments_attachment", "volt_wording"}
"""Tables in which not every text may be filled: one of two, or only once a file is removed."""
COPIES = {("panels_actionupdate", "action_reference"), ("volt_wording", "reference")}
"""Where a reference stands a second time."""
SCOPES = {"identity": 1, "summary": 2, "full": 3}
SUGGESTS = ("suggestions", "SQL matches")


def columns() -> dict[str, dict[str, str]]:
    """Table, column, least relation, as written by hand."""
    found: dict[str, dict[str, str]] = {}
    for table, column, least in rows_of("canaries.txt"):
        found.setdefault(table, {})[column] = least
    return found


def columns_of_the_catalogue() -> dict[tuple[str, str], tuple[str, int | None]]:
    """Every column that can hold a word, with its type and room."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.relname, a.attname, t.typname, case when a.atttypmod > 4 then a.atttypmod - 4 end "
            "from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped "
            f"join pg_type t on t.oid = a.atttypid where c.relnamespace = 'public'::regnamespace "
            f"and c.relkind in ('r', 'p', 'v', 'm') and t.typname in ({TEXT})"
        )
        return {(table, column): (kind, room) for table, column, kind, room in cursor.fetchall()}


@dataclass
class Canary:
    """Where a word stands, and in what row."""

    table: str
    column: str
    least: str
    row: dict[str, Any]

    def records(self) -> set[int]:
        """The records that the row hangs on."""
        names = ("record_id", "a_id", "b_id", "child_id", "into_id")
        given = [name for name in names if name in self.row]
        both = self.least == "both"
        wanted = [name for name in given if name != "record_id"] if both else given[:1]
        return {self.row[name] for name in wanted}

    def __str__(self) -> str:
        return f"{self.table}.{self.column} ({self.least})"


class Words:
    """Puts a canary into every text of every row, and remembers where."""

    def __init__(self) -> None:
        self.placed: dict[str, list[Canary]] = {}
        self._count = 0
        self._kinds = columns_of_the_catalogue()

    def fresh(self) -> str:
        """A word that occurs nowhere else; the letters after the first three are not among those."""
        self._count += 1
        left, letters = self._count, ""
        for _ in range(5):
            left, digit = divmod(left, 16)
            letters = "abcdefghijklmnop"[digit] + letters
        return f"Qxz{letters}"

    def put_everywhere(self) -> None:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
            for table, found in columns().items():
                self._fill(cursor, table, found)

    def _fill(self, cursor: Any, table: str, found: dict[str, str]) -> None:
        if all(least in NO_CANARY for least in found.values()):
            return
        cursor.execute(f'alter table "{table}" disable trigger user')  # such as the one that fixes approved minutes
        cursor.execute(f'select ctid::text, t.* from "{table}" t order by ctid')
        names = [column.name for column in cursor.description]
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            if table == "panels_chaser":  # whose action it is stands on the action
                cursor.execute(
                    "select owner_agency_id, owner_principal from panels_action where id = %s", [row["action_id"]]
                )
                row["owner_agency_id"], row["owner_principal"] = cursor.fetchone()
            changes: dict[str, Any] = {}
            for column, least in found.items():
                if least in NO_CANARY or (table in EITHER_OR and not row[column]):
                    continue
                canary = Canary(table, column, least, row)
                if column in ("reference", "action_reference"):  # random already: a canary by itself
                    self.placed.setdefault(str(row[column]).casefold(), []).append(canary)
                    continue
                word = self.fresh()
                self.placed[word.casefold()] = [canary]
                changes[column] = self._filled(table, column, row[column], word)
            if changes:
                setting = ", ".join(f'"{column}" = %s' for column in changes)
                cursor.execute(f'update "{table}" set {setting} where ctid = %s::tid', [*changes.values(), row["ctid"]])
        cursor.execute(f'alter table "{table}" enable trigger user')

    def _filled(self, table: str, column: str, value: Any, word: str) -> Any:
        kind, room = self._kinds[table, column]
        assert room is None or room >= len(word), f"{table}.{column} has no room for a word"
        if kind == "jsonb":
            return json.dumps(_leaves(json.loads(value) if isinstance(value, str) else value, word))
        if kind == "_varchar":
            return [word]
        return word.lower() if column == "name_key" else word


def _leaves(value: Any, word: str) -> Any:
    """JSON with every text of somebody's in it replaced; codes, which are small letters or capitals alone, stay."""
    if isinstance(value, dict):
        return {key: _leaves(inner, word) for key, inner in value.items()}
    if isinstance(value, list):
        return [_leaves(inner, word) for inner in value]
    ours = isinstance(value, str) and (" " in value or (value != value.lower() and value != value.upper()))
    return word if ours else value


# --- Relations -------------------------------------------------------------------------------------------------------


@dataclass
class Relation:
    """What a seat may see, by hand: the scope of each record, and whose it is beyond that."""

    holds: dict[int, int] = field(default_factory=dict)
    refers: bool = False
    """May file a referral: is told of possible matches in the partnership."""
    wrote: bool = True
    """What the seat wrote itself stays readable to it; not past a bar or a restriction."""


def may_read(canary: Canary, world: World, name: str, relation: Relation) -> bool:
    """Whether the hand-written table lets the seat read the word."""
    seat, row = world.cast[name], canary.row
    held = min((relation.holds.get(record, 0) for record in canary.records()), default=0)
    leads = seat.role == "agency_lead"
    agency_of_action = {row.get("owner_agency_id"), row.get("action_agency_principal")} & {
        seat.agency_id if "owner_agency_id" in row else seat.agency_principal
    }
    own_action = (leads and bool(agency_of_action)) or seat.principal in (
        row.get("owner_principal"),
        row.get("action_principal"),
    )
    wrote = relation.wrote and (
        seat.membership_id in (row.get("written_by_id"), row.get("referrer_id"))
        or (leads and row.get("written_by_agency_principal") == seat.agency_principal)
    )
    least = canary.least
    rules: dict[str, Callable[[], bool]] = {
        "match": lambda: held >= 1 or (relation.refers and row.get("partnership", True)),
        "author": lambda: held == 3 or wrote,
        "owner": lambda: held == 3 or (held >= 1 and own_action),
        "reporter": lambda: held == 3 or (held >= 1 and own_action) or wrote,
        "line": lambda: held == 3 or (held >= 1 and leads and row.get("agency_id") == seat.agency_id),
        "decider": lambda: held == 3 and seat.role in ("coordinator", "chair"),
        "worker": lambda: held == 3 and seat.role in ("practitioner", "manager", "coordinator", "chair"),
        "named": lambda: held == 3,
        "unprotected": lambda: held == 3 and row["child_id"] != world.case.child_id,
        "both": lambda: held == 3,
        "recipient": lambda: (
            row.get("recipient_id", row.get("requested_by_id")) == seat.membership_id
            and (relation.wrote or row.get("about") is None or relation.holds.get(row["about"], 0) > 0)
        ),
        "keeper": lambda: row.get("membership_id", row.get("asked_by_id")) == seat.membership_id,
        "asked": lambda: seat.role == "coordinator" and (held == 3 or row["asked_id"] == seat.partnership_id),
        "importer": lambda: seat.role == "coordinator" and row.get("partnership_id") == seat.partnership_id,
        "emergency": lambda: (
            row.get("membership_id") == seat.membership_id
            or (seat.role in ("coordinator", "chair", "ig") and row.get("partnership_id") == seat.partnership_id)
        ),
    }
    return held >= SCOPES[least] if least in SCOPES else bool(rules[least]())


def told_wrongly(heard: Heard, words: Words, world: World, name: str, relation: Relation) -> list[str]:
    """Each word that the seat was told and may not read, with where it was told."""
    wrong = []
    for pattern in (WORD, REFERENCE):
        for word, where in heard.words(pattern).items():
            placed = words.placed.get(word, [])
            if not placed:
                continue
            if pattern is WORD and "logs" in where:
                wrong.append(f"{placed[0]} in the logs")
            if any(may_read(canary, world, name, relation) for canary in placed):
                continue
            excused = {place for place in where if word in place.casefold()}  # what was asked for by that reference
            if pattern is REFERENCE:  # the seat's own questions; the reference of a case whose emergency is reviewed
                excused |= {place for place in where if OWN_LOG.search(place) or place == "logs"}
                excused |= {place for place in where if name == "ig" and "/emergency/" in place}
            if any(canary.least == "match" for canary in placed) and relation.refers:
                excused |= {place for place in where if place.startswith(SUGGESTS)}
            if where - excused:
                wrong.append(f"{placed[0]} told in {sorted(where - excused)[:6]}")
    return sorted(wrong)


def listen(world: World, name: str, *, pdf: bool = True) -> Heard:
    subjects = world.references()
    return everything(
        world.cast,
        name,
        subjects=subjects,
        known=list(subjects.values()),
        terms=[BEGINNING, f"{BEGINNING} {BEGINNING}"],
        pdf=pdf,
    )
