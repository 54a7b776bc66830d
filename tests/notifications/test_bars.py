"""Messages respect bars and restrictions, those sent before too, and carry no word about a child."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail

from mace.access.models import Scope
from mace.access.services import bar_person, lift_bar, lift_restriction, restrict
from mace.core import clock
from mace.core.seat import acting_as
from mace.notifications.models import Message
from mace.notifications.selectors import inbox, outbox, unread_count
from mace.notifications.services import notify, send_one
from mace.notifications.tasks import send_outbox
from panels.chasing_tasks import chase_actions_of, make_reviews_of
from panels.enums import ItemKind, Strand
from panels.models import Action
from panels.services.actions import create_action
from panels.services.meetings import add_case_item, publish_agenda
from referrals.models import Case
from tests.access.tables import whole
from tests.access.world import make_world
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.panels import HELD, approved_meeting, invited, item_of, planned_meeting, published_meeting
from tests.factories.referrals import another_child, open_case

LONG_AGO = dt.timedelta(minutes=5)


@pytest.fixture
def case(cast: Cast) -> Case:
    return open_case(cast)


def give_action(cast: Cast, case: Case, owner: str = "police_member") -> Action:
    meeting = published_meeting(cast, case, invite=("police",), scope=Scope.SUMMARY)
    by = cast["coordinator"]
    with acting_as(by):
        return create_action(
            record_id=case.pk,
            item=item_of(cast, meeting),
            strand=Strand.VICTIM,
            text="Visit the flat",
            measure="",
            owner_agency=cast.agencies["police"],
            owner=cast.memberships[owner],
            due_on=dt.date(2026, 4, 1),
            by=by,
            at=HELD,
        )


def bar(cast: Cast, case: Case, name: str):
    by = cast["coordinator"] if name != "coordinator" else cast["chair"]
    with acting_as(by):
        return bar_person(
            record_id=case.pk, user=cast.memberships[name].user, reason="A relative", by=by, at=clock.now()
        )


def seen(cast: Cast, name: str) -> list[str]:
    with acting_as(cast[name]):
        found = [message.subject for message in inbox(cast[name])]
        assert unread_count(cast[name]) == len(found)
        return found


def unread_on_page(cast: Cast, name: str, path: str) -> bool:
    return 'class="app-count-badge"' in cast.client(name).get(path).content.decode()


def mailed(cast: Cast) -> list[str]:
    """Addresses that the outbox's mail went to, all that waits having waited long enough."""
    with as_owner():
        Message.objects.filter(mailed_at=None).update(created_at=clock.now() - LONG_AGO)
    mail.outbox.clear()
    send_outbox()
    return sorted(sent.to[0] for sent in mail.outbox)


def test_message_sent_before_the_bar_is_gone_from_inbox_count_home_and_mail(cast: Cast, case: Case) -> None:
    action = give_action(cast, case)
    subjects = seen(cast, "police_member")
    assert any(action.reference in subject for subject in subjects)
    assert unread_on_page(cast, "police_member", "/")
    made = bar(cast, case, "police_member")
    assert seen(cast, "police_member") == []
    for path in ("/", "/inbox/"):
        assert not unread_on_page(cast, "police_member", path)
        assert action.reference not in cast.client("police_member").get(path).content.decode()
    assert "police_member@example.org" not in mailed(cast)
    with acting_as(cast["coordinator"]):
        lift_bar(bar=made, reason="It was not her", by=cast["coordinator"], at=clock.now())
    assert seen(cast, "police_member") == subjects
    assert mailed(cast) == ["police_member@example.org"]


def test_barred_persons_message_cannot_be_opened_or_marked(cast: Cast, case: Case) -> None:
    give_action(cast, case)
    with acting_as(cast["police_member"]):
        reference = Message.objects.get().reference
    bar(cast, case, "police_member")
    client = cast.client("police_member")
    hidden, absent = client.post(f"/inbox/{reference}/"), client.post("/inbox/N-0000-0000/")
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert whole(hidden) == whole(absent)
    client.post("/inbox/")
    with as_owner():
        assert Message.objects.get(reference=reference).read_at is None


def test_message_sent_during_the_bar_waits_until_it_is_lifted(cast: Cast, case: Case) -> None:
    made = bar(cast, case, "practitioner")
    approved_meeting(cast, case, invite=("police",))
    assert [subject for subject in seen(cast, "practitioner") if "M-" in subject] == []
    with as_owner():
        waiting = Message.objects.filter(recipient=cast.memberships["practitioner"]).count()
    assert waiting >= 2
    assert "practitioner@example.org" not in mailed(cast)
    with acting_as(cast["coordinator"]):
        lift_bar(bar=made, reason="Nothing in it", by=cast["coordinator"], at=clock.now())
    assert len(seen(cast, "practitioner")) == waiting
    assert mailed(cast).count("practitioner@example.org") == waiting


def test_bar_holds_in_every_seat_of_the_person_and_for_nobody_else(cast: Cast, case: Case) -> None:
    give_action(cast, case, "police_lead")
    before = {name: seen(cast, name) for name in cast.seats if name != "system"}
    assert len(before["police_lead"]) >= 2
    bar(cast, case, "police_lead")
    after = {name: seen(cast, name) for name in cast.seats if name != "system"}
    assert {name for name in after if after[name] != before[name]} == {"police_lead"}


def test_task_that_has_the_key_already_sends_nothing_either(cast: Cast, case: Case) -> None:
    give_action(cast, case)
    with acting_as(cast["police_member"]):
        key = str(Message.objects.get().pk)
    bar(cast, case, "police_member")
    with acting_as(cast["system"]):
        assert send_one(message_id=key, by=cast["system"], at=clock.now()) is False
        with as_owner():
            Message.objects.update(created_at=clock.now() - LONG_AGO)
        assert key not in outbox(at=clock.now(), most=500)
    assert mail.outbox == []


def test_restricted_case_speaks_to_the_people_named_only(cast: Cast, case: Case) -> None:
    give_action(cast, case)
    told = {name for name in cast.seats if name != "system" and seen(cast, name)}
    assert {"coordinator", "chair", "practitioner", "police_member", "police_lead"} <= told
    people = {cast.memberships[name]: Scope.FULL for name in ("coordinator", "practitioner")}
    with acting_as(cast["coordinator"]):
        restrict(record_id=case.pk, people=people, reason="A colleague's family", by=cast["coordinator"])
    still = {name: seen(cast, name) for name in told}
    assert {name for name, subjects in still.items() if subjects} == {"coordinator", "practitioner", "chair"}
    assert [subject for subject in still["chair"] if "Agenda published" not in subject] == []  # of the meeting itself
    assert mailed(cast).count("police_member@example.org") == 0
    with acting_as(cast["coordinator"]):
        lift_restriction(record_id=case.pk, reason="Over", by=cast["coordinator"])
    assert {name for name in told if seen(cast, name)} == told


def test_agenda_tells_nobody_how_many_items_it_has_that_they_may_not_see(cast: Cast, case: Case) -> None:
    other = open_case(cast, child=another_child(5))
    bar(cast, case, "police_lead")
    bar(cast, case, "chair")
    meeting = planned_meeting(cast, case)
    by = cast["coordinator"]
    with acting_as(by):
        add_case_item(meeting=meeting, case=other, kind=ItemKind.NEW, minutes_allowed=10, by=by, at=HELD)
    for subject in (case, other):
        invited(cast, item_of(cast, meeting, subject))
    with acting_as(by):
        publish_agenda(meeting=meeting, by=by, at=HELD)
    with as_owner():
        texts = list(Message.objects.filter(dedupe_key__startswith="agenda:").values_list("text", flat=True))
    assert len(texts) >= 3
    assert not any(digit in text.split(" on ")[0] for text in texts for digit in "23456789" if "Case C-" not in text)


def test_lead_barred_from_the_only_item_is_told_of_no_agenda_and_no_minutes(cast: Cast, case: Case) -> None:
    bar(cast, case, "police_lead")
    approved_meeting(cast, case, invite=("police", "health"))
    assert seen(cast, "police_lead") == []
    assert len(seen(cast, "health_lead")) == 2


def test_no_message_and_no_mail_has_a_word_about_a_child(cast: Cast) -> None:
    """One case through everything, then every reminder that the clock sends in three years."""
    world = make_world(cast)
    bar(cast, world.case, "police_lead")
    with pytest.MonkeyPatch.context() as patch:
        for days in (100, 200, 400, 1000):
            later = clock.now() + dt.timedelta(days=days)
            patch.setattr("mace.core.clock.now", lambda later=later: later)
            patch.setattr("mace.core.clock.today", lambda later=later: clock.london_date(later))
            make_reviews_of(partnership_id=cast.partnership.pk)
            chase_actions_of(partnership_id=cast.partnership.pk)
            patch.undo()
    with as_owner():
        messages = list(Message.objects.all())
    kinds = {message.dedupe_key.split(":")[0] for message in messages}
    assert {"referral-submitted", "referral-accepted", "agenda", "minutes", "action", "review-made", "chase"} <= kinds
    mailed(cast)
    assert len(mail.outbox) > 10
    said = [f"{m.subject}\n{m.text}\n{m.path}\n{m.dedupe_key}" for m in messages]
    said += [f"{m.subject}\n{m.body}\n{m.extra_headers}" for m in mail.outbox]
    about_a_child = (
        "tamika", "brightwater", "invented road", "anytown academy", "county lines",  "two phones", "older people",
        "dex", "anytown station", "visit the flat", "book the check", "father", "moderate", "27 march 2011",
    )  # fmt: skip
    for text in said:
        assert [word for word in about_a_child if word in text.lower()] == [], text
    assert all(message.about for message in messages if not message.dedupe_key.startswith(("question", "import")))


def test_every_message_says_what_it_is_about(cast: Cast) -> None:
    """Those that speak of no record at all are few, and listed here by what their key begins with."""
    make_world(cast)
    with as_owner():
        without = {
            row.split(":")[0].split(" ")[0]
            for row in Message.objects.filter(about=None).values_list("dedupe_key", flat=True)
        }
    # a question is put to those who have no record of the child, and an import is of a file
    assert without <= {"role", "question", "import"}


def test_message_about_nothing_reaches_a_barred_person_as_ever(cast: Cast, case: Case) -> None:
    bar(cast, case, "police_lead")
    with acting_as(cast["coordinator"]):
        notify(
            to=cast.memberships["police_lead"],
            subject="A change of place",
            text="The room is another.",
            path="/",
            about=None,
            dedupe_key="k",
            by=cast["coordinator"],
            at=clock.now(),
        )
    assert seen(cast, "police_lead") == ["A change of place"]
