from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "mace.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from mace.access import checks  # noqa: F401, PLC0415 (registers the check, once the apps are loaded)
