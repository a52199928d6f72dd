"""Wrong options and arguments in the reader's language, and the headings of a command's help (typer
speaks English only)."""

import re

from scheduler.core.words.lexicon import Language

_SENTENCES: tuple[tuple[str, str], ...] = (
    (
        r"No such option: (\S+) \(Possible options: (.*)\)",
        r"「\1」というオプションはありません(もしかして: \2)",
    ),
    (r"No such option: (\S+)", r"「\1」というオプションはありません"),
    (r"Missing argument '?([^'.]+)'?(?:\..*)?", r"「\1」を指定してください"),
    (r"Missing option '?([^'.]+)'?(?:\..*)?", r"オプション「\1」を指定してください"),
    (r"Got unexpected extra argument(?:s|\(s\))? \((.*)\)", r"余分な引数があります: \1"),
    (r"Option '?(\S+?)'? requires an argument", r"オプション「\1」には値が必要です"),
    (
        r"Invalid value for '?([^:']+)'?: '?([^']*)'? is not one of (.*)",
        r"「\1」の値「\2」は使えません。\3 のどれかを指定してください",
    ),
    (r"Invalid value for '?([^:']+)'?: must be at least (\S+)", r"「\1」は\2以上にしてください"),
    (r"Invalid value for '?([^:']+)'?: must be at most (\S+)", r"「\1」は\2以下にしてください"),
    (r"Invalid value for '?([^:']+)'?: must be a whole number", r"「\1」は整数で指定してください"),
    (r"Invalid value for '?([^:']+)'?: (.*)", r"「\1」の値が正しくありません: \2"),
)

_PLAINER: tuple[tuple[str, str], ...] = (
    (r"Input should be greater than or equal to (\S+)", r"must be at least \1"),
    (r"Input should be less than or equal to (\S+)", r"must be at most \1"),
    (r"Input should be a valid integer.*", "must be a whole number"),
    (r"Value error, ", ""),
)
"""What pydantic says beneath typer, as a person would."""

_HEADINGS = {
    "Usage:": "使い方:",
    "Options:": "オプション:",
    "Arguments:": "引数:",
    "[OPTIONS]": "[オプション]",
    "Show this message and exit.": "この説明を表示する",
    "[required]": "[必須]",
    "[default: ": "[既定: ",
}


def sentence(error: BaseException, language: Language) -> str:
    """One line that says what is wrong with the command as typed, and where its help is."""
    said = (str(getattr(error, "format_message", lambda: "")()) or str(error)).rstrip(".")
    for pattern, plainer in _PLAINER:
        said = re.sub(pattern, plainer, said)
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "renewals")
    if language is Language.EN:
        return f"{said}; `{path} --help` explains"
    return f"{_translated(said)}。説明: {path} --help"


def _translated(said: str) -> str:
    """The Japanese for one of typer's sentences; the sentence itself where there is none."""
    for pattern, japanese in _SENTENCES:
        found = re.fullmatch(pattern, said, re.DOTALL)
        if found:
            return found.expand(japanese)
    return said


def headed(shown: str, language: Language) -> str:
    """A command's help with its headings in `language`.

    >>> headed("Usage: renewals show [OPTIONS] {CONTRACT} [[VALUE]]", Language.EN)
    'Usage: renewals show [OPTIONS] CONTRACT [VALUE]'
    """
    shown = re.sub(r"\{([A-Z]+)\}", r"\1", re.sub(r"\[\[([A-Z]+)\]\]", r"[\1]", shown))
    shown = re.sub(r"^(  [A-Z]+) <(?:str|int)>", r"\1      ", shown, flags=re.MULTILINE)
    if language is Language.JA:
        for english, japanese in _HEADINGS.items():
            shown = shown.replace(english, japanese)
    return shown
