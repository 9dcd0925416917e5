"""A page of the import dialogue as a browser without scripts uses it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from starlette.testclient import TestClient

PAGE = {"accept": "text/html"}


@dataclass
class _Button:
    text: str
    attributes: dict[str, str]


@dataclass
class Dialogue(HTMLParser):
    """The controls of the form "answers" as they stand on a page, and what may be pressed."""

    client: TestClient
    address: str
    html: str = ""
    status: int = 0
    controls: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[_Button] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._button: _Button | None = None

    @property
    def read(self) -> str:
        """The words on the page."""
        return " ".join(" ".join(self.texts).split())

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.controls if key == name]

    def open(self, **changes: str | Sequence[str]) -> "Dialogue":
        """The page with some answers changed, as "check again" sends them."""
        response = self.client.get(self.address, params=self._sent(changes), headers=PAGE)
        return self._next(response)

    def press(self, label: str, **changes: str | Sequence[str]) -> "Dialogue":
        """The page after a button that loads; it has to be there and enabled."""
        (button,) = (b for b in self.buttons if label in b.text)
        assert "disabled" not in button.attributes, self.read
        data = self._sent(changes)
        if "name" in button.attributes:
            data[button.attributes["name"]] = [button.attributes["value"]]
        address = button.attributes["formaction"]
        return self._next(self.client.post(address, data=data, headers=PAGE))

    def enabled(self, label: str) -> bool:
        return any(label in b.text and "disabled" not in b.attributes for b in self.buttons)

    def _sent(self, changes: dict[str, str | Sequence[str]]) -> dict[str, list[str]]:
        sent: dict[str, list[str]] = {}
        for name, value in self.controls:
            sent.setdefault(name, []).append(value)
        for name, given in changes.items():
            new = [given] if isinstance(given, str) else list(given)
            sent[name] = [*sent.get(name, []), *new] if name == "map" else new
        return sent

    def _next(self, response: Any) -> "Dialogue":
        return opened(self.client, response, self.address)

    # --- reading --------------------------------------------------------------------------
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        mine = at.get("form") == "answers" or at.get("type") == "hidden"
        if tag == "input" and mine:
            ticked = at.get("type") not in ("radio", "checkbox") or "checked" in at
            if ticked:
                self.controls.append((at["name"], at.get("value", "")))
        elif tag == "select" and mine:
            self._select, self._options = at["name"], []
        elif tag == "option" and self._select:
            self._options.append((at["value"], "selected" in at))
        elif tag == "button":
            self._button = _Button("", at)
            self.buttons.append(self._button)
        elif tag == "iframe":
            self.frames.append(at["src"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            chosen = [value for value, selected in self._options if selected]
            self.controls.append((self._select, (chosen or [self._options[0][0]])[0]))
            self._select = None
        if tag == "button":
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self._button.text += data
        self.texts.append(data)


def opened(client: TestClient, response: Any, address: str = "") -> Dialogue:
    """An answer as a page of the dialogue."""
    assert response.headers["content-type"].startswith("text/html"), response.text
    found = Dialogue(client, address or str(response.url.path), response.text, response.status_code)
    found.feed(response.text)
    found.close()
    return found


def bring(client: TestClient, layer: str, name: str, content: bytes | str) -> Dialogue:
    """The page of a file that was just uploaded."""
    response = client.post(
        "/import", files={"file": (name, content)}, data={"layer": layer}, headers=PAGE
    )
    return opened(client, response)
