"""Bring pip to a Python that has none, with pip's own bootstrap script."""

import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

SOURCE = "https://bootstrap.pypa.io/get-pip.py"

with tempfile.TemporaryDirectory() as folder:
    script = Path(folder) / "get-pip.py"
    with urllib.request.urlopen(SOURCE, timeout=30) as answer:
        script.write_bytes(answer.read())
    sys.exit(subprocess.call([sys.executable, str(script), "--no-setuptools", "--no-wheel"]))
