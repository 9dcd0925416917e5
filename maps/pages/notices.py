"""The pages of what one is told: the list, what one wants to be told, and webhooks for admins."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gis.clock import day_of
from gis.errors import Lang
from layers.declaring.duties import ROLES
from layers.ground.division_names import DivisionName
from layers.notices.choices import Choices
from layers.notices.declared import LABELS, LATE, SENT, TOLD, Kind
from layers.notices.deliveries import Delivery
from layers.notices.inbox import Notice
from layers.notices.webhooks import Webhook
from layers.registry import Registry
from maps import templating
from maps.clock import moment_of
from maps.pages.duties import Form
from maps.templating import NOBODY, Visit
from maps.words.wording import words


@dataclass(frozen=True, slots=True)
class Told:
    """A notice in words: what it is about, what is said beside, and where that is to be seen."""

    about: str
    details: str
    address: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the list."""

    notice: Notice
    kind: str
    told: Told

    @property
    def late(self) -> bool:
        """Whether it is about time that runs out."""
        return self.notice.kind in LATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of notices; `older` is the address of the next one."""

    notices: Sequence[Notice]
    unread_only: bool
    older: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants to be told, and whether mails can reach them: `minutes` between two,
    None where none are sent, and what was wrong with the last one."""

    choices: Choices
    address: str | None
    minutes: float | None
    dead: tuple[datetime, str] | None = None
    saved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A webhook with the last of its deliveries; `older` is the address of those before."""

    webhook: Webhook
    deliveries: Sequence[Delivery]
    names: Mapping[str, str]
    form: Form
    older: str | None


def told(registry: Registry, lang: Lang, notice: Notice) -> Told:
    """A notice in words."""
    said = words("notices", lang)
    if notice.title is None:
        return Told(said["hidden"], "", None)
    layer = registry.layers.get(notice.layer)
    label = notice.layer if layer is None else layer.label.of(lang)
    details = words("frame", lang)["pause"].join(_details(notice, lang))
    address = f"/collections/{notice.layer}/items/{notice.feature}?f=html"
    return Told(f"{label} {notice.title}", details, address)


def _details(notice: Notice, lang: Lang) -> Iterator[str]:
    said, known = words("notices", lang), notice.told
    if role := ROLES.get(known.get("role", "")):
        yield role.label.of(lang)
    if known.get("due"):
        yield said["due"].format(day=day_of(datetime.fromisoformat(known["due"])))
    if known.get("from"):
        yield said["since"].format(day=known["from"])
    if known.get("to"):
        yield said["until"].format(day=known["to"])


def notices(registry: Registry, lang: Lang, listing: Listing, *, visit: Visit = NOBODY) -> str:
    """The list of notices."""
    shown = [
        Shown(each, LABELS[each.kind].of(lang), told(registry, lang, each))
        for each in listing.notices
    ]
    return _page("notices.html", "notices", lang, visit, listing=listing, notices=shown)


def choices(lang: Lang, wanted: Wanted, *, visit: Visit = NOBODY) -> str:
    """What somebody wants to be told."""
    kinds = _labelled(TOLD, lang)
    return _page("notice_choices.html", "notices", lang, visit, wanted=wanted, kinds=kinds)


def webhooks(
    lang: Lang,
    found: Sequence[Webhook],
    form: Form,
    divisions: Sequence[DivisionName],
    *,
    visit: Visit = NOBODY,
) -> str:
    """The webhooks of an admin's ground, and the form for a new one."""
    names = {each.code: each.name for each in divisions}
    return _page(
        "webhooks.html",
        "webhooks",
        lang,
        visit,
        webhooks=found,
        form=form,
        divisions=divisions,
        names=names,
        kinds=_labelled(SENT, lang),
    )


def webhook(lang: Lang, known: Known, *, visit: Visit = NOBODY) -> str:
    """One webhook, what can be done with it, and what became of its deliveries."""
    paused = known.webhook.paused_at is not None
    again = ("again_all",) if known.webhook.dead else ()
    return _page(
        "webhook.html",
        "webhooks",
        lang,
        visit,
        **{name: getattr(known, name) for name in known.__slots__},
        kinds=_labelled(SENT, lang),
        labels=_labelled(tuple(Kind), lang),
        actions=(*again, "probe", "resume" if paused else "pause", "secret", "delete"),
    )


def secret(lang: Lang, name: str, webhook: int, key: str, *, visit: Visit = NOBODY) -> str:
    """A secret, which is shown this once."""
    return _page(
        "webhook_secret.html", "webhooks", lang, visit, name=name, webhook=webhook, secret=key
    )


def _labelled(kinds: Sequence[Kind], lang: Lang) -> dict[Kind, str]:
    return {kind: LABELS[kind].of(lang) for kind in kinds}


def _page(template: str, section: str, lang: Lang, visit: Visit, **values: object) -> str:
    return templating.render(
        template,
        lang,
        visit,
        section=section,
        said=words(section, lang),
        moment=moment_of,
        day=day_of,
        **values,
    )
