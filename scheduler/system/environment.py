"""The settings that come from outside the configuration file: the environment, `.env` in the
working folder, files with secrets.

Always holds: what the real environment says wins; a secret's value is read from `NAME_FILE` or from
systemd's credentials only if `NAME` itself is not set, and never appears in an error.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from scheduler.core.messages.channels import VARIABLES
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.core.words.problems import Problem
from scheduler.system.private_files import give_to_owner, make_private_folder

SECRETS = (
    "DATABASE_URL",
    *(v.name for v in VARIABLES if v.is_secret),
    "LINK_SECRET",
    "HUBSPOT_TOKEN",
)
OUTSIDE = (*SECRETS, *(v.name for v in VARIABLES if not v.is_secret), "HUBSPOT_API_URL")
"""What the program is told from outside besides where its folder is and which language to speak."""
_FOLDER = Label("it is a folder, not a file; rename or remove it")


def environment(folder: Path, env: Mapping[str, str]) -> dict[str, str]:
    """`env` completed by the folder's `.env` and by files with secrets. Raises UserMustActError for
    a line or a file that cannot be read."""
    complete = {
        **_dotenv(folder / ".env"),
        **{name: value for name, value in env.items() if value != ""},
    }
    for name in SECRETS:
        file = _secret_file(name, complete)
        if file is not None and name not in complete:
            complete[name] = _read(file).strip()
    return complete


def secret_now(name: str, folder: Path, env: Mapping[str, str]) -> str:
    """A secret as it is at this moment, empty where it is not set: read anew, so that one that is
    replaced works without a restart. Raises UserMustActError like `environment`."""
    return environment(folder, env).get(name, "").strip()


def found_in(folder: Path, env: Mapping[str, str]) -> dict[str, str | None]:
    """For each of OUTSIDE the place it comes from, never its value: `environment`, `.env`,
    `SMTP_URL_FILE`, `credential`; None where it is not set. Raises UserMustActError like
    `environment`."""
    complete, dotenv = environment(folder, env), _dotenv(folder / ".env")

    def place(name: str) -> str | None:
        if not complete.get(name):
            return None
        if env.get(name) or name in dotenv:
            return "environment" if env.get(name) else ".env"
        return f"{name}_FILE" if f"{name}_FILE" in complete else "credential"

    return {name: place(name) for name in OUTSIDE}


_ALIKE = 0.84
"""How much of two names must agree for one to be the other mistyped: SMPT_URL and SLACK_TOKEN are,
SMTP_USER, which other programs read, is not."""


def mistyped_names(folder: Path, env: Mapping[str, str]) -> list[Problem]:
    """Names in the folder's `.env` that nothing here reads, and that are close to one that is read
    and not set; never their values. Raises UserMustActError like `environment`."""
    file, complete = folder / ".env", environment(folder, env)
    known = {*OUTSIDE, *(f"{name}_FILE" for name in SECRETS)}
    missing = sorted(known - {*complete, *(name.removesuffix("_FILE") for name in complete)})
    problems = []
    for number, name, value in _assignments(file):
        near = get_close_matches(name.upper(), missing, 1, _ALIKE)
        if value and name not in known and near:
            said = Label("nothing reads {name}; did you mean {near}?", name=name, near=near[0])
            problems.append(Problem(str(file), number, "", said))
    return problems


def own_key(file: Path, make: Callable[[], str]) -> str | None:
    """The key kept in `file`, which only its owner can read; made at the first call. None where no
    file can be written there."""
    try:
        make_private_folder(file.parent)
        with os.fdopen(
            os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "w"
        ) as new:
            give_to_owner(new.fileno(), file.parent)
            new.write(make() + "\n")
    except OSError:
        if not file.is_file():
            return None
    return _read(file).strip() or None


def _dotenv(file: Path) -> dict[str, str]:
    """What the file sets; of a name that stands there twice the last value."""
    values = {name: value for _, name, value in _assignments(file)}
    return {name: value for name, value in values.items() if value}


def _assignments(file: Path) -> Iterator[tuple[int, str, str]]:
    """`KEY=VALUE` lines, each with its number; empty lines and `#` comments are passed over,
    quotation marks around a value and a leading `export` are dropped."""
    if file.is_dir():
        raise UserMustActError("cannot read {file}: {why}", file=file, why=_FOLDER)
    if not file.is_file():
        return
    for number, line in enumerate(_read(file).splitlines(), 1):
        stripped = line.strip().removeprefix("export ").lstrip()
        if not stripped or stripped.startswith("#"):
            continue
        name, equals, value = stripped.partition("=")
        if not equals or not name.strip().isidentifier():
            raise UserMustActError("{file}:{number}  write NAME=value", file=file, number=number)
        yield number, name.strip(), _unquoted(value.strip())


def _unquoted(value: str) -> str:
    """The value without the quotation marks around it.

    >>> _unquoted("'a b'"), _unquoted("a'b")
    ('a b', "a'b")
    """
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def _secret_file(name: str, env: Mapping[str, str]) -> Path | None:
    """The file that holds the secret `name`: the one `NAME_FILE` names, else systemd's credential
    of that name."""
    if f"{name}_FILE" in env:
        return Path(env[f"{name}_FILE"])
    credential = (
        Path(env["CREDENTIALS_DIRECTORY"]) / name if "CREDENTIALS_DIRECTORY" in env else None
    )
    return credential if credential is not None and credential.is_file() else None


def _read(file: Path) -> str:
    """The file's text."""
    try:
        return file.read_text("utf-8-sig")
    except OSError as error:
        raise UserMustActError(
            "cannot read {file}: {strerror}", file=file, strerror=error.strerror
        ) from error
    except UnicodeDecodeError:
        raise UserMustActError("save {file} as UTF-8", file=file) from None
