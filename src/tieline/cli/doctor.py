"""`tieline doctor`: is everything in place, and where does each value come from?"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tieline.cli.context import DEFAULT, Options
from tieline.cli.exits import Exit
from tieline.cli.finding import Finding
from tieline.errors import ConfigInvalid

if TYPE_CHECKING:
    from tieline.config.load import Sources
    from tieline.config.profile import Profile
    from tieline.config.setting import Setting


async def doctor(*, options: Options = DEFAULT) -> int:
    """Check configuration, credentials, permissions, clock, sandbox and disk.

    One line a check, with the fix; then where each value comes from. Sends only harmless reads.
    Exits with 7 when there is a problem; warnings and checks that could not run do not count.

    ```console
    tieline doctor
    tieline doctor --profile production --json
    ```
    """
    from tieline.clock import SystemClock
    from tieline.config.load import assemble, gather

    try:
        sources = gather(overrides=options.overrides())
        name = sources.profile_name(options.profile)
        profile = assemble(sources, name)
    except ConfigInvalid as error:
        # The default hint is to run this very command.
        fix = "" if error.hint == ConfigInvalid.default_hint else error.hint
        findings = [Finding("config", "problem", error.message, fix=fix), *_not_asked()]
        return _report(findings, [], options)
    findings = list(_local(sources, profile))
    from tieline.cli.remote_checks import remote_findings

    options.output.progress(f"asking {profile.base_url}")
    findings += [finding async for finding in remote_findings(profile, SystemClock())]
    options.output.progress_done()
    return _report(findings, _values(profile, sources.settings(name)), options)


def _local(sources: "Sources", profile: "Profile") -> Iterator[Finding]:
    from tieline.cli import local_checks

    yield from local_checks.configuration(sources, profile)
    yield from local_checks.secrets_at_rest(sources, profile)
    yield local_checks.region(profile)
    yield local_checks.state_directory(profile.state_dir)
    yield from local_checks.stores(profile.state_dir)
    yield local_checks.sandbox()


def _not_asked() -> Iterator[Finding]:
    for check in ("region", "network", "clock", "credentials", "permissions", "disk", "store"):
        yield Finding(check, "unknown", "not checked: the configuration cannot be read")


def _values(profile: "Profile", settings: "Mapping[str, Setting]") -> list[dict[str, Any]]:
    """Every value that was set, as it was written there; a secret shows as stars."""
    from tieline.config.fields import FIELDS

    shown = {"profile": profile.name, **{name: s.value for name, s in settings.items()}}
    shown |= {field.name: "***" for field in FIELDS if field.secret}
    return [
        {"field": name, "value": shown[name], "source": source}
        for name, source in profile.sources.items()
    ]


def _report(findings: Sequence[Finding], values: list[dict[str, Any]], options: Options) -> int:
    healthy = all(finding.level != "problem" for finding in findings)
    lines = [finding.line() for finding in findings]
    if values:
        width = max(len(value["field"]) for value in values)
        lines.append("")
        lines += [f"{v['field']:<{width}}  {v['value']}  ({v['source']})" for v in values]
    options.output.result(
        {"ok": healthy, "checks": [f.to_json() for f in findings], "values": values},
        text="\n".join(lines),
    )
    return Exit.OK if healthy else Exit.PROBLEMS
