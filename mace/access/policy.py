"""The first lock: what each role may do. One table; views, services, API, tasks and templates ask it.

The second lock, row-level security, says which records. A seat may do a thing to a record when both agree.
"""

from __future__ import annotations

from enum import StrEnum

from mace.accounts.models import Role
from mace.agencies.models import STATUTORY_KINDS, AgencyKind
from mace.core.errors import NotAllowed
from mace.core.seat import Seat


class Capability(StrEnum):
    WORK = "open one's own work: home, inbox, switching role"
    READ_CASES = "read case content that is granted"
    FILE_REFERRAL = "file a referral"
    APPROVE_REFERRAL = "approve a referral of one's team, where the partnership wants that"
    SCREEN = "screen, accept, return, redirect, decline a referral"
    ASK_ELSEWHERE = "ask another partnership whether it knows a child, and answer its questions"
    KEEP_CHILD = "keep where a child lives, their numbers and which authorities answer for them"
    DISCLOSE = "share a record with an agency, withdraw that"
    RESTRICT = "leave a case to named people, bar a person from it"
    EMERGENCY_ACCESS = "open a case that is not shared, in an emergency"
    REVIEW_EMERGENCY = "review and sign off an emergency access"
    PROTECT_ADDRESS = "keep a child's address for named people"
    IMPORT = "bring in cases from a spreadsheet, and undo that"
    EXPORT_CASE = "take a case to one's own file, as a PDF"
    EXPORT_LISTS = "take a list with names away, as a file"
    BUILD_AGENDA = "plan meetings, build and publish agendas"
    DRAFT_MINUTES = "draft the minutes of a meeting that one sees in full"
    MINUTE = "start and end a meeting, record its decisions and actions"
    APPROVE_MINUTES = "approve minutes"
    READ_MEETINGS = "read meetings and the minutes of items one may see"
    READ_ACTIONS = "see actions"
    UPDATE_ACTION = "report on an action and close it"
    ASSIGN_ACTION = "give an action of one's agency to a colleague"
    ANSWER_REVIEW = "answer a 12-week review"
    READ_REVIEWS = "read 12-week reviews and see which are late"
    ASSESS = "assess the risk of a case, write its safety plan"
    CONFIRM_RATING = "confirm an assessment that lowers the rating, or send it back"
    REPORT_MOMENT = "report a critical moment, or that a child is missing or back, and what was done"
    WRITE_VOICE = "record what a child says"
    READ_VOICE = "read what children say across cases, without names"
    READ_VOLT = "read persons of concern, locations, themes and links"
    WRITE_VOLT = "record persons of concern, locations, themes and links"
    DASHBOARD = "see figures of the cases one may see"
    DASHBOARD_SUPPRESSED = "see figures in which no child can be worked out"
    EXPLAIN_ACCESS = "see who may see a case, and why"
    READ_ACCESS_LOG = "see who looked at the records that one answers for"
    READ_SEATS_LOG = "see what the people looked at whom one answers for"
    READ_WHOLE_LOG = "see what everybody in the partnership looked at, took away or was refused"
    SEE_PEOPLE = "see who holds which role, and the agencies' agreements"
    GIVE_ROLES = "add people, give and end roles"
    CLOSE_ACCOUNTS = "close a person's account, and open it again"
    KEEP_AGREEMENTS = "record information-sharing agreements"
    KEEP_LISTS = "change the partnership's criteria, lists and wording"


R = Role
_READERS = {R.PRACTITIONER, R.MANAGER, R.COORDINATOR, R.CHAIR, R.AGENCY_LEAD, R.AGENCY_MEMBER}
_READ_ONLY = {R.AUDITOR, R.ANALYST_IDENTIFIABLE}
"""They read the cases that they were named on for a sample or a job, and change nothing."""

_ROLES: dict[Capability, set[str] | set[Role]] = {
    Capability.WORK: set(Role.values) - {R.SYSTEM.value},
    Capability.READ_CASES: _READERS | _READ_ONLY | {R.BOARD},
    Capability.FILE_REFERRAL: _READERS,
    Capability.APPROVE_REFERRAL: {R.MANAGER},
    Capability.SCREEN: {R.COORDINATOR, R.CHAIR},
    Capability.ASK_ELSEWHERE: {R.COORDINATOR},
    Capability.KEEP_CHILD: {R.PRACTITIONER, R.MANAGER, R.COORDINATOR},
    Capability.DISCLOSE: {R.COORDINATOR, R.CHAIR},
    Capability.RESTRICT: {R.COORDINATOR, R.CHAIR},
    Capability.EMERGENCY_ACCESS: {R.PRACTITIONER, R.MANAGER, R.AGENCY_LEAD},
    Capability.REVIEW_EMERGENCY: {R.COORDINATOR, R.CHAIR, R.INFORMATION_GOVERNANCE},
    Capability.PROTECT_ADDRESS: _READERS,
    Capability.IMPORT: {R.COORDINATOR},
    Capability.EXPORT_CASE: {R.PRACTITIONER, R.MANAGER, R.COORDINATOR, R.CHAIR, R.AGENCY_LEAD},
    Capability.EXPORT_LISTS: {R.COORDINATOR, R.CHAIR},
    Capability.BUILD_AGENDA: {R.COORDINATOR, R.CHAIR},
    Capability.DRAFT_MINUTES: {R.COORDINATOR, R.CHAIR, R.MINUTE_TAKER},
    Capability.MINUTE: {R.COORDINATOR, R.CHAIR},
    Capability.APPROVE_MINUTES: {R.CHAIR},
    Capability.READ_MEETINGS: _READERS | {R.MINUTE_TAKER},
    Capability.READ_ACTIONS: _READERS | _READ_ONLY | {R.BOARD},
    Capability.UPDATE_ACTION: _READERS | {R.BOARD},
    Capability.ASSIGN_ACTION: {R.COORDINATOR, R.CHAIR, R.AGENCY_LEAD, R.MANAGER},
    Capability.ANSWER_REVIEW: {R.PRACTITIONER, R.MANAGER, R.COORDINATOR},
    Capability.READ_REVIEWS: {R.PRACTITIONER, R.MANAGER, R.COORDINATOR, R.CHAIR},
    Capability.ASSESS: {R.PRACTITIONER, R.MANAGER, R.COORDINATOR},
    Capability.CONFIRM_RATING: {R.MANAGER, R.COORDINATOR},
    Capability.REPORT_MOMENT: _READERS,
    Capability.WRITE_VOICE: _READERS,
    Capability.READ_VOICE: {R.COORDINATOR, R.CHAIR},
    Capability.READ_VOLT: {R.PRACTITIONER, R.MANAGER, R.COORDINATOR, R.CHAIR, R.AGENCY_LEAD, R.BOARD},
    Capability.WRITE_VOLT: {R.PRACTITIONER, R.MANAGER, R.COORDINATOR, R.CHAIR},
    Capability.DASHBOARD: {R.PRACTITIONER, R.MANAGER, R.COORDINATOR, R.CHAIR, R.AGENCY_LEAD},
    Capability.DASHBOARD_SUPPRESSED: {R.BOARD, R.ANALYST},
    Capability.EXPLAIN_ACCESS: _READERS | {R.BOARD},
    Capability.READ_ACCESS_LOG: {R.COORDINATOR, R.CHAIR, R.AGENCY_LEAD, R.INFORMATION_GOVERNANCE},
    Capability.READ_SEATS_LOG: {R.AGENCY_LEAD, R.INFORMATION_GOVERNANCE},
    Capability.READ_WHOLE_LOG: {R.INFORMATION_GOVERNANCE},
    Capability.SEE_PEOPLE: {R.ADMINISTRATOR, R.COORDINATOR, R.AGENCY_LEAD},
    Capability.GIVE_ROLES: {R.ADMINISTRATOR, R.AGENCY_LEAD},
    Capability.CLOSE_ACCOUNTS: {R.ADMINISTRATOR},
    Capability.KEEP_AGREEMENTS: {R.ADMINISTRATOR, R.COORDINATOR},
    Capability.KEEP_LISTS: {R.COORDINATOR, R.CHAIR},
}
ALLOWED = {capability: frozenset(map(str, roles)) for capability, roles in _ROLES.items()}

SHARES_WITH_ANYBODY = frozenset({R.COORDINATOR.value, R.CHAIR.value, R.SYSTEM.value})
"""Roles that decide who else sees a record, and see whatever its handling is."""
AGENCY_ROLES = frozenset({R.AGENCY_LEAD.value, R.AGENCY_MEMBER.value})


def can(seat: Seat | None, capability: Capability) -> bool:
    """Whether the seat's role includes the capability. The system seat may do whatever a task asks of a service."""
    if seat is None:
        return False
    if seat.role == Role.SYSTEM:
        return capability is not Capability.WORK
    if capability is Capability.FILE_REFERRAL and seat.role in AGENCY_ROLES:
        return seat.may_refer
    if capability is Capability.EMERGENCY_ACCESS and seat.agency_kind not in STATUTORY_KINDS:
        return False
    return seat.role in ALLOWED[capability]


def may_handle_tightly(seat: Seat) -> bool:
    """Whether the seat sees what is for the police and coordinators only; nobody records what they cannot see."""
    return seat.role in SHARES_WITH_ANYBODY or seat.agency_kind == AgencyKind.POLICE


def require(seat: Seat, capability: Capability) -> None:
    """Raise ``NotAllowed`` unless the seat's role includes the capability."""
    if not can(seat, capability):
        raise NotAllowed(capability)
