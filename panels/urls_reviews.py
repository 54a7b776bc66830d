"""Addresses of 12-week reviews. They carry references only."""

from __future__ import annotations

from django.urls import URLPattern, path

from panels.views import reviews

patterns: list[URLPattern] = [
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/<str:reference>/", reviews.review, name="review"),
    path("reviews/<str:reference>/save/", reviews.save, name="save_review"),
]
