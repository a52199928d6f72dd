"""`renewals init`: prepares a working folder. Always holds: nothing that exists is overwritten; a
second run says what is there."""

from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import IO, TYPE_CHECKING, Annotated

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.say import language, say, tell, text
from scheduler.core.words.errors import UserMustActError

if TYPE_CHECKING:
    from scheduler.core.config.fitted import Wanted

CONFIG, SCHEMA, STORIES = "config.toml", "config.schema.json", "stories"

_ENV_EXAMPLE = """\
# 秘密の値はここ(.env)か環境変数に。config.toml には書きません。使うものだけ # を外してください。
# Secrets go here (as .env) or into the environment, never into config.toml. Uncomment what you use.
# 値をファイルから読む場合は 名前_FILE=/path/to/file
# To read one from a file: NAME_FILE=/path/to/file

{channels}
# メールのリンクに署名する鍵(省略時は自動作成)
# signs the links in mails (default: made, and kept in a file of its own)
#LINK_SECRET=

# HubSpotのサービスキーまたはアプリのトークン(差し替えは再起動なしで有効)
# HubSpot: a service key or an app's token; a new one counts at once, without a restart
#HUBSPOT_TOKEN=

# PostgreSQL(省略時はこのフォルダーの data/renewals.db / default: data/renewals.db in this folder)
#DATABASE_URL=postgresql://renewals@localhost/renewals
"""

TEMPLATES_README = """\
# 文面を変えるには / Changing what messages say

ここに置いたファイルだけが、付属の文面に優先します。置かなかったものは付属のまま(更新も届きます)。
Only the files you put here replace the shipped ones; everything else stays as shipped and is kept
up to date.

    ja/renewal_3m/ask.txt        「お願い」の一文 / the one thing that is asked
    ja/renewal_3m/opening.txt    書き出し / the opening line
    en/renewal_3m/ask.txt

名前は通知タイミングの id(config.toml)か default、複数件まとめは bundle です。
The folder's name is the milestone's id (config.toml) or default; bundle is several nudges in one
message.

変えたら `renewals check` で点検してください。
うまく描けない文面があっても、付属の文面で必ず届きます。
Run `renewals check` afterwards. Should a template fail, the nudge still goes out with the shipped
text.
"""


def init(
    here: CommandContext,
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR",
            help=text("the folder to prepare (default: this one)"),
        ),
    ] = None,
    *,
    zone: Annotated[
        str | None,
        typer.Option(
            metavar="ZONE",
            help=text("the time zone, e.g. Europe/London, with its holidays"),
        ),
    ] = None,
    currency: Annotated[
        str | None,
        typer.Option(metavar="CODE", help=text("the base currency, e.g. GBP")),
    ] = None,
) -> None:
    """Writes config.toml, config.schema.json, .env.example, templates/messages/README.md and
    stories/."""
    target = folder or here.folder
    wanted = _wanted(here, zone, currency)
    files = _files(wanted)
    written = [name for name, content in files.items() if _write_new(target / name, content)]
    for name in files:
        if name in written:
            say("created {target}", target=target / name)
        else:
            say("exists already, left as it is: {target}", target=target / name)
    _write_stories(target / STORIES)
    if SCHEMA not in written and _says_else(target / SCHEMA, files[SCHEMA]):
        renewed = f"renewals config schema > {quote(str(target / SCHEMA))}"
        tell(
            "{schema} is from another version; to update it: {renewed}",
            schema=SCHEMA,
            renewed=renewed,
        )
    where = "" if target == Path() else f" --dir {quote(str(target))}"
    if CONFIG in written:
        _tell_fitted(wanted)
        tell(
            (
                "next: put your own addresses into {config} (admins, fallback), then run "
                "`renewals check{where}`"
            ),
            config=CONFIG,
            where=where,
        )
    else:
        tell("next: run `renewals check{where}`", where=where)


def _wanted(here: CommandContext, zone: str | None, currency: str | None) -> "Wanted":
    """What the configuration is to fit. Raises UserMustActError with what was perhaps meant."""
    from scheduler.core.config.fitted import Wanted, read_currency, read_zone

    wanted = Wanted(here.language.value if here.lang_given else "")
    if zone is not None:
        from scheduler.sources.holidays import country_of

        named = read_zone(zone)
        wanted = replace(wanted, zone=named, country=country_of(named))
    if currency is not None:
        wanted = replace(wanted, currency=read_currency(currency))
    return wanted


def _tell_fitted(wanted: "Wanted") -> None:
    """Says what still has to be looked at."""
    from scheduler.core.config.fitted import RATES

    if wanted.zone and not wanted.country:
        tell(
            "no holidays are known for {zone}, so only weekends count as days off; see [calendars]",
            zone=wanted.zone,
        )
    if wanted.currency and wanted.currency not in RATES:
        tell(
            (
                "set the rates and urgent_amount in {currency} yourself; the exchange rates are "
                "not known"
            ),
            currency=wanted.currency,
        )


def _files(wanted: "Wanted") -> dict[str, str]:
    """The files that a working folder begins with, by name."""
    from scheduler.app.shipped import shipped_config
    from scheduler.cli.policy.config import schema_text
    from scheduler.core.config.fitted import fitted

    return {
        CONFIG: fitted(shipped_config(), wanted),
        SCHEMA: schema_text(),
        ".env.example": _env_example(),
        "templates/messages/README.md": TEMPLATES_README,
    }


def _env_example() -> str:
    """The text of .env.example: every setting the environment may hold, explained in both
    languages."""
    from scheduler.core.messages.channels import VARIABLES

    channels = (
        f"# {' / '.join(v.says.spellings())}\n#{v.name}={v.example}\n"
        for v in VARIABLES
        if v.example
    )
    return _ENV_EXAMPLE.format(channels="\n".join(channels))


def _write_stories(folder: Path) -> None:
    """The shipped stories, in the reader's language; a folder that is there is left as it is, also
    where a story was taken out of it."""
    from scheduler.app.shipped import shipped_stories

    if folder.exists():
        say("exists already, left as it is: {folder}", folder=folder)
        return
    stories = shipped_stories(language().value)
    for name, content in stories.items():
        _write_new(folder / name, content)
    say("created {folder} ({stories} stories)", folder=folder, stories=len(stories))


def _write_new(file: Path, content: str) -> bool:
    """Writes the file, whole or not at all, unless something of that name is there; whether it was
    written. Raises UserMustActError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as new:
            _fill(new, content, file)
    except (FileExistsError, NotADirectoryError):
        wrong = next((p for p in file.parents if p.exists() and not p.is_dir()), None)
        if wrong is None:
            return False
        raise UserMustActError("{wrong} is not a folder; name another place", wrong=wrong) from None
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from error
    return True


def _fill(new: IO[str], content: str, file: Path) -> None:
    """Writes the content; half a file is taken away again."""
    try:
        new.write(content)
        new.flush()
    except OSError:
        file.unlink()
        raise


def _says_else(file: Path, content: str) -> bool:
    """Whether the file can be read and says something else."""
    try:
        return file.read_text("utf-8") != content
    except (OSError, UnicodeDecodeError):
        return False
