"""SMTP_URL: what it means, and what is said when it means nothing."""

import pytest

from scheduler.channels.smtp_url import Server, SmtpUrlError, StartTls


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.com", Server("mail.example.com", 25)),
        ("smtp://127.0.0.1:2525", Server("127.0.0.1", 2525)),
        (
            "smtps://ann:p%40ss@mail.example.com",
            Server("mail.example.com", 465, True, StartTls.REQUIRED, "ann", "p@ss"),
        ),
        (
            "smtp://ann:pw@mail.example.com:587",
            Server("mail.example.com", 587, False, StartTls.REQUIRED, "ann", "pw"),
        ),
        (
            "smtp://ann:pw@127.0.0.1:587",
            Server("127.0.0.1", 587, False, StartTls.AUTO, "ann", "pw"),
        ),
        (
            "smtp://mail.example.com?starttls=off&verify=off",
            Server("mail.example.com", 25, False, StartTls.OFF, verify=False),
        ),
    ],
)
def test_an_address_of_a_mail_server_is_read(url: str, server: Server) -> None:
    assert Server.parse(url) == server


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mail.example.com", "must begin with smtp://"),
        ("http://mail.example.com", "must begin with smtp://"),
        ("smtp://", "name a host"),
        ("smtp://mail.example.com:port", "not an address"),
        ("smtp://ann:hunter2@mail.example.com?tls=yes", "options other than"),
        ("smtp://ann:hunter2@mail.example.com?starttls=maybe", "required, auto or off"),
        ("smtp://ann@mail.example.com", "both a user and a password"),
        ("smtp://ann:hunter2@mail.example.com?starttls=off", "unencrypted"),
    ],
)
def test_a_wrong_one_is_refused_with_an_example_and_without_the_password(
    url: str, said: str
) -> None:
    with pytest.raises(SmtpUrlError) as refused:
        Server.parse(url)
    assert said in str(refused.value)
    assert "smtp://user:password@mail.example.com:587" in str(refused.value)
    assert "hunter2" not in str(refused.value)
