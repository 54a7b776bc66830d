"""What can be done with a meeting, in one place; each verb lives in the module of its stage."""

from panels.services.agenda import (
    add_case_item,
    add_standing_item,
    add_volt_item,
    carry_over_item,
    invite_agency,
    move_item,
    publish_agenda,
    remove_item,
    set_minutes_allowed,
)
from panels.services.approval import approve_minutes, close_meeting
from panels.services.documents import make_document, request_document
from panels.services.planning import cancel_meeting, plan_meeting
from panels.services.running import finish_meeting, record_attendance, save_minute, start_meeting

__all__ = [
    "add_case_item",
    "add_standing_item",
    "add_volt_item",
    "approve_minutes",
    "cancel_meeting",
    "carry_over_item",
    "close_meeting",
    "finish_meeting",
    "invite_agency",
    "make_document",
    "move_item",
    "plan_meeting",
    "publish_agenda",
    "record_attendance",
    "remove_item",
    "request_document",
    "save_minute",
    "set_minutes_allowed",
    "start_meeting",
]
