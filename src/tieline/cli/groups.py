"""The groups of the command line. A group's module loads when the group is used, not before."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """One word after `tieline`: where it lives (`module:App or function`), and one line of help."""

    home: str
    help: str


# In the order of the overview. A group is listed once its module exists.
GROUPS: dict[str, Group] = {
    "init": Group("tieline.cli.init:init", "Write tieline.toml and .env.example."),
    "doctor": Group("tieline.cli.doctor:doctor", "Check configuration, credentials, clock, disk."),
    "demo": Group("tieline.cli.demo:demo", "Show the main job on an embedded emulator."),
    "completion": Group("tieline.cli.completion:completion", "Shell completion for this command."),
    "functions": Group("tieline.cli.functions:app", "Show, invoke and run functions."),
    "actions": Group("tieline.cli.actions:app", "Invoke, build, host, deploy data actions."),
    "flows": Group("tieline.cli.flows:app", "Launch flows, look at their executions."),
    "rules": Group("tieline.cli.rules:app", "Check, prove, test and deploy routing rules."),
    "audit": Group("tieline.cli.audit:app", "Verify, search, prove and export the audit log."),
    "emulator": Group("tieline.cli.emulator:app", "Run the local emulator and control it."),
    "webhooks": Group("tieline.cli.webhooks:app", "Tell other systems, signed, at least once."),
    "runs": Group("tieline.cli.runs:app", "Launch by the hundred thousand: durable, throttled."),
    "metrics": Group("tieline.cli.metrics:metrics", "What the commands did, as OpenMetrics."),
    "dashboard": Group("tieline.cli.dashboard:dashboard", "What the state holds, in a browser."),
}
