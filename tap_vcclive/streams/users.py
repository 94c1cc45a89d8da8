"""The stream `users`: those who can log in, whom calls name by `userid`."""

from __future__ import annotations

from tap_vcclive.streams.lists import ListStream


class UsersStream(ListStream):
    """Agents, supervisors and administrators, those who have left included."""

    name = "users"
    resource = "/users"
    primary_keys = ("userid",)
