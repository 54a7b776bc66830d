"""Where files are fetched. The names stand under ``attachments:``."""

from __future__ import annotations

from django.urls import path

from mace.attachments import views

app_name = "attachments"
urlpatterns = [path("files/<str:reference>/", views.file, name="file")]
