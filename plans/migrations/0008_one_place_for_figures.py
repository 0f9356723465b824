from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("plans", "0007_photo_evidence")]

    operations = [
        migrations.RemoveField(
            model_name="historicalreview",
            name="density",
        ),
        migrations.RemoveField(
            model_name="historicalreview",
            name="density_method",
        ),
        migrations.RemoveField(
            model_name="review",
            name="density",
        ),
        migrations.RemoveField(
            model_name="review",
            name="density_method",
        ),
    ]
