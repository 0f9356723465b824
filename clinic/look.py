"""How the staff pages look: the product's name, one accent colour, its own style sheets."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.templatetags.static import static

# Own style sheets and scripts of the staff pages, in the order they are loaded; paths below a static folder.
STYLES = [f"clinic/css/{name}.css" for name in ("tokens", "base", "components", "print")]
SCRIPTS: list[str] = []


def _address(path: str) -> Callable[[HttpRequest], str]:
    return lambda _request: static(path)


UNFOLD = {
    "SITE_TITLE": "Course",
    "SITE_HEADER": "Course",
    "SITE_SUBHEADER": "Hair treatment plans",
    "SITE_ICON": _address("clinic/icon.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _address("clinic/icon.svg")}],
    "SITE_URL": None,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "GLOBAL_CALLBACK": "clinic.navigation.everywhere",
    "DASHBOARD_CALLBACK": "plans.admin.dashboard.dashboard",
    "STYLES": [_address(path) for path in STYLES],
    "SCRIPTS": [_address(path) for path in SCRIPTS],
    "COLORS": {
        # A warm grey, so that white sheets stand out on it without a line.
        "base": {
            "50": "oklch(98.4% .004 90)",
            "100": "oklch(96.6% .005 90)",
            "200": "oklch(92.2% .007 90)",
            "300": "oklch(86.5% .009 90)",
            "400": "oklch(70.5% .014 200)",
            "500": "oklch(52% .017 215)",
            "600": "oklch(43.5% .019 218)",
            "700": "oklch(36.5% .018 218)",
            "800": "oklch(28% .014 212)",
            "900": "oklch(21% .01 210)",
            "950": "oklch(16% .009 210)",
        },
        "primary": {
            "50": "oklch(98.4% .012 187)",
            "100": "oklch(95.4% .032 186)",
            "200": "oklch(90.6% .058 186)",
            "300": "oklch(84.0% .082 186)",
            "400": "oklch(72.5% .098 187)",
            "500": "oklch(60.5% .094 188)",
            "600": "oklch(50.5% .082 189)",
            "700": "oklch(43.5% .070 190)",
            "800": "oklch(37.0% .058 192)",
            "900": "oklch(32.0% .048 194)",
            "950": "oklch(23.5% .038 196)",
        },
    },
    "SIDEBAR": {"navigation": "clinic.navigation.sidebar"},
    "ACCOUNT": {"navigation": "clinic.navigation.own_links"},
}
