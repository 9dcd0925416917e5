"""Text made inert: for HTML, for a script, and for a template compiler that reads either again.

Folium's base library compiles what it has rendered a second time; our elements take that out
(`maps.element`), and whatever passes through here would do no harm even if they did not.
"""

import html
import json
import re

from markupsafe import Markup

# What an HTML parser may not meet or would silently drop: controls, lone surrogates, nonchars.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
# Inside JSON strings: what ends a script, opens a template tag, or is a line end to JavaScript.
_RISKY_IN_SCRIPT = re.compile(r"[<>&'{}\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
# Braces mean something to template compilers; a bare CR would be read back as LF.
_REFERENCES = str.maketrans({"{": "&#123;", "}": "&#125;", "\r": "&#13;"})


def text(value: object) -> Markup:
    """`value` as HTML text or attribute value that no parser and no template compiler acts on."""
    printable = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", str(value))
    # Safe by construction: every character with a meaning has just been escaped.
    return Markup(html.escape(printable).translate(_REFERENCES))  # noqa: S704


def json_for_script(value: object) -> str:
    """`value` as JSON that is also an inert JavaScript expression inside `<script>`.

    It parses back to the same value. Template tags cannot survive: JSON writes `{` only before
    a quotation mark or `}`, and braces within strings are written as escapes.
    """
    compact = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _JSON_STRING.sub(lambda found: _RISKY_IN_SCRIPT.sub(_escape, found[0]), compact)


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
