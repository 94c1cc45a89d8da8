"""Who works at the invented call centre: its projects, queues, agents and dispositions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SYSTEM_USER = -1
WITHHELD = "0000000000"
CURRENCY = "HUF"
CALL_RATE = "14.5000"

REACH_LABELS = {1: "Not reached", 2: "Reached", 3: "Successful"}
STATUS_LABELS = {1: "Open", 2: "Call-back", 3: "Closed"}
DIALER_MODE_LABELS = {0: "", 1: "Preview", 2: "Predictive"}

NOT_REACHED, REACHED, SUCCESSFUL = REACH_LABELS
OPEN, CALL_BACK, CLOSED = STATUS_LABELS


@dataclass(frozen=True)
class Disposition:
    """How a call can end.

    Attributes:
        id: Its number in the projects' database.
        label: What agents see.
        export_name: What reports see; may be empty.
        reach: A key of `REACH_LABELS`.
        status: A key of `STATUS_LABELS`.
        comments: What agents note with it.
    """

    id: int
    label: str
    export_name: str
    reach: int
    status: int
    comments: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class Project:
    """A campaign of the call centre; all its calls go one way.

    Attributes:
        id: Its number.
        name: Its name.
        direction: Which way its calls go.
        line: The project's own telephone number, invented.
        share: Share of all calls.
        dialermode: A key of `DIALER_MODE_LABELS`.
        queues: Labels of its queues; an empty one is a queue without a name.
    """

    id: int
    name: str
    direction: Literal["inbound", "outbound"]
    line: str
    share: float
    dialermode: int = 0
    queues: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class Agent:
    """Someone who takes and makes calls."""

    id: int
    username: str
    name: str


PROJECTS = (
    Project(3, "Ügyfélszolgálat", "inbound", "3600100003", 0.34, 0, ("Számlázás", "Panasz", "")),
    Project(5, "Rendelések", "inbound", "3600100005", 0.22, 0, ("Rendelés", "Szállítás")),
    Project(8, "Hibabejelentő 0-24", "inbound", "3600100008", 0.08, 0, ("Hibabejelentő",)),
    Project(11, "Elégedettségmérés 2026", "outbound", "3600100011", 0.24, 2),
    Project(14, "Visszahívások", "outbound", "3600100014", 0.12, 1),
)

AGENTS = (
    Agent(6, "kovacs.agnes", "Kovács Ágnes"),
    Agent(7, "nagy.peter", "Nagy Péter"),
    Agent(9, "szabo.zsofia", "Szabó Zsófia"),
    Agent(10, "toth.balint", "Tóth Bálint"),
    Agent(12, "horvath.eniko", "Horváth Enikő"),
    Agent(13, "varga.laszlo", "Varga László"),
    Agent(15, "kiss.orsolya", "Kiss Orsolya"),
    Agent(18, "molnar.gergo", "Molnár Gergő"),
    Agent(21, "nemeth.julia", "Németh Júlia"),
    Agent(22, "farkas.akos", "Farkas Ákos"),
    Agent(24, "balogh.timea", "Balogh Tímea"),
    Agent(27, "papp.gyozo", "Papp Győző"),
)

UNANSWERED_INBOUND = Disposition(1, "Elhagyott hívás", "abandoned", NOT_REACHED, CLOSED)
UNANSWERED_OUTBOUND = (
    Disposition(2, "Nem veszi fel", "no_answer", NOT_REACHED, OPEN),
    Disposition(4, "Foglalt", "busy", NOT_REACHED, OPEN),
    Disposition(16, "Kikapcsolva", "", NOT_REACHED, OPEN),
)
ANSWERED = (
    Disposition(3, "Sikeres", "success", SUCCESSFUL, CLOSED, ("", "", "", "Minden rendben volt.")),
    Disposition(
        5,
        "Tájékoztatás",
        "info",
        SUCCESSFUL,
        CLOSED,
        ("", "", "A számla másolatát e-mailben kéri.", "Új címe lesz: „Fő utca”, 2. em."),
    ),
    Disposition(
        7,
        "Visszahívást kér",
        "callback",
        REACHED,
        CALL_BACK,
        ("Később érjük el, most vezet.", "Délután újra; a főnökével egyeztet.", ""),
    ),
    Disposition(8, "Elutasítja", "refused", REACHED, CLOSED, ("", "Nem kér több hívást!")),
    Disposition(9, "Panasz", "", REACHED, OPEN, ("Őszintén dühös\nsürgős űrlap kell", "")),
    Disposition(12, "", "", REACHED, OPEN),
)
ANSWERED_SHARES = (0.42, 0.26, 0.12, 0.1, 0.06, 0.04)
