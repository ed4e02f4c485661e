"""Packages of apps: ZIP files with a manifest and requirements.

Source: https://developer.zendesk.com/documentation/apps/app-developer-guide/manifest/
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from attrs import frozen


_MANIFEST, _REQUIREMENTS = "manifest.json", "requirements.json"
#: The largest manifest in bytes, which a small ZIP file may exceed.
_MAX_BYTES = 1024 * 1024


class InvalidPackageError(Exception):
    """A package that cannot be built; the message is that of the job."""


@frozen
class Package:
    """The content of a package.

    Attributes:
        manifest: the manifest.
        requirements: the required objects by type and name.
    """

    manifest: Mapping[str, Any]
    requirements: Mapping[str, Mapping[str, Any]]


def build_package(name: str, requirements: Mapping[str, Any] | None = None) -> bytes:
    """Return the smallest package of an app, as a ZIP file.

    Args:
        name: the name of the app.
        requirements: the required objects by type and name.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        manifest = {"name": name, "version": "1.0", "frameworkVersion": "2.0"}
        archive.writestr(_MANIFEST, json.dumps(manifest))
        if requirements:
            archive.writestr(_REQUIREMENTS, json.dumps(requirements))
    return buffer.getvalue()


def read_package(content: bytes) -> Package:
    """Return the content of a ZIP file.

    Raises:
        InvalidPackageError: the file is invalid, or has no manifest.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            manifest = _read_object(archive, _MANIFEST)
            names = archive.namelist()
            requirements = _read_object(archive, _REQUIREMENTS) if _REQUIREMENTS in names else {}
    except zipfile.BadZipFile:
        raise InvalidPackageError("Cannot unzip the package") from None
    if any(not isinstance(objects, dict) for objects in requirements.values()):
        raise InvalidPackageError(f"{_REQUIREMENTS} is invalid")
    return Package(manifest, requirements)


def _read_object(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    """Return a JSON object of a package.

    Raises:
        InvalidPackageError: the file is missing, too large, or not a JSON object.
    """
    try:
        if archive.getinfo(name).file_size > _MAX_BYTES:
            raise InvalidPackageError(f"{name} is too large")
        value = json.loads(archive.read(name))
    except KeyError:
        raise InvalidPackageError(f"{name} is missing") from None
    except (ValueError, RecursionError, RuntimeError):
        raise InvalidPackageError(f"{name} is not valid JSON") from None
    if not isinstance(value, dict):
        raise InvalidPackageError(f"{name} is not a JSON object")
    return value
