from django.apps import AppConfig


class VoltConfig(AppConfig):
    name = "volt"
    label = "volt"
    default_auto_field = "django.db.models.BigAutoField"
