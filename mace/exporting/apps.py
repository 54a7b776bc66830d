from django.apps import AppConfig


class ExportingConfig(AppConfig):
    name = "mace.exporting"
    label = "exporting"
    default_auto_field = "django.db.models.BigAutoField"
