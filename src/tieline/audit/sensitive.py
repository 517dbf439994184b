"""What counts as sensitive: names of keys, and shapes of text.

A name decides for a whole value, whatever it holds; a shape decides for a part of a text. Both
lists are starting points that a profile extends.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

# Credentials are removed, not pseudonymised: nobody needs to join records by a password.
CREDENTIAL_NAMES = frozenset({
    "accesskey", "accesstoken", "apikey", "auth", "authorization", "bearer", "clientsecret",
    "cookie", "credential", "credentials", "idtoken", "jwt", "passphrase", "passwd", "password",
    "pin", "privatekey", "pwd", "refreshtoken", "secret", "secretkey", "sessiontoken", "setcookie",
    "signature", "token", "webhooksecret", "xapikey",
})  # fmt: skip
CREDENTIAL_ENDINGS = (
    "apikey", "password", "passphrase", "passwd", "privatekey", "secret", "secretkey",
    "accesstoken", "authtoken", "refreshtoken", "securitytoken",
)  # fmt: skip

PERSONAL_NAMES = frozenset({
    "accountnumber", "address", "ani", "birthdate", "birthday", "callerid", "callernumber",
    "cardnumber", "ccnumber", "customername", "cvc", "cvv", "dateofbirth", "dob", "driverslicense",
    "email", "emailaddress", "familyname", "firstname", "fullname", "givenname", "homeaddress",
    "iban", "lastname", "maidenname", "mobile", "mobilenumber", "nationalid", "pan", "passport",
    "passportnumber", "phone", "phonenumber", "postaladdress", "socialsecuritynumber", "ssn",
    "streetaddress", "surname", "taxid", "telephone",
})  # fmt: skip
PERSONAL_ENDINGS = (
    "address1", "address2", "birthdate", "cardnumber", "dateofbirth", "email", "emailaddress",
    "firstname", "fullname", "lastname", "mobilenumber", "passportnumber", "phone", "phonenumber",
    "surname",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of sensitive text. Where the pattern has a group, only the group is sensitive.

    Text shorter than `least`, or with none of the `hints` in it, is not searched. `holds` refuses
    what only looks alike, such as an order number that is no card number.
    """

    kind: str
    pattern: re.Pattern[str]
    hints: tuple[str, ...]
    least: int = 8
    holds: Callable[[str], bool] = bool

    def suspects(self, text: str) -> bool:
        """False only where the pattern cannot match; costs a fraction of a search."""
        if len(text) < self.least:
            return False
        return any(hint in text for hint in self.hints)


def luhn(digits: str) -> bool:
    """True for a number whose check digit is right (ISO/IEC 7812-1); separators are skipped."""
    numbers = [int(c) for c in digits if "0" <= c <= "9"]
    doubled = (sum(divmod(2 * n, 10)) for n in numbers[-2::-2])
    return bool(numbers) and (sum(numbers[-1::-2]) + sum(doubled)) % 10 == 0


def _is_card(text: str) -> bool:
    # Fillers such as 0000 0000 0000 0000 pass the check digit too.
    return luhn(text) and len({c for c in text if c.isdigit()}) > 1


def _is_token(text: str) -> bool:
    """Long text of mixed case with digits; a hash in hex or a long word is none."""
    return (
        any(map(str.isdigit, text)) and any(map(str.isupper, text)) and any(map(str.islower, text))
    )


# In the order they are tried; what an earlier one took is no longer there for a later one.
SHAPES = (
    Shape("jwt", re.compile(r"\beyJ[\w-]{4,}\.[\w-]{4,}\.[\w-]*"), ("eyJ",)),
    Shape(
        "credential",
        re.compile(r"(?i)\b(?:bearer|basic) +([\w.~+/=-]{8,})"),
        ("earer ", "asic ", "EARER ", "ASIC "),
        13,
    ),
    Shape("credential", re.compile(r"://([^\s/@:]*:[^\s/@]+)@"), ("://",)),
    Shape(
        "credential",
        re.compile(
            r"(?i)(?:password|passwd|secret|api[_-]?key|token|authorization)"
            r"[\"']?\s*[:=]\s*[\"']?(?!bearer |basic )([^\s\"'&,;}\[]{3,})"
        ),
        ("=", ":"),
    ),
    Shape(
        "opaque",
        re.compile(
            r"\b(?:[spr]k_(?:live|test)_\w{8,}|gh[pousr]_\w{20,}|xox[abprs]-[\w-]{10,}"
            r"|AKIA[0-9A-Z]{16}\b|whsec_[\w+/=]{8,})"
        ),
        ("k_", "gh", "xox", "AKIA", "whsec_"),
        13,
    ),
    Shape("opaque", re.compile(r"(?<![\w-])[\w-]{40,}(?![\w-])"), ("",), least=40, holds=_is_token),
    Shape("email", re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+"), ("@",), 5),
    Shape(
        "card",
        re.compile(r"(?<![\w.+-])[2-6]\d{3}(?:[ -]?\d){8,14}\d(?![\w-]|\.\d)"),
        ("",),
        13,
        holds=_is_card,
    ),
    Shape(
        "phone",
        re.compile(
            r"(?<![\w.])\+\d(?:[ .()-]{0,2}\d){6,14}(?!\w)"
            r"|(?<![\w.+-])(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}"
            r"(?![\w-]|\.\d)"
        ),
        ("+", "-", ".", " "),
    ),
)

# Every other shape needs one of these characters: a text without them, such as most words and
# sentences, is held against the first two shapes only.
TELLTALE = re.compile(r"[0-9@:=_]")
WITHOUT_TELLTALE = SHAPES[:2]

# Identifiers of the platform: the commonest text there is, and never sensitive.
IDENTIFIER = re.compile(
    r"(?:custom_-_)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE
)
