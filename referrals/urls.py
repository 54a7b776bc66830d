"""Pages of referrals. Addresses carry public references only."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from referrals.views import (
    assessments,
    consent,
    drafts,
    elsewhere,
    files,
    lists,
    pathways,
    plans,
    screening,
    sending,
    standards,
    voice,
)

app_name = "referrals"
urlpatterns: list[URLPattern | URLResolver] = [
    path("referrals/", lists.own, name="list"),
    path("referrals/new/", drafts.new, name="new"),
    path("referrals/screening/", lists.waiting, name="screening"),
    path("referrals/<str:reference>/", drafts.tasks, name="tasks"),
    path("referrals/<str:reference>/check/", drafts.check, name="check"),
    path("referrals/<str:reference>/submitted/", drafts.submitted, name="submitted"),
    path("referrals/<str:reference>/withdraw/", drafts.withdraw, name="withdraw"),
    path("referrals/<str:reference>/approve/", sending.approve, name="approve"),
    path("referrals/<str:reference>/copy/", sending.copy, name="copy"),
    path("referrals/<str:reference>/screen/", screening.screen, name="screen"),
    path("referrals/<str:reference>/pages/<slug:section>/", drafts.section, name="section"),
    path("referrals/<str:reference>/pages/<slug:section>/save/", drafts.save, name="save_section"),
    path("lists/", standards.lists, name="lists"),
    path("lists/<slug:name>/", standards.list_one, name="list_one"),
    path("referrals/<str:reference>/files/", files.files, name="files"),
    path("files/<str:reference>/remove/", files.remove_file, name="remove_file"),
    path("children/<str:reference>/elsewhere/", elsewhere.child_elsewhere, name="child_elsewhere"),
    path("questions/", elsewhere.child_questions, name="child_questions"),
    path("questions/<str:reference>/", elsewhere.child_question, name="child_question"),
    path("cases/<str:reference>/assessments/", assessments.listed, name="assessments"),
    path("cases/<str:reference>/assessments/new/", assessments.new, name="assessment_new"),
    path("cases/<str:reference>/assessments/new/save/", assessments.save, name="assessment_new_save"),
    path("cases/<str:reference>/assessments/compare/", assessments.compare, name="assessment_compare"),
    path("cases/<str:reference>/assessments/<str:key>/", assessments.one, name="assessment"),
    path("cases/<str:reference>/assessments/<str:key>/decide/", assessments.decide, name="assessment_decide"),
    path("cases/<str:reference>/plans/", plans.listed, name="plans"),
    path("cases/<str:reference>/plans/new/", plans.new, name="plan_new"),
    path("cases/<str:reference>/plans/new/save/", plans.save, name="plan_new_save"),
    path("cases/<str:reference>/plans/<str:key>/", plans.one, name="plan"),
    path("cases/<str:reference>/consent/", consent.listed, name="consent"),
    path("cases/<str:reference>/voice/new/", voice.new, name="voice_new"),
    path("cases/<str:reference>/missing/", pathways.listed, name="missing"),
    path("cases/<str:reference>/missing/<str:key>/", pathways.episode, name="missing_one"),
    path("cases/<str:reference>/moments/<str:key>/", pathways.moment, name="moment_one"),
    path("cases/<str:reference>/difficulties/new/", voice.difficulties, name="difficulties_new"),
    path("voices/", voice.across, name="voices"),
]
