"""XML from outside without its dangers: no document types, hence no entities, and bounded."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, NamedTuple
from xml.parsers import expat

from gis.formats.rawtable import unreadable
from gis.limits import Limits

_DEEPEST = 100


class Listener(NamedTuple):
    """What is called as elements begin (with their attributes), end, and hold text."""

    started: Callable[[str, Mapping[str, str]], None]
    ended: Callable[[str], None] | None = None
    wrote: Callable[[str], None] | None = None


@dataclass(slots=True)
class Element:
    """An element by its local name, with its own text and the elements in it, in their order."""

    tag: str
    attributes: Mapping[str, str]
    texts: list[str] = field(default_factory=list)
    inner: list["Element"] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.texts).strip()

    def first(self, tag: str) -> "Element | None":
        return next((element for element in self.inner if element.tag == tag), None)

    def said(self, tag: str) -> str:
        """The text of the first inner element of that name, "" without one."""
        found = self.first(tag)
        return found.text if found else ""


def tree(stream: IO[bytes], name: str, limits: Limits) -> Element:
    """The whole document; Problem(FILE_UNREADABLE), or FILE_TOO_LARGE by its elements.

    `name` is what people call the file.
    """
    top = Element("", {})
    opened = [top]

    def started(tag: str, attributes: Mapping[str, str]) -> None:
        element = Element(tag, attributes)
        opened[-1].inner.append(element)
        opened.append(element)
        if len(opened) > _DEEPEST:
            raise unreadable(name, "XML 嵌套过深", "its XML is nested too deeply")

    def ended(_: str) -> None:
        opened.pop()

    def wrote(text: str) -> None:
        opened[-1].texts.append(text)

    walk(stream, name, limits, Listener(started, ended, wrote))
    return top.inner[0]


def walk(stream: IO[bytes], name: str, limits: Limits, listener: Listener) -> None:
    """Call back for each element as it passes, names without their namespaces. Problems: as `tree`.

    A document type is refused: that is where entities are declared, which may grow without bounds
    or name other files.
    """
    parser = expat.ParserCreate()  # without namespaces: exporters forget to declare them
    count = 0

    def declared(*_: object) -> None:
        raise unreadable(name, "XML 里有 DOCTYPE", "its XML declares a document type")

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        limits.check_elements(count)
        listener.started(_local(tag), {_local(key): value for key, value in attributes.items()})

    parser.StartDoctypeDeclHandler = declared
    parser.StartElementHandler = start
    if listener.ended is not None:
        ended = listener.ended
        parser.EndElementHandler = lambda tag: ended(_local(tag))
    if listener.wrote is not None:
        parser.buffer_text = True
        parser.CharacterDataHandler = listener.wrote
    try:
        parser.ParseFile(stream)
    except (expat.ExpatError, LookupError, ValueError) as error:
        line = parser.CurrentLineNumber
        raise unreadable(
            name, f"第 {line} 行不是 XML", f"line {line} is not XML: {error}"
        ) from None


class _RootReached(Exception):
    pass


def check_prolog(stream: IO[bytes], name: str, limits: Limits) -> None:
    """Refuse XML that declares a document type, reading no farther than its first element."""

    def reached(_: str, __: Mapping[str, str]) -> None:
        raise _RootReached

    with suppress(_RootReached):
        walk(stream, name, limits, Listener(reached))


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]
