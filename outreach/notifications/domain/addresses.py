"""Which addresses of the network the program may be sent to by somebody who types one in. Pure."""

import ipaddress
from urllib.parse import urlsplit

from outreach.shared.errors import FieldProblem

__all__ = ["is_public", "shown_url", "url_problems"]

#: They carry an IPv4 address inside, which may be a private one: IPv4-mapped and -compatible, NAT64, 6to4, Teredo.
_CARRIERS = tuple(
    ipaddress.IPv6Network(text)
    for text in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10")
)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet.

    Not: loopback, private, link-local (with the metadata services of clouds), shared (CGNAT, 100.64.0.0/10),
    multicast, reserved, and IPv6 addresses that carry an IPv4 address.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and any(found in network for network in _CARRIERS):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def url_problems(field: str, url: str, *, anywhere: bool = False) -> list[FieldProblem]:
    """What keeps an address from being called; ``anywhere``: plain http and every host are allowed.

    A name is looked up only when it is called; what is typed as a number is judged here already.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return [FieldProblem(field, "not-an-address")]
    # Control characters and blanks would end the line in which the address travels.
    if not host or not url.isascii() or any(one <= " " or one == "\x7f" for one in url) or "\\" in url:
        return [FieldProblem(field, "not-an-address")]
    if parts.scheme != "https" and not (anywhere and parts.scheme == "http"):
        return [FieldProblem(field, "not-https")]
    if parts.username or parts.password or parts.fragment:
        return [FieldProblem(field, "not-an-address")]
    if not anywhere and not (is_public(host) if _is_number(host) else "." in host.strip(".")):
        return [FieldProblem(field, "private-address")]
    return []


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def shown_url(url: str) -> str:
    """Enough of an address to know it again, without the key that it holds: ``https://host/cgi-bin/…7d30``."""
    parts = urlsplit(url)
    rest = url.partition(parts.netloc)[2]
    first = parts.path.split("/")[1] if parts.path.count("/") > 1 else ""
    last = rest[-4:] if len(rest) > 12 else ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/{first}{'/' if first else ''}…{last}"
