"""What the admins are told."""

import json

from sqlalchemy import text

from scheduler.app.wiring import App


def alerts(app: App) -> list[str]:
    """What the admins are told."""
    with app.reading.connect() as connection:
        facts = [
            json.loads(row.facts)
            for row in connection.execute(
                text("SELECT facts FROM messages WHERE kind = 'alert' ORDER BY id")
            )
        ]
    return [f"{f['title']}\n{f['text']}\n{f['todo']}" for f in facts]
