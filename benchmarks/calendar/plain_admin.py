"""Django's own admin over the same database, with nothing of ours in it: its settings, its one page, and how long it
takes, asked line by line (`whole` or `day`): `python plain_admin.py YEAR MONTH DAY`."""

from __future__ import annotations

import os
import sys
import time

SETTINGS = "plain_admin_settings"


def main(year: str, month: str, day: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client()
    client.force_login(get_user_model().objects.get(username="root"))
    whole = "/admin/plans/appointment/"
    paths = {"whole": whole, "day": f"{whole}?starts__year={year}&starts__month={month}&starts__day={day}"}
    print("ready", flush=True)
    for line in sys.stdin:
        began = time.perf_counter()
        answer = client.get(paths[line.strip()])
        took = time.perf_counter() - began
        page = answer.content.decode()
        assert answer.status_code == 200 and 'id="result_list"' in page, answer.status_code
        print(took, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
