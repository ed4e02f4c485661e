"""Each contender's Python: this one, or one of its own that is made when it is first needed."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path


ROOT = Path(__file__).resolve().parent.parent

#: The peer, in an environment of its own: it shares no package with this one.
PEER = "zenpy==2.0.57"
_PEER_HOME = ROOT / ".venv-zenpy"


def interpreter(name: str) -> str:
    """Return the Python that the contender runs in.

    Raises:
        SystemExit: the peer cannot be installed.
    """
    return _peer() if name == "zenpy" else sys.executable


def _peer() -> str:
    python = _PEER_HOME / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if _installed(python):
        return str(python)
    print(f"installing {PEER} into {_PEER_HOME.name}", file=sys.stderr)
    venv.create(_PEER_HOME, clear=True, with_pip=True)
    install = [str(python), "-m", "pip", "install", "--quiet", PEER]
    if subprocess.run(install, check=False).returncode:
        raise SystemExit(f"{PEER} cannot be installed: run without it, with --quick")
    return str(python)


def _installed(python: Path) -> bool:
    """Tell whether the environment is there and holds the version that is meant."""
    if not python.exists():
        return False
    name, _, version = PEER.partition("==")
    ask = f"import importlib.metadata as m; print(m.version({name!r}))"
    asked = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False)
    return asked.stdout.strip() == version
