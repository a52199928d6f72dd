"""Wrong options and arguments in the reader's language, and the headings of a command's help (typer speaks English only)."""

import re

from scheduler.core.words import Language

_SENTENCES: tuple[tuple[str, str], ...] = (
    (r"No such option: (\S+) \(Possible options: (.*)\)", r"「\1」というオプションはありません(もしかして: \2)"),
    (r"No such option: (\S+)", r"「\1」というオプションはありません"),
    (r"Missing argument '?([^'.]+)'?\..*", r"「\1」を指定してください"),
    (r"Missing option '?([^'.]+)'?\..*", r"オプション「\1」を指定してください"),
    (r"Got unexpected extra arguments? \((.*)\)", r"余分な引数があります: \1"),
    (r"Option '?(\S+?)'? requires an argument\.", r"オプション「\1」には値が必要です"),
    (r"Invalid value for '?([^:']+)'?: '?([^']*)'? is not one of (.*)\.", r"「\1」の値「\2」は使えません。\3 のどれかを指定してください"),
    (r"Invalid value for '?([^:']+)'?: (.*)", r"「\1」の値が正しくありません: \2"),
)

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
    said = str(getattr(error, "format_message", lambda: "")()) or str(error) or "aborted"
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "renewals")
    if language is Language.EN:
        return f"{said.rstrip('.')}; `{path} --help` explains"
    return f"{_translated(said)}。説明: {path} --help"


def _translated(said: str) -> str:
    """The Japanese for one of typer's sentences; the sentence itself where there is none."""
    for pattern, japanese in _SENTENCES:
        found = re.fullmatch(pattern, said, re.DOTALL)
        if found:
            return found.expand(japanese)
    return said


def headed(shown: str, language: Language) -> str:
    """A command's help with its headings in `language`."""
    if language is Language.JA:
        for english, japanese in _HEADINGS.items():
            shown = shown.replace(english, japanese)
    return shown
