"""When a certificate expires, and whose it is: just enough DER for that."""

import base64
import re
from datetime import UTC, datetime

PEM = re.compile(rb"-----BEGIN (?:TRUSTED )?CERTIFICATE-----(.+?)-----END", re.DOTALL)
COMMON_NAME = bytes.fromhex("550403")  # 2.5.4.3
ORGANIZATION = bytes.fromhex("55040a")


def certificates(data):
    """Return (subject, expiry) of each certificate in PEM or DER; none if the data are neither."""
    bodies = [base64.b64decode(b"".join(match[1].split())) for match in PEM.finditer(data)]
    if not bodies and data[:1] == b"\x30":
        bodies = [data]
    return [read_certificate(body) for body in bodies]


def read_certificate(der):
    """Return (subject, expiry) of one certificate in DER."""
    (_, certificate), *_ = elements(der)
    (_, to_be_signed), *_ = elements(certificate)
    parts = list(elements(to_be_signed))
    if parts[0][0] == 0xA0:  # the version, which the first kind does not have
        parts.pop(0)
    _serial, _algorithm, _issuer, validity, subject = (content for _, content in parts[:5])
    _from, (tag, until) = list(elements(validity))[:2]
    return name(subject), moment(tag, until)


def elements(data):
    """Yield (tag, content) of the values in DER, one after the other."""
    at = 0
    while at < len(data):
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            count = length & 0x7F
            length = int.from_bytes(data[at : at + count], "big")
            at += count
        if at + length > len(data):
            raise ValueError("the certificate is cut off")
        yield tag, data[at : at + length]
        at += length


def name(subject):
    """Return the common name of a subject, else its organization, else "?"."""
    found = {}
    for _, attributes in elements(subject):
        for _, attribute in elements(attributes):
            (_, kind), (_, value), *_ = elements(attribute)
            found[bytes(kind)] = value.decode("utf-8", "replace")
    return found.get(COMMON_NAME) or found.get(ORGANIZATION) or "?"


def moment(tag, text):
    """Return a UTCTime (tag 23, two digits of the year) or GeneralizedTime as an aware datetime."""
    digits = text.decode("ascii").rstrip("Z")
    if tag == 23:
        digits = ("19" if digits[:2] >= "50" else "20") + digits
    return datetime.strptime(digits[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
