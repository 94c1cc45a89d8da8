"""The stream `roles`: what those who can log in may do; users name them by `groupid`."""

from __future__ import annotations

from tap_vcclive.streams.lists import ListStream


class RolesStream(ListStream):
    """Roles, each with its rights."""

    name = "roles"
    resource = "/roles"
    primary_keys = ("id",)
