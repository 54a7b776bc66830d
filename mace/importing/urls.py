"""Spreadsheets on their way in. The names stand under ``importing:``."""

from __future__ import annotations

from django.urls import path

from mace.importing import views

app_name = "importing"
urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/<str:reference>/", views.one_import, name="import"),
    path("imports/<str:reference>/go/", views.go, name="go"),
    path("imports/<str:reference>/rows/", views.rows, name="rows"),
    path("imports/<str:reference>/people/", views.people, name="people"),
    path("imports/<str:reference>/undo/", views.undo, name="undo"),
    path("imports/<str:reference>/sheets/<str:number>/", views.sheet, name="sheet"),
    path("imports/<str:reference>/values/<str:field>/", views.values, name="values"),
    path("imports/<str:reference>/cells/<str:number>/<str:address>/", views.cell, name="cell"),
    path("cases/<str:reference>/spreadsheet/", views.case_cells, name="case_cells"),
]
