"""MACE: casework for multi-agency child exploitation."""

from mace.celery import app as celery_app

__all__ = ["celery_app"]
