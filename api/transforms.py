"""4 and 7 parameters as a person gives them: written out, or by their name in the configuration."""

from api.settings import Settings
from gis import reproject
from gis.errors import Problem
from gis.refusals.values import BAD_PARAMETER
from gis.reproject import HelmertParameters


def transform(settings: Settings, given: str | None) -> HelmertParameters | None:
    """The parameters meant, None when none are; Problem(BAD_PARAMETER) names what is wrong."""
    if not given:
        return None
    known = settings.transforms
    if given not in known and "=" not in given:
        raise Problem(
            BAD_PARAMETER,
            name="transform",
            reason_zh=f"配置中没有名为“{given}”的转换；有：{'、'.join(known) or '（空）'}",
            reason=f"no transform {given!r} is configured; there are: {', '.join(known) or 'none'}",
        )
    return reproject.parameters(known.get(given, given))
