"""The admin site: the clinic's ground, kept by managers. `patients` and `plans` bring lists of their own."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group

from clinic.admin import audit, premises, staff
from clinic.admin.site import find

# Roles are the table of deeds: groups would be a second one. Addresses and second factors belong to their owner alone.
for _foreign in (Group, EmailAddress, Authenticator):
    if admin.site.is_registered(_foreign):
        admin.site.unregister(_foreign)

admin.site.site_title = "Course"
admin.site.index_title = "Today"
admin.site.search = find  # type: ignore[attr-defined]  # unfold's site has it, Django's does not

__all__ = ["audit", "premises", "staff"]
