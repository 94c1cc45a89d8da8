"""A log of webhooks as VCC Live sends them, and as people keep it: one JSON object a line.

A call-disposition webhook carries no year and no month. The log holds other kinds of events, which
carry no uuid, and an empty line behind each body, as the vendor's sample receiver leaves it.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from vcclive_sandbox import centre, example
from vcclive_sandbox.cdr import TIMESTAMP
from vcclive_sandbox.dice import dice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from vcclive_sandbox.calls import Call

EXAMPLE = {
    "uuid": example.UUID,
    "projectid": example.PROJECT,
    "create_time": "2015-08-17 15:05:29",
    "direction": "out",
}
"""The webhook of the documented call."""

_OLDER_TIMESTAMP = "%Y-%m-%d %H-%M-%S"  # as another page of the documentation prints it
# What differs between accounts and versions, by chance here.
_OTHER_SHARE = 0.3
_NESTED_SHARE = 0.1
_START_SHARE = 0.6
_OLDER_SHARE = 0.3


def log_of(calls: Iterable[Call]) -> Iterator[str]:
    """Yield the lines of a log, in the order of the calls' starts."""
    for call in calls:
        draws = dice(call.seed, call.uuid, "webhook")
        if draws.random() < _OTHER_SHARE:
            yield _line(_other_event(call, draws.randrange(4)))
        webhook = webhook_of(call)
        is_nested = draws.random() < _NESTED_SHARE
        yield _line({"event": "call_disposition", "data": webhook} if is_nested else webhook)


def _line(event: dict[str, object]) -> str:
    return json.dumps(event, ensure_ascii=False) + "\n\n"


def webhook_of(call: Call) -> dict[str, object]:
    """Return what the call-disposition webhook sends of a call.

    Its `direction` is `in` or `out`, unlike the call's own. `call_start_time`, which some lack, and
    `create_time` are local, `timestamp` is an instant with the local offset; the latter two are
    those of when the call was closed.
    """
    draws = dice(call.seed, call.uuid, "times")
    cdr = call.cdr()
    agent = next((agent for agent in centre.AGENTS if agent.id == cdr["userid"]), None)
    start = {"call_start_time": cdr["start_ts"]} if draws.random() < _START_SHARE else {}
    form = _OLDER_TIMESTAMP if draws.random() < _OLDER_SHARE else TIMESTAMP
    closed = _closed(call)
    return {
        "uuid": call.uuid,
        "projectid": cdr["projectid"],
        "projectName": cdr["projectname"],
        "numberid": cdr["numberid"],
        "userid": cdr["userid"],
        "username": agent.username if agent else "",
        "agentName": agent.name if agent else "",
        "agent_description": cdr["disposition_comment"],
        "create_time": closed.strftime(form),
        "timestamp": closed.isoformat(),
        **start,
        "source": cdr["source"],
        "destination": cdr["destination"],
        "direction": "in" if cdr["direction"] == "inbound" else "out",
        "disposition": {
            "id": cdr["dispositionid"],
            "label": cdr["disposition_label"],
            "reach": cdr["dispositionreach"],
        },
        "next_calldate": cdr["next_contact"],
        "teamids": [],
        "client_data": {},
    }


def _closed(call: Call) -> datetime:
    """Return when the agent closed a call, local time."""
    cdr = call.cdr()
    seconds = sum(
        int(cdr[name] or 0)
        for name in ("beforequeuetime", "queuetime", "ringtime", "talktime", "afterwork")
    )
    return (call.start.replace(microsecond=0) + timedelta(seconds=seconds)).astimezone(call.zone)


def _other_event(call: Call, kind: int) -> dict[str, object]:
    """Return an event of another kind from the time of a call."""
    at = {"timestamp": _closed(call).isoformat()}
    number = int(call.uuid[:6], 16)
    events: tuple[dict[str, object], ...] = (
        {"event": "ticket_status", "ticketId": number, "status": "closed", **at},
        {"event": "email", "emailId": number, "direction": "in", **at},
        {"event": "chat", "data": {"chatId": number, "type": "web"}, **at},
        {"event": "user_created", "userid": number % 100, **at},
    )
    return events[kind]
