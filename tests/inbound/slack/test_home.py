"""The App Home and `/renewals`: what is shown to whom, and what can be done there."""

from dataclasses import replace
from datetime import date

from sqlalchemy import update

from scheduler.core.deal.pipeline import Pipeline, Stage, StageKind
from scheduler.core.words.labels import Label
from scheduler.inbound.slack.home import LISTED, WAITING
from tests.cast import EXISTING
from tests.inbound.slack.reception import ANN, BOB, CHIKA, DAN, Reception, offered, pressable, shown
from tests.storage.builders import T, add_contract


def test_the_home_shows_what_waits_my_renewals_absences_and_how_often_i_hear(
    reception: Reception,
) -> None:
    home = shown(reception.open_home(ANN)["blocks"])
    for said in (
        "Waiting for your answer",
        "*Aoba Trading* `C-1` | ends Wed 31 Mar(in 85 days)",
        "`C-2`",
        "Your absences",
        "Once a day",
    ):
        assert said in home
    assert "J-1" not in home
    assert "青葉商事* `J-1`｜満了 3/31(水)(あと85日)" in shown(reception.open_home(CHIKA)["blocks"])


def test_dan_sees_nothing_of_others(reception: Reception) -> None:
    home = shown(reception.open_home(DAN)["blocks"])
    assert "C-1" not in home
    assert "You have no open renewals." in home
    assert "No questions are waiting for your answer." in home


def test_the_most_urgent_and_valuable_stands_first_and_the_rest_is_counted(
    reception: Reception,
) -> None:
    with reception.engine.begin() as connection:
        for n in range(25):
            add_contract(connection, f"X-{n}", owner_id=2, customer=f"X {n}", amount=1000 * n)
        add_contract(connection, "BIG", owner_id=2, customer="Big one", amount=900_000_000)
    home = shown(reception.open_home(ANN)["blocks"])
    assert home.index("BIG") < home.index("C-1") < home.index("X-24")
    assert "and 8 more" in home
    assert "X-0`" not in home


def test_long_names_are_not_cut_and_every_renewal_is_shown_or_counted(reception: Reception) -> None:
    with reception.engine.begin() as connection:
        for n in range(30):
            add_contract(
                connection,
                f"{'LOT-' * 15}{n:02}",
                owner_id=2,
                customer=f"{'Quillfeather & Daughters ' * 6}{n:02}",
            )
        add_contract(connection, "EVER", owner_id=2, ends_on=None, evergreen=True)
    blocks = reception.open_home(ANN)["blocks"]
    lists = [
        b["text"]["text"]
        for b in blocks
        if b["type"] == "section" and b["text"]["text"].startswith("• ")
    ]
    lines = [line for text in lists for line in text.splitlines()]
    assert all(len(text) <= 2900 for text in lists)
    assert all(
        line.startswith("• *") and line.endswith(("Stable", "At risk", "Critical", "Not assessed"))
        for line in lines
    )
    shown_here, owned = len(lines), 31 + 2
    assert f"and {owned - shown_here} more" in shown(blocks)


def test_what_has_ended_ended_and_new_business_is_no_renewal(reception: Reception) -> None:
    stages = (
        Stage("qualified", StageKind.OPEN, Label.given({"ja": "見極め", "en": "Qualified"})),
        *EXISTING.stages[-2:],
    )
    new = Pipeline(
        "new_business",
        Label.given({"ja": "新規", "en": "New"}),
        stages,
        "email:renewals@example.com",
        opens_pipeline="existing",
    )
    reception.policy = replace(
        reception.policy, pipelines={**reception.policy.pipelines, "new_business": new}
    )
    with reception.engine.begin() as connection:
        add_contract(connection, "PAST", owner_id=2, customer="Past", ends_on=date(2026, 11, 26))
        add_contract(
            connection,
            "NEWBIZ",
            owner_id=2,
            customer="Newbiz",
            pipeline="new_business",
            stage="qualified",
        )
    home = shown(reception.open_home(ANN)["blocks"])
    assert "ended Thu 26 Nov(40 days ago)" in home.replace(" 2026", "")
    assert "ends Thu 26 Nov" not in home
    assert "NEWBIZ" not in home
    assert "in new business: 1" in home


def test_an_answer_given_at_home_is_confirmed_there_and_what_waits_shrinks(
    reception: Reception,
) -> None:
    reception.open_home(ANN)
    home = reception.press_at_home(ANN, "more:", "renew")
    modal = reception.slack.modals[-1]
    assert home
    reception.send_form(ANN, view=modal)
    after = reception.slack.homes[ANN]
    assert "✅ Recorded" in shown(after["blocks"])
    assert [o for e in pressable(after["blocks"]) for o in offered(e)].count("renew") == 1
    assert reception.slack.whispers == []
    assert "Taken back" in shown(reception.press_at_home(ANN, "undo:1")["blocks"])


def test_how_often_i_hear_is_chosen_at_home(reception: Reception) -> None:
    reception.open_home(ANN)
    home = reception.press_at_home(ANN, "pace", "weekly")
    menu = next(e for e in pressable(home["blocks"]) if e["action_id"] == "pace")
    assert menu["initial_option"]["value"] == "weekly"
    assert ("weekly",) in reception.rows("people", "pace")


def test_an_absence_is_added_with_a_delegate_and_removed_again(reception: Reception) -> None:
    reception.open_home(ANN)
    reception.press_at_home(ANN, "absence_add")
    assert (
        reception.send_form(ANN, first_on="2027-01-11", last_on="2027-01-20", delegate=BOB).payload
        is None
    )
    ((first, last, delegate),) = reception.rows("absences", "first_on", "last_on", "delegate_id")
    assert (first, last, delegate) == (date(2027, 1, 11), date(2027, 1, 20), 1)
    assert "Mon 11 Jan – Wed 20 Jan" in shown(reception.slack.homes[ANN]["blocks"])
    reception.press_at_home(ANN, "absence_remove")
    assert reception.rows("absences", "cancelled_at") != [(None,)]
    assert "None." in shown(reception.slack.homes[ANN]["blocks"])


def test_what_is_wrong_with_an_absence_is_shown_beside_its_field(reception: Reception) -> None:
    reception.open_home(ANN)
    reception.press_at_home(ANN, "absence_add")
    wrong = [
        ({"first_on": "2027-01-20", "last_on": "2027-01-11"}, "last_on"),
        ({"first_on": "2026-01-01", "last_on": "2026-01-02"}, "last_on"),
        ({"delegate": ANN}, "delegate"),
        ({"delegate": "U0EVE"}, "delegate"),
        ({"delegate": "U0WHO"}, "delegate"),
        ({"first_on": ""}, "first_on"),
    ]
    for typed, field in wrong:
        payload = reception.send_form(ANN, "", None, **typed).payload
        assert payload is not None
        assert list(payload["errors"]) == [field]
    assert reception.rows("absences", "id") == []


def test_an_absence_form_that_comes_twice_is_entered_once(reception: Reception) -> None:
    reception.open_home(ANN)
    reception.press_at_home(ANN, "absence_add")
    for _ in range(2):
        assert reception.send_form(ANN).payload is None
    assert len(reception.rows("absences", "id")) == 1


def test_the_same_days_with_a_delegate_are_not_taken_in_silence(reception: Reception) -> None:
    reception.open_home(ANN)
    reception.press_at_home(ANN, "absence_add")
    reception.send_form(ANN)
    payload = reception.send_form(ANN, "", None, delegate=BOB).payload
    assert payload is not None
    said = payload["errors"]["last_on"]
    assert "Ann Ito already has an absence on some of these days (" in said
    assert "renewals absence" not in said, "there is no command to type on Slack"
    assert reception.rows("absences", "delegate_id") == [(None,)]


def test_nobody_removes_somebody_elses_absence(reception: Reception) -> None:
    reception.open_home(ANN)
    reception.press_at_home(ANN, "absence_add")
    reception.send_form(ANN)
    remove = next(
        e
        for e in pressable(reception.slack.homes[ANN]["blocks"])
        if e["action_id"] == "absence_remove"
    )
    reception.press(DAN, "", remove)
    assert reception.rows("absences", "cancelled_at") == [(None,)]


def test_the_command_lists_my_renewals_one_contract_and_help(reception: Reception) -> None:
    assert "C-1" in shown(reception.command(ANN).blocks)
    one = reception.command(ANN, "c-1")
    assert "Where things stand" in shown(one.blocks)
    assert any("renew" in offered(e) for e in pressable(one.blocks))
    assert "/renewals NUMBER" in reception.command(ANN, "help").text
    assert "契約番号" in reception.command(CHIKA, "help").text


def test_a_number_is_found_in_any_width_and_a_deal_by_its_own(reception: Reception) -> None:
    for written in ("Ｃ－１", "show c-1", "#1", "＃１"):
        assert "Where things stand" in shown(reception.command(ANN, written).blocks), written
    assert "or it is not yours" in reception.command(DAN, "#1").text


def test_every_open_contract_of_a_number_is_shown_with_its_buttons(reception: Reception) -> None:
    with reception.engine.begin() as connection:
        for source, number, owner in (("crm", "c-1", 2), ("erp", "Ｃ－１", 2), ("bobs", "C-1", 1)):
            contract, _ = add_contract(
                connection, source, source=source, owner_id=owner, customer=f"{source} Ltd"
            )
            contracts = T["contracts"]
            connection.execute(
                update(contracts).where(contracts.c.id == contract).values(number=number)
            )
    one = reception.command(ANN, "C-1")
    said = shown(one.blocks)
    assert [name in said for name in ("crm Ltd", "erp Ltd", "bobs Ltd")] == [True, True, False]
    assert sum("renew" in offered(e) for e in pressable(one.blocks)) == 3


def test_contracts_of_a_number_for_which_slack_has_no_room_are_counted(
    reception: Reception,
) -> None:
    with reception.engine.begin() as connection:
        for n in range(19):
            add_contract(connection, f"s{n}", source=f"s{n}", owner_id=2, customer=f"Customer {n}")
        contracts = T["contracts"]
        connection.execute(
            update(contracts).where(contracts.c.number.like("s%")).values(number="C-1")
        )
    one = reception.command(ANN, "C-1")
    named = sum(f"Customer {n} " in shown(one.blocks).replace("`", " ") for n in range(19))
    assert len(one.blocks) <= 50
    assert f"and {20 - named} more" in shown(one.blocks)


def test_a_contract_answered_before_can_be_answered_again_from_the_command(
    reception: Reception,
) -> None:
    reception.press(ANN, "renew")
    reception.send_form(ANN)
    for number in ("C-1", "C-2"):
        one = reception.command(ANN, number)
        reception.press(
            ANN, "at_risk", next(e for e in pressable(one.blocks) if "at_risk" in offered(e))
        )
        reception.send_form(ANN)
    assert [a[0] for a in reception.answers()] == ["call", "call", "call"]


def test_somebody_elses_contract_and_one_that_does_not_exist_are_told_alike(
    reception: Reception,
) -> None:
    others, none = reception.command(DAN, "C-1").text, reception.command(DAN, "C-9").text
    assert others.replace("C-1", "C-9") == none
    assert "or it is not yours" in none


def test_a_won_contract_shows_its_next_term_and_the_way_to_take_it_back(
    reception: Reception,
) -> None:
    reception.press(ANN, "won")
    reception.send_form(ANN)
    won = next(
        number
        for number, ends_on in reception.rows("contracts", "number", "ends_on")
        if ends_on == date(2028, 3, 31)
    )
    one = reception.command(ANN, won)
    assert "2028" in shown(one.blocks)
    reception.press(ANN, "undo", next(e for e in pressable(one.blocks) if offered(e) == ["undo"]))
    assert reception.answers() == [("won", "Ann Ito", "slack", True)]


def test_a_customer_with_slacks_signs_in_its_name_pings_nobody(reception: Reception) -> None:
    with reception.engine.begin() as connection:
        connection.execute(update(T["customers"]).values(name="<!channel> & Co"))
    reception.press(ANN, "seen")
    assert "<!channel>" not in reception.whisper() + shown(
        reception.open_home(ANN)["blocks"]
    ) + shown(reception.command(ANN, "C-1").blocks)


def test_everything_that_waits_is_counted_however_much_it_is(quiet_reception: Reception) -> None:
    """More than a screenful, and more than is looked at to find the most urgent."""
    reception = quiet_reception
    reception.policy = replace(
        reception.policy, attention=replace(reception.policy.attention, flood_nudges=1000)
    )
    with reception.engine.begin() as connection:
        for n in range(230):
            add_contract(connection, f"W-{n:03}", owner_id=2, customer=f"W {n:03}")
    reception.tell_everybody()
    reception.open()
    home = shown(reception.open_home(ANN)["blocks"])
    assert [f"and {232 - n} more" in home for n in (WAITING, LISTED)] == [True, True]
