"""Tells of deployed rules: `routing.rule.verified`, with what was measured and nothing guessed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tieline.calls.event_catalogue import RuleVerified
from tieline.clock import Clock
from tieline.rules.compiled import CompiledRules
from tieline.rules.model import Ruleset
from tieline.rules.verify.fields import conditions_of
from tieline.services.session import Session
from tieline.services.webhooks import Webhooks
from tieline.store.outbox import WebhookStore
from tieline.types import Json

# Enough evaluations for a figure in microseconds, few enough to take milliseconds.
_EVALUATIONS = 2_000


@dataclass(frozen=True, slots=True)
class MatchRates:
    """What was measured over a history, by rule; without one `reason` says why there is nothing."""

    reason: str = "no history was given: `--history FILE` measures it"
    rates: Mapping[str, Mapping[str, Any]] | None = None

    def of(self, rule: str) -> Json:
        """The `estimated_match_rate` of one rule's event."""
        if self.rates is None or rule not in self.rates:
            return {"value": None, "reason": self.reason}
        return dict(self.rates[rule])


def measured_rates(ruleset: Ruleset, history: Path) -> MatchRates:
    """Count a history once; a rule's rate is the share of the judged records that match it.

    Raises:
        InvalidInput: the history cannot be read.
    """
    from tieline.rules.simulation.question import Question  # noqa: PLC0415  # numpy and pyarrow
    from tieline.rules.simulation.wilson import interval95  # noqa: PLC0415  # load on use
    from tieline.services.simulating.simulation import simulate  # noqa: PLC0415

    found = simulate(Question(ruleset), history)
    judged = found.judged
    if not judged:
        return MatchRates("the history has no valid record")
    rates = {
        str(rule["name"]): {
            "value": rule["matched"] / judged,
            "records": judged,
            "interval95": list(interval95(rule["matched"], judged)),
        }
        for rule in found.to_json()["rules"]
    }
    return MatchRates(rates=rates)


def announce_rules(
    session: Session,
    ruleset: Ruleset,
    rule_ids: Mapping[str, str],
    *,
    deployment: str,
    rates: MatchRates,
    records: list[Mapping[str, Any]],
) -> int:
    """Keep an event for each deployed rule; returns how many, 0 where no webhook was ever added.

    Durable when this returns. `records` are what the evaluation is timed with.

    Raises:
        StoreUnavailable: the outbox cannot be written.
    """
    path = session.profile.state_dir / "webhooks.sqlite3"
    if not path.exists():
        return 0
    latency_ms = evaluation_ms(ruleset, records, session.clock)
    store = WebhookStore(path)
    try:
        webhooks = Webhooks(store, session.clock)
        told = [rule for rule in ruleset.rules if rule.name in rule_ids]
        for rule in told:
            event = RuleVerified(
                rule_id=rule_ids[rule.name],
                passed=True,
                condition_count=sum(1 for _ in conditions_of(rule.when)),
                evaluation_latency_ms=latency_ms,
                match_rate=rates.of(rule.name),
                audit={"deployment": deployment, "profile": session.profile.name},
            )
            webhooks.tell(event)
    finally:
        store.close()
    return len(told)


def evaluation_ms(ruleset: Ruleset, records: list[Mapping[str, Any]], clock: Clock) -> float | None:
    """Milliseconds that the compiled rules take for one record; None without a record."""
    if not records:
        return None
    decide = CompiledRules(ruleset).first_match
    rounds = max(1, _EVALUATIONS // len(records))
    start = clock.monotonic()
    for _ in range(rounds):
        for record in records:
            decide(record)
    return (clock.monotonic() - start) * 1000 / (rounds * len(records))
