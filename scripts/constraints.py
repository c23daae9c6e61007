"""Renews constraints.txt: the newest versions of everything that Tabor, its checks, tests and benchmarks install.

Run by ``make constraints``.  The file holds ``name==version`` lines and nothing else, so that it fits whatever
package index a machine is set up for.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from venv import EnvBuilder

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "constraints.txt"


def main() -> None:
    """Install everything afresh and write down what came."""
    with tempfile.TemporaryDirectory() as folder:
        EnvBuilder(with_pip=True).create(folder)
        python = str(Path(folder, "bin", "python"))
        print("Installing the newest versions into a fresh environment")
        pip(python, "install", "--upgrade", "pip")
        pip(python, "install", "--editable", ".[all]", "--group", "dev", "--group", "bench")
        frozen = pip(python, "freeze", "--all", "--exclude-editable")
    pins = sorted((line for line in frozen.splitlines() if not line.startswith("setuptools==")), key=str.lower)
    strangers = [line for line in pins if "==" not in line or "/" in line or " " in line]
    if strangers:
        sys.exit(f"constraints.txt is left as it was, because these are not name==version: {', '.join(strangers)}")
    TARGET.write_text("\n".join(pins) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(pins)} pins")


def pip(python: str, *arguments: str) -> str:
    """Run pip of that interpreter in the repository's root, and return what it prints."""
    command = [python, "-m", "pip", "--disable-pip-version-check", "--quiet", "--quiet", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
