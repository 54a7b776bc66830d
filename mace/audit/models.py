"""What was changed and what was read: by whom, in which seat, when and why.

Plain ids, no foreign keys: the record outlives what it speaks of, and this app knows none of the others. Both are
written by the database or added to only; nobody on the web or in the worker can alter them. Batches of both are sealed
into one chain (``Seal``), whose heads are signed.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL

from mace.core.protection import FULL, MINE, Closed, Protected, mine


class ReadKind(models.TextChoices):
    """What sort of answer it was, for whoever looks for exports, files or refusals."""

    PAGE = "page", "Page"
    SEARCH = "search", "Search"
    API = "api", "API answer"
    FILE = "file", "File"
    EXPORT = "export", "Export"
    LOG = "log", "Access log"
    REFUSAL = "refusal", "Refused"


class LogName(models.TextChoices):
    READS = "reads", "access log"
    CHANGES = "changes", "change history"


def transaction_id() -> models.BigIntegerField[int, int]:
    """Which transaction wrote the row: what is older than every running one can be sealed, and nothing joins it."""
    return models.BigIntegerField(db_default=RawSQL("pg_current_xact_id()::text::bigint", ()), editable=False)


class Change(models.Model):
    """One row changed: old and new values of the columns that changed. ``records`` are those that the row hangs on."""

    at = models.DateTimeField()
    membership_id = models.BigIntegerField(null=True)
    database_role = models.CharField(max_length=63)
    table_name = models.CharField(max_length=63)
    row_key = models.CharField(max_length=64)
    operation = models.CharField(max_length=6)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    records = ArrayField(models.BigIntegerField(), db_default=RawSQL("'{}'::bigint[]", ()))
    xid = transaction_id()

    class Meta:
        constraints = [Closed(name="change_closed", reason="history holds content of every scope; written by triggers")]
        indexes = [
            models.Index(fields=["table_name", "row_key", "id"], name="change_of_row"),
            models.Index(fields=["xid", "id"], name="change_to_seal"),
            GinIndex(fields=["records"], name="change_of_records"),
        ]


_OWN_SEAT = "from accounts_membership m where m.id = (select mace_seat())"
_OF_OWN_PARTNERSHIP = f"(select m.partnership_id {_OWN_SEAT}) = any ({{table}}.partnerships)"
_OF_OWN_AGENCY = (
    f"{{table}}.agency_id = (select m.agency_id {_OWN_SEAT}) "
    f"and {{table}}.partnership_id = (select m.partnership_id {_OWN_SEAT}) "
    "and ({table}.record_id is null or not access_shut({table}.record_id))"
)
_ON_OWN_RECORDS = (
    "exists (select 1 from access_grant g where g.record_id = any ({table}.records) "  # noqa: S608 (names of our own)
    f"and (g.principal + 0) = any {MINE} and g.scope >= {FULL} offset 0)"
)
MAY_READ = (
    f"({mine('principal')} "
    f"or ((select mace_role()) = 'ig' and {_OF_OWN_PARTNERSHIP}) "
    f"or ((select mace_role()) = 'agency_lead' and {_OF_OWN_AGENCY}) "
    f"or ((select mace_role()) in ('coordinator', 'chair') and {_ON_OWN_RECORDS})) "
    "and not ({table}.records && (select mace_barred())::bigint[])"
)
"""SQL: whose entries a seat reads. Nobody reads entries about what they are barred from."""


class ReadEntry(models.Model):
    """One answer that showed content, or one refusal. ``reference`` is what was asked for, hidden or absent alike.

    ``records`` are the ids of all that was shown, ``record_id`` the one that the answer is about, if it is about one.
    Who, when and in which transaction is written by the database (``audit_stamp_read``), whatever is sent;
    ``partnerships`` are the seat's own and those whose records were shown; ``beyond``: there is more than one.
    """

    at = models.DateTimeField(editable=False)
    membership_id = models.BigIntegerField(editable=False)
    principal = models.IntegerField(editable=False)
    partnership_id = models.BigIntegerField(editable=False, db_default=0)
    agency_id = models.BigIntegerField(editable=False, db_default=0)
    partnerships = ArrayField(models.BigIntegerField(), editable=False, db_default=RawSQL("'{}'::bigint[]", ()))
    beyond = models.BooleanField(editable=False, db_default=False)
    kind = models.CharField(max_length=10, choices=ReadKind.choices, db_default="page")
    action = models.CharField(max_length=40)
    record_id = models.BigIntegerField(null=True)
    reference = models.CharField(max_length=40, blank=True)
    records = ArrayField(models.BigIntegerField(), db_default=RawSQL("'{}'::bigint[]", ()))
    rows = models.IntegerField(default=1)
    refused = models.BooleanField(default=False)
    xid = transaction_id()

    class Meta:
        constraints = [
            Protected(
                name="readentry_may_read",
                see=MAY_READ,
                change="false",
                add="{table}.membership_id = (select mace_seat())",
                history=False,
            )
        ]
        indexes = [
            models.Index(fields=["membership_id", "at", "id"], name="read_by_seat"),
            models.Index(fields=["agency_id", "at", "id"], name="read_by_agency"),
            models.Index(
                fields=["partnership_id", "kind", "at", "id"],
                condition=Q(kind__in=["file", "export", "refusal"]),
                name="read_of_kind",
            ),
            models.Index(fields=["at", "id"], condition=Q(beyond=True), name="read_beyond_partnership"),
            models.Index(fields=["xid", "id"], name="read_to_seal"),
            GinIndex(fields=["records"], name="read_of_records"),
        ]


class Seal(models.Model):
    """A batch of one log, sealed onto the chain: what it holds, and the hash of that and of all before it.

    A batch is the rows with ``xid`` from ``xid_from`` (inclusive) to ``xid_to`` (exclusive) and ids above ``after_id``,
    up to ``last_id``. ``head`` is SHA-256 of ``previous`` and the other columns; ``digest`` of the rows' own hashes.
    """

    number = models.BigIntegerField(primary_key=True)
    log = models.CharField(max_length=7, choices=LogName.choices)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    rows = models.BigIntegerField()
    xid_from = models.BigIntegerField()
    xid_to = models.BigIntegerField()
    after_id = models.BigIntegerField()
    digest = models.BinaryField()
    previous = models.BinaryField(unique=True)
    head = models.BinaryField(unique=True)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [Closed(name="seal_closed", reason="the chain is made by audit_seal and read by its owner")]
        indexes = [models.Index(fields=["log", "number"], name="seal_of_log")]


class Signature(models.Model):
    """The worker's Ed25519 signature of a head, and the public key that it is checked with."""

    seal = models.OneToOneField(Seal, primary_key=True, on_delete=models.PROTECT, related_name="signature")
    signature = models.BinaryField()
    public_key = models.BinaryField()
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [Closed(name="signature_closed", reason="added by audit_sign, which only the worker may call")]
