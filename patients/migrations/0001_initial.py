import clinic.models.ids
import django.core.validators
import django.db.models.deletion
import patients.rules.scalp
import simple_history.models
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("clinic", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalPatient",
            fields=[
                ("id", models.UUIDField(db_index=True, default=clinic.models.ids.new_id, editable=False)),
                ("first_name", models.CharField(max_length=100)),
                ("last_name", models.CharField(blank=True, max_length=100)),
                ("folded_name", models.CharField(db_index=True, editable=False, max_length=220)),
                ("birth_date", models.DateField(blank=True, null=True)),
                (
                    "sex",
                    models.CharField(
                        blank=True,
                        choices=[("female", "Female"), ("male", "Male"), ("other", "Other"), ("", "Not stated")],
                        default="",
                        max_length=8,
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=32)),
                (
                    "language",
                    models.CharField(choices=[("en", "English"), ("ar", "العربية")], default="en", max_length=5),
                ),
                (
                    "alert",
                    models.CharField(
                        blank=True,
                        help_text="Seen on every page and every appointment: an allergy, a hearing aid, a needle fear.",
                        max_length=200,
                    ),
                ),
                ("wants_appointment_mail", models.BooleanField(default=True, verbose_name="mails about appointments")),
                (
                    "wants_care_mail",
                    models.BooleanField(default=True, verbose_name="mails about care before and after"),
                ),
                ("wants_review_mail", models.BooleanField(default=True, verbose_name="invitations to reviews")),
                (
                    "mailbox",
                    models.CharField(
                        choices=[("good", "Reachable"), ("dead", "Phone this patient")],
                        default="good",
                        editable=False,
                        max_length=8,
                    ),
                ),
                (
                    "link_version",
                    models.PositiveIntegerField(
                        default=1, editable=False, help_text="Raised to revoke all links sent so far."
                    ),
                ),
                ("registered_at", models.DateTimeField(editable=False)),
                (
                    "home_location",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="clinic.location",
                    ),
                ),
                ("history_id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical patient",
                "verbose_name_plural": "historical patients",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Patient",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("first_name", models.CharField(max_length=100)),
                ("last_name", models.CharField(blank=True, max_length=100)),
                ("folded_name", models.CharField(db_index=True, editable=False, max_length=220)),
                ("birth_date", models.DateField(blank=True, null=True)),
                (
                    "sex",
                    models.CharField(
                        blank=True,
                        choices=[("female", "Female"), ("male", "Male"), ("other", "Other"), ("", "Not stated")],
                        default="",
                        max_length=8,
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=32)),
                (
                    "language",
                    models.CharField(choices=[("en", "English"), ("ar", "العربية")], default="en", max_length=5),
                ),
                (
                    "home_location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="patients", to="clinic.location"
                    ),
                ),
                (
                    "alert",
                    models.CharField(
                        blank=True,
                        help_text="Seen on every page and every appointment: an allergy, a hearing aid, a needle fear.",
                        max_length=200,
                    ),
                ),
                ("wants_appointment_mail", models.BooleanField(default=True, verbose_name="mails about appointments")),
                (
                    "wants_care_mail",
                    models.BooleanField(default=True, verbose_name="mails about care before and after"),
                ),
                ("wants_review_mail", models.BooleanField(default=True, verbose_name="invitations to reviews")),
                (
                    "mailbox",
                    models.CharField(
                        choices=[("good", "Reachable"), ("dead", "Phone this patient")],
                        default="good",
                        editable=False,
                        max_length=8,
                    ),
                ),
                (
                    "link_version",
                    models.PositiveIntegerField(
                        default=1, editable=False, help_text="Raised to revoke all links sent so far."
                    ),
                ),
                ("registered_at", models.DateTimeField(editable=False)),
            ],
            options={
                "ordering": ["folded_name", "id"],
                "indexes": [
                    models.Index(fields=["home_location", "folded_name"], name="patients_of_a_location"),
                    models.Index(fields=["email"], name="patients_by_email"),
                    models.Index(fields=["birth_date", "folded_name"], name="patients_same_person"),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalAssessment",
            fields=[
                ("id", models.UUIDField(db_index=True, default=clinic.models.ids.new_id, editable=False)),
                ("made_at", models.DateTimeField()),
                (
                    "hair_loss_type",
                    models.CharField(
                        choices=[
                            ("androgenetic", "Androgenetic (pattern)"),
                            ("areata", "Alopecia areata"),
                            ("diffuse", "Diffuse (stress, nutrition or hormones)"),
                            ("scalp_disease", "Scalp inflammation or skin disease"),
                            ("scarring", "Scarring"),
                            ("other_medical", "Other medical cause"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "scale",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("norwood_hamilton", "Norwood–Hamilton"),
                            ("ludwig", "Ludwig"),
                            ("sinclair", "Sinclair"),
                            ("salt", "SALT"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "grade",
                    models.CharField(
                        blank=True, help_text="On the scale above: III vertex, II, 3, S2 …", max_length=16
                    ),
                ),
                (
                    "shed_per_day",
                    models.PositiveIntegerField(
                        blank=True, help_text="50–150 hairs a day is usually normal.", null=True
                    ),
                ),
                (
                    "shedding_scale",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="1–6; 5 and 6 are excessive. Valid for long hair only.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(6),
                        ],
                        verbose_name="Sinclair shedding scale",
                    ),
                ),
                (
                    "pull_test_hairs",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="Hairs per pull; under 3 is normal.", null=True
                    ),
                ),
                ("poor_response_to_prp", models.BooleanField(default=False)),
                ("long_standing_smooth", models.BooleanField(default=False, verbose_name="long-standing smooth scalp")),
                ("too_young_for_transplant", models.BooleanField(default=False)),
                ("scalp_inflammation", models.BooleanField(default=False, verbose_name="scalp is inflamed")),
                ("severe_scarring", models.BooleanField(default=False)),
                ("nutritional_gap", models.BooleanField(default=False)),
                (
                    "underlying_condition",
                    models.BooleanField(
                        default=False,
                        help_text="Thyroid, infection, medication: a dermatologist sees this patient first.",
                    ),
                ),
                (
                    "dermatologist_agreed",
                    models.BooleanField(default=False, help_text="Was referred, and came back with a yes."),
                ),
                ("contraindications", models.JSONField(blank=True, default=list, help_text="Codes of what was found.")),
                (
                    "recheck_on",
                    models.DateField(
                        blank=True, help_text="When a temporary contraindication is looked at again.", null=True
                    ),
                ),
                ("medicines", models.TextField(blank=True)),
                ("allergies", models.TextField(blank=True)),
                ("blood_tests", models.TextField(blank=True, help_text="Iron, vitamin D, hormones, where needed.")),
                ("scalp_health", models.TextField(blank=True, help_text="Dryness, inflammation, dandruff.")),
                ("notes", models.TextField(blank=True)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("suitable", "Suitable"),
                            ("possibly", "Possibly"),
                            ("not_suitable", "Not suitable"),
                            ("refer_first", "Refer first"),
                            ("not_assessed", "Not assessed"),
                        ],
                        editable=False,
                        max_length=16,
                    ),
                ),
                ("reasons", models.JSONField(default=list, editable=False)),
                (
                    "patient",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="patients.patient",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("history_id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical assessment",
                "verbose_name_plural": "historical assessments",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="assessments", to="patients.patient"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "hair_loss_type",
                    models.CharField(
                        choices=[
                            ("androgenetic", "Androgenetic (pattern)"),
                            ("areata", "Alopecia areata"),
                            ("diffuse", "Diffuse (stress, nutrition or hormones)"),
                            ("scalp_disease", "Scalp inflammation or skin disease"),
                            ("scarring", "Scarring"),
                            ("other_medical", "Other medical cause"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "scale",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("norwood_hamilton", "Norwood–Hamilton"),
                            ("ludwig", "Ludwig"),
                            ("sinclair", "Sinclair"),
                            ("salt", "SALT"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "grade",
                    models.CharField(
                        blank=True, help_text="On the scale above: III vertex, II, 3, S2 …", max_length=16
                    ),
                ),
                (
                    "shed_per_day",
                    models.PositiveIntegerField(
                        blank=True, help_text="50–150 hairs a day is usually normal.", null=True
                    ),
                ),
                (
                    "shedding_scale",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="1–6; 5 and 6 are excessive. Valid for long hair only.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(6),
                        ],
                        verbose_name="Sinclair shedding scale",
                    ),
                ),
                (
                    "pull_test_hairs",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="Hairs per pull; under 3 is normal.", null=True
                    ),
                ),
                ("poor_response_to_prp", models.BooleanField(default=False)),
                ("long_standing_smooth", models.BooleanField(default=False, verbose_name="long-standing smooth scalp")),
                ("too_young_for_transplant", models.BooleanField(default=False)),
                ("scalp_inflammation", models.BooleanField(default=False, verbose_name="scalp is inflamed")),
                ("severe_scarring", models.BooleanField(default=False)),
                ("nutritional_gap", models.BooleanField(default=False)),
                (
                    "underlying_condition",
                    models.BooleanField(
                        default=False,
                        help_text="Thyroid, infection, medication: a dermatologist sees this patient first.",
                    ),
                ),
                (
                    "dermatologist_agreed",
                    models.BooleanField(default=False, help_text="Was referred, and came back with a yes."),
                ),
                ("contraindications", models.JSONField(blank=True, default=list, help_text="Codes of what was found.")),
                (
                    "recheck_on",
                    models.DateField(
                        blank=True, help_text="When a temporary contraindication is looked at again.", null=True
                    ),
                ),
                ("medicines", models.TextField(blank=True)),
                ("allergies", models.TextField(blank=True)),
                ("blood_tests", models.TextField(blank=True, help_text="Iron, vitamin D, hormones, where needed.")),
                ("scalp_health", models.TextField(blank=True, help_text="Dryness, inflammation, dandruff.")),
                ("notes", models.TextField(blank=True)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("suitable", "Suitable"),
                            ("possibly", "Possibly"),
                            ("not_suitable", "Not suitable"),
                            ("refer_first", "Refer first"),
                            ("not_assessed", "Not assessed"),
                        ],
                        editable=False,
                        max_length=16,
                    ),
                ),
                ("reasons", models.JSONField(default=list, editable=False)),
            ],
            options={
                "ordering": ["-made_at"],
                "indexes": [models.Index(fields=["patient", "-made_at"], name="assessments_newest_first")],
            },
        ),
        migrations.CreateModel(
            name="AreaFinding",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="findings", to="patients.assessment"
                    ),
                ),
                (
                    "area",
                    models.CharField(
                        choices=[
                            ("frontal", "Frontal"),
                            ("mid_scalp", "Mid scalp"),
                            ("vertex", "Vertex"),
                            ("left_temporal", "Left temporal"),
                            ("right_temporal", "Right temporal"),
                            ("occipital", "Occipital"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "thinning",
                    models.CharField(
                        choices=[("none", "None"), ("mild", "Mild"), ("moderate", "Moderate"), ("severe", "Severe")],
                        max_length=10,
                    ),
                ),
                ("bald", models.BooleanField(default=False, verbose_name="bald patch")),
                (
                    "viability",
                    models.CharField(
                        choices=[
                            ("active", "Active follicles"),
                            ("miniaturised", "Miniaturised hairs present"),
                            ("not_viable", "No longer viable"),
                            ("unknown", "Not judged"),
                        ],
                        default=patients.rules.scalp.Viability["UNKNOWN"],
                        max_length=16,
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("trichoscope", "Trichoscope"),
                            ("trichoscan", "TrichoScan"),
                            ("magnifying_camera", "Magnifying camera"),
                            ("distance_only", "Looked at from a distance only"),
                        ],
                        default=patients.rules.scalp.ViabilityMethod["DISTANCE_ONLY"],
                        max_length=20,
                        verbose_name="judged by",
                    ),
                ),
                ("miniaturised", models.BooleanField(default=False, verbose_name="miniaturised hairs present")),
                (
                    "density",
                    models.DecimalField(
                        blank=True, decimal_places=1, max_digits=5, null=True, verbose_name="hairs per cm²"
                    ),
                ),
                (
                    "thickness",
                    models.DecimalField(
                        blank=True, decimal_places=1, max_digits=5, null=True, verbose_name="hair diameter in µm"
                    ),
                ),
            ],
            options={
                "ordering": ["area"],
                "constraints": [models.UniqueConstraint(fields=("assessment", "area"), name="one_finding_per_area")],
            },
        ),
        migrations.CreateModel(
            name="HistoricalConsent",
            fields=[
                ("id", models.UUIDField(db_index=True, default=clinic.models.ids.new_id, editable=False)),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("treatment", "Treatment"),
                            ("off_label", "Off-label use"),
                            ("experimental", "Experimental treatment"),
                            ("photo_record", "Photos for my record"),
                            ("photo_teaching", "Photos for teaching"),
                            ("photo_marketing", "Photos for publication"),
                            ("reminder_mail", "Reminder mails"),
                        ],
                        max_length=20,
                    ),
                ),
                ("form_version", models.CharField(max_length=40)),
                ("told_on", models.DateField()),
                ("withdrawn_on", models.DateField(blank=True, null=True)),
                (
                    "patient",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="patients.patient",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("history_id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical consent",
                "verbose_name_plural": "historical consents",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consents", to="patients.patient"
                    ),
                ),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("treatment", "Treatment"),
                            ("off_label", "Off-label use"),
                            ("experimental", "Experimental treatment"),
                            ("photo_record", "Photos for my record"),
                            ("photo_teaching", "Photos for teaching"),
                            ("photo_marketing", "Photos for publication"),
                            ("reminder_mail", "Reminder mails"),
                        ],
                        max_length=20,
                    ),
                ),
                ("form_version", models.CharField(max_length=40)),
                ("told_on", models.DateField()),
                ("withdrawn_on", models.DateField(blank=True, null=True)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["topic", "-told_on"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_on__isnull", True)),
                        fields=("patient", "topic"),
                        name="one_consent_in_force_per_topic",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("withdrawn_on__isnull", True), ("withdrawn_on__gte", models.F("told_on")), _connector="OR"
                        ),
                        name="consent_is_withdrawn_after_it_was_given",
                    ),
                ],
            },
        ),
    ]
