import shlex

from hypothesis import given
from hypothesis import strategies as st

from tieline.dashboard.commands import Commands


def test_a_command_names_the_state_folder_only_where_it_was_named() -> None:
    assert Commands().line("audit", "verify") == "tieline audit verify"
    assert Commands("/srv/state dir").line("audit", "verify") == (
        "tieline audit verify --state-dir '/srv/state dir'"
    )


def test_a_shared_ledger_is_named_by_the_variable_that_holds_its_password() -> None:
    line = Commands(shared_ledger=True).of_runs("resume", "r1", profile="emea")

    assert line == 'tieline runs resume r1 --profile emea --store "$TIELINE_STORE"'


@given(st.text(min_size=1).filter(lambda text: "\x00" not in text))
def test_whatever_a_name_holds_a_shell_reads_it_as_one_word(name: str) -> None:
    assert shlex.split(Commands().line("runs", "show", name)) == ["tieline", "runs", "show", name]
