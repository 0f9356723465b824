import clinic.models.ids
import django.core.validators
import django.db.models.deletion
import plans.models.spans
import plans.rules.course
import plans.rules.states
import plans.rules.windows
import simple_history.models
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("clinic", "0001_initial"),
        ("patients", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalProtocol",
            fields=[
                ("id", models.UUIDField(db_index=True, default=clinic.models.ids.new_id, editable=False)),
                ("key", models.SlugField(max_length=60)),
                ("version", models.PositiveIntegerField(default=1)),
                ("title", models.CharField(max_length=120)),
                ("summary", models.TextField(blank=True)),
                ("note", models.TextField(blank=True, help_text="Choices made where sources differ or are silent.")),
                ("source", models.CharField(max_length=120)),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published"), ("retired", "Retired")],
                        default=plans.rules.states.ProtocolState["DRAFT"],
                        max_length=12,
                    ),
                ),
                ("is_default", models.BooleanField(default=False)),
                ("fingerprint", models.CharField(editable=False, max_length=64)),
                ("view_set", models.CharField(default="pattern", max_length=40)),
                ("expectations", models.JSONField(blank=True, default=list)),
                ("booster_earliest", plans.models.spans.SpanField(blank=True, max_length=16, null=True)),
                ("booster_target", plans.models.spans.SpanField(blank=True, max_length=16, null=True)),
                ("booster_latest", plans.models.spans.SpanField(blank=True, max_length=16, null=True)),
                ("price", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("price_note", models.CharField(blank=True, max_length=200)),
                ("published_at", models.DateTimeField(blank=True, editable=False, null=True)),
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
                "verbose_name": "historical protocol",
                "verbose_name_plural": "historical protocols",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Protocol",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.SlugField(max_length=60)),
                ("version", models.PositiveIntegerField(default=1)),
                ("title", models.CharField(max_length=120)),
                ("summary", models.TextField(blank=True)),
                ("note", models.TextField(blank=True, help_text="Choices made where sources differ or are silent.")),
                ("source", models.CharField(max_length=120)),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published"), ("retired", "Retired")],
                        default=plans.rules.states.ProtocolState["DRAFT"],
                        max_length=12,
                    ),
                ),
                ("is_default", models.BooleanField(default=False)),
                ("fingerprint", models.CharField(editable=False, max_length=64)),
                ("view_set", models.CharField(default="pattern", max_length=40)),
                ("expectations", models.JSONField(blank=True, default=list)),
                ("booster_earliest", plans.models.spans.SpanField(blank=True, max_length=16, null=True)),
                ("booster_target", plans.models.spans.SpanField(blank=True, max_length=16, null=True)),
                ("booster_latest", plans.models.spans.SpanField(blank=True, max_length=16, null=True)),
                ("price", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("price_note", models.CharField(blank=True, max_length=200)),
                ("published_at", models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                "ordering": ["key", "-version"],
                "constraints": [
                    models.UniqueConstraint(fields=("key", "version"), name="protocol_version_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", plans.rules.states.ProtocolState["PUBLISHED"])),
                        fields=("key",),
                        name="one_published_version_per_protocol",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Component",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "protocol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="components", to="plans.protocol"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("key", models.SlugField(max_length=40)),
                (
                    "modality",
                    models.CharField(
                        choices=[
                            ("exosome", "Exosome"),
                            ("prp", "PRP"),
                            ("mesotherapy", "Mesotherapy"),
                            ("microneedling", "Microneedling"),
                            ("filler", "Filler"),
                            ("medical", "Medical"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "sessions_min",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ]
                    ),
                ),
                (
                    "sessions_usual",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ]
                    ),
                ),
                (
                    "sessions_max",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ]
                    ),
                ),
                ("interval_earliest", plans.models.spans.SpanField(max_length=16)),
                ("interval_target", plans.models.spans.SpanField(max_length=16)),
                ("interval_latest", plans.models.spans.SpanField(max_length=16)),
                ("starts", plans.models.spans.SpanField(default="0 days", max_length=16)),
                ("shares_visit_with", models.CharField(blank=True, max_length=40)),
                ("minutes", models.PositiveSmallIntegerField(default=45)),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("protocol", "key"), name="component_once_per_protocol"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sessions_max__gte", models.F("sessions_usual")),
                            ("sessions_min__gte", 1),
                            ("sessions_usual__gte", models.F("sessions_min")),
                        ),
                        name="component_session_counts_are_ordered",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LeastGap",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "protocol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="least_gaps", to="plans.protocol"
                    ),
                ),
                (
                    "first",
                    models.CharField(
                        choices=[
                            ("exosome", "Exosome"),
                            ("prp", "PRP"),
                            ("mesotherapy", "Mesotherapy"),
                            ("microneedling", "Microneedling"),
                            ("filler", "Filler"),
                            ("medical", "Medical"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "second",
                    models.CharField(
                        choices=[
                            ("exosome", "Exosome"),
                            ("prp", "PRP"),
                            ("mesotherapy", "Mesotherapy"),
                            ("microneedling", "Microneedling"),
                            ("filler", "Filler"),
                            ("medical", "Medical"),
                        ],
                        max_length=20,
                    ),
                ),
                ("span", plans.models.spans.SpanField(max_length=16)),
            ],
            options={
                "ordering": ["first", "second"],
                "constraints": [
                    models.UniqueConstraint(fields=("protocol", "first", "second"), name="least_gap_once_per_pair")
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewPoint",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "protocol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="review_points", to="plans.protocol"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("key", models.SlugField(max_length=40)),
                ("title", models.CharField(max_length=80)),
                (
                    "offset",
                    plans.models.spans.SpanField(help_text="From the first session done: “3 months”.", max_length=16),
                ),
                ("opens_before", plans.models.spans.SpanField(default="2 weeks", max_length=16)),
                ("closes_after", plans.models.spans.SpanField(default="4 weeks", max_length=16)),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("protocol", "key"), name="review_point_once_per_protocol")
                ],
            },
        ),
        migrations.CreateModel(
            name="CareRule",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "protocol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="care_rules", to="plans.protocol"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("key", models.SlugField(max_length=40)),
                ("phase", models.CharField(choices=[("pre", "Before"), ("after", "After")], max_length=8)),
                (
                    "kind",
                    models.CharField(
                        choices=[("do", "Do"), ("avoid", "Avoid"), ("ask_doctor", "Ask doctor")], max_length=12
                    ),
                ),
                ("act", models.CharField(max_length=40)),
                ("text", models.TextField()),
                ("source", models.CharField(max_length=120)),
                ("starts", plans.models.spans.SpanField(blank=True, max_length=16, null=True)),
                ("ends", plans.models.spans.SpanField(blank=True, max_length=16, null=True)),
                ("ongoing", models.BooleanField(default=False)),
                (
                    "by",
                    models.CharField(
                        choices=[("patient", "Patient"), ("staff", "Staff")],
                        default=plans.rules.course.CareBy["PATIENT"],
                        max_length=8,
                    ),
                ),
                ("modalities", models.JSONField(blank=True, default=list)),
                ("conflicts_with", models.CharField(blank=True, max_length=40)),
                ("in_force", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("protocol", "key"), name="care_rule_once_per_protocol")
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalPlan",
            fields=[
                ("id", models.UUIDField(db_index=True, default=clinic.models.ids.new_id, editable=False)),
                ("title", models.CharField(max_length=120)),
                (
                    "course_json",
                    models.JSONField(
                        help_text="The protocol version as it was, with this patient's changes.", verbose_name="course"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("completed", "Completed"),
                            ("stopped", "Stopped"),
                        ],
                        default=plans.rules.states.PlanState["DRAFT"],
                        max_length=12,
                    ),
                ),
                ("starts_on", models.DateField()),
                ("price", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("currency", models.CharField(default="USD", max_length=3)),
                ("made_at", models.DateTimeField()),
                ("activated_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("end_reason", models.TextField(blank=True)),
                (
                    "override_reason",
                    models.TextField(
                        blank=True, help_text="Why a clinician went on although something spoke against it."
                    ),
                ),
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
                    "protocol",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="plans.protocol",
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="patients.assessment",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="clinic.location",
                    ),
                ),
                (
                    "clinician",
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
                "verbose_name": "historical plan",
                "verbose_name_plural": "historical plans",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Plan",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="plans", to="patients.patient"
                    ),
                ),
                (
                    "protocol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="plans", to="plans.protocol"
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to="patients.assessment",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="plans", to="clinic.location"
                    ),
                ),
                (
                    "clinician",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="plans", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                (
                    "course_json",
                    models.JSONField(
                        help_text="The protocol version as it was, with this patient's changes.", verbose_name="course"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("completed", "Completed"),
                            ("stopped", "Stopped"),
                        ],
                        default=plans.rules.states.PlanState["DRAFT"],
                        max_length=12,
                    ),
                ),
                ("starts_on", models.DateField()),
                ("price", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ("currency", models.CharField(default="USD", max_length=3)),
                ("made_at", models.DateTimeField()),
                ("activated_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("end_reason", models.TextField(blank=True)),
                (
                    "override_reason",
                    models.TextField(
                        blank=True, help_text="Why a clinician went on although something spoke against it."
                    ),
                ),
            ],
            options={
                "ordering": ["-made_at"],
                "indexes": [
                    models.Index(fields=["patient", "-made_at"], name="plans_of_a_patient"),
                    models.Index(
                        condition=models.Q(("state", plans.rules.states.PlanState["ACTIVE"])),
                        fields=["location"],
                        name="plans_under_way",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", plans.rules.states.PlanState["DRAFT"]),
                            ("activated_at__isnull", False),
                            ("state", plans.rules.states.PlanState["STOPPED"]),
                            _connector="OR",
                        ),
                        name="plan_under_way_was_activated",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalSession",
            fields=[
                ("id", models.UUIDField(db_index=True, default=clinic.models.ids.new_id, editable=False)),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("course", "Course"), ("booster", "Booster")],
                        default=plans.rules.windows.StepKind["COURSE"],
                        max_length=8,
                    ),
                ),
                (
                    "parts_json",
                    models.JSONField(help_text="Pairs of component key and its ordinal.", verbose_name="parts"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("done", "Done"),
                            ("skipped", "Skipped"),
                            ("cancelled", "Cancelled"),
                        ],
                        default=plans.rules.states.SessionState["PLANNED"],
                        max_length=12,
                    ),
                ),
                ("earliest", models.DateField()),
                ("target", models.DateField()),
                ("latest", models.DateField()),
                ("calculated", models.DateField(help_text="The target the rules give, kept beside a pinned one.")),
                ("pinned", models.DateField(blank=True, null=True)),
                ("basis", models.CharField(blank=True, help_text="What the window was counted from.", max_length=240)),
                ("notes", models.JSONField(blank=True, default=list, help_text="What moved the window.")),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("remarks", models.TextField(blank=True)),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="plans.plan",
                    ),
                ),
                (
                    "done_by",
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
                "verbose_name": "historical session",
                "verbose_name_plural": "historical sessions",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sessions", to="plans.plan"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("course", "Course"), ("booster", "Booster")],
                        default=plans.rules.windows.StepKind["COURSE"],
                        max_length=8,
                    ),
                ),
                (
                    "parts_json",
                    models.JSONField(help_text="Pairs of component key and its ordinal.", verbose_name="parts"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("done", "Done"),
                            ("skipped", "Skipped"),
                            ("cancelled", "Cancelled"),
                        ],
                        default=plans.rules.states.SessionState["PLANNED"],
                        max_length=12,
                    ),
                ),
                ("earliest", models.DateField()),
                ("target", models.DateField()),
                ("latest", models.DateField()),
                ("calculated", models.DateField(help_text="The target the rules give, kept beside a pinned one.")),
                ("pinned", models.DateField(blank=True, null=True)),
                ("basis", models.CharField(blank=True, help_text="What the window was counted from.", max_length=240)),
                ("notes", models.JSONField(blank=True, default=list, help_text="What moved the window.")),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "done_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("remarks", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["plan", "number"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", plans.rules.states.SessionState["PLANNED"])),
                        fields=["target"],
                        name="sessions_to_do",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "number"), name="session_number_once_per_plan"),
                    models.CheckConstraint(
                        condition=models.Q(("earliest__lte", models.F("latest"))), name="session_window_is_ordered"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", plans.rules.states.SessionState["DONE"]), _negated=True),
                            ("ended_at__isnull", False),
                            _connector="OR",
                        ),
                        name="session_done_has_an_end",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ViewSet",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.SlugField(max_length=40)),
                ("version", models.PositiveIntegerField(default=1)),
                ("title", models.CharField(max_length=80)),
            ],
            options={
                "ordering": ["key", "-version"],
                "constraints": [models.UniqueConstraint(fields=("key", "version"), name="view_set_version_once")],
            },
        ),
        migrations.CreateModel(
            name="View",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "view_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="views", to="plans.viewset"
                    ),
                ),
                ("key", models.SlugField(max_length=40)),
                ("title", models.CharField(max_length=60)),
                ("instruction", models.CharField(max_length=240)),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["position"],
                "constraints": [models.UniqueConstraint(fields=("view_set", "key"), name="view_once_per_set")],
            },
        ),
        migrations.CreateModel(
            name="HistoricalReview",
            fields=[
                ("id", models.UUIDField(db_index=True, default=clinic.models.ids.new_id, editable=False)),
                ("key", models.SlugField(max_length=40)),
                ("title", models.CharField(max_length=80)),
                ("months", models.PositiveSmallIntegerField(default=0, help_text="0 is the baseline.")),
                ("due", models.DateField()),
                ("opens", models.DateField()),
                ("closes", models.DateField()),
                ("is_estimated", models.BooleanField(default=True, help_text="Until the first session is done.")),
                (
                    "state",
                    models.CharField(
                        choices=[("promised", "Promised"), ("decided", "Decided"), ("skipped", "Skipped")],
                        default=plans.rules.states.ReviewState["PROMISED"],
                        max_length=12,
                    ),
                ),
                (
                    "shedding_scale",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(6),
                        ],
                        verbose_name="Sinclair shedding scale",
                    ),
                ),
                (
                    "density",
                    models.DecimalField(
                        blank=True, decimal_places=1, max_digits=5, null=True, verbose_name="hairs per cm²"
                    ),
                ),
                ("density_method", models.CharField(blank=True, max_length=60, verbose_name="measured with")),
                (
                    "patient_rating",
                    models.SmallIntegerField(
                        blank=True,
                        help_text="−3 much worse … +3 much better.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(-3),
                            django.core.validators.MaxValueValidator(3),
                        ],
                        verbose_name="patient's own rating",
                    ),
                ),
                ("patient_says", models.TextField(blank=True)),
                ("notes", models.TextField(blank=True)),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("continue", "Continue"),
                            ("adjust", "Adjust"),
                            ("add_treatment", "Add treatment"),
                            ("maintenance", "Maintenance"),
                            ("stop_and_refer", "Stop and refer"),
                        ],
                        max_length=20,
                    ),
                ),
                ("decision_reason", models.TextField(blank=True)),
                (
                    "missing_views_reason",
                    models.TextField(blank=True, help_text="Why it was decided without all its views."),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="plans.plan",
                    ),
                ),
                (
                    "view_set",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="plans.viewset",
                    ),
                ),
                (
                    "decided_by",
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
                "verbose_name": "historical review",
                "verbose_name_plural": "historical reviews",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="plans.plan"
                    ),
                ),
                ("key", models.SlugField(max_length=40)),
                ("title", models.CharField(max_length=80)),
                ("months", models.PositiveSmallIntegerField(default=0, help_text="0 is the baseline.")),
                ("due", models.DateField()),
                ("opens", models.DateField()),
                ("closes", models.DateField()),
                ("is_estimated", models.BooleanField(default=True, help_text="Until the first session is done.")),
                (
                    "view_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="plans.viewset"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("promised", "Promised"), ("decided", "Decided"), ("skipped", "Skipped")],
                        default=plans.rules.states.ReviewState["PROMISED"],
                        max_length=12,
                    ),
                ),
                (
                    "shedding_scale",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(6),
                        ],
                        verbose_name="Sinclair shedding scale",
                    ),
                ),
                (
                    "density",
                    models.DecimalField(
                        blank=True, decimal_places=1, max_digits=5, null=True, verbose_name="hairs per cm²"
                    ),
                ),
                ("density_method", models.CharField(blank=True, max_length=60, verbose_name="measured with")),
                (
                    "patient_rating",
                    models.SmallIntegerField(
                        blank=True,
                        help_text="−3 much worse … +3 much better.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(-3),
                            django.core.validators.MaxValueValidator(3),
                        ],
                        verbose_name="patient's own rating",
                    ),
                ),
                ("patient_says", models.TextField(blank=True)),
                ("notes", models.TextField(blank=True)),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("continue", "Continue"),
                            ("adjust", "Adjust"),
                            ("add_treatment", "Add treatment"),
                            ("maintenance", "Maintenance"),
                            ("stop_and_refer", "Stop and refer"),
                        ],
                        max_length=20,
                    ),
                ),
                ("decision_reason", models.TextField(blank=True)),
                (
                    "missing_views_reason",
                    models.TextField(blank=True, help_text="Why it was decided without all its views."),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["due"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", plans.rules.states.ReviewState["PROMISED"])),
                        fields=["due"],
                        name="reviews_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "key"), name="review_once_per_plan"),
                    models.CheckConstraint(
                        condition=models.Q(("opens__lte", models.F("due")), ("closes__gte", models.F("due"))),
                        name="review_window_is_ordered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", plans.rules.states.ReviewState["DECIDED"]), _negated=True),
                            models.Q(("decided_at__isnull", False), models.Q(("decision", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="review_decided_has_a_decision",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Photo",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="photos", to="plans.review"
                    ),
                ),
                (
                    "view",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="photos", to="plans.view"
                    ),
                ),
                ("original", models.FileField(max_length=200, upload_to="")),
                ("large", models.FileField(max_length=200, upload_to="")),
                ("medium", models.FileField(max_length=200, upload_to="")),
                ("thumb", models.FileField(max_length=200, upload_to="")),
                ("media_type", models.CharField(max_length=20)),
                (
                    "is_pixel_exact",
                    models.BooleanField(help_text="The original's pixels are those of the camera's file."),
                ),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("source_sha256", models.CharField(max_length=64)),
                ("sharpness", models.FloatField()),
                ("brightness", models.FloatField()),
                ("clipped_dark", models.FloatField()),
                ("clipped_light", models.FloatField()),
                ("advice", models.JSONField(blank=True, default=list)),
                ("is_wet", models.BooleanField(default=False, verbose_name="hair is wet")),
                ("parting", models.CharField(blank=True, max_length=60)),
                ("lighting", models.CharField(blank=True, max_length=60)),
                ("distance_cm", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="distance in cm")),
                ("last_dyed_on", models.DateField(blank=True, null=True)),
                ("taken_at", models.DateTimeField()),
                ("added_at", models.DateTimeField()),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("superseded_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["review", "view__position", "-added_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at__isnull", True)),
                        fields=("review", "view"),
                        name="one_current_photo_per_view",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Appointment",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="appointments", to="patients.patient"
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="appointments", to="clinic.location"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[("session", "Session"), ("review", "Review"), ("consultation", "Consultation")],
                        max_length=14,
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="plans.session",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="plans.review",
                    ),
                ),
                (
                    "practitioner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="clinic.practitioner",
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="clinic.room",
                    ),
                ),
                ("starts", models.DateTimeField()),
                ("ends", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("booked", "Booked"),
                            ("confirmed", "Confirmed"),
                            ("arrived", "Arrived"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                            ("no_show", "No-show"),
                        ],
                        default=plans.rules.states.AppointmentState["BOOKED"],
                        max_length=12,
                    ),
                ),
                (
                    "rescheduled_from",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rescheduled_to",
                        to="plans.appointment",
                    ),
                ),
                ("reason", models.CharField(blank=True, help_text="Why it was moved or cancelled.", max_length=200)),
                ("booked_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("arrived_at", models.DateTimeField(blank=True, null=True)),
                (
                    "calendar_uid",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, help_text="Kept when it moves, so that calendars follow."
                    ),
                ),
                ("calendar_sequence", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ["starts"],
                "indexes": [
                    models.Index(fields=["practitioner", "starts"], name="appointments_of_one"),
                    models.Index(fields=["room", "starts"], name="appointments_in_a_room"),
                    models.Index(fields=["location", "starts"], name="appointments_of_a_day"),
                    models.Index(fields=["patient", "starts"], name="appointments_of_a_patient"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends__gt", models.F("starts"))), name="appointment_ends_after_it_starts"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("purpose", plans.rules.states.AppointmentPurpose["SESSION"]),
                                ("review__isnull", True),
                                ("session__isnull", False),
                            ),
                            models.Q(
                                ("purpose", plans.rules.states.AppointmentPurpose["REVIEW"]),
                                ("review__isnull", False),
                                ("session__isnull", True),
                            ),
                            models.Q(
                                ("purpose", plans.rules.states.AppointmentPurpose["CONSULTATION"]),
                                ("review__isnull", True),
                                ("session__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="appointment_holds_what_its_purpose_says",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                (
                                    plans.rules.states.AppointmentState["BOOKED"],
                                    plans.rules.states.AppointmentState["CONFIRMED"],
                                    plans.rules.states.AppointmentState["ARRIVED"],
                                ),
                            )
                        ),
                        fields=("session",),
                        name="one_live_appointment_per_session",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                (
                                    plans.rules.states.AppointmentState["BOOKED"],
                                    plans.rules.states.AppointmentState["CONFIRMED"],
                                    plans.rules.states.AppointmentState["ARRIVED"],
                                ),
                            )
                        ),
                        fields=("review",),
                        name="one_live_appointment_per_review",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalAppointment",
            fields=[
                ("id", models.UUIDField(db_index=True, default=clinic.models.ids.new_id, editable=False)),
                (
                    "purpose",
                    models.CharField(
                        choices=[("session", "Session"), ("review", "Review"), ("consultation", "Consultation")],
                        max_length=14,
                    ),
                ),
                ("starts", models.DateTimeField()),
                ("ends", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("booked", "Booked"),
                            ("confirmed", "Confirmed"),
                            ("arrived", "Arrived"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                            ("no_show", "No-show"),
                        ],
                        default=plans.rules.states.AppointmentState["BOOKED"],
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, help_text="Why it was moved or cancelled.", max_length=200)),
                ("booked_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("arrived_at", models.DateTimeField(blank=True, null=True)),
                (
                    "calendar_uid",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, help_text="Kept when it moves, so that calendars follow."
                    ),
                ),
                ("calendar_sequence", models.PositiveIntegerField(default=0)),
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
                    "location",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="clinic.location",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="plans.session",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="plans.review",
                    ),
                ),
                (
                    "practitioner",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="clinic.practitioner",
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="clinic.room",
                    ),
                ),
                (
                    "rescheduled_from",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="plans.appointment",
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
                "verbose_name": "historical appointment",
                "verbose_name_plural": "historical appointments",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Reminder",
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
                            ("appointment_booked", "Appointment booked"),
                            ("appointment_moved", "Appointment moved"),
                            ("appointment_cancelled", "Appointment cancelled"),
                            ("session_reminder", "Appointment reminder"),
                            ("pre_care", "Before the session"),
                            ("no_wash", "No washing yet"),
                            ("no_dye", "No dyeing yet"),
                            ("dye_again", "Dyeing allowed again"),
                            ("review_invitation", "Review invitation"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reminders", to="patients.patient"
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinic.location"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reminders",
                        to="plans.plan",
                    ),
                ),
                ("about_id", models.UUIDField(help_text="The appointment, session or review it speaks of.")),
                (
                    "facts",
                    models.CharField(
                        help_text="What the letter states, in short: another fact is another letter.", max_length=120
                    ),
                ),
                ("content_version", models.PositiveIntegerField(default=1)),
                ("due_at", models.DateTimeField()),
                ("useful_until", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("claimed", "Claimed"),
                            ("handed_off", "Handed off"),
                            ("sent", "Sent"),
                            ("cancelled", "Cancelled"),
                            ("skipped", "Skipped"),
                            ("expired", "Expired"),
                            ("failed", "Failed"),
                            ("unknown", "Unknown: ask a human"),
                            ("closed", "Closed"),
                            ("bounced", "Bounced"),
                        ],
                        default=plans.rules.states.ReminderState["PLANNED"],
                        max_length=12,
                    ),
                ),
                ("state_reason", models.CharField(blank=True, max_length=120)),
                ("attempt", models.PositiveSmallIntegerField(default=0)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("lease_token", models.UUIDField(blank=True, null=True)),
                ("handed_off_at", models.DateTimeField(blank=True, null=True)),
                ("message_id", models.CharField(blank=True, max_length=120)),
                ("recipient", models.EmailField(blank=True, max_length=254)),
                ("subject", models.CharField(blank=True, max_length=200)),
                (
                    "mime",
                    models.BinaryField(
                        blank=True, help_text="The exact bytes, frozen at the first hand-off.", null=True
                    ),
                ),
                ("last_code", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("last_text", models.CharField(blank=True, max_length=200)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("settled_at", models.DateTimeField(blank=True, help_text="When a human dealt with it.", null=True)),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plans.reminder",
                    ),
                ),
                ("planned_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["due_at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", plans.rules.states.ReminderState["PLANNED"])),
                        fields=["due_at"],
                        name="reminders_due",
                    ),
                    models.Index(
                        condition=models.Q(
                            (
                                "state__in",
                                (
                                    plans.rules.states.ReminderState["CLAIMED"],
                                    plans.rules.states.ReminderState["HANDED_OFF"],
                                ),
                            )
                        ),
                        fields=["lease_until"],
                        name="reminders_leased",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("settled_at__isnull", True),
                            (
                                "state__in",
                                (
                                    plans.rules.states.ReminderState["FAILED"],
                                    plans.rules.states.ReminderState["UNKNOWN"],
                                ),
                            ),
                        ),
                        fields=["due_at"],
                        name="reminders_for_a_human",
                    ),
                    models.Index(fields=["patient", "-due_at"], name="reminders_of_a_patient"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "about_id", "content_version"), name="reminder_once_per_version"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("useful_until__gte", models.F("due_at"))),
                        name="reminder_is_useful_when_due",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", plans.rules.states.ReminderState["CLAIMED"]), _negated=True),
                            models.Q(("lease_token__isnull", False), ("lease_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="reminder_claimed_has_a_lease",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=120, unique=True)),
                (
                    "modality",
                    models.CharField(
                        choices=[
                            ("exosome", "Exosome"),
                            ("prp", "PRP"),
                            ("mesotherapy", "Mesotherapy"),
                            ("microneedling", "Microneedling"),
                            ("filler", "Filler"),
                            ("medical", "Medical"),
                        ],
                        max_length=20,
                    ),
                ),
                ("maker", models.CharField(blank=True, max_length=120)),
                (
                    "donor_source",
                    models.CharField(
                        blank=True, help_text="For example umbilical cord, adipose stromal cells.", max_length=120
                    ),
                ),
                ("handling", models.CharField(blank=True, help_text="How it is stored and prepared.", max_length=200)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalLot",
            fields=[
                ("id", models.UUIDField(db_index=True, default=clinic.models.ids.new_id, editable=False)),
                ("number", models.CharField(help_text="GS1 (10): up to 20 characters.", max_length=20)),
                ("expires_on", models.DateField()),
                ("received_on", models.DateField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("available", "Available"), ("quarantined", "Quarantined"), ("recalled", "Recalled")],
                        default="available",
                        max_length=12,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "product",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="plans.product",
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
                "verbose_name": "historical lot",
                "verbose_name_plural": "historical lots",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Lot",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lots", to="plans.product"
                    ),
                ),
                ("number", models.CharField(help_text="GS1 (10): up to 20 characters.", max_length=20)),
                ("expires_on", models.DateField()),
                ("received_on", models.DateField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("available", "Available"), ("quarantined", "Quarantined"), ("recalled", "Recalled")],
                        default="available",
                        max_length=12,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "ordering": ["product__name", "expires_on"],
                "constraints": [
                    models.UniqueConstraint(fields=("product", "number"), name="lot_number_once_per_product")
                ],
            },
        ),
        migrations.CreateModel(
            name="Treatment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="treatments", to="plans.session"
                    ),
                ),
                (
                    "modality",
                    models.CharField(
                        choices=[
                            ("exosome", "Exosome"),
                            ("prp", "PRP"),
                            ("mesotherapy", "Mesotherapy"),
                            ("microneedling", "Microneedling"),
                            ("filler", "Filler"),
                            ("medical", "Medical"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="treatments",
                        to="plans.lot",
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("injection", "Fine-needle injection"),
                            ("microneedling", "Microneedling or derma pen"),
                            ("topical", "Topical with microneedling"),
                        ],
                        max_length=16,
                    ),
                ),
                ("areas", models.JSONField(default=list)),
                (
                    "amount_ml",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=5,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="amount in ml",
                    ),
                ),
                (
                    "pain",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(10)],
                        verbose_name="pain, 0–10",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "blood_drawn_ml",
                    models.DecimalField(
                        blank=True, decimal_places=1, max_digits=5, null=True, verbose_name="blood drawn in ml"
                    ),
                ),
                (
                    "plasma_ml",
                    models.DecimalField(
                        blank=True, decimal_places=1, max_digits=5, null=True, verbose_name="plasma won in ml"
                    ),
                ),
                (
                    "spin_g",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="relative centrifugal force in g"),
                ),
                ("spin_minutes", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "platelets_blood",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="platelets per µl, blood"),
                ),
                (
                    "platelets_plasma",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="platelets per µl, plasma"),
                ),
                ("what_happened", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["session", "modality"],
                "indexes": [
                    models.Index(condition=models.Q(("lot__isnull", False)), fields=["lot"], name="treatments_of_a_lot")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("session", "modality"), name="modality_once_per_session"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("modality", plans.rules.course.Modality["EXOSOME"]), _negated=True),
                            ("lot__isnull", False),
                            _connector="OR",
                        ),
                        name="exosome_has_a_lot",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChecklistItem",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="checklist", to="plans.session"
                    ),
                ),
                ("rule_key", models.CharField(max_length=40)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("phase", models.CharField(choices=[("pre", "Before"), ("after", "After")], max_length=8)),
                (
                    "kind",
                    models.CharField(
                        choices=[("do", "Do"), ("avoid", "Avoid"), ("ask_doctor", "Ask doctor")], max_length=12
                    ),
                ),
                ("by", models.CharField(choices=[("patient", "Patient"), ("staff", "Staff")], max_length=8)),
                ("text", models.TextField()),
                ("ticked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ticked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["session", "position"],
                "constraints": [
                    models.UniqueConstraint(fields=("session", "rule_key"), name="care_rule_once_per_session"),
                    models.CheckConstraint(
                        condition=models.Q(("ticked_by__isnull", True), ("ticked_at__isnull", False), _connector="OR"),
                        name="tick_has_a_time",
                    ),
                ],
            },
        ),
    ]
