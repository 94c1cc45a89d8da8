"""Those who can log in: the agents of the calls, who leads them, and who has left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vcclive_sandbox import centre

if TYPE_CHECKING:
    from vcclive_sandbox.variants import Variants

# What the documentation names for a user; `projectIds` and `custom_data` may be absent.
AGENT, SUPERVISOR, ADMIN = (3, "operator"), (2, "supervisor"), (1, "admin")
TEAMS = ("Reggeli", "Esti", "Reggeli, Esti")


def rows(variants: Variants) -> list[dict[str, Any]]:
    """Return the users, oldest first.

    Args:
        variants: Choices where the real API is not known: with repeated ids, the last user has the
            id of the one before, as two have in the vendor's sample.
    """
    users = [_agent(number, agent) for number, agent in enumerate(centre.AGENTS)]
    users += [
        {**_user(centre.Agent(30, "admin", "Sándor Ilona"), ADMIN), "is_agent": False},
        _user(centre.Agent(31, "vezeto", "Lakatos Edit"), SUPERVISOR),
        {**_user(centre.Agent(4, "regi.kollega", "Régi Kolléga"), AGENT), "status": "inactive"},
    ]
    users.sort(key=lambda user: user["userid"])
    if variants.ids == "repeated":
        users[-1] = {**users[-1], "userid": users[-2]["userid"]}
    return users


def _agent(number: int, agent: centre.Agent) -> dict[str, Any]:
    """Return a user who takes calls."""
    projects = [str(project.id) for project in centre.PROJECTS[number % 3 :]]
    return {
        **_user(agent, AGENT),
        "extension": str(200 + agent.id),
        "teams_name": TEAMS[number % len(TEAMS)],
        "hourly": 1800 + 50 * number,
        "projectIds": projects,
        **({"custom_data": {"műszak": number % 2}} if number % 4 else {}),
    }


def _user(agent: centre.Agent, role: tuple[int, str]) -> dict[str, Any]:
    """Return a user without projects."""
    return {
        "userid": agent.id,
        "username": agent.username,
        "name": agent.name,
        "status": "active",
        "extension": "",
        "groupid": role[0],
        "group_name": role[1],
        "teams_name": "",
        "is_agent": True,
        "hourly": 0,
    }
