"""The fields of one call, repeatable from its uuid."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from vcclive_sandbox import centre
from vcclive_sandbox.dice import dice

if TYPE_CHECKING:
    from datetime import datetime, tzinfo
    from random import Random

    Value = str | int | float | None

OLD_FIELDS = (
    "uuid",
    "source",
    "destination",
    "userid",
    "numberid",
    "start_ts",
    "billing_ts",
    "ringtime",
    "billingtime",
    "talktime",
    "queuetime",
    "beforequeuetime",
    "dispositionid",
    "dispositionreach",
    "dispositionstatus",
    "projectid",
    "holdtime",
    "afterwork",
    "prework",
    "direction",
)
"""The fields of the documented example, in its order."""

TIMESTAMP = "%Y-%m-%d %H:%M:%S"

WITHHELD_SHARE = 0.07
ANSWERED_SHARE = {"inbound": 0.88, "outbound": 0.58}
HOLD_SHARE = 0.15
SCORE_SHARE = 0.1
DELETED_SHARE = 0.01
DISCONNECT_CODES = {1: "16", 2: "19", 4: "17", 16: "20"}  # by disposition; answered ones: 16


def cdr_of(
    uuid: str, start: datetime, project: centre.Project, zone: tzinfo, seed: int
) -> dict[str, Value]:
    """Return every known field of a call, in the order of the documentation.

    Args:
        uuid: The call's uuid.
        start: Instant that the call starts, UTC.
        project: Its project.
        zone: Zone of the call centre: `start_ts`, `billing_ts` and `next_contact` are local.
        seed: Seed of the calls.

    Returns:
        All fields; None for a value that the call does not have.
    """
    draws = dice(seed, uuid)
    inbound = project.direction == "inbound"
    answered = draws.random() < ANSWERED_SHARE[project.direction]
    disposition = _disposition(draws, inbound=inbound, answered=answered)
    served = answered or (not inbound and project.dialermode != 2)  # noqa: PLR2004 - predictive
    agent = draws.choice(centre.AGENTS) if served else None

    before_queue = draws.randint(4, 45) if inbound else 0
    queue = min(int(draws.expovariate(1 / 40)), 900) if inbound else 0
    ring = draws.randint(1, 12) if answered else (0 if inbound else draws.randint(8, 45))
    talk = 2 + int(draws.lognormvariate(4.7, 0.8)) if answered else 0
    hold = draws.randint(1, talk) if draws.random() < HOLD_SHARE and talk else 0
    prework = draws.randint(1, 40) if project.dialermode == 1 else 0
    after = int(draws.expovariate(1 / 25)) if agent else 0

    # The second that start_ts shows is the one that everything else is counted from.
    start = start.replace(microsecond=0)
    billing = start + timedelta(seconds=before_queue + queue + ring) if answered else None
    end = start + timedelta(seconds=before_queue + queue + ring + talk)
    next_contact = None
    if disposition.status == centre.CALL_BACK:
        next_contact = end + timedelta(minutes=30 * draws.randint(1, 96))
    customer = f"3600{draws.randrange(2_000_000, 9_999_999)}"
    if inbound and draws.random() < WITHHELD_SHARE:
        customer = centre.WITHHELD

    return {
        "uuid": uuid,
        "source": customer if inbound else project.line,
        "destination": project.line if inbound else customer,
        "direction": project.direction,
        "userid": agent.id if agent else centre.SYSTEM_USER,
        "numberid": draws.randint(1, 60_000),
        "projectid": project.id,
        "start_ts": start.astimezone(zone).strftime(TIMESTAMP),
        "billing_ts": billing.astimezone(zone).strftime(TIMESTAMP) if billing else None,
        "ringtime": ring,
        "queuetime": queue,
        "beforequeuetime": before_queue,
        "talktime": talk,
        "holdtime": hold,
        "prework": prework,
        "afterwork": after,
        "billingtime": before_queue + queue + talk,
        "dispositionid": disposition.id,
        "dispositionreach": disposition.reach,
        "dispositionstatus": disposition.status,
        "billing_ts_utc": billing.astimezone(UTC).strftime(TIMESTAMP) if billing else None,
        "call_quantity": str(talk),
        "call_rate": centre.CALL_RATE,
        "currency": centre.CURRENCY,
        "dc": DISCONNECT_CODES.get(disposition.id, "16"),
        "deletedUserId": draws.choice(centre.AGENTS).id if draws.random() < DELETED_SHARE else None,
        "dialermode": project.dialermode,
        "disposition_comment": draws.choice(disposition.comments),
        "shortid": f"{draws.randrange(16**6):06X}",
        "userfullname": agent.name if agent else "",
        "projectname": project.name,
        "queue_label": draws.choice(project.queues),
        "disposition_label": disposition.label,
        "disposition_export_name": disposition.export_name,
        "dispositionreach_label": centre.REACH_LABELS[disposition.reach],
        "dispositionstatus_label": centre.STATUS_LABELS[disposition.status],
        "dialermode_label": centre.DIALER_MODE_LABELS[project.dialermode],
        "next_contact": next_contact.astimezone(zone).strftime(TIMESTAMP) if next_contact else None,
        "vcc_score": draws.randint(0, 200) / 2 if draws.random() < SCORE_SHARE else None,
        "hangup_disposition": _hangup(draws, inbound=inbound, answered=answered),
        "sum_work": prework + talk + after,
    }


def _disposition(draws: Random, *, inbound: bool, answered: bool) -> centre.Disposition:
    if answered:
        return draws.choices(centre.ANSWERED, centre.ANSWERED_SHARES)[0]
    return centre.UNANSWERED_INBOUND if inbound else draws.choice(centre.UNANSWERED_OUTBOUND)


def _hangup(draws: Random, *, inbound: bool, answered: bool) -> str:
    if answered:
        return draws.choice(("operator", "customer"))
    return "customer" if inbound else "operator"
