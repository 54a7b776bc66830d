"""A child: one record, with what tells who they are apart from what describes them."""

from __future__ import annotations

from django.db import models

from mace.access.models import Record
from mace.core.protection import FULL, IDENTITY, Protected, granted
from mace.core.references import child_reference


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
    """Scope *identity*: what an agency needs to look the child up. ``name_key`` sorts and matches names."""

    record = models.OneToOneField(Record, primary_key=True, on_delete=models.PROTECT, related_name="+")
    child = models.OneToOneField(Child, on_delete=models.PROTECT, related_name="identity")
    forename = models.CharField(max_length=80)
    surname = models.CharField(max_length=80)
    aliases = models.CharField(max_length=200, blank=True)
    date_of_birth = models.DateField()
    nhs_number = models.CharField(max_length=10, blank=True)
    address = models.CharField(max_length=300, blank=True)
    name_key = models.CharField(max_length=170)

    class Meta:
        verbose_name_plural = "child identities"
        constraints = [Protected(name="childidentity_granted", see=granted(scope=IDENTITY), change=granted(scope=FULL))]
        indexes = [models.Index(fields=["date_of_birth"], name="childidentity_born")]

    @property
    def full_name(self) -> str:
        return f"{self.forename} {self.surname}"


class ChildProfile(models.Model):
    """Scope *full*: what describes the child."""

    record = models.OneToOneField(Record, primary_key=True, on_delete=models.PROTECT, related_name="+")
    child = models.OneToOneField(Child, on_delete=models.PROTECT, related_name="profile")
    sex = models.CharField(max_length=1)
    ethnicity = models.CharField(max_length=4, blank=True)
    first_language = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [Protected(name="childprofile_granted", see=granted(scope=FULL))]
