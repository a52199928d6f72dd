"""A version of the policy as a config.toml again."""

import tomllib

from scheduler.app.shipped import shipped_config
from scheduler.core.config.export import exported, written
from scheduler.core.config.reading import content_hash

SHIPPED = shipped_config()
POLICY = {key: value for key, value in tomllib.loads(SHIPPED).items() if key != "machine"}
MACHINE = "[machine]\nsweep_seconds = 5 # mine\n"


def test_what_was_written_comes_back_to_the_letter() -> None:
    assert exported(POLICY, SHIPPED, SHIPPED) == SHIPPED
    assert exported(POLICY, SHIPPED, "") == SHIPPED, "`> config.toml` has emptied it"


def test_the_machines_own_settings_are_those_of_today() -> None:
    found = exported(POLICY, SHIPPED, f"zone = 'UTC'\n{MACHINE}[rates]\nUSD = 1\n")
    assert found.startswith(SHIPPED[: SHIPPED.index("[machine]")])
    assert tomllib.loads(found)["machine"] == {"sweep_seconds": 5}
    assert "# mine" in found


def test_without_its_text_a_version_still_says_the_same() -> None:
    assert content_hash(written(POLICY), {}) == content_hash(SHIPPED, {})
    assert tomllib.loads(exported(POLICY, "", MACHINE)) == {
        **POLICY,
        "machine": {"sweep_seconds": 5},
    }
    odd = {
        "base_currency": "JPY",
        "rates": {"USD": 1.5, "a b": 2.0},
        "calendars": {"x": {"closures": [{"days": "01-01", "label": 'the "1st"'}]}},
    }
    assert tomllib.loads(written(odd)) == odd
