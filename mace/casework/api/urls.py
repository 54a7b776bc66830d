from __future__ import annotations

from django.urls import URLPattern, path

from mace.casework.api import views
from mace.casework.api.schema import Schema

app_name = "api"
urlpatterns: list[URLPattern] = [
    path("cases/", views.CaseList.as_view(), name="cases"),
    path("cases/<str:reference>/", views.CaseDetail.as_view(), name="case"),
    path("referrals/", views.ReferralList.as_view(), name="referrals"),
    path("referrals/<str:reference>/", views.ReferralDetail.as_view(), name="referral"),
    path("actions/", views.ActionList.as_view(), name="actions"),
    path("actions/<str:reference>/", views.ActionDetail.as_view(), name="action"),
    path("schema/", Schema.as_view(), name="schema"),
]
