"""Where a child lives and lived, further numbers at agencies, and which authorities answer for the child."""

from __future__ import annotations

from django.db import models

from mace.access.models import Record
from mace.accounts.models import Membership
from mace.agencies.models import Agency, LocalAuthority
from mace.core.protection import FULL, IDENTITY, Protected, granted
from referrals.models.child import Child


class AddressKind(models.TextChoices):
    HOME = "home", "Home"
    PLACEMENT = "placement", "Placement"
    OTHER_PARENT = "other_parent", "Other parent"
    OTHER = "other", "Other"


OPEN_ADDRESSES = f"{granted(scope=FULL)} and not referrals_address_protected({{table}}.child_id)"
LIVES_THERE = (AddressKind.HOME.value, AddressKind.PLACEMENT.value)


class ChildAddress(models.Model):
    """An address of the child over time. The one where the child lives now is what ``ChildIdentity.address`` says.

    A trigger on the identity keeps the former when that changes. What is or was protected never stands here: triggers
    leave it out, and take it out once it is protected (migration 0032). While an address of the child is protected none
    is shown, former ones neither. Unknown days are empty.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="addresses")
    kind = models.CharField(max_length=12, choices=AddressKind.choices)
    address = models.CharField(max_length=300)
    from_on = models.DateField(null=True, blank=True)
    to_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=200)
    written_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "child addresses"
        constraints = [
            Protected(name="childaddress_full", see=OPEN_ADDRESSES),
            models.CheckConstraint(condition=~models.Q(address=""), name="address_says_where"),
            models.CheckConstraint(
                condition=models.Q(to_on__isnull=True)
                | models.Q(from_on__isnull=True)
                | models.Q(to_on__gte=models.F("from_on")),
                name="address_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["child"],
                condition=models.Q(to_on__isnull=True, kind__in=LIVES_THERE),
                name="child_lives_at_one_address",
            ),
        ]
        indexes = [models.Index(fields=["child"], name="childaddress_child")]


class ChildNumber(models.Model):
    """A further number at an agency, beside the ``local_id`` of the agency whose referral made the child.

    Two children of one agency may bear one number while nobody has found that they are one child.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="numbers")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=40)
    written_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            Protected(name="childnumber_granted", see=granted(scope=IDENTITY), add=granted(scope=FULL), change="false"),
            models.CheckConstraint(condition=~models.Q(number=""), name="number_says_which"),
            models.UniqueConstraint(fields=["child", "agency", "number"], name="childnumber_once"),
        ]
        indexes = [models.Index(fields=["number", "agency"], name="childnumber_number")]


class ChildAuthority(models.Model):
    """Which local authority is the child's home, which one placed the child here, and whether the home one was told.

    One is in force at a time; the former ones keep their days. ``source``: the referral that said so, where nobody
    wrote it here. ``doubt``: what a later referral says instead, until somebody writes the authorities again.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="authorities")
    home = models.ForeignKey(LocalAuthority, on_delete=models.PROTECT, related_name="+")
    placing = models.ForeignKey(LocalAuthority, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    from_on = models.DateField()
    to_on = models.DateField(null=True, blank=True)
    told_on = models.DateField(null=True, blank=True)
    told_by = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=120, blank=True, db_default="")
    doubt = models.CharField(max_length=400, blank=True, db_default="")
    written_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "child authorities"
        constraints = [
            Protected(name="childauthority_full", see=granted(scope=FULL)),
            models.CheckConstraint(
                condition=models.Q(to_on__isnull=True) | models.Q(to_on__gte=models.F("from_on")),
                name="authority_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(told_on__isnull=True, told_by="")
                | (models.Q(told_on__isnull=False) & ~models.Q(told_by="")),
                name="home_authority_told_when_and_by_whom",
            ),
            models.UniqueConstraint(
                fields=["child"], condition=models.Q(to_on__isnull=True), name="child_has_one_home_authority"
            ),
        ]
