import clinic.models.ids
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0003_location_jurisdiction"),
    ]

    operations = [
        migrations.AddField(
            model_name="historicallocation",
            name="writes_after_no_show",
            field=models.BooleanField(
                default=True,
                help_text="A patient who did not come gets one friendly letter: how to find another time.",
                verbose_name="letter after a no-show",
            ),
        ),
        migrations.AddField(
            model_name="location",
            name="writes_after_no_show",
            field=models.BooleanField(
                default=True,
                help_text="A patient who did not come gets one friendly letter: how to find another time.",
                verbose_name="letter after a no-show",
            ),
        ),
        migrations.AddField(
            model_name="practitioner",
            name="buffer_minutes",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="Kept free after each appointment, to write and to rest.",
                validators=[django.core.validators.MaxValueValidator(120)],
                verbose_name="minutes between two appointments",
            ),
        ),
        migrations.AddField(
            model_name="room",
            name="buffer_minutes",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="Kept free after each appointment, to clean and to air.",
                validators=[django.core.validators.MaxValueValidator(120)],
                verbose_name="minutes between two appointments",
            ),
        ),
        migrations.AddField(
            model_name="staff",
            name="calendar_view",
            field=models.JSONField(
                blank=True, default=dict, editable=False, help_text="How this person last looked at the calendar."
            ),
        ),
        migrations.CreateModel(
            name="SentForm",
            fields=[
                ("token", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("deed", models.CharField(max_length=40)),
                ("done_at", models.DateTimeField(db_index=True)),
                ("answer", models.JSONField(default=list, help_text="The ids of what it made, in order.")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("secret_sha256", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "shows_names",
                    models.BooleanField(
                        default=False, help_text="Patients' names stand in the calendar. Off: “Booked”."
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("last_read_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="feeds", to="clinic.location"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "practitioner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="feeds",
                        to="clinic.practitioner",
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="feeds",
                        to="clinic.room",
                    ),
                ),
            ],
            options={
                "ordering": ["-made_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("practitioner__isnull", False), ("room__isnull", True)),
                            models.Q(("practitioner__isnull", True), ("room__isnull", False)),
                            _connector="OR",
                        ),
                        name="feed_is_of_one_thing",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Closure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("leave", "Leave"),
                            ("ill", "Away ill"),
                            ("break", "Break"),
                            ("holiday", "Public holiday"),
                            ("repair", "Repair"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                    ),
                ),
                ("starts", models.DateTimeField()),
                ("ends", models.DateTimeField()),
                (
                    "is_whole_days",
                    models.BooleanField(default=True, help_text="From the start of a local day to the start of one."),
                ),
                ("note", models.CharField(blank=True, help_text="For staff. Leave never says why.", max_length=80)),
                ("made_at", models.DateTimeField()),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="closures", to="clinic.location"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "practitioner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="closures",
                        to="clinic.practitioner",
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="closures",
                        to="clinic.room",
                    ),
                ),
            ],
            options={
                "ordering": ["starts"],
                "indexes": [models.Index(fields=["location", "ends"], name="closures_of_a_location")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends__gt", models.F("starts"))), name="closure_ends_after_it_starts"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("practitioner__isnull", True), ("room__isnull", True), _connector="OR"),
                        name="closure_is_of_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SpecialHours",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("opens", models.TimeField()),
                ("closes", models.TimeField()),
                ("note", models.CharField(blank=True, max_length=80)),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="special_hours", to="clinic.location"
                    ),
                ),
                (
                    "practitioner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="special_hours",
                        to="clinic.practitioner",
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="special_hours",
                        to="clinic.room",
                    ),
                ),
            ],
            options={
                "verbose_name": "special hours",
                "verbose_name_plural": "special hours",
                "ordering": ["day", "opens"],
                "indexes": [models.Index(fields=["location", "day"], name="special_hours_of_a_day")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("closes__gt", models.F("opens"))),
                        name="special_hours_close_after_they_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("practitioner__isnull", True), ("room__isnull", True), _connector="OR"),
                        name="special_hours_are_of_one_thing",
                    ),
                ],
            },
        ),
    ]
