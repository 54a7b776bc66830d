"""Panels, their meetings, what is decided there and the actions that come of it."""

from panels.models.action import Action, ActionUpdate, Chaser
from panels.models.criteria import ItemCriteria
from panels.models.meeting import AgendaItem, Attendance, ItemInvitation, Meeting, Minute, MinutesDocument
from panels.models.panel import ChaseStep, CoreAgency, Panel

__all__ = [
    "Action",
    "ActionUpdate",
    "AgendaItem",
    "Attendance",
    "ChaseStep",
    "Chaser",
    "CoreAgency",
    "ItemCriteria",
    "ItemInvitation",
    "Meeting",
    "Minute",
    "MinutesDocument",
    "Panel",
]
