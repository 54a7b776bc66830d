"""Records and grants: what both locks read.

A principal is an agency, a whole partnership, a team, a panel or one membership; a seat resolves to an array of them
(the SQL function ``mace_principals``).
"""

from __future__ import annotations

from django.db import models
from guardian.models import UserObjectPermissionBase

from mace.accounts.models import Membership, User
from mace.agencies.models import Agency, Partnership, principal_field
from mace.core.protection import FULL, IDENTITY, SUMMARY, Closed, Protected, granted, mine
from mace.core.references import emergency_reference


class Scope(models.IntegerChoices):
    IDENTITY = IDENTITY, "Identity"
    SUMMARY = SUMMARY, "Summary"
    FULL = FULL, "Full"


class Kind(models.TextChoices):
    """A referral's record becomes a case's when a case is opened on it (a trigger on ``referrals_case`` sees to it)."""

    CHILD = "child", "Child"
    REFERRAL = "referral", "Referral"
    CASE = "case", "Case"
    MEETING = "meeting", "Meeting"
    ITEM = "item", "Agenda item"
    PERSON = "person", "Person of concern"
    LOCATION = "location", "Location"
    THEME = "theme", "Theme"
    GROUP = "group", "Peer group"
    ADDRESS = "address", "Protected address"


class EmergencyOutcome(models.TextChoices):
    JUSTIFIED = "justified", "Justified"
    NOT_JUSTIFIED = "not_justified", "Not justified: taken further"


class LawfulBasis(models.TextChoices):
    """Partners are advised to rely on legal obligation and public task, not on consent."""

    PUBLIC_TASK = "public_task", "Public task: safeguarding duties (Children Act 2004, sections 10 and 11)"
    LEGAL_OBLIGATION = "legal_obligation", "Legal obligation"
    CRIME = "crime", "Prevention or detection of crime (Crime and Disorder Act 1998, section 115)"
    VITAL = "vital", "Vital interests: risk of serious harm"


IN_FORCE = (
    f"{mine('principal')} and ({{table}}.until is null or {{table}}.until > now()) "
    "and {table}.record_id <> all ((select mace_barred())::bigint[])"
)
"""SQL: a grant of the seat's own, not ended, on a record that the person is not barred from."""

REVIEWS = "(select mace_role()) in ('coordinator', 'chair', 'ig', 'system')"
OF_MY_PARTNERSHIP = (
    "{table}.partnership_id = (select m.partnership_id from accounts_membership m where m.id = (select mace_seat()))"
)
NOT_BARRED = "{table}.record_id <> all ((select mace_barred())::bigint[])"
NOT_LEFT_OUT = "((select mace_role()) in ('ig', 'system') or not access_shut({table}.record_id))"
"""SQL: a coordinator or chair who is not named on a restricted case reviews nothing of it; the officer does."""
FULL_BUT_FOR_AGENCIES = (
    "case when (select mace_role()) in ('practitioner', 'manager', 'coordinator', 'chair', 'system') "
    f"then {FULL} else {FULL + 1} end"
)
"""SQL: the scope that shows who else sees a record; an agency never has it, and reads its own line only."""


class Record(models.Model):
    """The parent whose key a child, referral or case, meeting, agenda item and VOLT record share.

    ``about`` is the child whom the record concerns: a grant here gives the same scope on the child (kept by a trigger).
    ``within`` is the record that contains it: withdrawing from the container withdraws here too.
    ``restricted`` leaves it to the people named on it; only ``access_restrict`` and ``access_lift_restriction`` set it.
    Rows are made by ``access_open_record`` only.
    """

    kind = models.CharField(max_length=10, choices=Kind.choices)
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    about = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    within = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    restricted = models.BooleanField(default=False)
    sort_at = models.DateTimeField()

    class Meta:
        constraints = [
            Protected(name="record_granted", see=granted("id", scope=IDENTITY), add="false", change="false"),
        ]


class Grant(models.Model):
    """What is in force: a principal may see a record at a scope. Only the functions ``access_…`` change it.

    Every policy reads this table, and so is bound by this table's own policy: that is where a grant's end (``until``)
    and the bars on a person are held, once for all. ``with_plan`` adds the last safety plan to a narrower scope
    (emergency access to a closed case).
    """

    pk = models.CompositePrimaryKey("record", "principal")
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="grants", db_index=False)
    principal = models.IntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    scope = models.SmallIntegerField(choices=Scope.choices)
    sort_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    with_plan = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            Protected(name="grant_mine", see=IN_FORCE, add="false", change="false"),
            models.CheckConstraint(condition=models.Q(scope__in=[1, 2, 3]), name="grant_scope_known"),
        ]
        indexes = [
            models.Index(
                models.F("principal"),
                models.F("kind"),
                models.F("sort_at").desc(),
                models.F("record_id").desc(),
                name="grant_seek",
            ),
            # All that a policy asks about a record's grants, so that it reads the index alone.
            models.Index(fields=["record"], include=["principal", "scope", "until"], name="grant_of_record"),
        ]


class Disclosure(models.Model):
    """A sharing decision: what, with which agency, at what scope, why, on what basis, by whom, from when until when."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="disclosures")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    agency_principal = models.IntegerField()
    scope = models.SmallIntegerField(choices=Scope.choices)
    purpose = models.CharField(max_length=400)
    lawful_basis = models.CharField(max_length=20, choices=LawfulBasis.choices)
    necessity = models.CharField(max_length=400)
    told = models.BooleanField(default=False)
    told_reason = models.CharField(max_length=400, blank=True)
    decided_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_on = models.DateField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            Protected(
                name="disclosure_own_line",
                see=granted(scope=FULL_BUT_FOR_AGENCIES, alternatives=mine("agency_principal")),
                add=granted(scope=FULL),
                change=granted(scope=FULL),
            ),
            models.CheckConstraint(
                condition=~models.Q(purpose="") & ~models.Q(necessity=""), name="disclosure_says_why"
            ),
            models.CheckConstraint(
                condition=models.Q(told=True) | ~models.Q(told_reason=""), name="disclosure_untold_has_reason"
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at__isnull=True) | ~models.Q(withdrawn_reason=""),
                name="disclosure_withdrawal_has_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["record", "agency"], condition=models.Q(withdrawn_at__isnull=True), name="disclosure_in_force"
            )
        ]


class SetAside(models.Model):
    """A grant that a restriction took away, given back when the restriction is lifted unless it has ended by then."""

    pk = models.CompositePrimaryKey("record", "principal")
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    principal = models.IntegerField()
    scope = models.SmallIntegerField(choices=Scope.choices)
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            Closed(
                name="setaside_closed", reason="only restricting and lifting use it; it says who saw a restricted case"
            )
        ]


class Bar(models.Model):
    """A person who must not see a record or anything about its child: a relative, a conflict of interest.

    It overrides every seat, grant and emergency access (``mace_barred``), and the person cannot tell that it exists:
    to see a bar a seat must hold the record in full, which the barred person never does.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="bars")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=400)
    set_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lifted_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            Protected(
                name="bar_decided",
                see=f"{granted(scope=FULL)} and (select mace_role()) in ('coordinator', 'chair', 'system')",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="bar_says_why"),
            models.CheckConstraint(
                condition=models.Q(lifted_at__isnull=True) | ~models.Q(lifted_reason=""), name="bar_lifting_says_why"
            ),
            models.UniqueConstraint(
                fields=["record", "user"], condition=models.Q(lifted_at__isnull=True), name="one_bar_per_person"
            ),
        ]
        indexes = [
            models.Index(fields=["user"], condition=models.Q(lifted_at__isnull=True), name="bar_in_force"),
        ]


class EmergencyAccess(models.Model):
    """Somebody opened a case that was not shared with them, in an emergency (break-glass), for three hours.

    ``principal`` is this access's own: the grant is made out to it and the seat holds it until ``ends_at``. Each use is
    reviewed and signed off. The case's own reference is not here: whoever reviews is told it by a function.
    """

    reference = models.CharField(max_length=12, unique=True, default=emergency_reference)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    principal = principal_field()
    scope = models.SmallIntegerField(choices=Scope.choices)
    reason = models.CharField(max_length=1000)
    begun_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    review_due_on = models.DateField()
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=13, choices=EmergencyOutcome.choices, blank=True)
    review_note = models.CharField(max_length=1000, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "emergency accesses"
        constraints = [
            Protected(
                name="emergency_own_or_reviewer",
                see=f"({{table}}.membership_id = (select mace_seat()) or ({REVIEWS} and {OF_MY_PARTNERSHIP} "
                f"and {NOT_LEFT_OUT})) and {NOT_BARRED}",
                change=f"{REVIEWS} and {OF_MY_PARTNERSHIP} and {NOT_LEFT_OUT} and {NOT_BARRED}",
                add="false",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="emergency_says_why"),
            models.CheckConstraint(
                condition=models.Q(reviewed_at__isnull=True, reviewed_by__isnull=True, outcome="")
                | (models.Q(reviewed_at__isnull=False, reviewed_by__isnull=False) & ~models.Q(outcome="")),
                name="reviewed_emergency_has_outcome",
            ),
            models.CheckConstraint(
                condition=models.Q(reviewed_by__isnull=True) | ~models.Q(reviewed_by=models.F("membership")),
                name="emergency_reviewed_by_another",
            ),
        ]
        indexes = [
            models.Index(
                fields=["review_due_on"], condition=models.Q(reviewed_at__isnull=True), name="emergency_unreviewed"
            )
        ]


OF_MY_AGENCY = (
    "exists (select 1 from accounts_membership m join accounts_membership own on own.agency_id = m.agency_id "
    "where own.id = (select mace_seat()) and m.user_id = {table}.user_id)"
)


class NamedPerson(UserObjectPermissionBase):
    """django-guardian's record of a person named on a record; the seat's grant is written by the same service.

    Below scope *full* a seat knows only who of its own agency is named.
    """

    content_object = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="named_people")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(UserObjectPermissionBase.Meta):
        constraints = [
            Protected(
                name="namedperson_granted",
                see=granted("content_object_id", scope=FULL, alternatives=OF_MY_AGENCY),
                remove=granted("content_object_id", scope=FULL, alternatives=OF_MY_AGENCY),
            )
        ]
