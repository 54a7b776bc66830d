from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "mace.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from mace.access import checks  # noqa: F401  (registers the check)
