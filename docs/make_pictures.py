"""Makes docs/messages/*.png and docs/pages/*.png: messages and pages as people see them, from the
shipped templates and made-up contracts.

    python -m docs.make_pictures [FOLDER]        needs Chromium (CHROMIUM names it where it is not
                                                 on the path)

Mails are the very HTML that is sent. Slack's are a drawing of the Block Kit that is posted, close
to how Slack shows it.
"""

import html
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from css_inline import inline

from docs.served_pages import shots
from scheduler.core.facts.nudge_facts import message_facts
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.render.digest_samples import handover, quiet_week, returned, team, week
from scheduler.render.renderer import TemplateRenderer
from scheduler.render.samples import full, linked

ROOT = Path(__file__).parents[1]
TEMPLATES = ROOT / "templates" / "messages"
SHIPPED = {
    p.relative_to(TEMPLATES).as_posix(): p.read_text("utf-8")
    for p in TEMPLATES.rglob("*")
    if p.is_file()
}
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--hide-scrollbars",
]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
BELL = """<svg viewBox="0 0 24 24" width="{0}" height="{0}" fill="{1}" style="vertical-align:-3px"><path
 d="M12 2a2 2 0 0 0-2 2v.3A6 6 0 0 0 6 10v5l-2 3
v1h16v-1l-2-3v-5a6 6 0 0 0-4-5.7V4a2 2 0 0 0-2-2zm-2.5 18a2.5 2.5 0 0 0 5 0z"/></svg>"""
SLACK_PAGE = """<!DOCTYPE html><meta charset="utf-8"><style>
body {{ margin: 0; background: #fff; color: #1d1c1d; font: 15px/1.47 Lato, "Noto Sans CJK JP", "Noto Sans JP", sans-serif; }}
.post {{ display: flex; gap: 10px; padding: 18px 22px; }}
.face {{ align-items: center; background: #3b5bdb; border-radius: 8px; color: #fff; display: flex; flex: 0 0 36px; font-size: 19px; height: 36px;
  justify-content: center; }}
.who {{ font-weight: 900; }}
.app {{ background: #e8e8e8; border-radius: 2px; color: #616061; font-size: 10px; padding: 1px 4px; vertical-align: 1px; }}
.time {{ color: #616061; font-size: 12px; }} .block {{ margin: 0 0 8px 0; }} .small {{ color: #616061; font-size: 13px; }}
code {{ background: #f6f6f6; border: 1px solid #ddd; border-radius: 3px; color: #c01343; font: 12px/1.5 Menlo, "Noto Sans Mono CJK JP", monospace;
  padding: 1px 4px; }}
.press {{ border: 1px solid #bbb; border-radius: 4px; display: inline-block; font-size: 13px; font-weight: 700; margin: 0 8px 6px 0;
  padding: 3px 12px; }}
.primary {{ background: #007a5a; border-color: #007a5a; color: #fff; }} .danger {{ border-color: #e01e5a; color: #e01e5a; }}
a {{ color: #1264a3; text-decoration: none; }} hr {{ border: 0; border-top: 1px solid #ddd; }}
</style><div class="post"><div class="face">{face}</div><div><div><span class="who">Renewals</span> <span class="app">APP</span>
<span class="time">{time}</span></div>{blocks}</div></div>"""

SECOND = {
    Language.JA: {
        "customer": "みどり製作所",
        "product": "Standard 120席",
        "health_label": "安定稼働",
        "paperwork_label": "先方稟議中",
    },
    Language.EN: {
        "customer": "Midori Works",
        "product": "Standard, 120 seats",
        "health_label": "Stable",
        "paperwork_label": "quoted",
    },
}
LABEL = {Language.JA: "契約更新1か月前", Language.EN: "1 month before renewal"}
WHY = {Language.JA: "満了1か月前", Language.EN: "1 month before the end"}


def two(language: Language) -> list[dict[str, object]]:
    """Aoba and a second customer whose contract ends sooner."""
    more = {
        "label": LABEL[language],
        "why": WHY[language],
        "number": "MD-2201",
        "command": "renewals answer MD-2201",
        "amount": 8_400_000,
        "auto_renew": False,
        "decide_by": "2027-01-15",
        "decide_by_working": "2027-01-15",
        "decide_days_left": 18,
        "deadline_on": "2027-01-15",
        "ends_on": "2027-01-31",
        "days_left": 34,
        "health": "stable",
        "health_because": "",
        "paperwork": "in_approval",
        "expected_on": "2027-01-20",
        "expected_said": True,
        "expected_days_left": 23,
        "risk": 99_999.0,
    }
    return [full(language), full(language, "renewal_1m") | more | SECOND[language]]


def pressable(language: Language) -> list[dict[str, object]]:
    """The two, and a second contract of Aoba's, all to be answered."""
    first, second = two(language)
    kept = {"offers": linked(language)["offers"]}
    third = first | {
        "number": "AB-1043",
        "product": "Lite",
        "amount": 480_000,
        "nudge": "c",
        "risk": 5.0,
    }
    return [first | kept | {"nudge": "a"}, second | kept | {"nudge": "b"}, third | kept]


def mrkdwn(text: str) -> str:
    """Slack's marks as HTML."""
    text = re.sub(r"<(https?://[^|>]+)\|([^>]+)>", r'<a href="\1">\2</a>', text)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", re.sub(r"\*([^*\n]+)\*", r"<b>\1</b>", text))
    return text.replace("\n", "<br>").replace("🔔", BELL.format(17, "#ecb22e"))


def pressed(element: dict[str, Any]) -> str:
    """A button, a menu or what is behind the three dots."""
    if element["type"] == "overflow":
        return '<span class="press">⋯</span>'
    if element["type"] == "static_select":
        return f'<span class="press">{html.escape(element["placeholder"]["text"])} ⌄</span>'
    return (
        '<span class="press '
        f'{element.get("style", "")}">{html.escape(element["text"]["text"])}</span>'
    )


def slack_page(language: Language, items: list[dict[str, object]], to: str) -> str:
    """The posts of some nudges as a page."""
    return drawn_page(language, "nudges", message_facts(to, items))


def drawn_page(language: Language, kind: str, facts: dict[str, object]) -> str:
    """The posts as a page."""
    posts = (
        TemplateRenderer(SHIPPED, pressable=True)
        .render(kind, facts, language, ChannelName.SLACK)
        .blocks
    )
    drawn = []
    for block in (block for post in posts for block in post):
        if block["type"] == "actions":
            drawn.append(f'<div class="block">{"".join(map(pressed, block["elements"]))}</div>')
        elif block["type"] == "context":
            drawn += [
                f'<div class="block small">{mrkdwn(e["text"])}</div>' for e in block["elements"]
            ]
        else:
            drawn.append(
                "<hr>"
                if block["type"] == "divider"
                else f'<div class="block">{mrkdwn(block["text"]["text"])}</div>'
            )
    return SLACK_PAGE.format(
        time=html.escape("9:00" if language is Language.JA else "9:00 AM"),
        face=BELL.format(22, "#fff"),
        blocks="".join(drawn),
    )


def mail_page(language: Language, items: list[dict[str, object]], to: str) -> str:
    """The mail of some nudges."""
    return sent_page(language, "nudges", message_facts(to, items))


def sent_page(language: Language, kind: str, facts: dict[str, object]) -> str:
    """The mail's HTML as it is sent."""
    return inline(
        TemplateRenderer(SHIPPED).render(kind, facts, language, ChannelName.EMAIL).html,
        keep_at_rules=True,
    )


DIGESTS = {
    "weekly": (week, 1440, 650),
    "team": (team, 1640, 820),
    "returned": (returned, 510, 220),
    "handover": (handover, 900, 400),
}
"""Each kind's sample, and how high its mail and its post are."""


def digest_pictures(folder: Path) -> None:
    """The digests, in both languages, as mail and as post."""
    for language, reader, manager in (
        (Language.JA, "佐藤", "鈴木"),
        (Language.EN, "Ann Ito", "Bob Hill"),
    ):
        for kind, (sample, mail, post) in DIGESTS.items():
            facts = {
                "recipient": manager if kind in ("team", "handover") else reader,
                **sample(language),
            }
            photograph(
                sent_page(language, kind, facts), folder / f"mail-{language}-{kind}.png", 700, mail
            )
            photograph(
                drawn_page(language, kind, facts),
                folder / f"slack-{language}-{kind}.png",
                760,
                post,
            )
        photograph(
            sent_page(language, "weekly", {"recipient": reader, **quiet_week(language)}),
            folder / f"mail-{language}-weekly-nothing-due.png",
            700,
            400,
        )


def photograph(page: str, file: Path, width: int, height: int, *, dark: bool = False) -> None:
    """A picture of a page."""
    chromium = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    )
    if chromium is None:
        sys.exit("Chromium is needed to make the pictures; name it with CHROMIUM=…")
    with TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(page, "utf-8")
        look = ["--blink-settings=preferredColorScheme=0"] if dark else []
        where = [
            f"--user-data-dir={folder}/profile",
            f"--window-size={width},{height}",
            f"--screenshot={file}",
            source.as_uri(),
        ]
        subprocess.run(
            [chromium, *FLAGS, *look, *where], check=True, capture_output=True, timeout=120
        )


def main() -> None:
    """Makes them all."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "messages"
    folder.mkdir(parents=True, exist_ok=True)
    ja, en = Language.JA, Language.EN
    photograph(mail_page(ja, [full(ja)], "佐藤"), folder / "mail-ja.png", 700, 690)
    photograph(mail_page(en, [full(en)], "Ann"), folder / "mail-en.png", 700, 710)
    photograph(
        mail_page(en, [full(en)], "Ann"), folder / "mail-en-phone-dark.png", 500, 720, dark=True
    )
    photograph(mail_page(ja, two(ja), "佐藤"), folder / "mail-ja-bundle.png", 700, 1180)
    photograph(
        slack_page(ja, [linked(ja) | {"nudge": "a"}], "佐藤"), folder / "slack-ja.png", 760, 260
    )
    photograph(
        slack_page(en, [linked(en) | {"nudge": "a"}], "Ann"), folder / "slack-en.png", 760, 285
    )
    said = {ja: "佐藤：更新予定", en: "Ann Ito: will renew"}
    for language, to in ((ja, "佐藤"), (en, "Ann")):
        answered = linked(language) | {
            "answered": said[language],
            "answered_on": "2026-12-28",
            "settled": True,
        }
        photograph(
            slack_page(language, [answered], to),
            folder / f"slack-{language}-answered.png",
            760,
            240,
        )
        photograph(
            slack_page(language, pressable(language), to),
            folder / f"slack-{language}-bundle.png",
            760,
            760,
        )
    less = {"less_url": "https://renewals.example.com/less/x"}
    with_links = {
        language: {**message_facts(to, [linked(language)]), **less}
        for language, to in ((ja, "佐藤"), (en, "Ann"))
    }
    photograph(sent_page(ja, "nudges", with_links[ja]), folder / "mail-ja-links.png", 700, 860)
    photograph(sent_page(en, "nudges", with_links[en]), folder / "mail-en-links.png", 700, 880)
    photograph(
        sent_page(ja, "nudges", with_links[ja]),
        folder / "mail-ja-links-phone-dark.png",
        500,
        890,
        dark=True,
    )
    digest_pictures(folder)
    pages = folder.parent / "pages"
    pages.mkdir(exist_ok=True)
    for name, page, width, height, dark in shots():
        photograph(page, pages / f"{name}.png", width, height, dark=dark)


if __name__ == "__main__":
    main()
