"""E-mail: how far a mail came decides its outcome; connections are renewed; headers cannot be
smuggled in. Against a real mail server."""

from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest

from scheduler.channels.email import (
    EmailChannel,
    Sender,
    SmuggledHeaderError,
    build,
    refuse_smuggled,
)
from scheduler.channels.smtp_url import Server
from scheduler.core.messages.faults import FaultKind, FaultScope
from scheduler.ports import NotSent, Picture, Sent, Unknown
from tests.cast import at
from tests.channels.envelopes import SUBJECT, to_mail
from tests.servers.smtp import Break, SmtpServer

SENDER = Sender.parse("更新リマインド <renewals@example.co.jp>")
LONG = "満了\n" * 1_000_000


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def mail(smtp: SmtpServer) -> Iterator[EmailChannel]:
    channel = EmailChannel(Server.parse(smtp.url), SENDER)
    yield channel
    channel.close()


def text_of(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_mail_arrives_in_text_and_html_with_its_headers(
    smtp: SmtpServer, mail: EmailChannel
) -> None:
    envelope = to_mail(
        thread="contract-7", headers={"List-Unsubscribe": "<https://renewals.example.com/less>"}
    )
    assert mail.send(envelope, 10) == Sent("<k1@example.co.jp>")
    (arrived,) = smtp.mails
    message = arrived.parsed
    assert arrived.recipients == ("ann@example.com",)
    assert arrived.sender == "renewals@example.co.jp"
    assert str(message["From"]) == "更新リマインド <renewals@example.co.jp>"
    assert arrived.subject == SUBJECT
    assert message["Message-ID"] == "<k1@example.co.jp>"
    assert message["References"] == message["In-Reply-To"] == "<contract-7@example.co.jp>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] == "<https://renewals.example.com/less>"
    assert text_of(message, "plain") == "満了 2027/3/31(水)\n.\n"
    assert "満了" in text_of(message, "html")
    assert arrived.content.isascii()


def test_the_message_id_is_the_same_on_each_attempt(smtp: SmtpServer, mail: EmailChannel) -> None:
    mail.send(to_mail(), 10)
    mail.send(to_mail(), 10)
    assert {m.key for m in smtp.mails} == {"k1"}


def test_styles_move_into_the_elements_and_media_queries_stay(
    smtp: SmtpServer, mail: EmailChannel
) -> None:
    style = (
        "<style>.a { color: red } @media (prefers-color-scheme: dark) { .a { color: white "
        "!important } }</style>"
    )
    mail.send(to_mail(html=f"<html><head>{style}</head><body><p class=a>x</p></body></html>"), 10)
    html = text_of(smtp.mails[0].parsed, "html")
    assert 'style="color: red' in html
    assert "prefers-color-scheme" in html


@pytest.mark.parametrize(
    ("where", "text", "expected"),
    [
        (Break.AT_DATA, LONG, NotSent),
        (Break.BEFORE_DOT, LONG, NotSent),
        (Break.AFTER_DOT, "short", Unknown),
        (Break.AFTER_DOT, LONG, Unknown),
        (Break.AFTER_DOT_LOST, "short", Unknown),
    ],
)
def test_a_connection_lost_before_the_final_dot_is_not_sent_and_after_it_unknown(
    smtp: SmtpServer, mail: EmailChannel, where: Break, text: str, expected: type
) -> None:
    smtp.breaks = [where]
    result = mail.send(to_mail(text=text), 20)
    assert type(result) is expected
    assert len(smtp.mails) == (where is Break.AFTER_DOT)
    if isinstance(result, NotSent):
        assert not result.permanent
    assert isinstance(mail.send(to_mail(key="k2"), 10), Sent)


@pytest.mark.parametrize(
    ("reply", "permanent", "fault_scope"),
    [
        ("550 5.1.1 no such user", True, FaultScope.REFUSED),
        ("450 4.2.1 later", False, FaultScope.REFUSED),
        ("452 4.2.2 mailbox full", False, FaultScope.REFUSED),
        ("421 busy", False, FaultScope.CHANNEL),
    ],
)
def test_a_refused_recipient_is_permanent_only_with_a_5(
    smtp: SmtpServer, mail: EmailChannel, reply: str, permanent: bool, fault_scope: FaultScope
) -> None:
    smtp.refuse = {"dan@example.com": reply}
    outcome = mail.send(to_mail("dan@example.com"), 10)
    assert isinstance(outcome, NotSent)
    assert (outcome.permanent, outcome.fault_scope) == (permanent, fault_scope)
    assert reply.split(" ", 1)[1] in outcome.because
    assert isinstance(mail.send(to_mail(), 10), Sent)


@pytest.mark.parametrize(
    ("reply", "permanent"), [("554 5.7.1 spam", True), ("451 4.3.0 later", False)]
)
def test_a_mail_refused_after_the_final_dot_is_not_sent(
    smtp: SmtpServer, mail: EmailChannel, reply: str, permanent: bool
) -> None:
    smtp.after_data = [reply]
    outcome = mail.send(to_mail(), 10)
    assert isinstance(outcome, NotSent)
    assert outcome.permanent is permanent


@pytest.mark.parametrize(
    ("said", "instead", "expected"),
    [
        ("250 OK taken", "Service busy", Unknown),
        ("250 OK taken", "354 go on", Unknown),
        ("250 OK taken", "150 wait", Unknown),
        ("354", "250 OK", NotSent),
        ("250 OK", "HTTP/1.1 400 Bad Request", NotSent),
        ("250 OK", "334 bG9naW4=", NotSent),
    ],
)
def test_what_is_no_answer_to_a_step_is_no_acceptance(
    smtp: SmtpServer, mail: EmailChannel, said: str, instead: str, expected: type
) -> None:
    smtp.instead = {said: instead}
    outcome = mail.send(to_mail(), 10)
    assert type(outcome) is expected
    assert not isinstance(outcome, NotSent) or not outcome.permanent
    assert "is no answer to this step" in str(outcome)
    smtp.instead = {}
    assert isinstance(mail.send(to_mail(key="k2"), 10), Sent), "the next one has a new connection"


def test_a_server_that_speaks_slowly_is_left_at_the_deadline(
    smtp: SmtpServer, mail: EmailChannel
) -> None:
    smtp.letter_seconds = 0.2
    assert isinstance(mail.send(to_mail(), 1.0), Unknown)


@pytest.mark.parametrize(
    "reply", ["452 4.5.3 too many mails", "421 4.7.0 goodbye", "450 4.7.1 too much mail from you"]
)
def test_a_server_that_limits_a_connection_is_called_again_and_nothing_is_lost(
    smtp: SmtpServer, mail: EmailChannel, reply: str
) -> None:
    smtp.mails_per_session, smtp.limit_reply = 3, reply
    outcomes = [mail.send(to_mail(key=f"k{n}"), 10) for n in range(10)]
    assert all(isinstance(o, Sent) for o in outcomes)
    assert [m.key for m in smtp.mails] == [f"k{n}" for n in range(10)]
    assert smtp.sessions == 4


def test_a_server_that_limits_a_fresh_connection_is_not_asked_again_at_once(
    smtp: SmtpServer, mail: EmailChannel
) -> None:
    smtp.mails_per_session = 0
    outcome = mail.send(to_mail(), 10)
    assert isinstance(outcome, NotSent)
    assert not outcome.permanent
    assert smtp.sessions == 1


def test_a_connection_that_fell_asleep_is_renewed(smtp: SmtpServer, mail: EmailChannel) -> None:
    mail.send(to_mail(), 10)
    smtp.hang_up_all()
    assert isinstance(mail.send(to_mail(key="k2"), 10), Sent)
    assert smtp.sessions == 2


def test_a_connection_is_kept_for_as_many_mails_as_configured(smtp: SmtpServer) -> None:
    channel = EmailChannel(Server.parse(smtp.url), SENDER, mails_per_connection=2)
    for n in range(5):
        channel.send(to_mail(key=f"k{n}"), 10)
    channel.close()
    assert smtp.sessions == 3
    assert [m.session for m in smtp.mails] == [1, 1, 2, 2, 3]


def test_with_auth_and_starttls() -> None:
    with SmtpServer(login=("ann", "s3cret"), tls=True) as server:
        channel = EmailChannel(Server.parse(server.url), SENDER)
        assert isinstance(channel.send(to_mail(), 10), Sent)
        assert channel.check() == ()
        channel.close()
        assert server.mails[0].tls


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("smtp://127.0.0.1:{}?starttls=required", "cannot be trusted (self-signed certificate)"),
        ("smtp://127.0.0.1:{}", "or accept any certificate with ?verify=off"),
        ("smtps://127.0.0.1:{}", "the server does not begin with TLS on this port"),
    ],
)
def test_no_mail_goes_out_in_plain_where_tls_fails_and_the_reason_says_what_to_do(
    url: str, said: str
) -> None:
    with SmtpServer(tls=True) as server:
        channel = EmailChannel(Server.parse(url.format(server.port)), SENDER)
        outcome = channel.send(to_mail(), 10)
        assert isinstance(outcome, NotSent)
        assert said in outcome.because
        assert "_ssl.c" not in outcome.because
        assert (outcome.permanent, outcome.fault_kind) == (False, FaultKind.SETUP)
        assert channel.check() == (f"e-mail: {outcome.because}",)
        assert server.mails == []


def test_a_wrong_password_is_no_verdict_on_the_message() -> None:
    with SmtpServer(login=("ann", "s3cret")) as server:
        channel = EmailChannel(Server.parse(server.url.replace("s3cret", "guess")), SENDER)
        outcome = channel.send(to_mail(), 10)
        assert isinstance(outcome, NotSent)
        assert not outcome.permanent
        assert "check the user and password in SMTP_URL" in outcome.because
        assert channel.check() == (f"e-mail: {outcome.because}",)


@pytest.mark.parametrize("password", ["p", "mail", "connecting"])
def test_a_password_that_is_part_of_other_words_leaves_them_whole(password: str) -> None:
    with SmtpServer(login=("ann", password)) as server:
        channel = EmailChannel(Server.parse(server.url + "?starttls=required"), SENDER)
        outcome = channel.send(to_mail(), 10)
    assert isinstance(outcome, NotSent)
    assert outcome.because == (
        f"mail server 127.0.0.1:{server.port}, connecting: the server does not "
        "offer STARTTLS, which SMTP_URL requires"
    )


@pytest.mark.parametrize(
    ("password", "shown"),
    [
        ("p", "550 5.7.1 port ***, '***' and supper, not hunter2"),
        ("hunter2", "550 5.7.1 port p, 'p' and supper, not ***"),
        ("supper", "550 5.7.1 port p, 'p' and ***, not hunter2"),
        ("unter2", "550 5.7.1 port p, 'p' and supper, not h***"),
    ],
)
def test_what_a_server_repeats_of_the_password_is_taken_out(password: str, shown: str) -> None:
    with SmtpServer(login=("ann", password)) as server:
        server.refuse = {"ann@example.com": "550 5.7.1 port p, 'p' and supper, not hunter2"}
        channel = EmailChannel(Server.parse(server.url), SENDER)
        outcome = channel.send(to_mail(), 10)
        channel.close()
    assert isinstance(outcome, NotSent)
    assert shown in outcome.because


def test_a_server_without_starttls_is_refused_where_it_is_required(smtp: SmtpServer) -> None:
    outcome = EmailChannel(Server.parse(smtp.url + "?starttls=required"), SENDER).send(
        to_mail(), 10
    )
    assert isinstance(outcome, NotSent)
    assert "STARTTLS" in outcome.because
    assert smtp.mails == []


@pytest.mark.parametrize(
    ("host", "arrives"),
    [("127.0.0.1", True), ("127.1", False)],
    ids=["this machine by its name", "any other name"],
)
def test_a_password_goes_over_an_unencrypted_connection_to_this_machine_only(
    host: str, arrives: bool
) -> None:
    with SmtpServer(login=("ann", "s3cret")) as server:
        url = f"{server.url.replace('127.0.0.1', host)}?starttls=auto"
        channel = EmailChannel(Server.parse(url), SENDER)
        outcome = channel.send(to_mail(), 10)
        channel.close()
        assert (isinstance(outcome, Sent), len(server.mails)) == (arrives, int(arrives))
        assert arrives or "not encrypted" in str(outcome)


@pytest.mark.parametrize(
    ("instead", "url", "said"),
    [
        ({}, "smtp://ann:s3cret@127.0.0.1:{}", "the server takes no password here; take user"),
        (
            {"250 HELP": "250 AUTH XOAUTH2"},
            "smtp://ann:s3cret@127.0.0.1:{}",
            "the server takes no password here (it offers XOAUTH2); take user",
        ),
        (
            {"250 HELP": "250 AUTH LOGIN"},
            "smtp://%E3%82%A2%E3%83%B3:s3cret@127.0.0.1:{}",
            "the server takes no password here (it offers LOGIN); take user",
        ),
        (
            {},
            "smtp://ann:s3cret@127.1:{}?starttls=auto",
            "write smtps://, or a server that",
        ),
        (
            {"220": "SSH-2.0-OpenSSH_9.6"},
            "smtp://127.0.0.1:{}",
            "something else than a mail server",
        ),
    ],
)
def test_what_a_person_has_to_change_pauses_the_channel_and_says_what(
    smtp: SmtpServer, instead: dict[str, str], url: str, said: str
) -> None:
    smtp.instead = instead
    outcome = EmailChannel(Server.parse(url.format(smtp.port)), SENDER).send(to_mail(), 10)
    assert isinstance(outcome, NotSent)
    assert said in outcome.because
    assert (outcome.permanent, outcome.fault_kind) == (False, FaultKind.SETUP)


def test_a_refused_connection_is_not_sent() -> None:
    outcome = EmailChannel(Server.parse("smtp://127.0.0.1:1"), SENDER).send(to_mail(), 5)
    assert isinstance(outcome, NotSent)
    assert not outcome.permanent


def test_a_silent_server_is_left_at_the_deadline() -> None:
    with SmtpServer(silent=True) as server:
        assert isinstance(
            EmailChannel(Server.parse(server.url), SENDER).send(to_mail(), 0.3), NotSent
        )


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "ann@",
        "ann@exa mple.com",
        "山田@example.jp",
        "ann@example.com, dan@example.com",
        "ann@example.com\r\nBcc: dan@x.com",
    ],
)
def test_an_address_that_is_none_is_permanently_refused(mail: EmailChannel, address: str) -> None:
    outcome = mail.send(to_mail(address), 5)
    assert isinstance(outcome, NotSent)
    assert outcome.permanent


def test_an_international_domain_travels_in_ascii(smtp: SmtpServer, mail: EmailChannel) -> None:
    assert isinstance(mail.send(to_mail("ann@例え.jp"), 10), Sent)
    assert smtp.mails[0].recipients == ("ann@xn--r8jz45g.jp",)


@pytest.mark.parametrize(
    "name",
    [
        "Aoba\r\nBcc: dan@example.com",
        "Aoba\nBcc: dan@example.com",
        "Aoba\r\n\r\nbody",
        "=?utf-8?q?x=0ABcc=3A_dan=40example.com?=",
        "=?utf-8?b?eApCY2M6IGRhbkBleGFtcGxlLmNvbQ==?=",
        "=?utf-8?q?x?= =?utf-8?q?=0ABcc=3A_dan=40example.com?=",
        "青葉\u2028Bcc: dan@example.com",
        "Aoba\x00\x0b\x0c\x85Bcc: dan@example.com",
        "x" * 900 + "\r\nBcc: dan@example.com",
        "\ud800Aoba",
    ],
)
def test_a_name_cannot_smuggle_a_header_in(smtp: SmtpServer, mail: EmailChannel, name: str) -> None:
    assert isinstance(
        mail.send(
            to_mail(subject=f"【要確認】{name}様", thread=name, headers={"List-Unsubscribe": name}),
            10,
        ),
        Sent,
    )
    (arrived,) = smtp.mails
    assert arrived.recipients == ("ann@example.com",)
    assert arrived.parsed["Bcc"] is None
    written = (
        "From To Subject Date Message-ID References In-Reply-To Auto-Submitted List-Unsubscribe "
        "MIME-Version Content-Type"
    )
    assert sorted(arrived.parsed.keys()) == sorted(written.split())


def test_a_header_that_no_message_may_add_is_refused() -> None:
    with pytest.raises(SmuggledHeaderError, match="Bcc"):
        build(to_mail(headers={"Bcc": "dan@example.com"}), SENDER, "ann@example.com")


@pytest.mark.parametrize(
    "text", ["short\r\n.\r\nlines\rof every kind\n", "x" * 2000, "満了" * 2000, "é\n"]
)
def test_every_text_arrives_as_it_was_in_lines_that_mail_servers_take(
    smtp: SmtpServer, mail: EmailChannel, text: str
) -> None:
    mail.send(to_mail(text=text, html=f"<p>{text}</p>"), 10)
    (arrived,) = smtp.mails
    assert text_of(arrived.parsed, "plain").rstrip("\n") == text.replace("\r\n", "\n").replace(
        "\r", "\n"
    ).rstrip("\n")
    assert arrived.content.isascii()
    assert max(map(len, arrived.content.split(b"\r\n"))) <= 998


def test_a_long_sender_and_a_sender_with_marks_arrive_as_they_were(smtp: SmtpServer) -> None:
    for name in (
        "株式会社青葉商事 カスタマーサクセス部 契約更新ご担当リマインド窓口",
        'Aoba, Inc. "Renewals"',
        "",
    ):
        channel = EmailChannel(Server.parse(smtp.url), Sender(name, "renewals@example.com"))
        channel.send(to_mail(), 10)
        channel.close()
        written = message_from_bytes(smtp.mails[-1].content)["From"]
        assert parseaddr(str(make_header(decode_header(written)))) == (name, "renewals@example.com")
        assert max(map(len, smtp.mails[-1].content.split(b"\r\n"))) <= 78


def test_a_text_cannot_end_its_part_and_begin_another(mail: EmailChannel) -> None:
    outcome = mail.send(to_mail(text="--=_k1\nContent-Type: text/html\n\n<p>forged</p>\n"), 10)
    assert isinstance(outcome, NotSent)
    assert outcome.permanent


def test_a_mail_with_a_header_we_did_not_write_is_refused_however_it_came_in() -> None:
    written = Counter(["from", "to"])
    refuse_smuggled(
        b"From: a\r\nTo: b\r\nMIME-Version: 1.0\r\n\r\nBcc: in the text is fine", written
    )
    for head in (
        b"From: a\r\nTo: b\r\nBcc: dan@example.com\r\n\r\n",
        b"From: a\r\nTo: b\r\nTo: c\r\n\r\n",
        b"From: a\r\n\r\nTo: b",
    ):
        with pytest.raises(SmuggledHeaderError):
            refuse_smuggled(head, written)


def test_a_mail_cannot_be_looked_up(mail: EmailChannel) -> None:
    assert isinstance(mail.look_up(to_mail(), at("2026-12-28")), Unknown)


def test_an_address_in_a_header_stays_whole_however_long_it_is() -> None:
    address = f"<https://renewals.example.co.jp/less/{'x' * 300}>"
    assert f"\r\nList-Unsubscribe: {address}\r\n".encode() in build(
        to_mail(headers={"List-Unsubscribe": address}), SENDER, "ann@example.com"
    )


def test_a_picture_travels_with_the_page_that_shows_it(
    smtp: SmtpServer, mail: EmailChannel
) -> None:
    png = bytes(range(256)) * 100
    page = '<p>満了</p><img src="cid:forecast">'
    assert isinstance(mail.send(to_mail(html=page, pictures=(Picture("forecast", png),)), 10), Sent)
    (arrived,) = smtp.mails
    message = arrived.parsed
    assert (message.get_content_type(), text_of(message, "plain")) == (
        "multipart/alternative",
        "満了 2027/3/31(水)\n.\n",
    )
    related = message.get_payload()[1]  # type: ignore[index]
    assert related.get_content_type() == "multipart/related"  # type: ignore[union-attr]
    shown, picture = related.iter_parts()  # type: ignore[union-attr]
    assert shown.get_content().strip() == page
    assert (picture["Content-ID"], picture.get_content()) == ("<forecast>", png)
    assert picture.get_content_disposition() == "inline"


def test_a_text_that_holds_what_separates_a_page_and_its_pictures_is_refused() -> None:
    envelope = to_mail(html="<p>a</p>\n--=+k1\n<p>b</p>", pictures=(Picture("forecast", b"png"),))
    with pytest.raises(SmuggledHeaderError):
        build(envelope, SENDER, "ann@example.com")
