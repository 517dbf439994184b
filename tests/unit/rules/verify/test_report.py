from decimal import Decimal

import pytest

from tieline.rules.verify.report import Kind, Proven, Verification

SHADOWED = Proven("shadowed", "b", ("a",), {"x": Decimal("0.5"), "n": 1}, "why")


def test_a_verification_is_told_in_full() -> None:
    verification = Verification((SHADOWED,), ("too large",), 2)

    assert verification.to_json(elapsed_ms=1.23456) == {
        "ok": False,
        "complete": False,
        "reasons": ["too large"],
        "rules": 2,
        "findings": [
            {
                "kind": "shadowed",
                "rule": "b",
                "by": ["a"],
                "witness": {"x": 0.5, "n": 1},
                "message": "why",
            }
        ],
        "elapsed_ms": 1.235,
    }


def test_a_finding_without_a_witness_says_so() -> None:
    assert Proven("unreachable", "a", (), None, "").to_json()["witness"] is None


@pytest.mark.parametrize(
    ("kind", "normal", "strict"),
    [
        ("unreachable", False, False),
        ("shadowed", False, False),
        ("conflict", False, False),
        ("gap", True, False),
        ("redundant", True, False),
    ],
)
def test_a_gap_and_a_redundant_rule_are_wrong_under_strict_only(
    kind: Kind, normal: bool, strict: bool
) -> None:
    verification = Verification((Proven(kind, "a", (), None, ""),), (), 1)

    assert (verification.ok(), verification.ok("strict")) == (normal, strict)
    told = verification.to_json(elapsed_ms=0, strictness="strict")
    assert (told["ok"], told["complete"]) == (strict, True)


def test_nothing_found_is_ok_under_strict_too() -> None:
    assert Verification((), (), 1).ok("strict")
