"""People and their seats. A person signs in; a seat (membership) is what may see and do things."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models

from mace.agencies.models import Agency, Partnership, Team, principal_field, reference_field
from mace.core.protection import Closed, Open, Protected

SIGN_IN = "needed to sign in, before any seat is known"


class Role(models.TextChoices):
    """What a seat is for; ``mace.access.policy`` says what each may do."""

    PRACTITIONER = "practitioner", "Practitioner"
    MANAGER = "manager", "Team manager"
    COORDINATOR = "coordinator", "Coordinator"
    CHAIR = "chair", "Chair"
    AGENCY_LEAD = "agency_lead", "Agency lead"
    AGENCY_MEMBER = "agency_member", "Agency member"
    BOARD = "board", "Strategic board member"
    ANALYST = "analyst", "Analyst"
    INFORMATION_GOVERNANCE = "ig", "Information governance officer"
    ADMINISTRATOR = "admin", "Administrator"
    MINUTE_TAKER = "minute_taker", "Minute-taker"
    AUDITOR = "auditor", "Case-file auditor"
    ANALYST_IDENTIFIABLE = "analyst_identifiable", "Analyst with identifiable data"
    SYSTEM = "system", "System"


TIME_LIMITED = (Role.MINUTE_TAKER.value, Role.AUDITOR.value, Role.ANALYST_IDENTIFIABLE.value)
"""Seats for one meeting, one sample, one job. They end on a date and say what they are for, as deputies' do."""
DEPUTISED = (Role.CHAIR.value, Role.AGENCY_LEAD.value)
"""The roles that a deputy may stand in for."""


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who can sign in with e-mail, password and a second factor. Nobody is a superuser on the web."""

    reference = reference_field("U")
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        constraints = [
            Open(name="user_open", reason=SIGN_IN, grants="SELECT, UPDATE (password, last_login)", history=False),
            models.CheckConstraint(condition=models.Q(is_superuser=False), name="user_is_never_superuser"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name


class Membership(models.Model):
    """A seat: a person in a role for an agency within a partnership, from one date until another."""

    reference = reference_field("S")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="memberships")
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    job_title = models.CharField(max_length=120, blank=True)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    purpose = models.CharField(max_length=200, blank=True, default="", db_default="")
    deputy_for = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="deputies")
    principal = principal_field()

    class Meta:
        constraints = [
            Open(name="membership_open", reason="who holds which seat, resolved before a seat is known"),
            models.CheckConstraint(
                condition=models.Q(until_on__isnull=True) | models.Q(until_on__gte=models.F("from_on")),
                name="membership_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["partnership"], condition=models.Q(role="system"), name="one_system_seat_per_partnership"
            ),
            models.CheckConstraint(
                condition=(~models.Q(role__in=TIME_LIMITED) & models.Q(deputy_for__isnull=True))
                | (models.Q(until_on__isnull=False) & ~models.Q(purpose="")),
                name="time_limited_seat_ends_and_says_why",
            ),
            models.CheckConstraint(
                condition=models.Q(deputy_for__isnull=True) | models.Q(role__in=DEPUTISED),
                name="deputy_of_chair_or_lead",
            ),
        ]
        indexes = [models.Index(fields=["user", "from_on"], name="membership_of_user")]

    def __str__(self) -> str:
        return f"{self.user.name}, {self.get_role_display()}, {self.agency.name}"


class Holding(models.Model):
    """A further principal that a seat holds: the panel it chairs, or, until a moment, an emergency access.

    Who chairs which panel is known to all; that somebody opened a case in an emergency, only to themselves.
    """

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="holdings")
    principal = models.IntegerField()
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    until_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            Protected(
                name="holding_of_panel_or_own",
                see="{table}.until_at is null or {table}.membership_id = (select mace_seat())",
                add="false",
                change="false",
            ),
            models.UniqueConstraint(fields=["membership", "principal"], name="holding_once"),
        ]


class SeatKey(models.Model):
    """The key that seat tokens are signed with; one row, readable by the owner's functions only."""

    id = models.SmallIntegerField(primary_key=True)
    key = models.BinaryField()

    class Meta:
        constraints = [
            Closed(name="seatkey_closed", reason="a seat token could be forged with it"),
            models.CheckConstraint(condition=models.Q(id=1), name="one_seat_key"),
        ]
