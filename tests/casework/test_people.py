"""People and roles: an administrator looks after the partnership, a lead after the own agency, nobody after oneself."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mace.accounts.models import Holding, Membership, Role, User
from mace.agencies.models import Participation
from mace.casework.services.people import close_account, end_role, give_role, keep_agreement
from mace.core import clock
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from mace.notifications.models import Message
from tests.factories.cast import SINCE, Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import open_case

PASSWORD = "correct horse battery staple"
NEW = {
    "name": "Ada Byrne",
    "email": "Ada.Byrne@example.org",
    "from_on_day": "1",
    "from_on_month": "1",
    "from_on_year": "2021",
}


def in_a_month() -> dict[str, str]:
    day = clock.today() + dt.timedelta(days=30)
    return {"until_on_day": str(day.day), "until_on_month": str(day.month), "until_on_year": str(day.year)}


def sent(cast: Cast, agency: str, role: str, **more: str) -> dict[str, str]:
    return {**NEW, "agency": str(cast.agencies[agency].pk), "role": role, **more}


def seats_of(email: str) -> list[tuple[str, str]]:
    rows = Membership.objects.filter(user__email=email).order_by("pk")
    return [(row.role, row.agency.name) for row in rows.select_related("agency")]


# --- Seeing -----------------------------------------------------------------------------------------------------------


def test_an_administrator_sees_everybody_of_the_partnership_and_no_case(cast: Cast) -> None:
    case = open_case(cast)
    body = cast.client("admin").get("/people/").content.decode()
    for name in ("Practitioner", "Police Lead", "Voluntary Member"):
        assert f">{name}</a>" in body
    assert "Stranger" not in body
    assert "system@" not in body
    assert case.reference not in body
    for path in ("/cases/", f"/cases/{case.reference}/", "/meetings/", "/actions/", "/volt/"):
        assert cast.client("admin").get(path).status_code == 403, path


def test_a_lead_sees_the_own_agency_and_a_coordinator_reads_only(cast: Cast) -> None:
    lead = cast.client("police_lead").get("/people/").content.decode()
    assert ">Police Member</a>" in lead
    assert ">Practitioner</a>" not in lead
    assert "Add a person" in lead
    coordinator = cast.client("coordinator").get("/people/").content.decode()
    assert ">Practitioner</a>" in coordinator
    assert "Add a person" not in coordinator
    person = cast.memberships["police_member"].user.reference
    page = cast.client("coordinator").get(f"/people/{person}/").content.decode()
    assert "Agency member, Anytown Police" in page
    assert "End this role" not in page
    assert "End this role" in cast.client("police_lead").get(f"/people/{person}/").content.decode()


def test_statements_of_the_list_do_not_grow(cast: Cast) -> None:
    client = cast.client("admin")

    def statements() -> int:
        with CaptureQueriesContext(connection) as said:
            assert client.get("/people/").status_code == 200
            return len(said.captured_queries)

    statements()
    few = statements()
    with as_owner():
        for number in range(25):
            user = User.objects.create_user(f"more{number}@example.org", None, name=f"More {number}")
            Membership.objects.create(
                user=user,
                agency=cast.agencies["police"],
                partnership=cast.partnership,
                role=Role.AGENCY_MEMBER,
                from_on=SINCE,
            )
    assert statements() == few


# --- Adding and giving ------------------------------------------------------------------------------------------------


def test_an_administrator_adds_a_person_who_chooses_a_password_and_signs_in(cast: Cast) -> None:
    cache.clear()
    answer = cast.client("admin").post("/people/new/", sent(cast, "health", "practitioner", job_title="Nurse"))
    made = User.objects.get(email="ada.byrne@example.org")
    assert answer.headers["Location"] == f"/people/{made.reference}/"
    assert re.fullmatch(r"U-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", made.reference)
    assert seats_of(made.email) == [("practitioner", "Anytown NHS Trust")]
    assert not made.has_usable_password()
    assert (made.is_active, made.is_staff, made.is_superuser) == (True, False, False)
    with as_owner():
        message = Message.objects.get(recipient__user=made)
        assert (message.path, "Ada" in message.text + message.subject) == ("/accounts/password/reset/", False)

    client = Client()
    assert client.post(message.path, {"email": made.email}).status_code == 302
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert link
    form = client.get(link[1], follow=True).redirect_chain[-1][0]
    done = client.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    assert done.status_code == 302
    made.refresh_from_db()
    assert made.check_password(PASSWORD)
    answer = Client().post("/accounts/login/", {"login": made.email, "password": PASSWORD})
    assert answer.status_code == 302


def test_who_has_the_address_already_gets_the_role_and_keeps_the_name(cast: Cast) -> None:
    cast.client("practitioner")  # has signed in before
    form = sent(cast, "police", "agency_member") | {"email": "PRACTITIONER@example.org"}
    assert cast.client("police_lead").post("/people/new/", form).status_code == 302
    user = cast.memberships["practitioner"].user
    user.refresh_from_db()
    assert user.name == "Practitioner"
    assert seats_of(user.email) == [
        ("practitioner", "Anytown Children’s Services"),
        ("agency_member", "Anytown Police"),
    ]
    with as_owner():
        assert Message.objects.get(recipient__user=user, recipient__role="agency_member").path == "/"


def test_a_closed_account_is_not_given_a_role(cast: Cast) -> None:
    with as_owner():
        User.objects.filter(pk=cast["police_member"].user_id).update(is_active=False)
    form = sent(cast, "police", "agency_member") | {"email": "police_member@example.org"}
    answer = cast.client("police_lead").post("/people/new/", form)
    assert (answer.status_code, "is closed" in answer.content.decode()) == (422, True)
    assert len(seats_of("police_member@example.org")) == 1


@pytest.mark.parametrize(
    ("agency", "role"),
    [("health", "agency_member"), ("police", "coordinator"), ("police", "admin"), ("police", "system")],
)
def test_a_lead_gives_no_role_elsewhere_and_no_other(cast: Cast, agency: str, role: str) -> None:
    answer = cast.client("police_lead").post("/people/new/", sent(cast, agency, role))
    assert answer.status_code == 422
    assert not User.objects.filter(email="ada.byrne@example.org").exists()


@pytest.mark.parametrize("role", ["minute_taker", "auditor", "analyst_identifiable"])
def test_a_role_for_a_time_has_its_end_and_its_purpose(cast: Cast, role: str) -> None:
    client = cast.client("admin")
    without_end = client.post("/people/new/", sent(cast, "health", role, purpose="The audit"))
    assert (without_end.status_code, "Enter the last day" in without_end.content.decode()) == (422, True)
    without_purpose = client.post("/people/new/", sent(cast, "health", role, **in_a_month()))
    assert (without_purpose.status_code, "Say what this role is for" in without_purpose.content.decode()) == (422, True)
    assert not User.objects.filter(email="ada.byrne@example.org").exists()
    assert (
        client.post("/people/new/", sent(cast, "health", role, purpose="The audit", **in_a_month())).status_code == 302
    )
    assert seats_of("ada.byrne@example.org") == [(role, "Anytown NHS Trust")]


def test_a_deputy_of_the_chair_has_the_panels_of_the_chair_until_the_end(cast: Cast) -> None:
    chair = cast.memberships["chair"]
    form = sent(cast, "social_care", "chair", deputy_for=chair.reference, purpose="Leave", **in_a_month())
    assert cast.client("admin").post("/people/new/", form).status_code == 302
    made = Membership.objects.get(user__email="ada.byrne@example.org")
    assert made.deputy_for_id == chair.pk
    panels = {panel.principal for name, panel in cast.panels.items() if not name.startswith("other_")}
    assert set(Holding.objects.filter(membership=made).values_list("principal", "until_on")) == {
        (principal, made.until_on) for principal in panels
    }
    client = Client()
    client.force_login(made.user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/").headers["Location"] == "/accounts/2fa/totp/activate/"
    body = cast.client("admin").get(f"/people/{made.user.reference}/").content.decode()
    assert "Deputy chair, Anytown Children’s Services" in body
    assert "stands in for Chair" in body


def test_a_deputy_fits_whom_they_stand_in_for(cast: Cast) -> None:
    client, chair = cast.client("admin"), cast.memberships["chair"].reference
    for agency, role in (("police", "chair"), ("social_care", "manager")):
        answer = client.post(
            "/people/new/", sent(cast, agency, role, deputy_for=chair, purpose="Leave", **in_a_month())
        )
        assert (answer.status_code, "same role and agency" in answer.content.decode()) == (422, True)
    assert not Membership.objects.filter(deputy_for__isnull=False).exists()


def test_nobody_gives_themselves_a_role(cast: Cast) -> None:
    for name in ("admin", "police_lead"):
        own = cast.memberships[name].user.reference
        answer = cast.client(name).post(f"/people/{own}/role/", sent(cast, "police", "agency_member"))
        assert (answer.status_code, "Nobody gives themselves a role" in answer.content.decode()) == (422, True)
        again = sent(cast, "police", "agency_member") | {"email": f"{name}@example.org"}
        assert cast.client(name).post("/people/new/", again).status_code == 422
        assert len(seats_of(f"{name}@example.org")) == 1


# --- Ending -----------------------------------------------------------------------------------------------------------


def end_url(cast: Cast, name: str) -> str:
    return f"/people/roles/{cast.memberships[name].reference}/end/"


def test_a_role_ends_with_the_day_or_at_once(cast: Cast) -> None:
    today = clock.today()
    member = cast.client("police_member")
    assert member.get("/cases/").status_code == 200
    assert cast.client("police_lead").post(end_url(cast, "police_member"), {"when": "today"}).status_code == 302
    assert Membership.objects.get(pk=cast["police_member"].membership_id).until_on == today
    assert member.get("/cases/").status_code == 200
    assert cast.client("police_lead").post(end_url(cast, "police_member"), {"when": "now"}).status_code == 302
    assert member.get("/cases/").headers["Location"] == "/no-role/"
    assert member.get("/api/v1/cases/").status_code == 403


def test_a_role_that_began_today_can_end_at_once_and_so_do_its_deputies(cast: Cast) -> None:
    today, admin = clock.today(), cast["admin"]
    with acting_as(admin):
        lead = give_role(
            user=cast.memberships["board"].user,
            agency=cast.agencies["police"],
            role=Role.AGENCY_LEAD,
            from_on=today,
            by=admin,
            at=clock.now(),
        )
        deputy = give_role(
            user=cast.memberships["police_member"].user,
            agency=cast.agencies["police"],
            role=Role.AGENCY_LEAD,
            from_on=today,
            until_on=today + dt.timedelta(days=9),
            purpose="Leave",
            deputy_for=lead,
            by=admin,
            at=clock.now(),
        )
        end_role(membership=lead, at_once=True, by=admin, at=clock.now())
    for row in (lead, deputy):
        row.refresh_from_db()
        assert (row.from_on, row.until_on) == (today - dt.timedelta(days=1), today - dt.timedelta(days=1))


def test_ending_never_lengthens(cast: Cast) -> None:
    with as_owner():
        Membership.objects.filter(pk=cast["police_member"].membership_id).update(until_on=dt.date(2021, 5, 1))
    with acting_as(cast["admin"]):
        row = Membership.objects.get(pk=cast["police_member"].membership_id)
        end_role(membership=row, at_once=False, by=cast["admin"], at=clock.now())
        row.refresh_from_db()
    assert row.until_on == dt.date(2021, 5, 1)


def test_who_ends_a_role_is_in_the_change_history(cast: Cast) -> None:
    cast.client("police_lead").post(end_url(cast, "police_member"), {"when": "now"})
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "select membership_id, operation, after ->> 'until_on' from audit_change "
            "where table_name = 'accounts_membership' and row_key = %s and operation = 'update'",
            [str(cast["police_member"].membership_id)],
        )
        yesterday = (clock.today() - dt.timedelta(days=1)).isoformat()
        assert cursor.fetchall() == [(cast["police_lead"].membership_id, "update", yesterday)]


def test_an_administrator_closes_an_account_and_opens_it_again(cast: Cast) -> None:
    user, client = cast.memberships["police_member"].user, cast.client("police_member")
    assert client.get("/").status_code == 200
    path = f"/people/{user.reference}/account/"
    assert "Close the account" in cast.client("admin").get(path).content.decode()
    assert cast.client("admin").post(path).status_code == 302
    assert client.get("/").headers["Location"].startswith("/accounts/login/")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "select membership_id, after from audit_change where table_name = 'accounts_user' and row_key = %s",
            [str(user.pk)],
        )
        assert [(who, str(after)) for who, after in cursor.fetchall()] == [
            (cast["admin"].membership_id, '{"is_active": false}')
        ]
    assert cast.client("admin").post(path).status_code == 302
    user.refresh_from_db()
    assert user.is_active


def test_an_account_that_another_partnership_uses_is_not_closed_here(cast: Cast) -> None:
    user = cast.memberships["police_member"].user
    with as_owner():
        Membership.objects.create(
            user=user,
            agency=cast.agencies["other_police"],
            partnership=cast.other_partnership,
            role=Role.AGENCY_MEMBER,
            from_on=SINCE,
        )
    assert cast.client("admin").post(f"/people/{user.reference}/account/").status_code == 404
    user.refresh_from_db()
    assert user.is_active


def test_nobody_ends_or_closes_themselves(cast: Cast) -> None:
    admin = cast["admin"]
    with acting_as(admin):
        with pytest.raises(RuleBroken):
            close_account(user=cast.memberships["admin"].user, by=admin)
        with pytest.raises(RuleBroken):
            end_role(membership=cast.memberships["admin"], at_once=True, by=admin, at=clock.now())
    assert cast.client("admin").post(end_url(cast, "admin"), {"when": "now"}).status_code == 302
    assert Membership.objects.get(pk=admin.membership_id).until_on is None


@pytest.mark.parametrize("name", ["coordinator", "chair", "practitioner", "ig", "board"])
def test_other_roles_give_none(cast: Cast, name: str) -> None:
    seat = cast[name]
    with acting_as(seat):
        with pytest.raises(NotAllowed):
            give_role(
                user=cast.memberships["analyst"].user,
                agency=cast.agencies["police"],
                role=Role.AGENCY_MEMBER,
                from_on=clock.today(),
                by=seat,
                at=clock.now(),
            )
        with pytest.raises(NotAllowed):
            end_role(membership=cast.memberships["analyst"], at_once=True, by=seat, at=clock.now())


# --- Agreements -------------------------------------------------------------------------------------------------------


def test_an_agreement_that_lapsed_warns_the_coordinator_and_is_recorded_anew(cast: Cast) -> None:
    row = Participation.objects.get(agency=cast.agencies["police"])
    client = cast.client("coordinator")
    assert "need attention" not in client.get("/people/").content.decode()
    with as_owner():
        Participation.objects.filter(pk=row.pk).update(agreement_review_due_on=dt.date(2022, 1, 3))
    for name in ("coordinator", "admin"):
        body = cast.client(name).get("/people/").content.decode()
        assert f'href="/agreements/{row.reference}/">Anytown Police</a>' in body
    assert "was due on 3 January 2022" in client.get("/agreements/").content.decode()
    dates: dict[str, Any] = {"signed_on_day": "1", "signed_on_month": "2", "signed_on_year": "2024"}
    due = {"review_due_on_day": "1", "review_due_on_month": "2", "review_due_on_year": "2023"}
    refused = client.post(f"/agreements/{row.reference}/", dates | due)
    assert (refused.status_code, "on or after the day" in refused.content.decode()) == (422, True)
    assert client.post(f"/agreements/{row.reference}/", dates | due | {"review_due_on_year": "2999"}).status_code == 302
    row.refresh_from_db()
    assert (row.agreement_signed_on, row.agreement_review_due_on) == (dt.date(2024, 2, 1), dt.date(2999, 2, 1))
    assert "need attention" not in client.get("/people/").content.decode()


def test_an_agreement_that_lapsed_cuts_nobody_off(cast: Cast) -> None:
    with as_owner():
        Participation.objects.update(agreement_review_due_on=dt.date(2022, 1, 3))
    assert cast.client("police_lead").get("/cases/").status_code == 200


def test_an_agreement_of_another_partnership_is_not_there(cast: Cast) -> None:
    row = Participation.objects.get(agency=cast.agencies["other_police"])
    with acting_as(cast["coordinator"]), pytest.raises(DatabaseError), transaction.atomic():
        keep_agreement(participation=row, signed_on=None, review_due_on=None, by=cast["coordinator"])
    assert Participation.objects.get(pk=row.pk).agreement_signed_on == SINCE
