"""Signatures of messages, as Standard Webhooks has them, over the very bytes that are sent."""

from collections.abc import Sequence
from datetime import datetime


def require_secret(secret: str) -> str:
    """Return a secret that can sign.

    Raises
    ------
    ValueError
        It is none.
    """
    import standardwebhooks  # noqa: PLC0415 - brings its own web client, and most commands send nothing

    try:
        standardwebhooks.Webhook(secret)
    except Exception as error:  # what the library raises is not one family
        raise ValueError("must be a secret as Standard Webhooks has it: whsec_ and base64") from error
    return secret


def signed_headers(message_id: str, moment: datetime, body: str, secrets: Sequence[str]) -> dict[str, str]:
    """Return the headers by which a receiver knows who wrote, what, and when.

    Parameters
    ----------
    message_id : str
        The same when a message is repeated.
    moment : datetime
    body : str
        JSON that is not written anew between here and the receiver's check: its bytes are signed.
    secrets : sequence of str
        One signature for each, so that a receiver can change its secret without missing a message.
    """
    import standardwebhooks  # noqa: PLC0415

    signatures = [standardwebhooks.Webhook(secret).sign(message_id, moment, body) for secret in secrets]
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
