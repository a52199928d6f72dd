"""`renewals people feed`: an address is shown once, renewed, switched off; every refusal says the
command that helps."""

import json

import pytest

from tests.cli.office import Office


@pytest.fixture
def reached(office: Office) -> Office:
    """The office with pages that people can reach."""
    config = office.folder / "config.toml"
    text = config.read_text("utf-8").replace(
        'base_url = ""', 'base_url = "https://renewals.example.com/"'
    )
    config.write_text(text.replace('\nlisten = ""', '\nlisten = "127.0.0.1:8787"'), "utf-8")
    return office


def test_an_address_is_shown_once_renewed_and_switched_off(reached: Office) -> None:
    _, address, said = reached.run("people", "feed", "Ann Ito", as_of=None)
    assert address.startswith("https://renewals.example.com/calendar/")
    assert "Only for Ann Ito; keep it secret." in said
    assert reached.refused("people", "feed", "Ann Ito", as_of=None).endswith(
        "for a new one: renewals people feed 'Ann Ito' --renew"
    )
    assert reached.refused("people", "feed", "Ann Ito", lang="ja", as_of=None).endswith(
        "再発行：renewals people feed 'Ann Ito' --renew"
    )
    renewed = json.loads(reached.said("people", "feed", "Ann Ito", "--renew", "--json", as_of=None))
    assert renewed["name"] == "Ann Ito"
    assert renewed["address"] != address.strip()
    assert (
        json.loads(reached.said("people", "feed", "Ann Ito", "--off", "--json", as_of=None))[
            "address"
        ]
        is None
    )
    assert (
        reached.said("people", "feed", "Ann Ito", "--off", lang="ja", as_of=None)
        == "Ann Itoさんのカレンダー配信をやめました。\n"
    )
    assert reached.rows("SELECT count(feed_secret) FROM people") == [(0,)]


@pytest.mark.parametrize(
    ("words", "en", "ja"),
    [
        (
            ["Zoe"],
            "there is nobody called Zoe; `renewals people` lists everybody",
            "「Zoe」という担当者はいません。一覧：renewals people",
        ),
        (
            ["Ann Ito"],
            "set base_url and listen under [machine] in config.toml",
            "[machine] に base_url と listen を設定してください。",
        ),
        (
            ["Ann Ito", "--renew", "--off"],
            "use either --renew or --off",
            "--renew と --off は一緒に使えません。",
        ),
    ],
)
def test_a_refusal_says_what_to_do_and_gives_no_address(
    office: Office, words: list[str], en: str, ja: str
) -> None:
    assert en in office.refused("people", "feed", *words, as_of=None)
    assert ja in office.refused("people", "feed", *words, lang="ja", as_of=None)
    assert office.rows("SELECT count(feed_secret) FROM people") == [(0,)]
