"""Files in forms, as a browser sends them.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_record_attachments/
"""

from __future__ import annotations

import io
import secrets

from zendesk_orm.http.bodies import Body, Progress
from zendesk_orm.write.uploads import Outgoing


def form(part: str, file: Outgoing, progress: Progress | None = None) -> tuple[Body, str]:
    """Return the body of a form with one file in it, and the type of the body.

    Args:
        part: what the file is called in the form.
        file: what is sent.
        progress: is told of what was sent.
    """
    mark = secrets.token_hex(16)
    name = file.name.replace("\\", "\\\\").replace('"', '\\"')
    head = (
        f"--{mark}\r\n"
        f'Content-Disposition: form-data; name="{part}"; filename="{name}"\r\n'
        f"Content-Type: {file.type}\r\n\r\n"
    )
    with file.body(None) as body:
        content = head.encode() + bytes(body) + f"\r\n--{mark}--\r\n".encode()
    return Body(io.BytesIO(content), progress=progress), f"multipart/form-data; boundary={mark}"
