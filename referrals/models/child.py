"""A child: one record, with what tells who they are apart from what describes them."""

from __future__ import annotations

from django.db import models

from mace.access.models import Record
from mace.accounts.models import Membership
from mace.core.protection import FULL, IDENTITY, Protected, granted
from mace.core.references import child_reference

UNKNOWN_DAY = 15
"""The day of the month that stands for one nobody knows."""


class Child(models.Model):
    record = models.OneToOneField(Record, primary_key=True, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=12, unique=True, default=child_reference)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "children"
        constraints = [Protected(name="child_granted", see=granted(scope=IDENTITY), change=granted(scope=FULL))]

    def __str__(self) -> str:
        return self.reference


class ChildIdentity(models.Model):
    """Scope *identity*: what an agency needs to look the child up. ``name_key`` sorts and finds names.

    A birthday whose day is not known is kept as the 15th. ``local_id`` is the number at the agency whose referral made
    the child. What may be the same child is found by an index on the names and the date (migration 0009).
    """

    record = models.OneToOneField(Record, primary_key=True, on_delete=models.PROTECT, related_name="+")
    child = models.OneToOneField(Child, on_delete=models.PROTECT, related_name="identity")
    forename = models.CharField(max_length=80)
    surname = models.CharField(max_length=80)
    aliases = models.CharField(max_length=200, blank=True)
    date_of_birth = models.DateField()
    birth_day_known = models.BooleanField(default=True, db_default=True)
    nhs_number = models.CharField(max_length=10, blank=True)
    upn = models.CharField("UPN", max_length=13, blank=True, db_default="")
    local_id = models.CharField(max_length=40, blank=True, db_default="")
    address = models.CharField(max_length=300, blank=True)
    name_key = models.CharField(max_length=170)

    class Meta:
        verbose_name_plural = "child identities"
        constraints = [
            Protected(name="childidentity_granted", see=granted(scope=IDENTITY), change=granted(scope=FULL)),
            models.CheckConstraint(
                condition=models.Q(birth_day_known=True) | models.Q(date_of_birth__day=UNKNOWN_DAY),
                name="unknown_birth_day_is_the_15th",
            ),
        ]
        indexes = [
            models.Index(fields=["date_of_birth"], name="childidentity_born"),
            models.Index(fields=["upn"], name="childidentity_upn", condition=~models.Q(upn="")),
            models.Index(fields=["local_id"], name="childidentity_local_id", condition=~models.Q(local_id="")),
        ]

    @property
    def full_name(self) -> str:
        return f"{self.forename} {self.surname}"

    @property
    def day_words(self) -> str:
        """What follows the date of birth on a page when its day stands for one nobody knows."""
        return "" if self.birth_day_known else ", day not known"


class ProtectedAddress(models.Model):
    """Where a child lives, when that must not be known: shown to those named on its own record, and to nobody else.

    Its record lies within the case's or referral's, so withdrawing there withdraws here; neither a post, an agency nor
    emergency access opens it. ``ChildIdentity.address`` is empty for such a child.
    """

    record = models.OneToOneField(Record, primary_key=True, on_delete=models.PROTECT, related_name="+")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="protected_addresses")
    address = models.CharField(max_length=300)
    reason = models.CharField(max_length=300)
    since_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    written_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "protected addresses"
        constraints = [
            Protected(name="protectedaddress_named", see=granted(scope=FULL)),
            models.CheckConstraint(
                condition=models.Q(until_on__isnull=True) | models.Q(until_on__gte=models.F("since_on")),
                name="protected_address_ends_after_it_begins",
            ),
        ]


class ChildProfile(models.Model):
    """Scope *full*: what describes the child."""

    record = models.OneToOneField(Record, primary_key=True, on_delete=models.PROTECT, related_name="+")
    child = models.OneToOneField(Child, on_delete=models.PROTECT, related_name="profile")
    sex = models.CharField(max_length=1)
    ethnicity = models.CharField(max_length=4, blank=True)
    first_language = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [Protected(name="childprofile_granted", see=granted(scope=FULL))]


class ChildMerge(models.Model):
    """Two records of one partnership that turned out to be the same child, until that is undone.

    Nothing moves: cases and referrals keep the record they speak of and their own grants, so nobody sees more than
    before. ``child`` gives way to ``into`` where a child is looked for, and a bar or a restriction around the one holds
    around the other too. Only ``referrals_merge_children`` and ``referrals_undo_merge`` write rows; those who see both
    children in full read them.
    """

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="given_way")
    into = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="taken_over")
    reason = models.CharField(max_length=400)
    merged_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    undone_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            Protected(
                name="childmerge_both_in_full",
                see=f"{granted('child_id', scope=FULL)} and {granted('into_id', scope=FULL)}",
                add="false",
                change="false",
            ),
            models.CheckConstraint(condition=~models.Q(child=models.F("into")), name="merge_joins_two"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="merge_says_why"),
            models.CheckConstraint(
                condition=models.Q(undone_at__isnull=True, undone_by__isnull=True)
                | (models.Q(undone_at__isnull=False, undone_by__isnull=False) & ~models.Q(undone_reason="")),
                name="undone_merge_says_who_and_why",
            ),
            models.UniqueConstraint(
                fields=["child"], condition=models.Q(undone_at__isnull=True), name="child_gives_way_to_one"
            ),
        ]
        indexes = [
            models.Index(fields=["into"], condition=models.Q(undone_at__isnull=True), name="merge_in_force"),
        ]
