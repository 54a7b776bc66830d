"""People and their seats. A person signs in; a seat (membership) is what may see and do things."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models

from mace.agencies.models import Agency, Partnership, Team, principal_field
from mace.core.protection import Closed, Open

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
    SYSTEM = "system", "System"


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
            Open(name="user_open", reason=SIGN_IN, grants="SELECT, UPDATE", history=False),
            models.CheckConstraint(condition=models.Q(is_superuser=False), name="user_is_never_superuser"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name


class Membership(models.Model):
    """A seat: a person in a role for an agency within a partnership, from one date until another."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="memberships")
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    job_title = models.CharField(max_length=120, blank=True)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
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
        ]
        indexes = [models.Index(fields=["user", "from_on"], name="membership_of_user")]

    def __str__(self) -> str:
        return f"{self.user.name}, {self.get_role_display()}, {self.agency.name}"


class Holding(models.Model):
    """A further principal that a seat holds, for instance the panel it chairs."""

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="holdings")
    principal = models.IntegerField()
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            Open(name="holding_open", reason="which seat chairs which panel; resolved before a seat is known"),
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
