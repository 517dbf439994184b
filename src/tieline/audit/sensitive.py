"""Which names of keys are sensitive: a name decides for the whole value under it.

A name is known in any spelling (`accessToken`, `access_token`, `Access-Token`), behind a prefix
(`Flow.ssn`, `customer[ssn]`), as the last words of a longer name (`customerSsn`), and numbered
(`phone2`). The lists are starting points that a profile extends and trims.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Literal

Verdict = Literal["credential", "personal", "plain"]

# Credentials are removed, not pseudonymised: nobody needs to join records by a password.
CREDENTIAL_NAMES = frozenset({
    "accesskey", "accesstoken", "apikey", "apikeys", "auth", "authorization", "authorizationheader",
    "bearer", "clientsecret", "connectionstring", "cookie", "cookies", "credential", "credentials",
    "idtoken", "jwt", "onetimepassword", "otp", "passcode", "passphrase", "passwd", "password",
    "passwords", "pin", "pincode", "privatekey", "proxyauthorization", "pwd", "refreshtoken",
    "secret", "secretkey", "secrets", "sessiontoken", "setcookie", "sig", "signature", "token",
    "webhooksecret", "xapikey",
})  # fmt: skip
CREDENTIAL_ENDINGS = (
    "accesskey", "apikey", "connectionstring", "encryptionkey", "functionskey", "passcode",
    "passphrase", "passwd", "password", "privatekey", "secret", "secretkey", "signature",
    "signingkey", "subscriptionkey", "token",
)  # fmt: skip

PERSONAL_NAMES = frozenset({
    "accountnumber", "address", "addressline1", "addressline2", "ani", "birthdate", "birthday",
    "callerid", "callernumber", "cardnumber", "ccnumber", "customername", "cvc", "cvv", "cvv2",
    "dateofbirth", "dob", "driverslicense", "email", "emailaddress", "emails", "familyname",
    "firstname", "fullname", "givenname", "homeaddress", "iban", "lastname", "maidenname",
    "middlename", "mobile", "mobilenumber", "nationalid", "pan", "passport", "passportnumber",
    "phone", "phonenumber", "phonenumbers", "phones", "postaladdress", "securitycode",
    "socialsecuritynumber", "ssn", "streetaddress", "surname", "taxid", "telephone",
    "telephonenumber",
})  # fmt: skip
PERSONAL_ENDINGS = (
    "accountnumber", "address1", "address2", "birthdate", "cardnumber", "dateofbirth", "email",
    "emailaddress", "firstname", "fullname", "lastname", "mobilenumber", "passportnumber", "phone",
    "phonenumber", "surname", "telephone",
)  # fmt: skip

# Where a list goes on is no credential, though it is called a token.
PLAIN_ENDINGS = ("pagetoken", "nexttoken", "continuationtoken", "pagingtoken")

# As the last word of a longer name these mean something else: `ip_address`, `useAuth`.
_ONLY_ALONE = frozenset({"address", "auth", "mobile", "token", "sig"})
_MOST_WORDS = 3
_PREFIX = re.compile(r"[^\w-]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")


def judge_names(
    *, personal: Iterable[str] = (), plain: Iterable[str] = ()
) -> Callable[[str], Verdict]:
    """A function that judges keys; `personal` and `plain` extend and trim the lists.

    It remembers a bounded number of keys: they recur in every record, and come from outside too.
    """
    more_personal = PERSONAL_NAMES.union(map(_bare, personal))
    trimmed = frozenset(map(_bare, plain))

    def judge(key: str) -> Verdict:
        spellings = list(_spellings(key))
        if trimmed.intersection(spellings[:2]) or spellings[1].endswith(PLAIN_ENDINGS):
            return "plain"
        for place, spelling in enumerate(spellings):
            if place > 1 and spelling in _ONLY_ALONE:
                continue
            if spelling in CREDENTIAL_NAMES or spelling.endswith(CREDENTIAL_ENDINGS):
                return "credential"
            if spelling in more_personal or spelling.endswith(PERSONAL_ENDINGS):
                return "personal"
        return "plain"

    return lru_cache(maxsize=4096)(judge)


def _spellings(key: str) -> Iterator[str]:
    """The whole name, the part behind its prefix, then its last words, each without a number."""
    yield _bare(key)
    parts = [part for part in _PREFIX.split(_narrow(key)) if part]
    last = parts[-1] if parts else ""
    yield _bare(last)
    words = [word.lower() for word in _WORD.findall(_HUMP.sub(" ", last))]
    while words and words[-1].isdigit():
        words.pop()
    for count in range(1, min(_MOST_WORDS, len(words)) + 1):
        joined = "".join(words[-count:])
        yield joined
        yield joined.rstrip("0123456789")


def _bare(name: str) -> str:
    return "".join(filter(str.isalnum, _narrow(name))).lower()


def _narrow(name: str) -> str:
    """Letters of other widths in their usual form."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)
