"""Every relation that somebody can have to a case, made as it comes about: the ground of ``relations.txt``.

Six agencies bear the name of what is between them and the case; each has a lead, and a member who was given an action.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.utils import timezone

from mace.access.models import Bar, Disclosure, Grant, Record, Scope
from mace.access.services import bar_person, restrict, withdraw
from mace.accounts.models import Role
from mace.agencies.models import Agency, AgencyKind, Participation
from mace.core.seat import acting_as
from panels.models import MinutesDocument
from panels.services.documents import make_document
from panels.services.meetings import request_document
from tests.access.world import World, make_world
from tests.factories.cast import SINCE, Cast
from tests.factories.owner import as_owner
from tests.factories.panels import HELD

PARTNERS = {
    "identity": Scope.IDENTITY,
    "summary": Scope.SUMMARY,
    "full": Scope.FULL,
    "withdrawn": Scope.FULL,
    "expired": Scope.FULL,
}
READERS = ("coordinator", "chair", "practitioner", "manager", *(f"{name}_lead" for name in PARTNERS))
"""Those who had the minutes made into a document while they could."""


@dataclass
class Related:
    """The world, and what of it is each seat's own: its agency's action, the document that it asked for."""

    world: World
    documents: dict[str, MinutesDocument] = field(default_factory=dict)

    @property
    def cast(self) -> Cast:
        return self.world.cast

    def references(self, seat: str) -> dict[str, str]:
        """By the name that ``relations.txt`` gives each kind; ``action`` is of the seat's own agency if it has one."""
        world, agency = self.world, seat.removesuffix("_lead").removesuffix("_member")
        own = self.documents.get(seat) or self.documents.get(f"{agency}_lead")
        return world.references() | {
            "action": world.partner_actions.get(agency, world.action).reference,
            "others_action": world.action.reference,
            "document": (own or world.document).reference,
        }


def make_related(cast: Cast) -> Related:
    """The case shared with an agency at each scope, with one from which it was withdrawn and one whose time is over."""
    with as_owner():
        for name in (*PARTNERS, "never"):
            agency = Agency.objects.create(name=f"Agency {name}", kind=AgencyKind.OTHER)
            Participation.objects.create(agency=agency, partnership=cast.partnership, agreement_signed_on=SINCE)
            cast.agencies[name] = agency
            cast.join(f"{name}_lead", agency, Role.AGENCY_LEAD)
            cast.join(f"{name}_member", agency, Role.AGENCY_MEMBER)
    related = Related(make_world(cast, partners=PARTNERS))
    for seat in READERS:
        related.documents[seat] = _document(related.world, seat)
    by = cast["coordinator"]
    with acting_as(by):
        withdraw(record_id=related.world.case.pk, agency=cast.agencies["withdrawn"], reason="Done", by=by, at=HELD)
    _let_expire(related.world)
    return related


def _document(world: World, seat: str) -> MinutesDocument:
    by = world.cast[seat]
    with acting_as(by):
        document = request_document(meeting=world.meeting, by=by, at=HELD)
        assert make_document(document_id=str(document.pk), render=str.encode, by=by, at=HELD)
    return document


def _let_expire(world: World) -> None:
    """The last day of what the agency was given has passed; nothing has cleared it away yet."""
    agency = world.cast.agencies["expired"]
    members = [world.cast.memberships[f"expired_{who}"].principal for who in ("lead", "member")]
    yesterday = timezone.now() - dt.timedelta(days=1)
    with as_owner():
        around = Record.objects.filter(pk=world.case.pk) | Record.objects.filter(within_id=world.case.pk)
        around |= Record.objects.filter(pk=world.child.pk)
        decided = Disclosure.objects.filter(record_id=world.case.pk, agency=agency).update(ends_on=yesterday.date())
        ended = Grant.objects.filter(record__in=around, principal__in=[agency.principal, *members]).update(
            until=yesterday
        )
    assert decided >= 1
    assert ended >= 4


# --- Restricted to named people, barred ------------------------------------------------------------------------------

NAMED: dict[str, dict[str, Scope]] = {
    "restricted": {"chair": Scope.FULL},
    "named": {
        "coordinator": Scope.FULL,
        "practitioner": Scope.FULL,
        "full_lead": Scope.SUMMARY,
        "full_member": Scope.IDENTITY,
    },
}


def restrict_to(related: Related, named: dict[str, Scope]) -> None:
    """Leave the case, and the referral that waits, to those people."""
    cast, by = related.cast, related.cast["coordinator"]
    people = {cast.memberships[name]: scope for name, scope in named.items()}
    for record in (related.world.case.pk, related.world.waiting.record_id):
        with acting_as(by):
            restrict(record_id=record, people=people, reason="A colleague’s family", by=by)


def bar(related: Related, name: str) -> None:
    """Keep a person from the case and from the referral that waits."""
    cast, world = related.cast, related.world
    by, user = cast["chair" if name == "coordinator" else "coordinator"], cast.memberships[name].user
    with acting_as(by):
        bar_person(record_id=world.case.pk, user=user, reason="A relative", by=by, at=HELD)
    with as_owner():  # a chair does not see it, so cannot bar from it
        Bar.objects.create(
            record_id=world.waiting.record_id, user=user, reason="A relative", set_by_id=by.membership_id, set_at=HELD
        )


@contextmanager
def standing(related: Related, relation: str, seat: str) -> Iterator[str]:
    """Bring the relation about for that seat; answers the seat's name in the cast."""
    if relation in NAMED:
        restrict_to(related, NAMED[relation])
    elif relation == "barred":
        bar(related, seat)
    else:
        assert relation == "shared"
    yield seat
