"""Addresses of meetings, agendas, minutes and their documents. They carry references only."""

from __future__ import annotations

from django.urls import URLPattern, path

from panels.views import agenda, criteria, meetings, minute_takers, minutes, running

patterns: list[URLPattern] = [
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/new/", meetings.meeting_new, name="meeting_new"),
    path("meetings/<str:reference>/", meetings.meeting, name="meeting"),
    path("meetings/<str:reference>/cancel/", meetings.meeting_cancel, name="meeting_cancel"),
    path("meetings/<str:reference>/close/", meetings.meeting_close, name="meeting_close"),
    path("meetings/<str:reference>/agenda/", agenda.agenda, name="agenda"),
    path("meetings/<str:reference>/agenda/add/<str:what>/", agenda.agenda_add, name="agenda_add"),
    path("meetings/<str:reference>/agenda/publish/", agenda.agenda_publish, name="agenda_publish"),
    path("meetings/<str:reference>/minute-takers/", minute_takers.minute_takers, name="minute_takers"),
    path("meetings/<str:reference>/run/", running.run, name="run"),
    path("meetings/<str:reference>/start/", running.meeting_start, name="meeting_start"),
    path("meetings/<str:reference>/finish/", running.meeting_finish, name="meeting_finish"),
    path("meetings/<str:reference>/approve/", minutes.approve, name="approve"),
    path("meetings/<str:reference>/minutes/", minutes.minutes, name="minutes"),
    path("meetings/<str:reference>/minutes/document/", minutes.document_request, name="document_request"),
    path("items/<str:reference>/change/", agenda.item_change, name="item_change"),
    path("items/<str:reference>/invite/", agenda.item_invite, name="item_invite"),
    path("items/<str:reference>/minute/", running.item_minute, name="item_minute"),
    path("items/<str:reference>/criteria/", criteria.item_criteria, name="item_criteria"),
    path("items/<str:reference>/action/", running.item_action, name="item_action"),
    path("items/<str:reference>/carry-over/", running.item_carry, name="item_carry"),
    path("documents/<str:reference>/", minutes.document, name="document"),
    path("documents/<str:reference>/file/", minutes.document_file, name="document_file"),
]
