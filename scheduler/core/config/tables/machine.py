"""`[machine]`: what belongs to one machine and is not part of the versioned policy."""

from typing import Annotated, Literal

from pydantic import Field

from scheduler.core.config.fields import BaseUrl, Listen, TimeOfDay, WatcherUrl
from scheduler.core.config.tables.shape import Table

_Seconds = Annotated[float, Field(allow_inf_nan=False)]


class MachineTable(Table):
    """What belongs to one machine and is not part of the versioned policy. このマシンだけの設定"""

    sweep_seconds: Annotated[_Seconds, Field(ge=1, le=3600)] = 30
    """How often deals that are due are looked for. 期日を見る間隔(秒)"""
    deliver_seconds: Annotated[_Seconds, Field(ge=1, le=3600)] = 10
    """How often messages are sent. 送信を見る間隔(秒)"""
    apply_edits: bool = True
    """Whether an edit comes into force when it is saved, or only by `renewals plan` and `renewals
    apply`. 保存した変更をすぐ適用する"""
    log: Literal["auto", "text", "json"] = "auto"
    """Text on a terminal and JSON elsewhere (auto), or always one of them. ログの形式"""
    base_url: BaseUrl = ""
    """Where people reach this program's links, e.g. "https://renewals.example.co.jp"; empty: mails
    carry no links. リンクの公開URL"""
    listen: Listen = ""
    """Where the links are served, e.g. "127.0.0.1:8787"; empty: nowhere.
    リンクを待ち受けるアドレス"""
    health_listen: Listen = ""
    """Where /livez, /readyz and /metrics are answered, e.g. "127.0.0.1:8788"; empty: nowhere.
    監視用のアドレス(空＝なし)"""
    heartbeat_url: WatcherUrl = ""
    """Pinged after completed rounds, so that somebody is called when this machine is silent; empty:
    nobody. 巡回のたびに知らせる監視サービスのURL"""
    mail_from: str = ""
    """Sender of mails. メールの差出人"""
    mails_per_connection: Annotated[int, Field(ge=1)] = 100
    """Mails sent on one connection before a new one is made. 接続し直すまでの通数"""
    lease_seconds: Annotated[_Seconds, Field(ge=10, le=3600)] = 120
    """How long a worker keeps a message to itself. 1台がメッセージを預かる秒数"""
    send_seconds: Annotated[_Seconds, Field(ge=1, le=600)] = 30
    """How long one sending may take. 1回の送信の上限秒数"""
    send_batch: Annotated[int, Field(ge=1, le=1000)] = 20
    """Messages taken at once. 一度に送る件数"""
    backups: str = "data/backups"
    """Where the nightly copies of a SQLite database lie, in the working folder unless it begins
    with a slash; empty: none. 毎晩のバックアップのフォルダー"""
    backup_at: TimeOfDay = "03:30"
    """When the nightly copy is made, in `zone`. バックアップを作る時刻"""
    backups_kept: Annotated[int, Field(ge=1, le=3660)] = 14
    """How many nightly copies are kept. 残すバックアップの数"""
