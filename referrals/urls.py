"""Pages of referrals. Addresses carry public references only."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from referrals.views import drafts, lists, screening

app_name = "referrals"
urlpatterns: list[URLPattern | URLResolver] = [
    path("referrals/", lists.own, name="list"),
    path("referrals/new/", drafts.new, name="new"),
    path("referrals/screening/", lists.waiting, name="screening"),
    path("referrals/<str:reference>/", drafts.tasks, name="tasks"),
    path("referrals/<str:reference>/check/", drafts.check, name="check"),
    path("referrals/<str:reference>/submitted/", drafts.submitted, name="submitted"),
    path("referrals/<str:reference>/withdraw/", drafts.withdraw, name="withdraw"),
    path("referrals/<str:reference>/screen/", screening.screen, name="screen"),
    path("referrals/<str:reference>/pages/<slug:section>/", drafts.section, name="section"),
    path("referrals/<str:reference>/pages/<slug:section>/save/", drafts.save, name="save_section"),
]
