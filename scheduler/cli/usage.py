"""Wrong options and arguments in the reader's language, and the headings of a command's help (typer
speaks English only)."""

import re

from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language

_SENTENCES: tuple[tuple[str, Label], ...] = (
    (
        r"No such option: (\S+) \(Possible options: (.*)\)",
        Label(r"there is no option \1 (did you mean \2?)"),
    ),
    (r"No such option: (\S+)", Label(r"there is no option \1")),
    (r"Missing argument '?([^'.]+)'?(?:\..*)?", Label(r"give \1")),
    (r"Missing option '?([^'.]+)'?(?:\..*)?", Label(r"give the option \1")),
    (
        r"Got unexpected extra argument(?:s|\(s\))? \((.*)\)",
        Label("too many arguments: \\1"),
    ),
    (r"Option '?(\S+?)'? requires an argument", Label(r"the option \1 needs a value")),
    (
        r"Invalid value for '?([^:']+)'?: '?([^']*)'? is not one of (.*)",
        Label("\\2 is not a possible value of \\1; write one of \\3"),
    ),
    (r"Invalid value for '?([^:']+)'?: must be at least (\S+)", Label(r"\1 must be at least \2")),
    (r"Invalid value for '?([^:']+)'?: must be at most (\S+)", Label(r"\1 must be at most \2")),
    (
        r"Invalid value for '?([^:']+)'?: must be a whole number",
        Label(r"\1 must be a whole number"),
    ),
    (r"Invalid value for '?([^:']+)'?: (.*)", Label(r"the value of \1 cannot be used: \2")),
)
"""How typer words a mistake, and how other languages say it; English keeps typer's own words."""

_PLAINER: tuple[tuple[str, str], ...] = (
    (r"Input should be greater than or equal to (\S+)", r"must be at least \1"),
    (r"Input should be less than or equal to (\S+)", r"must be at most \1"),
    (r"Input should be a valid integer.*", "must be a whole number"),
    (r"Value error, ", ""),
)
"""What pydantic says beneath typer, as a person would."""

_HEADINGS = (
    Label("Usage:"),
    Label("Options:"),
    Label("Arguments:"),
    Label("[OPTIONS]"),
    Label("Show this message and exit."),
    Label("[required]"),
    Label("[default: "),
)


def sentence(error: BaseException, language: Language) -> str:
    """One line that says what is wrong with the command as typed, and where its help is."""
    said = (str(getattr(error, "format_message", lambda: "")()) or str(error)).rstrip(".")
    for pattern, plainer in _PLAINER:
        said = re.sub(pattern, plainer, said)
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "renewals")
    explained = Label(
        "{said}; `{path} --help` explains",
        said=said if language is Language.EN else _translated(said, language),
        path=path,
    )
    return explained.of(language)


def _translated(said: str, language: Language) -> str:
    """Translates one of typer's sentences; returns the sentence itself if there is no
    translation."""
    for pattern, words in _SENTENCES:
        found = re.fullmatch(pattern, said, re.DOTALL)
        if found:
            return found.expand(words.of(language))
    return said


def headed(shown: str, language: Language) -> str:
    """A command's help with its headings in `language`.

    >>> headed("Usage: renewals show [OPTIONS] {CONTRACT} [[VALUE]]", Language.EN)
    'Usage: renewals show [OPTIONS] CONTRACT [VALUE]'
    """
    shown = re.sub(r"\{([A-Z]+)\}", r"\1", re.sub(r"\[\[([A-Z]+)\]\]", r"[\1]", shown))
    shown = re.sub(r"^(  [A-Z]+) <(?:str|int)>", r"\1      ", shown, flags=re.MULTILINE)
    for words in _HEADINGS:
        shown = shown.replace(words.en, words.of(language))
    return shown
