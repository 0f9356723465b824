from django.db import migrations, models

SALT = (
    ("salt_top", "hair lost at the top, %"),
    ("salt_back", "hair lost at the back, %"),
    ("salt_left", "hair lost at the left, %"),
    ("salt_right", "hair lost at the right, %"),
)
WHOLE = models.Q(**{f"{name}__lte": 100 for name, _ in SALT}) & models.Q(
    **{f"{name}__isnull": False for name, _ in SALT}
)
NONE = models.Q(**{f"{name}__isnull": True for name, _ in SALT})


def added(model_name: str) -> list[migrations.AddField]:
    return [
        *(
            migrations.AddField(model_name, name, models.PositiveSmallIntegerField(words, null=True, blank=True))
            for name, words in SALT
        ),
        migrations.AddField(model_name, "contraindication_dates", models.JSONField(default=dict, blank=True)),
        migrations.AlterField(
            model_name,
            "recheck_on",
            models.DateField(
                null=True,
                blank=True,
                help_text="The first day on which a temporary contraindication is looked at again.",
            ),
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("patients", "0002_consent_forms")]

    operations = [
        *added("assessment"),
        *added("historicalassessment"),
        migrations.AddConstraint(
            "assessment", models.CheckConstraint(condition=WHOLE | NONE, name="salt_in_percent_and_whole")
        ),
    ]
