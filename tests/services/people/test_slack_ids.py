"""Who somebody is on Slack, by e-mail: looked up on a Slack, entered once, on SQLite and
PostgreSQL."""

from sqlalchemy import Engine

from scheduler.channels.slack.directory import SlackDirectory
from scheduler.services.people.slack_ids import Match, enter, match
from scheduler.storage.answers.worklist import WorklistRows
from tests.servers.slack import TOKEN, SlackServer
from tests.storage.builders import T, add_person

MEMBERS = {"ann@example.com": "U0ANN", "twin@example.com": "U0BOB"}


def test_everybody_without_an_id_is_found_by_e_mail_and_those_with_one_stay(engine: Engine) -> None:
    with engine.begin() as connection:
        ann = add_person(connection, "Ann", email="ann@example.com")
        add_person(connection, "Bob", email="bob@example.com", slack_id="U0BOB")
        nobody = add_person(connection, "Chika", email="chika@example.com")
        no_email = add_person(connection, "Dan")
        twin = add_person(connection, "Twin", email="twin@example.com")
        add_person(connection, "Gone", email="gone@example.com", active=False)
    rows = WorklistRows(engine, engine)
    found = match(rows.everybody(), lambda email: MEMBERS.get(email, ""))
    assert {one.person: (one.slack_id, one.why_not) for one in found} == {
        ann: ("U0ANN", ""),
        nobody: ("", "not_found"),
        no_email: ("", "no_email"),
        twin: ("", "taken"),
    }
    assert enter(rows, found) == 1
    assert enter(rows, [Match(ann, "Ann", "ann@example.com", "U0OTHER")]) == 0, (
        "what is entered stays"
    )
    with engine.begin() as connection:
        assert (
            connection.execute(T["people"].select().where(T["people"].c.id == ann))
            .mappings()
            .one()["slack_id"]
            == "U0ANN"
        )


def test_slack_is_asked_by_e_mail() -> None:
    with SlackServer() as slack:
        slack.members = {
            "ann@example.com": {"id": "U0ANN"},
            "left@example.com": {"id": "U0LEFT", "deleted": True},
        }
        directory = SlackDirectory(TOKEN, slack.url)
        assert [
            directory.id_of(email)
            for email in ("ann@example.com", "left@example.com", "nobody@example.com")
        ] == ["U0ANN", "", ""]
