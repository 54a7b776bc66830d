"""What a form is, what forms need before they can be sent, and what nobody may name in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone

from mace.access.models import Bar, EmergencyAccess, Scope
from mace.access.services import restrict
from mace.accounts.models import Role
from mace.casework.selectors.closing import to_be_told
from mace.casework.services.emergency import begin_emergency_access
from mace.casework.services.handing_over import hand_over
from mace.casework.services.protected_address import name_for_address, record_address
from mace.core import clock
from mace.core.seat import acting_as
from mace.notifications.models import Message
from panels.models import Meeting, Panel
from referrals.models import Case, Child, ChildIdentity, Code, PlanStep, ProtectedAddress, Referral, RiskAssessment
from referrals.selectors import case_by_reference
from referrals.selectors.reviews import step_field
from referrals.services import close_tier
from referrals.services.elsewhere import answer_question
from referrals.services.lists import save_list, standing
from referrals.services.merging import merge_children
from referrals.services.sameness import say_apart
from tests.access.tables import address
from tests.access.world import World
from tests.factories.owner import as_owner
from tests.factories.panels import HELD, drafted_meeting, item_of, planned_meeting, published_meeting, started_meeting
from tests.factories.referrals import another_child, open_case, submitted_referral
from volt.models import PersonOfConcern, Theme
from volt.services import record_person

Sent = dict[str, Any]
WHY = {"purpose": "Checks", "lawful_basis": "public_task", "necessity": "They hold records", "told": "yes"}
SOON = dt.datetime(2026, 3, 18, 10, tzinfo=dt.UTC)


@dataclass
class Foreign:
    """What the seats of this partnership may not name: of another one, hidden in this one, and what is not there."""

    case: Case
    hidden_case: Case
    person: PersonOfConcern
    hidden_person: PersonOfConcern


def day(name: str, on: dt.date) -> Sent:
    return {f"{name}_day": str(on.day), f"{name}_month": str(on.month), f"{name}_year": str(on.year)}


def boxes(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}_{part}" for name in names for part in ("day", "month", "year"))


def agency(world: World, name: str) -> str:
    return str(world.cast.agencies[name].pk)


def seat(world: World, name: str) -> str:
    return str(world.cast.memberships[name].pk)


def lowered(world: World) -> None:
    """The assessment of the world waits for the manager."""
    with as_owner():
        RiskAssessment.objects.filter(record_id=world.case.pk).update(needs_manager=True, lowering_reason="Calmer")


def person_to_write(world: World) -> str:
    with as_owner():
        return Theme.objects.order_by("pk").values_list("reference", flat=True)[0]


def criteria(list_name: str, *met: str) -> Sent:
    """Every criterion of a list answered: met, with its evidence, or not known."""
    found: Sent = {}
    with as_owner():
        for code in Code.objects.filter(list_name=list_name).values_list("code", flat=True):
            found |= {f"criterion_{code}": "met" if code in met else "not_known", f"criterion_{code}_note": "As told"}
    return found


def steps_done(world: World) -> Sent:
    """Every step of the plan of the case answered in its review."""
    with as_owner():
        keys = PlanStep.objects.filter(plan__record_id=world.case.pk).values_list("pk", flat=True)
        return {
            name: said
            for pk in keys
            for name, said in ((step_field(pk, "state"), "done"), (step_field(pk, "note"), "So"))
        }


def everybody_told(world: World) -> Sent:
    """Everybody whom the closing of the case proposes to tell, told."""
    with acting_as(world.cast["coordinator"]):
        keys = [one.key for one in to_be_told(case_by_reference(world.case.reference), on=clock.today())]
    return {name: said for key in keys for name, said in ((key, "tell"), (f"{key}_why", ""))}


def closed_in_a_meeting(world: World) -> None:
    """The case closed at its tier, with the details still to be given."""
    with acting_as(world.cast["chair"]):
        case = Case.objects.get(pk=world.case.pk)  # the world's own stays as it is
        close_tier(case=case, tier="pre_mace", outcome="closed", reason="Safe", by=world.cast["chair"], at=HELD)


def handed_over(world: World) -> None:
    """The case handed to somebody else and back, so that its lead professional has notes to read."""
    by = world.cast["coordinator"]
    with acting_as(by):
        for name in ("other_practitioner", "practitioner"):
            to = world.cast.memberships[name]
            hand_over(case=world.case, to=to, reason="Moved", note="Ring on Mondays", by=by, at=clock.now())


# --- What some forms need first --------------------------------------------------------------------------------------


def foreign(world: World) -> Foreign:
    """A case and a person of another partnership; a case left to the chair, and a person that nobody may look up."""
    cast = world.cast
    other = open_case(cast, by="stranger_practitioner", coordinator="stranger_coordinator", child=another_child(11))
    hidden = open_case(cast, child=another_child(12))
    people = []
    for name in ("stranger_coordinator", "chair"):
        with acting_as(cast[name]):
            people.append(record_person(name=f"Kay {name}", by=cast[name], at=HELD))
    with acting_as(cast["coordinator"]):
        restrict(
            record_id=hidden.pk, people={cast.memberships["chair"]: Scope.FULL}, reason="Family", by=cast["coordinator"]
        )
    with as_owner():
        for name in ("coordinator", "practitioner", "chair"):
            Bar.objects.create(
                record_id=people[1].pk,
                user=cast.memberships[name].user,
                reason="A relative",
                set_by=cast.memberships["manager"],
                set_at=HELD,
            )
    return Foreign(other, hidden, *people)


def never_named(world: World, found: Foreign) -> dict[str, list[str]]:
    """By kind of thing: of another partnership, hidden or not for choosing, and what is not there at all."""
    cast = world.cast
    other, system = cast.memberships["stranger_practitioner"], cast.memberships["system"]
    cases = [found.case.reference, found.hidden_case.reference, "C-0000-0000"]
    people = [found.person.reference, found.hidden_person.reference, "V-0000-0000"]
    with as_owner():
        children = list(
            Child.objects.filter(pk__in=[found.case.child_id, found.hidden_case.child_id]).values_list(
                "reference", flat=True
            )
        )
        panel = Panel.objects.filter(partnership=cast.other_partnership).first()
        assert panel is not None
    return {
        "case": cases,
        "volt": people,
        "end": cases + people,
        "agency": [agency(world, "other_police"), "99999999"],
        "agency-": [f"agency-{agency(world, 'other_police')}", f"person-{other.pk}", "agency-99999999"],
        "seat": [str(other.pk), str(system.pk), "99999999"],
        "role": [other.reference, system.reference, "S-0000-0000"],
        "user": [other.user.reference, system.user.reference, "U-0000-0000"],
        "panel": [str(panel.pk), "99999999"],
        "child": [*children, *cases, "P-0000-0000"],
        "partnership": [str(cast.partnership.pk), "99999999"],
        "mention": [*people, "V-1111-1111"],
    }


def another_case(world: World) -> Case:
    return open_case(world.cast, child=another_child(8), mentions={"person_0_name": "“Zed”"})


def to_approve(world: World) -> str:
    """The page of a referral that waits for the manager of its team."""
    keeper = world.cast["coordinator"]
    with acting_as(keeper):
        entries = [replace(entry, active=True) for entry in standing("practice").entries.values()]
        save_list(list_name="practice", entries=entries, adopted=False, why="Agreed", version=None, by=keeper, at=HELD)
    made = submitted_referral(world.cast, at=HELD, child=another_child(9))
    with acting_as(keeper):
        entries = [replace(entry, active=False) for entry in standing("practice").entries.values()]
        save_list(list_name="practice", entries=entries, adopted=False, why="No more", version=None, by=keeper, at=HELD)
    return f"/referrals/{made.reference}/approve/"


def other_case(world: World) -> Case:
    """The one that ``another_case`` made."""
    with as_owner():
        return Case.objects.exclude(pk=world.case.pk).order_by("-pk").select_related("child")[0]


def meeting_to_build(world: World) -> Meeting:
    return planned_meeting(world.cast, world.case, starts_at=SOON)


def meeting_held(world: World) -> Meeting:
    return started_meeting(world.cast, published_meeting(world.cast, world.case, starts_at=SOON))


def meeting_drafted(world: World) -> Meeting:
    return drafted_meeting(world.cast, published_meeting(world.cast, world.case, starts_at=SOON))


def held_and_next(world: World) -> None:
    """A meeting held, about a case that is not on the next one's agenda."""
    started_meeting(world.cast, published_meeting(world.cast, another_case(world), starts_at=SOON))


def minute_taker(world: World) -> None:
    """Somebody who may take the minutes of one meeting."""
    ends = timezone.now().date() + dt.timedelta(days=1)
    with as_owner():
        agency_of = world.cast.agencies["social_care"]
        world.cast.join("minute_taker", agency_of, Role.MINUTE_TAKER, until_on=ends, purpose="One meeting")


def at_meeting(route: str) -> Callable[[World], str]:
    """The page of the meeting made last."""

    def path(world: World) -> str:
        with as_owner():
            last = Meeting.objects.filter(starts_at=SOON).latest("pk")
        return address(route, "it", {"it": last.reference})

    return path


def at_item(route: str) -> Callable[[World], str]:
    """The page of the only item of the meeting made last."""

    def path(world: World) -> str:
        with as_owner():
            last = Meeting.objects.filter(starts_at=SOON).latest("pk")
        return address(route, "it", {"it": item_of(world.cast, last).reference})

    return path


def protected(world: World) -> None:
    """The practitioner keeps the child's address."""
    by = world.cast["practitioner"]
    with acting_as(by):
        record_address(
            case=world.case, address="2 Hidden Row", reason="A threat", since_on=dt.date(2026, 3, 1), by=by, at=HELD
        )


def protected_for_two(world: World) -> None:
    """The coordinator is named for it too."""
    protected(world)
    by = world.cast["practitioner"]
    with acting_as(by):
        kept = ProtectedAddress.objects.get()
        name_for_address(
            case=world.case, address=kept, membership=world.cast.memberships["coordinator"], by=by, at=HELD
        )


def emergency(world: World) -> None:
    """Health opened the case in an emergency."""
    by = world.cast["health_lead"]
    with acting_as(by):
        opened = begin_emergency_access(
            forename="Tamika", surname="Brightwater", born=dt.date(2011, 3, 27), reason="x" * 60, by=by, at=clock.now()
        )
        assert opened is not None


def at_emergency(route: str) -> Callable[[World], str]:
    def path(world: World) -> str:
        del world
        with as_owner():
            return address(route, "it", {"it": EmergencyAccess.objects.latest("pk").reference})

    return path


def eighteen(world: World) -> None:
    """The young person is 18 by now, and was not when the case was shared."""
    with as_owner():
        ChildIdentity.objects.filter(child_id=world.case.child_id).update(date_of_birth=dt.date(2008, 3, 12))


def merged(world: World) -> None:
    another_case(world)
    by = world.cast["coordinator"]
    with acting_as(by):
        gone, kept = other_case(world).child, Child.objects.get(pk=world.case.child_id)
        merge_children(gone=gone, kept=kept, reason="One child", by=by, at=HELD)


def apart(world: World) -> None:
    another_case(world)
    by = world.cast["coordinator"]
    with acting_as(by):
        other, one = other_case(world).child, Child.objects.get(pk=world.case.child_id)
        say_apart(one=one, other=other, reason="Two births", by=by, at=HELD)


def answered_question(world: World) -> None:
    by = world.cast["stranger_coordinator"]
    with acting_as(by):
        answer_question(question=world.question, answer="not_known", reason="", by=by, at=HELD)


def of_other_child(route: str) -> Callable[[World], str]:
    return lambda world: address(route, "it", {"it": other_case(world).child.reference})


def message(world: World) -> str:
    """A message in the police lead's inbox."""
    with as_owner():
        found = Message.objects.filter(recipient=world.cast.memberships["police_lead"]).first()
    assert found is not None
    return f"/inbox/{found.reference}/"


def barred(world: World) -> None:
    with as_owner():
        for record in (world.case.pk, world.person.pk):
            Bar.objects.create(
                record_id=record,
                user=world.cast.memberships["board"].user,
                reason="A relative",
                set_by=world.cast.memberships["coordinator"],
                set_at=HELD,
            )


def referral_of(case: Case) -> Referral:
    with as_owner():
        return Referral.objects.get(case=case)


# --- A form ---


@dataclass(frozen=True, slots=True)
class Form:
    """One form. ``names``: each field that names something, with the kind of thing. ``changes``: whether it writes.

    ``offers`` are the fields left empty in ``sends``; ``before`` brings about what the form needs.
    """

    route: str
    seat: str
    sends: Callable[[World], Sent] = field(default=lambda _world: {})
    subject: str = "-"
    names: Mapping[str, str] = field(default_factory=dict)
    offers: tuple[str, ...] = ()
    before: Callable[[World], Any] = field(default=lambda _world: None)
    path: Callable[[World], str] | None = None
    status: int = 302
    changes: bool = True

    def address(self, world: World) -> str:
        return self.path(world) if self.path else address(self.route, self.subject, world.references())

    @property
    def title(self) -> str:
        return f"{self.route} as {self.seat}"
