"""A name in the two languages of the interface."""

from dataclasses import dataclass

from gis.errors import Lang


@dataclass(frozen=True, slots=True)
class Label:
    """A name in the two languages of the interface."""

    zh: str
    en: str

    def of(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en
