import clinic.models.ids
import django.db.models.deletion
import plans.models.spans
import plans.rules.course
import plans.rules.states
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Alongside",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("key", models.SlugField(max_length=40)),
                (
                    "modality",
                    models.CharField(
                        choices=[("medical", "Medical"), ("transplant", "Transplant")],
                        default=plans.rules.course.Modality["MEDICAL"],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(help_text="“Minoxidil 5 %, twice a day”.", max_length=80)),
                (
                    "starts",
                    plans.models.spans.SpanField(default="0 days", help_text="From the plan's start.", max_length=16),
                ),
                (
                    "lasts",
                    plans.models.spans.SpanField(
                        blank=True, help_text="Empty: continuously.", max_length=16, null=True
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=120)),
            ],
            options={
                "verbose_name_plural": "alongside",
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="Pause",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("begins", models.DateField()),
                (
                    "ends",
                    models.DateField(blank=True, help_text="The day the plan went on. Empty: paused still.", null=True),
                ),
                ("reason", models.TextField()),
                ("begun_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["begins"],
            },
        ),
        migrations.CreateModel(
            name="Replanning",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("rule_key", models.SlugField(max_length=40)),
                ("rule_json", models.JSONField(help_text="The care rule as it is from now on.", verbose_name="rule")),
                ("reason", models.TextField()),
                ("asked_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("stopped", "Stopped"),
                        ],
                        default=plans.rules.states.ReplanningState["WAITING"],
                        max_length=12,
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0)),
                ("looked_at", models.PositiveIntegerField(default=0)),
                ("changed", models.PositiveIntegerField(default=0)),
                ("letters_changed", models.PositiveIntegerField(default=0)),
                ("cursor", models.UUIDField(blank=True, null=True)),
                ("beat_at", models.DateTimeField(blank=True, help_text="When it last made a step.", null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "trouble",
                    models.JSONField(blank=True, default=list, help_text="Plans that could not be changed, and why."),
                ),
            ],
            options={
                "ordering": ["-asked_at"],
            },
        ),
        migrations.AddField(
            model_name="component",
            name="starts_after",
            field=models.CharField(
                blank=True, help_text="Count the start from that one's first session.", max_length=40
            ),
        ),
        migrations.AddField(
            model_name="historicalplan",
            name="dated_on",
            field=models.DateField(
                editable=False, help_text="The local day its dates were last worked out.", null=True
            ),
        ),
        migrations.AddField(
            model_name="historicalprotocol",
            name="based_on",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                help_text="The version, or the other protocol, it was copied from.",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="plans.protocol",
            ),
        ),
        migrations.AddField(
            model_name="historicalprotocol",
            name="change_note",
            field=models.TextField(blank=True, help_text="What is different from the version before, and why."),
        ),
        migrations.AddField(
            model_name="historicalprotocol",
            name="retired_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="plan",
            name="dated_on",
            field=models.DateField(
                editable=False, help_text="The local day its dates were last worked out.", null=True
            ),
        ),
        migrations.AddField(
            model_name="protocol",
            name="based_on",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                help_text="The version, or the other protocol, it was copied from.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="grown_into",
                to="plans.protocol",
            ),
        ),
        migrations.AddField(
            model_name="protocol",
            name="change_note",
            field=models.TextField(blank=True, help_text="What is different from the version before, and why."),
        ),
        migrations.AddField(
            model_name="protocol",
            name="retired_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="component",
            name="modality",
            field=models.CharField(
                choices=[
                    ("exosome", "Exosome"),
                    ("prp", "PRP"),
                    ("mesotherapy", "Mesotherapy"),
                    ("microneedling", "Microneedling"),
                    ("filler", "Filler"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="leastgap",
            name="first",
            field=models.CharField(
                choices=[
                    ("exosome", "Exosome"),
                    ("prp", "PRP"),
                    ("mesotherapy", "Mesotherapy"),
                    ("microneedling", "Microneedling"),
                    ("filler", "Filler"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="leastgap",
            name="second",
            field=models.CharField(
                choices=[
                    ("exosome", "Exosome"),
                    ("prp", "PRP"),
                    ("mesotherapy", "Mesotherapy"),
                    ("microneedling", "Microneedling"),
                    ("filler", "Filler"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="product",
            name="modality",
            field=models.CharField(
                choices=[
                    ("exosome", "Exosome"),
                    ("prp", "PRP"),
                    ("mesotherapy", "Mesotherapy"),
                    ("microneedling", "Microneedling"),
                    ("filler", "Filler"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="treatment",
            name="modality",
            field=models.CharField(
                choices=[
                    ("exosome", "Exosome"),
                    ("prp", "PRP"),
                    ("mesotherapy", "Mesotherapy"),
                    ("microneedling", "Microneedling"),
                    ("filler", "Filler"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="protocol",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", plans.rules.states.ProtocolState["DRAFT"])),
                fields=("key",),
                name="one_draft_per_protocol",
            ),
        ),
        migrations.AddField(
            model_name="alongside",
            name="protocol",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="alongside", to="plans.protocol"
            ),
        ),
        migrations.AddField(
            model_name="pause",
            name="begun_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="pause",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="pause",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="pauses", to="plans.plan"
            ),
        ),
        migrations.AddField(
            model_name="replanning",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="replanning",
            name="protocols",
            field=models.ManyToManyField(
                help_text="The versions it published.", related_name="replannings", to="plans.protocol"
            ),
        ),
        migrations.AddConstraint(
            model_name="alongside",
            constraint=models.UniqueConstraint(fields=("protocol", "key"), name="alongside_once_per_protocol"),
        ),
        migrations.AddConstraint(
            model_name="pause",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ends__isnull", True)), fields=("plan",), name="one_open_pause_per_plan"
            ),
        ),
        migrations.AddConstraint(
            model_name="pause",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends__isnull", True), ("ends__gte", models.F("begins")), _connector="OR"),
                name="pause_ends_after_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="replanning",
            constraint=models.CheckConstraint(
                condition=models.Q(("looked_at__lte", models.F("total"))), name="replanning_counts_add_up"
            ),
        ),
    ]
