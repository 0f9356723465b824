import clinic.models.ids
import django.db.models.deletion
import django.utils.timezone
import plans.rules.states
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def free_at_their_ends(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for name in ("Appointment", "HistoricalAppointment"):
        rows = apps.get_model("plans", name).objects
        rows.update(practitioner_free_at=models.F("ends"), room_free_at=models.F("ends"))


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0004_calendar"),
        ("patients", "0003_assessment_details"),
        ("plans", "0002_changes_and_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Offer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("starts", models.DateTimeField()),
                ("ends", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("taken", "Taken"), ("lost", "Lost"), ("declined", "Declined")],
                        default=plans.rules.states.OfferState["OPEN"],
                        max_length=10,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("useful_until", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-made_at"],
            },
        ),
        migrations.CreateModel(
            name="WaitingEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=clinic.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "wishes",
                    models.JSONField(
                        blank=True, default=dict, help_text="Weekdays, hours and people, as the finder reads them."
                    ),
                ),
                ("not_before", models.DateField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("served", "Served"),
                            ("withdrawn", "Withdrawn"),
                            ("over", "Over"),
                        ],
                        default=plans.rules.states.WaitingState["WAITING"],
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "waiting entries",
                "ordering": ["asked_at"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="appointment",
            name="one_live_appointment_per_session",
        ),
        migrations.RemoveConstraint(
            model_name="appointment",
            name="one_live_appointment_per_review",
        ),
        migrations.AddField(
            model_name="appointment",
            name="asked_by",
            field=models.CharField(
                blank=True,
                choices=[("patient", "Patient"), ("clinic", "Clinic")],
                help_text="Who wanted it moved.",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="appointment",
            name="began_at",
            field=models.DateTimeField(blank=True, help_text="When the treatment began.", null=True),
        ),
        migrations.AddField(
            model_name="appointment",
            name="changed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="appointment",
            name="ended_at",
            field=models.DateTimeField(blank=True, help_text="When the patient was done.", null=True),
        ),
        migrations.AddField(
            model_name="appointment",
            name="is_silent",
            field=models.BooleanField(
                default=False, help_text="No letter tells of it: the patient was told otherwise."
            ),
        ),
        migrations.AddField(
            model_name="appointment",
            name="numbed_at",
            field=models.DateTimeField(blank=True, help_text="When the numbing cream was applied.", null=True),
        ),
        migrations.AddField(
            model_name="appointment",
            name="practitioner_free_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, help_text="The end, and the practitioner's minutes between two."
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="appointment",
            name="room_free_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, help_text="The end, and the room's minutes between two."
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="appointment",
            name="series",
            field=models.UUIDField(
                blank=True, help_text="Booked together: one letter tells of all of them.", null=True
            ),
        ),
        migrations.AddField(
            model_name="appointment",
            name="version",
            field=models.PositiveIntegerField(
                default=1, help_text="One more at every change: who comes second is told."
            ),
        ),
        migrations.AddField(
            model_name="historicalappointment",
            name="asked_by",
            field=models.CharField(
                blank=True,
                choices=[("patient", "Patient"), ("clinic", "Clinic")],
                help_text="Who wanted it moved.",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="historicalappointment",
            name="began_at",
            field=models.DateTimeField(blank=True, help_text="When the treatment began.", null=True),
        ),
        migrations.AddField(
            model_name="historicalappointment",
            name="changed_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicalappointment",
            name="ended_at",
            field=models.DateTimeField(blank=True, help_text="When the patient was done.", null=True),
        ),
        migrations.AddField(
            model_name="historicalappointment",
            name="is_silent",
            field=models.BooleanField(
                default=False, help_text="No letter tells of it: the patient was told otherwise."
            ),
        ),
        migrations.AddField(
            model_name="historicalappointment",
            name="numbed_at",
            field=models.DateTimeField(blank=True, help_text="When the numbing cream was applied.", null=True),
        ),
        migrations.AddField(
            model_name="historicalappointment",
            name="practitioner_free_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, help_text="The end, and the practitioner's minutes between two."
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="historicalappointment",
            name="room_free_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, help_text="The end, and the room's minutes between two."
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="historicalappointment",
            name="series",
            field=models.UUIDField(
                blank=True, help_text="Booked together: one letter tells of all of them.", null=True
            ),
        ),
        migrations.AddField(
            model_name="historicalappointment",
            name="version",
            field=models.PositiveIntegerField(
                default=1, help_text="One more at every change: who comes second is told."
            ),
        ),
        migrations.AlterField(
            model_name="appointment",
            name="state",
            field=models.CharField(
                choices=[
                    ("booked", "Booked"),
                    ("confirmed", "Confirmed"),
                    ("arrived", "Arrived"),
                    ("in_treatment", "In treatment"),
                    ("done", "Done"),
                    ("cancelled", "Cancelled"),
                    ("no_show", "No-show"),
                ],
                default=plans.rules.states.AppointmentState["BOOKED"],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="historicalappointment",
            name="state",
            field=models.CharField(
                choices=[
                    ("booked", "Booked"),
                    ("confirmed", "Confirmed"),
                    ("arrived", "Arrived"),
                    ("in_treatment", "In treatment"),
                    ("done", "Done"),
                    ("cancelled", "Cancelled"),
                    ("no_show", "No-show"),
                ],
                default=plans.rules.states.AppointmentState["BOOKED"],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="kind",
            field=models.CharField(
                choices=[
                    ("appointment_booked", "Appointment booked"),
                    ("appointment_moved", "Appointment moved"),
                    ("appointment_cancelled", "Appointment cancelled"),
                    ("appointment_missed", "Appointment missed"),
                    ("series_booked", "Appointments booked"),
                    ("waiting_offer", "Earlier time offered"),
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
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(("series__isnull", False)), fields=["series"], name="appointments_of_a_series"
            ),
        ),
        # Nobody had minutes between two appointments before.
        migrations.RunPython(free_at_their_ends, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("practitioner_free_at__gte", models.F("ends")), ("room_free_at__gte", models.F("ends"))
                ),
                name="appointment_is_followed_by_its_buffers",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        (
                            plans.rules.states.AppointmentState["BOOKED"],
                            plans.rules.states.AppointmentState["CONFIRMED"],
                            plans.rules.states.AppointmentState["ARRIVED"],
                            plans.rules.states.AppointmentState["IN_TREATMENT"],
                        ),
                    )
                ),
                fields=("session",),
                name="one_live_appointment_per_session",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        (
                            plans.rules.states.AppointmentState["BOOKED"],
                            plans.rules.states.AppointmentState["CONFIRMED"],
                            plans.rules.states.AppointmentState["ARRIVED"],
                            plans.rules.states.AppointmentState["IN_TREATMENT"],
                        ),
                    )
                ),
                fields=("review",),
                name="one_live_appointment_per_review",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="became",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="came_from_offer",
                to="plans.appointment",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="freed",
            field=models.ForeignKey(
                help_text="The appointment that let it go.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="offers",
                to="plans.appointment",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="made_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="practitioner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinic.practitioner"
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="room",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinic.room"
            ),
        ),
        migrations.AddField(
            model_name="waitingentry",
            name="appointment",
            field=models.ForeignKey(
                help_text="What she has, and wants earlier.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="waiting",
                to="plans.appointment",
            ),
        ),
        migrations.AddField(
            model_name="waitingentry",
            name="location",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="waiting", to="clinic.location"
            ),
        ),
        migrations.AddField(
            model_name="waitingentry",
            name="made_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="waitingentry",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="waiting", to="patients.patient"
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="entry",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="offers", to="plans.waitingentry"
            ),
        ),
        migrations.AddIndex(
            model_name="waitingentry",
            index=models.Index(
                condition=models.Q(("state", plans.rules.states.WaitingState["WAITING"])),
                fields=["location", "asked_at"],
                name="waiting_here",
            ),
        ),
        migrations.AddConstraint(
            model_name="waitingentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", plans.rules.states.WaitingState["WAITING"])),
                fields=("appointment",),
                name="waits_once_for_one_appointment",
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends__gt", models.F("starts"))), name="offer_ends_after_it_starts"
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.UniqueConstraint(fields=("entry", "freed", "starts"), name="offered_once_to_each"),
        ),
    ]
