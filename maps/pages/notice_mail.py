"""A mail of notices, pure: subject, plain text and HTML, in the reader's language.

What it says of a record has been read under the reader's own rights, so that it is masked as every
page is for them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gis.errors import Lang
from layers.notices.declared import LABELS
from layers.notices.inbox import Notice
from layers.notices.mails import Content
from layers.registry import Registry
from maps.pages import notices as notice_pages
from maps.templating import ENVIRONMENT
from maps.words.wording import HTML_LANG, words

_ABOUT_CHARS = 60


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail says."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Line:
    """One notice as a mail tells it; `link` is an address that works from outside."""

    kind: str
    about: str
    details: str
    link: str | None


def sender(lang: Lang) -> str:
    """Whom the mails are from, by name."""
    return words("mail", lang)["sender"]


def mail(registry: Registry, lang: Lang, name: str, content: Content, *, site: str | None) -> Mail:
    """The mail to somebody about some notices; `site` is where links lead to, if they can."""
    said = words("mail", lang)
    lines = [_line(registry, lang, each, site) for each in content.notices]
    left = content.count - len(lines)
    intro = "intro_one" if content.count == 1 else "intro"
    values: dict[str, Any] = {
        "hello": said["hello"].format(name=name),
        "intro": said[intro].format(count=content.count),
        "lines": lines,
        "more": said["more"].format(count=left) if left else "",
        "open": said["open"],
        "address": f"{site}/notices" if site else None,
        "why": said["why"],
    }
    template = ENVIRONMENT.get_template("notice_mail.html")
    return Mail(
        subject=_subject(lang, lines, content.count),
        text="\n".join(_text(values)) + "\n",
        html=template.render(html_lang=HTML_LANG[lang], **values),
    )


def _subject(lang: Lang, lines: list[Line], count: int) -> str:
    said, first = words("mail", lang), lines[0]
    about = first.about if len(first.about) <= _ABOUT_CHARS else f"{first.about[:_ABOUT_CHARS]}…"
    name = "subject" if count == 1 else "subject_more"
    told = f"{first.kind}{words('frame', lang)['colon']}{about}"
    return said[name].format(first=told, count=count)


def _line(registry: Registry, lang: Lang, notice: Notice, site: str | None) -> Line:
    told = notice_pages.told(registry, lang, notice)
    link = f"{site}{told.address}" if site and told.address else None
    return Line(LABELS[notice.kind].of(lang), told.about, told.details, link)


def _text(values: Mapping[str, Any]) -> Iterator[str]:
    yield from (values["hello"], "", values["intro"], "")
    for line in values["lines"]:
        yield " · ".join(part for part in (line.kind, line.about, line.details) if part)
        if line.link:
            yield line.link
    if values["more"]:
        yield values["more"]
    if values["address"]:
        yield from ("", f"{values['open']} {values['address']}")
    yield from ("", values["why"])
