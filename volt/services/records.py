"""Writing VOLT records: persons of concern, locations, peer groups and themes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import transaction

from mace.access.models import Kind, Scope
from mace.access.policy import Capability, may_handle_tightly, require
from mace.access.services import open_record, share
from mace.core.errors import RuleBroken
from mace.core.names import name_key
from mace.core.references import volt_reference
from mace.core.seat import Seat
from referrals.models import Child
from volt.enums import Handling, Horizon
from volt.models import (
    Location,
    LocationAccount,
    PeerGroup,
    PeerGroupAccount,
    PersonAccount,
    PersonOfConcern,
    Theme,
    ThemeEvidence,
    Wording,
)
from volt.selectors import VoltRow

R = TypeVar("R", PersonOfConcern, Location, PeerGroup, Theme)


@dataclass(frozen=True, slots=True)
class Said:
    """What may be said of an entry for the police and coordinators only, or why nothing may be said."""

    words: str = ""
    none_because: str = ""


NOTHING_SAID = Said()


def wording_for(
    handling: str, said: Said, *, record_id: int, other_id: int | None, reference: str, by: Seat, at: dt.datetime
) -> Wording | None:
    """The form of words of a tightly handled entry; none for any other."""
    if handling != Handling.POLICE:
        return None
    if not may_handle_tightly(by):
        raise RuleBroken("Only the police, coordinators and chairs can record something so", field="handling")
    words, none_because = said.words.strip(), said.none_because.strip()
    if bool(words) == bool(none_because):
        raise RuleBroken(
            "Enter what may be said to those who may not see it, or why nothing may be said", field="words"
        )
    return Wording.objects.create(
        record_id=record_id,
        other_id=other_id,
        reference=reference,
        words=words,
        none_because=none_because,
        written_at=at,
        written_by_id=by.membership_id,
    )


def _record(
    model: type[R],
    kind: Kind,
    *,
    name: str,
    handling: str,
    said: Said,
    operation: str,
    by: Seat,
    at: dt.datetime,
    **fields: Any,
) -> R:
    """Make the record and its row, once for each form, and share it with the partnership's coordinators."""
    require(by, Capability.WRITE_VOLT)
    name = name.strip()
    if not name:
        raise RuleBroken("Enter a name, or words that tell it apart", field="name")
    if operation:
        made = model.objects.filter(created_by_id=by.membership_id, operation=operation).first()
        if made is not None:
            return made
    record_id = open_record(kind=kind, at=at)
    reference = volt_reference()
    row = model.objects.create(
        record_id=record_id,
        reference=reference,
        handling=handling,
        wording=wording_for(handling, said, record_id=record_id, other_id=None, reference=reference, by=by, at=at),
        partnership_id=by.partnership_id,
        created_at=at,
        created_by_id=by.membership_id,
        operation=operation,
        name=name,
        name_key=name_key(name),
        **fields,
    )
    share(record_id=record_id, principal=by.partnership_principal, scope=Scope.FULL)
    return row


@transaction.atomic
def record_person(
    *,
    name: str,
    by: Seat,
    at: dt.datetime,
    aliases: str = "",
    approximate_age: str = "",
    description: str = "",
    child: Child | None = None,
    handling: str = Handling.MAY_SHARE,
    said: Said = NOTHING_SAID,
    operation: str = "",
) -> PersonOfConcern:
    """Record a person of concern; with ``child``, one who is known here and is a victim first.

    The creator's seat keeps it, the partnership's coordinators see it. The same ``operation`` again makes no second.
    """
    row = _record(
        PersonOfConcern,
        Kind.PERSON,
        name=name,
        operation=operation,
        by=by,
        at=at,
        child=child,
        handling=handling,
        said=said,
    )
    PersonAccount.objects.get_or_create(
        record_id=row.pk,
        defaults={
            "person": row,
            "aliases": aliases.strip(),
            "approximate_age": approximate_age.strip(),
            "description": description.strip(),
        },
    )
    return row


@transaction.atomic
def record_location(
    *,
    name: str,
    by: Seat,
    at: dt.datetime,
    address: str = "",
    harms: str = "",
    handling: str = Handling.MAY_SHARE,
    said: Said = NOTHING_SAID,
    operation: str = "",
) -> Location:
    """Record a place and the harms seen there; seen as ``record_person`` says."""
    row = _record(Location, Kind.LOCATION, name=name, operation=operation, by=by, at=at, handling=handling, said=said)
    LocationAccount.objects.get_or_create(
        record_id=row.pk, defaults={"location": row, "address": address.strip(), "harms": harms.strip()}
    )
    return row


@transaction.atomic
def record_group(
    *,
    name: str,
    by: Seat,
    at: dt.datetime,
    members: str = "",
    meets: str = "",
    worries: str = "",
    handling: str = Handling.MAY_SHARE,
    said: Said = NOTHING_SAID,
    operation: str = "",
) -> PeerGroup:
    """Record a peer group, who belongs to it and what worries; seen as ``record_person`` says."""
    row = _record(PeerGroup, Kind.GROUP, name=name, operation=operation, by=by, at=at, handling=handling, said=said)
    PeerGroupAccount.objects.get_or_create(
        record_id=row.pk,
        defaults={"group": row, "members": members.strip(), "meets": meets.strip(), "worries": worries.strip()},
    )
    return row


@transaction.atomic
def record_theme(
    *,
    name: str,
    by: Seat,
    at: dt.datetime,
    horizon: str = Horizon.SHORT,
    evidence: str = "",
    handling: str = Handling.MAY_SHARE,
    said: Said = NOTHING_SAID,
    operation: str = "",
) -> Theme:
    """Record a theme and what it rests on; seen as ``record_person`` says."""
    row = _record(
        Theme,
        Kind.THEME,
        name=name,
        operation=operation,
        by=by,
        at=at,
        horizon=horizon,
        handling=handling,
        said=said,
    )
    ThemeEvidence.objects.get_or_create(record_id=row.pk, defaults={"theme": row, "evidence": evidence.strip()})
    return row


RECORD: dict[Kind, Callable[..., VoltRow]] = {
    Kind.PERSON: record_person,
    Kind.LOCATION: record_location,
    Kind.GROUP: record_group,
    Kind.THEME: record_theme,
}
"""By kind, the service that records one."""
