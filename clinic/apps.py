from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "clinic"
    verbose_name = "Clinic"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Here and not in clinic/__init__.py, so that importing a rule does not import the queue.
        import clinic.checks  # noqa: F401  # importing registers them
        from clinic.celery import app

        app.set_default()
