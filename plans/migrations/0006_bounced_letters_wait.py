from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plans", "0005_letters")]

    operations = [
        migrations.RemoveIndex(model_name="reminder", name="reminders_for_a_human"),
        migrations.AddIndex(
            model_name="reminder",
            index=models.Index(
                fields=["due_at"],
                condition=models.Q(state__in=("failed", "unknown", "bounced"), settled_at__isnull=True),
                name="reminders_for_a_human",
            ),
        ),
    ]
