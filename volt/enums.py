"""Kinds of link and how far ahead a theme looks; the grades of information stand in ``mace.core.grading``."""

from __future__ import annotations

from django.db import models

from mace.core.grading import Assessment, Basis, Handling, SourceGrade

__all__ = ["Assessment", "Basis", "Handling", "Horizon", "LinkKind", "SourceGrade"]


class LinkKind(models.TextChoices):
    ASSOCIATES = "associates", "Associates with"
    EXPLOITED_BY = "exploited_by", "Is thought to be exploited by"
    FREQUENTS = "frequents", "Spends time at"
    MISSING_AT = "missing_at", "Was found missing at"
    PART_OF = "part_of", "Is part of the theme"
    MEMBER_OF = "member_of", "Is part of the group"
    REFERRED = "referred", "Was referred to MACE"
    OTHER = "other", "Other"


class Horizon(models.TextChoices):
    SHORT = "short", "Short term"
    MEDIUM = "medium", "Medium term"
    LONG = "long", "Long term"
