"""What is taken away as a file. The names stand under ``exporting:``."""

from __future__ import annotations

from django.urls import path

from mace.exporting import views

app_name = "exporting"
urlpatterns = [
    path("exports/", views.exports, name="exports"),
    path("exports/new/<str:table>/", views.ask, name="ask"),
    path("exports/<str:reference>/", views.export, name="export"),
    path("exports/<str:reference>/file/", views.export_file, name="file"),
    path("cases/<str:reference>/pdf/", views.case_pdf, name="case_pdf"),
]
