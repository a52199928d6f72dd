"""What is said about a file that cannot be read, or a row of it: a `Problem` is a code with its
facts, worded in the reader's language.

Always holds: every code has both languages; the facts a text names are given where the problem is
made.
"""

from dataclasses import dataclass

from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language

TEXTS = {
    # the file
    "missing_file": Label(
        "{file}：ファイルがありません。パスを確認してください",
        "{file}: there is no such file; check the path",
    ),
    "directory": Label(
        "{file}：フォルダです。CSVファイルを指定してください", "{file} is a folder; name a CSV file"
    ),
    "unreadable": Label(
        "{file}：読み込めません({why})。権限を確認してください",
        "{file} cannot be read ({why}); check its permissions",
    ),
    "empty_file": Label(
        "{file}：空のファイルです。見出し行と1件以上の行が必要です",
        "{file} is empty; it needs a header line and at least one row",
    ),
    "header_only": Label(
        "{file}：見出し行だけで、データ行がありません", "{file} has a header line but no rows"
    ),
    "workbook": Label(
        "{file}：Excelブックのようですが、読めません",
        "{file} looks like a workbook but cannot be read",
    ),
    "old_workbook": Label(
        (
            "{file}：古い形式(.xls)か、パスワード付きのブックです。パスワードなしの .xlsx "
            "で保存し直してください"
        ),
        (
            "{file} is a workbook of an old kind (.xls) or locked with a password; save it as "
            ".xlsx without one"
        ),
    ),
    "workbook_locked": Label(
        "{file}：パスワード付きです。外して保存し直してください",
        "{file} is locked with a password; save it without one",
    ),
    "workbook_size": Label(
        "{file}：大きすぎます(展開後4GB超)。CSVで保存してください",
        "{file} is too large (over 4 GB unpacked); save it as CSV",
    ),
    "no_workbook": Label(
        (
            "{file}：ZIPですが、Excelブック(.xlsx)でもODSでもありません。"
            "中のファイルを取り出してください"
        ),
        "{file} is a ZIP archive but neither .xlsx nor .ods; take the file out of it",
    ),
    "no_sheet": Label(
        "{file}：シート「{sheet}」はありません(あるもの：{found})",
        "{file} has no sheet {sheet} (there are: {found})",
    ),
    "which_sheet": Label(
        '{file}：シートが複数あります({found})。--sheet "{example}" のように指定してください',
        '{file} has several sheets ({found}); choose one: --sheet "{example}"',
    ),
    "merged_heading": Label(
        (
            "{file} [{sheet}]：見出しのセルが結合されています({cell})。結合を解除し、"
            "列ごとに名前を付けてください"
        ),
        (
            "{file} [{sheet}]: cells of the heading are merged ({cell}); undo the merge and give "
            "each column its name"
        ),
    ),
    "nul": Label(
        "{file}：{line}行目にNUL文字(0x00)があります。ファイルが壊れているか、CSVではありません",
        "{file}: NUL byte (0x00) on line {line}; the file is damaged or is not CSV",
    ),
    "erased_column": Label(
        (
            "{file}：{ja}の列がすべて空で、{count}件の値が消えます。列が消えていないか確認し、"
            "本当に消すなら --erase を付けてください"
        ),
        (
            "{file}: the column for {en} is empty in every row and would erase {count} values; "
            "export it again, or say --erase if that is meant"
        ),
    ),
    "gone_most": Label(
        (
            "{file}：{all}件のうち{missing}件がファイルにありません。--gone close "
            "は全件のファイルにだけ使えます(一部だけなら --gone keep)"
        ),
        (
            "{file}: {missing} of {all} open contracts are not in it; --gone close is for a whole "
            "export (for a part of one: --gone keep)"
        ),
    ),
    "which_kind": Label(
        (
            "{file}：担当者(社内の人)のファイルか契約のファイルか分かりません(列：{found})。"
            "--people か --contracts を付けてください"
        ),
        (
            "{file}: people of yours, or contracts? Its columns ({found}) could be either; say "
            "--people or --contracts"
        ),
    ),
    "damaged": Label(
        "{file}：途中で壊れています({why})。もう一度書き出してください",
        "{file} is damaged ({why}); export it again",
    ),
    "no_regular_file": Label(
        "{file}：ふつうのファイルではありません。いったん保存したファイルを指定してください",
        "{file} is no regular file; save it to a file first",
    ),
    "encoding": Label(
        "{file}：文字コードが分かりません(UTF-8ではありません：{utf8}行目)。正しく読めるものを "
        "--encoding に書くか、"
        "CSV UTF-8で保存し直してください。読み方の候補：\n{shown}",
        "{file}: in which encoding is it written? It is no UTF-8 (line {utf8}). Give the one that "
        "reads rightly with --encoding or as encoding in a "
        "mapping file, or save the file as CSV UTF-8. The same cells as\n{shown}",
    ),
    "broken_utf8": Label(
        "{file}：UTF-8のようですが、{utf8}行目に壊れた文字があります。その文字を直すか、"
        "別の文字コードなら "
        "--encoding で指定してください。読み方の候補：\n{shown}",
        "{file}: it looks like UTF-8, but line {utf8} has a broken character. Correct it, or name "
        "another encoding with --encoding. The same cells as"
        "\n{shown}",
    ),
    "declared_encoding": Label(
        (
            "{file}：{line}行目が{encoding}ではありません。対応付けファイルの encoding "
            "を直してください"
        ),
        "{file}: line {line} is not {encoding}; correct encoding in the mapping file",
    ),
    "unclosed_quote": Label(
        '{file}：{line}行目から始まる行の引用符(")が閉じていません。その行を直してください',
        (
            "{file}: a quotation mark in the row that begins on line {line} is never closed; "
            "correct it"
        ),
    ),
    "long_cell": Label(
        (
            '{file}：{line}行目から始まる行に{letters}文字を超えるセルがあります。引用符(")'
            "が閉じていないか、長すぎます"
        ),
        (
            "{file}: a cell in the row that begins on line {line} is longer than {letters} "
            "letters: too long, or a quotation mark that is never closed"
        ),
    ),
    "no_header": Label(
        (
            "{file}：見出しを認識できません。見つかった列：{found}。必要な列：{expected}。"
            "別の列名なら --guess で対応付けファイルを作ってください"
        ),
        (
            "{file}: no header that is known. Found: {found}. Needed: {expected}. For other names: "
            "--guess writes a mapping file"
        ),
    ),
    "missing_columns": Label(
        "{file}：必要な列がありません：{missing}。見つかった列：{found}",
        "{file}: columns are missing: {missing}. Found: {found}",
    ),
    "repeated_column": Label(
        "{file}：列「{column}」が2回あります。どちらかの名前を変えてください",
        "{file}: column {column} occurs twice; rename one of them",
    ),
    "two_columns": Label(
        (
            "{file}：「{first}」と「{second}」はどちらも{field}として読まれます。"
            "対応付けファイルでどちらかを選んでください"
        ),
        "{file}: {first} and {second} both stand for {field}; choose one in a mapping file",
    ),
    "ambiguous_dates": Label(
        "{file}：列「{column}」の日付は読み方が定まりません(「{example}」は{first}とも{second}とも"
        "読めます)。対応付けファイルに "
        '[dates] {field} = "{write}"(または "{other}")と書いてください',
        '{file}: the dates of column {column} can be read in two ways ("{example}" may be {first} '
        "or {second}); declare the order in a "
        'mapping file (--map): [dates] {field} = "{write}" or "{other}"',
    ),
    "mixed_dates": Label(
        (
            "{file}：列「{column}」に異なる順序の日付が混在(例：{first}と{second})。そろえるか、"
            "対応付けファイルの [dates] で宣言してください"
        ),
        (
            "{file}: column {column} mixes orders of dates ({first} and {second}); make them the "
            "same or declare one under [dates]"
        ),
    ),
    "ambiguous_amounts": Label(
        "{file}：列「{column}」の金額は読み方が定まりません(「{example}」は{point}とも{comma}とも読"
        "めます)。対応付けファイルに "
        '[amount] decimal = "."(または ",")と書いてください',
        '{file}: the amounts of column {column} can be read in two ways ("{example}" may be '
        "{point} or {comma}); declare the decimal sign in a "
        'mapping file (--map): [amount] decimal = "." or ","',
    ),
    "mixed_amounts": Label(
        (
            "{file}：列「{column}」に小数点の違う金額が混在(「{first}」と「{second}」)。"
            "そろえるか、[amount] decimal で宣言してください"
        ),
        (
            '{file}: column {column} mixes decimal signs ("{first}" and "{second}"); make them the '
            "same or declare decimal under [amount]"
        ),
    ),
    "ambiguous_lengths": Label(
        "{file}：列「{column}」は長さの単位が分かりません(「{example}」は{number}日とも{number}か月"
        "とも読めます)。列名を「{column}(日)」のように変えるか、対応付けファイルに "
        '[units] {field} = "days"(または "months")と書いてください',
        '{file}: column {column} does not say its unit ("{example}" may be {number} days or '
        '{number} months); call it "{column} (days)" or declare it in a '
        'mapping file (--map): [units] {field} = "days" or "months"',
    ),
    "unmapped_stages": Label(
        "{file}：対応付けのないステージがあります：{stages}。対応付けファイルの [stages] に "
        '"{example}" = "{target}" のように書いてください(使えるステージ：{allowed})',
        (
            "{file}: stages without a place: {stages}. Write each into [stages] of a mapping file, "
            'e.g. "{example}" = "{target}" (there are: {allowed})'
        ),
    ),
    "unknown_profile": Label(
        "プロファイル「{profile}」はありません(使えるもの：{allowed})",
        "there is no profile {profile} (there are: {allowed})",
    ),
    "toml": Label("{file}：{ja}", "{file}: {en}"),
    "mapping": Label("{file}：{key}：{ja}", "{file}: {key}: {en}"),
    # a row
    "columns": Label(
        "列の数が{got}(見出しは{expected})。カンマと引用符を確認",
        "{got} columns where the header has {expected}; check commas and quotation marks",
    ),
    "quotes": Label('引用符(")の使い方が不正', "quotation marks are not used as CSV needs them"),
    "required": Label("必須の項目が空", "is empty but needed"),
    "date": Label("日付として読めない(例：2026-11-23)", "not a date; write e.g. 2026-11-23"),
    "date_order": Label(
        "この列の日付の順序({order})では読めない", "not a date in this column's order ({order})"
    ),
    "date_range": Label("暦にない日付", "there is no such day"),
    "date_far": Label(
        "年がありえない({first}～{last}年のみ)。期限がなければ空欄にする",
        "no year of a contract ({first} to {last}); leave it empty where there is no end",
    ),
    "excel_date": Label(
        "Excelの日付シリアル値。列を日付形式にして保存し直す",
        "an Excel serial number; format the column as dates and save again",
    ),
    "money": Label("金額として読めない(例：1200000)", "not an amount; write e.g. 1200000"),
    "money_negative": Label("金額が負の値", "an amount cannot be negative"),
    "money_decimals": Label(
        "{currency}には小数{digits}桁まで", "{currency} has {digits} decimal places"
    ),
    "money_separators": Label(
        "小数点か桁区切りか判別できない。対応付けファイルの [amount] decimal を指定",
        (
            "cannot tell the decimal sign from the thousands'; declare decimal under [amount] in a "
            "mapping file"
        ),
    ),
    "money_currency": Label(
        "金額の通貨記号({symbol})と通貨({currency})が違う",
        "the sign {symbol} does not agree with the currency {currency}",
    ),
    "money_size": Label("金額が大きすぎる", "the amount is too large"),
    "mangled_id": Label(
        "表計算ソフトが桁を落とした番号。列を文字列形式にして書き出し直す",
        "a number that a spreadsheet has shortened; format the column as text and export it again",
    ),
    "error_value": Label("表計算のエラー値", "an error of the spreadsheet instead of a value"),
    "pipeline": Label(
        "パイプラインではない(使えるもの：{allowed})", "no pipeline of ours (there are: {allowed})"
    ),
    "pipeline_stage": Label(
        "ステージ「{stage}」は{pipeline}のもの", "the stage {stage} belongs to {pipeline}"
    ),
    "currency": Label(
        "通貨コードではない(例：JPY、USD)", "not a currency code; write e.g. JPY or USD"
    ),
    "boolean": Label(
        "はい／いいえとして読めない(例：true、false、はい、いいえ)",
        "neither yes nor no; write e.g. true or false",
    ),
    "term": Label(
        "期間として読めない(例：12か月、90日)",
        'not a length of time; write e.g. "12 months" or "90 days"',
    ),
    "term_either": Label(
        "{number}日とも{number}か月とも読める。単位を付ける",
        "may be {number} days or {number} months; write the unit",
    ),
    "total": Label("合計の行", "a total"),
    "no_contract": Label(
        "日付がなく、注記か合計の行とみなした", "has no dates; taken for a note or a total"
    ),
    "term_zero": Label("契約期間が0", "a contract's term cannot be zero"),
    "health": Label(
        "ヘルスではない(stable 安定稼働、at_risk 要注意、critical 解約危機、unknown 未評価)",
        "not a health; write stable, at_risk, critical or unknown",
    ),
    "role": Label(
        "役割ではない(rep 担当、manager 上長、sales 営業、admin 管理者)",
        "not a role; write rep, manager, sales or admin",
    ),
    "language": Label("言語ではない(ja、en)", "not a language; write ja or en"),
    "zone": Label("タイムゾーンではない(例：Asia/Tokyo)", "not a time zone; write e.g. Asia/Tokyo"),
    "hours": Label(
        "勤務時間として読めない(例：09:00-18:00)", "not working hours; write e.g. 09:00-18:00"
    ),
    "slack_id": Label(
        "SlackのメンバーIDではない(例：U012ABCDEF)", "not a Slack member id; write e.g. U012ABCDEF"
    ),
    "calendar": Label(
        "設定にないカレンダー(使えるもの：{allowed})",
        "no calendar of the configuration (there are: {allowed})",
    ),
    "person_twice": Label(
        "同じ人が{first}行目にもいる", "the same person is already on line {first}"
    ),
    "email": Label("メールアドレスではない", "not an e-mail address"),
    "ends_first": Label("満了日が開始日({starts_on})より前", "ends before it starts ({starts_on})"),
    "decides_late": Label(
        "解約通知期限が満了日({ends_on})より後", "the notice deadline is after the end ({ends_on})"
    ),
    "two_sources": Label(
        "同じ番号の契約が複数の取込元にある({sources})。--source で指定する",
        "several sources have this contract ({sources}); name one with --source",
    ),
    "duplicate": Label(
        "同じ契約番号が{first}行目にもある", "the same contract is on line {first} too"
    ),
    "two_people": Label(
        "同じ名前の人が複数いる。メールアドレスで指定",
        "several people have this name; write the e-mail address",
    ),
    "no_manager": Label("上長が見つからない", "no such manager; add a row for that person"),
    "own_manager": Label("自分自身が上長になっている", "nobody is his own manager"),
    "manager_circle": Label(
        "上長の関係が循環している", "these managers report to each other in a circle"
    ),
}


FIELD_LABELS = {
    "contract": Label("契約番号", "contract"),
    "customer": Label("顧客", "customer"),
    "number": Label("契約番号", "contract"),
    "product": Label("製品", "product"),
    "starts_on": Label("開始日", "start"),
    "ends_on": Label("満了日", "end"),
    "estimated": Label("推定", "estimated"),
    "term": Label("契約期間", "term"),
    "notice": Label("解約予告", "notice"),
    "renewal_term": Label("更新後の契約期間", "renewal term"),
    "renewal_notice": Label("更新後の解約予告", "renewal notice"),
    "decide_by": Label("解約通知期限", "notice deadline"),
    "auto_renew": Label("自動更新", "auto-renewal"),
    "amount": Label("金額", "amount"),
    "currency": Label("通貨", "currency"),
    "owner": Label("CS担当", "owner"),
    "sales": Label("営業担当", "sales person"),
    "segment": Label("セグメント", "segment"),
    "evergreen": Label("期限の定めなし", "without an end"),
    "expected_on": Label("成約予定日", "expected"),
    "stage": Label("ステージ", "stage"),
    "health": Label("ヘルス", "health"),
    "name": Label("氏名", "name"),
    "merged": Label("統合", "merged"),
    "email": Label("メール", "e-mail"),
    "slack": Label("Slack ID", "Slack id"),
    "role": Label("役割", "role"),
    "manager": Label("上長", "manager"),
    "zone": Label("タイムゾーン", "time zone"),
    "calendar": Label("カレンダー", "calendar"),
    "language": Label("言語", "language"),
    "hours": Label("勤務時間", "hours"),
    "active": Label("在籍", "active"),
    "team": Label("チーム", "team"),
}
"""What the fields of a report are called (`ImportReport.moved`)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: a code of `TEXTS` and the facts its text names."""

    code: str
    facts: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, code: str, **facts: object) -> "Problem":
        """A problem with its facts as texts. Raises KeyError on a code that has no words."""
        if code not in TEXTS:
            raise KeyError(code)
        return cls(code, tuple((name, str(value)) for name, value in facts.items()))

    def text(self, language: Language) -> str:
        """What it says.

        >>> Problem.of("money_decimals", currency="JPY", digits=0).text(Language.EN)
        'JPY has 0 decimal places'
        """
        return TEXTS[self.code].of(language).format(**dict(self.facts))


class ImportRefusedError(Exception):
    """The file, or the mapping file, cannot be used at all: nothing was written. `problems` are all
    of them at once."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(p.text(Language.EN) for p in problems))
        self.problems = problems


class FieldError(Exception):
    """One field of one row cannot be read; the row is rejected, the others come in."""

    def __init__(self, code: str, field: str = "", **facts: object) -> None:
        super().__init__(code)
        self.problem = Problem.of(code, **facts)
        self.field = field


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that does not come in: its physical line (where the record begins, from 1), the column,
    the value as written, and why.

    `source_id` is its contract's, where it could be read: a contract whose row is rejected is not
    missing from the file.
    """

    line: int
    column: str
    value: str
    problem: Problem
    source_id: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is passed over on purpose: its stage says so (`skip`), another row of its contract
    counts, or it is no contract (a sum)."""

    line: int
    source_id: str = ""
