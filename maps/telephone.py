"""Numbers as a telephone dials them."""

import re

# "8123456 转 12" is for people.
_DIALLED = re.compile(r"\+?[0-9](?:[ ()-]*[0-9]){2,19}")


def dialled(text: str | None) -> str | None:
    """What a link to a telephone is given; None for what cannot be dialled as it stands.

    >>> dialled("+86 138-0000-0001"), dialled("8123456 转 12")
    ('+8613800000001', None)
    """
    if text is None or not _DIALLED.fullmatch(text.strip()):
        return None
    return re.sub(r"[^0-9+]", "", text)
