import clinic.models.ids
import django.db.models.deletion
import patients.rules.consent_forms
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0003_location_jurisdiction"),
        ("patients", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="consent",
            name="method",
            field=models.CharField(
                blank=True,
                choices=[
                    ("drawn", "Drawn on the screen"),
                    ("typed", "Name typed"),
                    ("uploaded", "Photo or scan"),
                    ("on_paper", "On paper, kept in the file"),
                ],
                default="",
                max_length=10,
                verbose_name="signed",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="said_no",
            field=models.BooleanField(default=False, verbose_name="said no"),
        ),
        migrations.AddField(
            model_name="consent",
            name="signature",
            field=models.FileField(blank=True, default="", editable=False, max_length=120, upload_to=""),
        ),
        migrations.AddField(
            model_name="consent",
            name="signed_name",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddField(
            model_name="consent",
            name="signing",
            field=models.UUIDField(blank=True, db_index=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="consent",
            name="withdrawn_reason",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
        migrations.AddField(
            model_name="historicalconsent",
            name="method",
            field=models.CharField(
                blank=True,
                choices=[
                    ("drawn", "Drawn on the screen"),
                    ("typed", "Name typed"),
                    ("uploaded", "Photo or scan"),
                    ("on_paper", "On paper, kept in the file"),
                ],
                default="",
                max_length=10,
                verbose_name="signed",
            ),
        ),
        migrations.AddField(
            model_name="historicalconsent",
            name="said_no",
            field=models.BooleanField(default=False, verbose_name="said no"),
        ),
        migrations.AddField(
            model_name="historicalconsent",
            name="signature",
            field=models.TextField(blank=True, default="", editable=False, max_length=120),
        ),
        migrations.AddField(
            model_name="historicalconsent",
            name="signed_name",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddField(
            model_name="historicalconsent",
            name="signing",
            field=models.UUIDField(blank=True, db_index=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="historicalconsent",
            name="withdrawn_reason",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
        migrations.CreateModel(
            name="ConsentForm",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
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
                (
                    "jurisdiction",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("us", "United States"),
                            ("eu", "European Union"),
                            ("uk", "United Kingdom"),
                            ("sg", "Singapore"),
                            ("eg", "Egypt"),
                            ("other", "Elsewhere"),
                        ],
                        default="",
                        help_text="Empty: for every jurisdiction that has no form of its own.",
                        max_length=8,
                    ),
                ),
                ("version", models.PositiveIntegerField(editable=False)),
                ("label", models.CharField(blank=True, editable=False, max_length=20, verbose_name="version")),
                ("title", models.CharField(max_length=120)),
                (
                    "text",
                    models.TextField(
                        help_text="One sentence on each line, addressed to the patient. No medical promise."
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        help_text="Keys of who says so: S0–S4 the articles, F1–F2 the FDA, V1, V2, N1 others.",
                        max_length=120,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published"), ("retired", "Retired")],
                        default=patients.rules.consent_forms.FormState["DRAFT"],
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("published_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("fingerprint", models.CharField(blank=True, editable=False, max_length=64)),
                (
                    "location",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: for every location of the jurisdiction below.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consent_forms",
                        to="clinic.location",
                    ),
                ),
            ],
            options={
                "ordering": ["topic", "jurisdiction", "location", "-version"],
            },
        ),
        migrations.AddField(
            model_name="consent",
            name="form",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="consents",
                to="patients.consentform",
            ),
        ),
        migrations.AddField(
            model_name="historicalconsent",
            name="form",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="patients.consentform",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("said_no", False), ("withdrawn_on__isnull", False), _connector="OR"),
                name="a_no_is_never_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentform",
            constraint=models.CheckConstraint(
                condition=models.Q(("location__isnull", True), ("jurisdiction", ""), _connector="OR"),
                name="a_places_own_form_names_no_jurisdiction",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentform",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", patients.rules.consent_forms.FormState["DRAFT"]),
                    ("published_at__isnull", False),
                    _connector="OR",
                ),
                name="a_form_in_use_was_published",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentform",
            constraint=models.CheckConstraint(
                condition=models.Q(("version__gte", 1)), name="form_versions_begin_at_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="consentform",
            constraint=models.UniqueConstraint(
                condition=models.Q(("location__isnull", True)),
                fields=("topic", "jurisdiction", "version"),
                name="one_form_per_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentform",
            constraint=models.UniqueConstraint(
                condition=models.Q(("location__isnull", False)),
                fields=("topic", "location", "version"),
                name="one_own_form_per_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentform",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("location__isnull", True), ("state", patients.rules.consent_forms.FormState["PUBLISHED"])
                ),
                fields=("topic", "jurisdiction"),
                name="one_form_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentform",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("location__isnull", False), ("state", patients.rules.consent_forms.FormState["PUBLISHED"])
                ),
                fields=("topic", "location"),
                name="one_own_form_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentform",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("location__isnull", True), ("state", patients.rules.consent_forms.FormState["DRAFT"])
                ),
                fields=("topic", "jurisdiction"),
                name="one_form_being_written",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentform",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("location__isnull", False), ("state", patients.rules.consent_forms.FormState["DRAFT"])
                ),
                fields=("topic", "location"),
                name="one_own_form_being_written",
            ),
        ),
    ]
