"""What stands before every page: whose session it is, which seat, what is kept of an answer, what goes on record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as current
from django.contrib.auth import BACKEND_SESSION_KEY, get_user
from django.contrib.sessions.backends.db import SessionStore
from django.core.handlers.wsgi import WSGIRequest
from django.db import DataError, ProgrammingError, connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import ResolverMatch
from django.utils.functional import SimpleLazyObject
from psycopg.errors import InsufficientPrivilege

from mace.access import sessions
from mace.access.gate import DEMO_KEY, SeatRequest, shown
from mace.access.middleware import SeatMiddleware
from mace.accounts.models import Membership, Role, User
from mace.core.errors import NotAllowed
from mace.core.seat import MARK_FIELD, Seat
from tests.access.tables import read_entries
from tests.access.world import World
from tests.casework.test_sessions import LONG_AGO, act_in, mark_on, second_seat
from tests.factories.cast import Cast
from tests.factories.owner import as_owner

CASES = "/cases/"
SIGN_IN = f"/accounts/login/?next={CASES}"


# --- Whose session it is ---------------------------------------------------------------------------------------------


def seat_found(client: Client) -> int | None:
    """The seat in which a page is made, whatever it asks for: one that is open to all asks for none."""
    request = RequestFactory().get("/accessibility/")
    request.session = client.session
    request.user = SimpleLazyObject(lambda: get_user(request))  # type: ignore[assignment]
    found: list[Seat | None] = []

    def page(asked: SeatRequest) -> HttpResponse:
        found.append(asked.seat)
        return HttpResponse()

    SeatMiddleware(page)(request)  # type: ignore[arg-type]
    return found[0].membership_id if found[0] else None


def test_a_session_of_before_the_password_was_changed_is_nobodys(cast: Cast) -> None:
    client = cast.client("coordinator")
    assert client.get(CASES).status_code == 200
    assert seat_found(client) == cast["coordinator"].membership_id
    user = cast.memberships["coordinator"].user
    user.set_password("another long passphrase")
    user.save(update_fields=["password"])
    assert seat_found(client) is None  # which ends it
    client = cast.client("coordinator")
    user.set_password("yet another long passphrase")
    user.save(update_fields=["password"])
    assert client.get(CASES).headers["Location"] == SIGN_IN


def test_a_session_made_in_a_way_that_is_no_longer_in_use_is_nobodys(cast: Cast) -> None:
    client = cast.client("coordinator")
    assert client.get(CASES).status_code == 200
    session = client.session
    session[BACKEND_SESSION_KEY] = "mace.demo.backends.Former"
    session.save()
    assert client.get(CASES).headers["Location"] == SIGN_IN


def test_a_session_signed_with_the_key_of_before_goes_on(cast: Cast, settings: Any) -> None:
    client = cast.client("coordinator")
    settings.SECRET_KEY_FALLBACKS = [current.SECRET_KEY]
    settings.SECRET_KEY = "a new key, as after a change of keys, and long enough"
    assert client.get(CASES).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    client = cast.client("coordinator")
    settings.SECRET_KEY = "yet another one, without the former among those still taken"
    assert client.get(CASES).headers["Location"] == SIGN_IN


def test_a_session_counts_from_the_answer_in_which_somebody_signed_in(cast: Cast, settings: Any) -> None:
    user = cast.memberships["coordinator"].user
    user.set_password(password := "correct horse battery staple")
    user.save(update_fields=["password"])
    client = Client()
    client.get(SIGN_IN)
    assert sessions.BEGAN not in client.session
    assert client.post(SIGN_IN, {"login": user.email, "password": password}).status_code == 302
    assert {sessions.BEGAN, sessions.USED} <= set(client.session.keys())


# --- The second factor -----------------------------------------------------------------------------------------------


def without_second_factor(cast: Cast) -> Client:
    client = cast.client("coordinator")
    Authenticator.objects.filter(user=cast.memberships["coordinator"].user).delete()
    return client


def test_who_has_no_second_factor_is_asked_to_add_one_and_who_has_no_role_is_told_that_first(cast: Cast) -> None:
    client = without_second_factor(cast)
    assert client.get(CASES).headers["Location"] == "/accounts/2fa/totp/activate/"
    with as_owner():
        Membership.objects.filter(pk=cast["coordinator"].membership_id).update(until_on=LONG_AGO)
    assert client.get(CASES).headers["Location"] == "/no-role/"


@pytest.mark.parametrize(("demo", "as_invented", "status"), [(True, True, 200), (True, False, 302), (False, True, 302)])
def test_only_who_signed_in_as_an_invented_person_in_a_demonstration_needs_none(
    cast: Cast, settings: Any, demo: bool, as_invented: bool, status: int
) -> None:
    settings.DEMO_SIGN_IN = demo
    client = without_second_factor(cast)
    session = client.session
    session[DEMO_KEY] = as_invented
    session.save()
    assert client.get(CASES).status_code == status


# --- Which seat ------------------------------------------------------------------------------------------------------


def test_who_holds_one_role_need_not_choose_it(cast: Cast) -> None:
    client = cast.client("coordinator")
    session = client.session
    del session["seat"]
    session.save()
    body = client.get("/roles/").content.decode()
    assert "has ended" not in body
    sent = {"text": "Brightwater", MARK_FIELD: mark_on(client)}
    assert client.post("/cases/search/", sent).status_code == 200


def test_who_loses_the_active_role_of_several_acts_in_the_first_that_is_left(cast: Cast) -> None:
    second_seat(cast)
    second_seat(cast, role=Role.AGENCY_LEAD)
    client = cast.client("practitioner")
    assert client.get("/").status_code == 200
    with as_owner():
        Membership.objects.filter(pk=cast["practitioner"].membership_id).update(until_on=LONG_AGO)
    answer = client.get("/")  # read, not sent: nothing of the former role could be done in the new one
    assert answer.status_code == 200
    assert "The role you were acting in has ended. You now act as" in answer.content.decode()


def test_a_role_is_switched_from_the_page_of_any(cast: Cast) -> None:
    second = second_seat(cast)
    client = cast.client("practitioner")
    mark = mark_on(client)
    act_in(client, second)
    own = cast.memberships["practitioner"]
    assert client.post("/roles/", {"role": str(own.pk), MARK_FIELD: mark}).status_code == 302
    assert client.session["seat"] == own.pk


# --- What is kept of an answer, and what goes on record --------------------------------------------------------------

View = Callable[[SeatRequest], HttpResponse]


def through(client: Client, view: View) -> HttpResponse:
    """The answer of a view that stands directly behind the middleware, for whoever signed in with the client."""
    request = RequestFactory().get(CASES)
    request.session = client.session
    request.user = User.objects.get(pk=int(client.session["_auth_user_id"]))
    request.resolver_match = ResolverMatch(view, (), {"reference": "C-2222-2222"}, url_name="tried")
    return SeatMiddleware(view)(request)  # type: ignore[arg-type]


def answers(status: int, *, shows: bool = True, writes: bool = True) -> View:
    def view(request: SeatRequest) -> HttpResponse:
        if shows:
            shown(request, "tried", reference="C-3333-3333")
        if writes:
            with connection.cursor() as cursor:
                cursor.execute("update accounts_user set name = 'Written' where id = %s", [request.user.pk])
        return HttpResponse(status=status)

    return view


def left(cast: Cast, view: View) -> tuple[bool, list[tuple[str, str, bool]]]:
    """Whether the view's write stayed, and what it left on record: the page, what of, whether refused."""
    client, before = cast.client("coordinator"), len(read_entries())
    through(client, view)
    with as_owner():
        stayed = User.objects.filter(name="Written").exists()
    return stayed, [(action, reference, refused) for _, _, action, _, reference, *_, refused in read_entries()[before:]]


@pytest.fixture(autouse=True)
def writable(cast: Cast) -> None:
    """People's names are not the web's to write; here they stand for whatever is."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("grant update (name) on accounts_user to mace_web")
        cursor.execute("create policy tried on accounts_user for update using (true)")


def test_an_answer_is_kept_with_what_it_wrote_and_showed(cast: Cast) -> None:
    assert left(cast, answers(200)) == (True, [("tried", "C-3333-3333", False)])


def test_of_a_form_that_comes_back_nothing_is_kept_but_that_it_showed_something(cast: Cast) -> None:
    assert left(cast, answers(422)) == (False, [("tried", "C-3333-3333", False)])
    assert left(cast, answers(422, shows=False)) == (False, [])


def test_of_a_fault_nothing_is_kept(cast: Cast) -> None:
    assert left(cast, answers(500)) == (False, [])


@pytest.mark.parametrize("status", [403, 404])
def test_of_a_refusal_nothing_is_kept_but_that_it_was_one(cast: Cast, status: int) -> None:
    assert left(cast, answers(status)) == (False, [("tried", "C-2222-2222", True)])


def test_an_address_that_no_page_has_is_refused_and_on_record_without_what_it_was(world: World) -> None:
    client, before = world.cast.client("coordinator"), len(read_entries())
    assert client.get("/cases/C-2222-2222/nothing/of/the/kind/").status_code == 404
    assert [(action, reference) for _, _, action, _, reference, *_ in read_entries()[before:]] == [("unknown page", "")]


# --- What a service or the database refused --------------------------------------------------------------------------


def caused_by(cause: Exception) -> Exception:
    error = ProgrammingError("no")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("exception", "status"),
    [
        (NotAllowed("screen"), 403),
        (caused_by(InsufficientPrivilege("new row violates row-level security policy")), 404),
        (DataError("invalid byte sequence"), 400),
        (caused_by(ValueError("something else")), None),
        (ValueError("something else"), None),
    ],
    ids=["a service", "a policy", "what no column takes", "another of the database", "a fault"],
)
def test_what_was_refused_below_is_answered_like_any_other_refusal(
    cast: Cast, exception: Exception, status: int | None
) -> None:
    request: WSGIRequest = RequestFactory().get(CASES)
    request.resolver_match, request.session = None, SessionStore()
    request.user = cast.memberships["coordinator"].user
    with transaction.atomic():
        answer = SeatMiddleware(lambda _: HttpResponse()).process_exception(request, exception)
        given_up = transaction.get_rollback()
        transaction.set_rollback(False)
    assert (answer.status_code if answer else None) == status
    assert given_up is (status == 404)
    assert request.failed  # type: ignore[attr-defined]
