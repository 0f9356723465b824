#!/usr/bin/env python3
"""Run the clinic's commands: `manage.py help` lists them."""

import os
import sys


def main() -> None:
    if sys.version_info < (3, 11):
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"This needs Python 3.11 or newer; this one is {found}.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django is not installed here. Start with script/server, which installs everything.")
    try:
        if sys.argv[1:2] == ["serve"]:
            before_settings()
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as wrong:
        sys.exit(f"Settings: {wrong}")


def before_settings() -> None:
    """On a machine nobody configured, `serve` writes the settings it is about to read."""
    from clinic.serve.ground import furnish, var_folder
    from clinic.serve.refused import CannotServe

    try:
        furnish(var_folder())
    except CannotServe as reason:
        sys.exit(str(reason))


if __name__ == "__main__":
    main()
