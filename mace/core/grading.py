"""Grades of information (3x5x2: source, assessment, handling), and whether it is fact, opinion or intelligence."""

from __future__ import annotations

from django.db import models


class SourceGrade(models.TextChoices):
    RELIABLE = "1", "Reliable"
    UNTESTED = "2", "Untested"
    NOT_RELIABLE = "3", "Not reliable"


class Assessment(models.TextChoices):
    KNOWN_DIRECTLY = "A", "Known directly to the source"
    KNOWN_INDIRECTLY_CORROBORATED = "B", "Known indirectly, corroborated"
    KNOWN_INDIRECTLY = "C", "Known indirectly"
    NOT_KNOWN = "D", "Not known"
    SUSPECTED_FALSE = "E", "Suspected to be false"


class Handling(models.TextChoices):
    MAY_SHARE = "P", "May be shared lawfully"
    CONDITIONS = "C", "May be shared with conditions"
    POLICE = "T", "Police and coordinators only"


class Basis(models.TextChoices):
    FACT = "fact", "Fact"
    OPINION = "opinion", "Opinion"
    INTELLIGENCE = "intelligence", "Intelligence"
