import clinic.rules.jurisdictions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0002_audit_is_append_only"),
    ]

    operations = [
        migrations.AddField(
            model_name="historicallocation",
            name="jurisdiction",
            field=models.CharField(
                choices=[
                    ("us", "United States"),
                    ("eu", "European Union"),
                    ("uk", "United Kingdom"),
                    ("sg", "Singapore"),
                    ("eg", "Egypt"),
                    ("other", "Elsewhere"),
                ],
                default=clinic.rules.jurisdictions.Jurisdiction["OTHER"],
                help_text="Whose law the place works under: it decides which consent forms patients read.",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="location",
            name="jurisdiction",
            field=models.CharField(
                choices=[
                    ("us", "United States"),
                    ("eu", "European Union"),
                    ("uk", "United Kingdom"),
                    ("sg", "Singapore"),
                    ("eg", "Egypt"),
                    ("other", "Elsewhere"),
                ],
                default=clinic.rules.jurisdictions.Jurisdiction["OTHER"],
                help_text="Whose law the place works under: it decides which consent forms patients read.",
                max_length=8,
            ),
        ),
    ]
