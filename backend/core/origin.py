"""Whether a request comes from a page of our own: the rule of /graphql and of the uploads alike."""

from urllib.parse import urlsplit


def same_origin(origin: str, host: str) -> bool:
    """Whether the Origin header names the host that was asked. False for "null" and for what is no address."""
    try:
        return bool(host) and urlsplit(origin).netloc == host
    except ValueError:
        return False
