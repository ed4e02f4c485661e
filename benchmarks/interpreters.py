"""The Python interpreter of each contender: this one, or one in a separate environment."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path


ROOT = Path(__file__).resolve().parent.parent

#: zenpy is installed into a separate environment, so that no package is shared with this one.
ZENPY = "zenpy==2.0.57"
_ZENPY_ENVIRONMENT = ROOT / ".venv-zenpy"


def find_interpreter(name: str) -> str:
    """Return the path of a contender's Python; create the environment of zenpy if necessary.

    Raises:
        SystemExit: zenpy cannot be installed.
    """
    return _find_zenpy_interpreter() if name == "zenpy" else sys.executable


def _find_zenpy_interpreter() -> str:
    scripts = "Scripts" if sys.platform == "win32" else "bin"
    python = _ZENPY_ENVIRONMENT / scripts / "python"
    if _has_zenpy(python):
        return str(python)
    print(f"installing {ZENPY} into {_ZENPY_ENVIRONMENT.name}", file=sys.stderr)
    venv.create(_ZENPY_ENVIRONMENT, clear=True, with_pip=True)
    install = [str(python), "-m", "pip", "install", "--quiet", ZENPY]
    if subprocess.run(install, check=False).returncode:
        raise SystemExit(f"{ZENPY} cannot be installed; use --quick to measure without it")
    return str(python)


def _has_zenpy(python: Path) -> bool:
    """Return whether the environment exists and contains the required version."""
    if not python.exists():
        return False
    name, _, version = ZENPY.partition("==")
    code = f"import importlib.metadata as m; print(m.version({name!r}))"
    process = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return process.stdout.strip() == version
