"""Integrations whose packages are not installed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from zendesk_orm.extras import require_extra


MODULES = [
    ("otel", "opentelemetry", "otel"),
    ("redis", "redis", "redis"),
    ("redis", "limits", "redis"),
    ("celery", "celery", "celery"),
]


@pytest.mark.parametrize(("module", "package", "extra"), MODULES)
def test_a_missing_package_is_named_with_its_extra(module, package, extra):
    """The error names the package, and the command that installs it."""
    code = (
        f"import sys; sys.modules[{package!r}] = None\n"
        "try:\n"
        f"    import zendesk_orm.contrib.{module}\n"
        "except ModuleNotFoundError as error:\n"
        "    print(error.name, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stdout.split()[0].partition(".")[0] == package
    assert f'pip install "zendesk_orm[{extra}]"' in done.stdout


def test_other_import_errors_are_raised_unchanged():
    """A missing module of the library is not reported as a missing package."""
    with pytest.raises(ModuleNotFoundError) as caught, require_extra("redis"):
        raise ModuleNotFoundError(name="zendesk_orm.missing")

    assert "pip" not in str(caught.value)
