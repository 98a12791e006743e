"""The frame is true: documents, packaging, containers and commands say what is there."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import yaml

from outreach.cli import main
from outreach.settings import Settings

PROJECT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
# Not ours: made by tools, or the work of others shipped as it is.
FOREIGN = {".git", ".venv", "data", "dist", "tmp", "vendor", "__pycache__", "node_modules"}


def text_of(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def files() -> Iterator[Path]:
    """Every text file of the project."""
    for folder, folders, names in os.walk(PROJECT):
        folders[:] = [name for name in folders if name not in FOREIGN and not name.endswith("_cache")]
        folders[:] = [name for name in folders if not name.startswith(".") or name == ".ci"]
        for name in names:
            path = Path(folder, name)
            if path.suffix not in {".png", ".pyc", ".woff2", ".otf", ".ico", ".pdf"}:
                yield path


# The tree of docs/architecture.md


def tree() -> dict[str, str]:
    """Path → what the document says of it."""
    block = text_of("docs/architecture.md").split("```")[1]
    named: dict[str, str] = {}
    above = ""
    for line in block.strip().splitlines():
        name, _, about = line.strip().partition(" ")
        if not line.startswith(" "):
            above = name
        named[name if above == name else above + name] = about.strip()
    return named


def test_everything_in_the_tree_exists() -> None:
    missing = [path for path in tree() if not (PROJECT / path).exists()]
    for path in ("tests/", "templates/", "docs/"):
        inside = re.findall(r"(?<![\w<>/])([a-z]+)/(?= |,|$|\))", tree()[path])
        missing += [path + name for name in inside if not (PROJECT / path / name).is_dir()]

    assert missing == []


def test_no_folder_or_module_is_missing_from_the_tree() -> None:
    ours = {path.name + "/" for path in PROJECT.iterdir() if path.is_dir() and path.name not in FOREIGN}
    ours = {name for name in ours if not name.startswith(".")}
    package = [path for path in (PROJECT / "outreach").iterdir() if path.name not in FOREIGN]
    ours |= {f"outreach/{path.name}/" for path in package if path.is_dir()}
    ours |= {f"outreach/{path.name}" for path in package if path.suffix == ".py" and not path.name.startswith("__")}
    # One word for one thing: "demo/" may be a module as well as a package.
    assert {name.removesuffix("/").removesuffix(".py") for name in ours} == {
        name.removesuffix("/").removesuffix(".py") for name in tree()
    }


def test_order_of_layers_is_the_checked_one() -> None:
    [layers] = [one["layers"] for one in PYPROJECT["tool"]["importlinter"]["contracts"] if one["id"] == "layers"]
    checked = [re.findall(r"outreach\.(\w+)", layer) for layer in reversed(layers)]
    [told] = re.findall(r"^`(shared < .*)`$", text_of("docs/architecture.md"), re.MULTILINE)

    steps = [re.findall(r"\w+", step) for step in told.split(" < ")]

    assert steps[:-1] == [
        [name for name in layer if (PROJECT / "outreach" / name).exists() or name == "settings"]
        for layer in checked[:-2]
    ]
    assert steps[-1] == ["app", "cli"]


# Documents


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{document.relative_to(PROJECT)}: {target}"
        for document in [*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")]
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8"))
        if "://" not in target and not (document.parent / target).exists()
    ]

    assert broken == []


def test_every_setting_is_documented() -> None:
    told = re.findall(r"^\| `OUTREACH_(\w+)` \|", text_of("docs/operations.md"), re.MULTILINE)

    assert sorted(told) == sorted(field.name.upper() for field in msgspec.structs.fields(Settings))


def test_every_decision_is_recorded_in_the_same_form() -> None:
    records = sorted((PROJECT / "docs/adr").glob("*.md"))

    assert [path.name[:4] for path in records] == [f"{n:04}" for n in range(1, len(records) + 1)]
    for record in records:
        headings = re.findall(r"^## (.*)$", record.read_text(encoding="utf-8"), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], record.name


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_readme_names_commands_that_exist(readme: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))

    assert set(re.findall(r"make ([a-z-]+)(?= |`)", text_of(readme))) <= targets | {"a"}


# Dependencies


def names_in(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=;]", one)[0] for one in requirements}


def pins() -> dict[str, str]:
    lines = [line for line in text_of("constraints.txt").splitlines() if not line.startswith("#")]
    return {name.lower().replace("_", "-"): version for name, version in (line.split("==") for line in lines)}


def test_dependencies_are_documented_and_pinned() -> None:
    project = PYPROJECT["project"]
    wanted = names_in(project["dependencies"]) | names_in(project["optional-dependencies"]["dev"])
    told = dict(re.findall(r"^\| ([a-z0-9-]+) \| ([0-9][^ ]*) \|", text_of("docs/dependencies.md"), re.MULTILINE))

    assert told == {name: pins()[name] for name in wanted}


def test_no_file_carries_the_address_of_a_registry_or_a_path_of_this_machine() -> None:
    # In pieces, so that this file does not carry what it looks for.
    hosts = ["pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.(com|org)", "docker" + r"\.io", "ghcr" + r"\.io"]
    options = ["--(extra-)?index" + "-url", "--find" + "-links", "tuna" + r"\.tsinghua", "mirrors" + r"\.[a-z]+\.com"]
    machine = ["/ro" + "ot/", "/ho" + "me/[a-z]", "/Us" + "ers/[a-z]", "/wo" + "rk/"]
    forbidden = re.compile("|".join([*hosts, *options, *machine]))

    found = [
        f"{path.relative_to(PROJECT)}: {match[0]}"
        for path in files()
        if (match := forbidden.search(path.read_text(encoding="utf-8", errors="replace")))
    ]

    assert found == []


# Commands


def test_every_make_target_has_a_help_text() -> None:
    makefile = text_of("Makefile")
    targets = re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)

    helped = subprocess.run(["make", "help"], cwd=PROJECT, capture_output=True, text=True)

    assert re.findall(r"^  make ([a-z-]+) ", helped.stdout, re.MULTILINE) == targets
    assert set(targets) == set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split())


@pytest.mark.parametrize(
    "script", [".ci/run", "scripts/clients", "scripts/demo", "scripts/setup", "scripts/system-parts"]
)
def test_scripts_are_executable_and_stop_at_the_first_error(script: str) -> None:
    checked = subprocess.run(["bash", "-n", PROJECT / script], capture_output=True, text=True)

    assert (checked.returncode, checked.stderr) == (0, "")
    assert os.access(PROJECT / script, os.X_OK)
    assert "set -euo pipefail" in text_of(script)


def test_system_parts_that_cannot_be_installed_are_one_command(tmp_path: Path) -> None:
    for tool in ("bash", "uname", "id", "cat"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    (tmp_path / "apt-get").symlink_to("/bin/false")
    (tmp_path / "id").unlink()
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")  # an ordinary user, and no sudo here
    (tmp_path / "id").chmod(0o755)
    # A Python in which no library loads and which has no ensurepip.
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\ncase "$2" in *version_info*) echo python3.11-venv ;; *) exit 1 ;; esac\n')
    python.chmod(0o755)

    told = subprocess.run(
        [PROJECT / "scripts/system-parts", python], env={"PATH": str(tmp_path)}, capture_output=True, text=True
    )

    assert told.returncode == 1
    assert (
        told.stderr.strip()
        .splitlines()[-1]
        .endswith(
            "sudo apt-get install -y --no-install-recommends "
            "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 python3.11-venv"
        )
    )


# Containers


def compose() -> Any:
    return yaml.safe_load(text_of("docker-compose.yml"))


def test_compose_file_is_complete() -> None:
    services = compose()["services"]
    mounted = {volume.split(":")[0] for one in services.values() for volume in one["volumes"]}

    assert set(services) == {"app", "worker", "database"}
    assert services["database"]["image"].startswith("postgres:17")
    assert mounted == set(compose()["volumes"])
    # The web's own check is the image's.
    assert [name for name, one in services.items() if "healthcheck" not in one] == ["app"]
    assert {name: list(one.get("depends_on", {})) for name, one in services.items()} == {
        "app": ["database"],
        "worker": ["app"],
        "database": [],
    }


def test_compose_file_holds_no_secret_and_only_known_settings() -> None:
    known = {"OUTREACH_" + field.name.upper() for field in msgspec.structs.fields(Settings)}
    for service in compose()["services"].values():
        for name, value in service["environment"].items():
            assert name in known or name.startswith("POSTGRES_")
            if re.search("PASSWORD|SECRET|DATABASE_URL", name):
                assert "${" in value, name


@pytest.mark.parametrize("service", ["app", "worker"])
def test_compose_calls_commands_that_exist(service: str) -> None:
    name, *words = compose()["services"][service]["command"]

    with main.commands[name].make_context(name, list(words)) as context:
        assert context.args == []


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, continuation lines joined."""
    lines = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text_of("Dockerfile"), flags=re.MULTILINE)).splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines if line)]


def test_dockerfile_runs_the_built_wheel_as_an_ordinary_user() -> None:
    known = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "VOLUME", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
    stages = [rest.rpartition(" AS ")[2] for word, rest in instructions() if word == "FROM" and " AS " in rest]
    by_word = dict(instructions())  # the last of each: that of the final stage

    assert {word for word, _ in instructions()} <= known
    assert re.findall(r"--from=(\w+)", str(instructions())) == stages
    assert by_word["USER"] not in ("root", "0")
    assert json.loads(by_word["ENTRYPOINT"]) == ["outreach"]
    name, *words = json.loads(by_word["CMD"])
    with main.commands[name].make_context(name, words) as context:
        assert context.params["host"] == "0.0.0.0"
    assert "/readyz" in by_word["HEALTHCHECK"]
    assert not re.search("PASSWORD|SECRET", by_word["ENV"])


def test_dockerfile_copies_nothing_that_dockerignore_leaves_out() -> None:
    kept = re.findall(r"^!(.*)$", text_of(".dockerignore"), re.MULTILINE)

    assert all((PROJECT / name).exists() for name in kept)
    assert {"outreach", "templates", "pyproject.toml", "constraints.txt", "README.md", "LICENSE"} == set(kept)


# The wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


def test_wheel_holds_templates_static_files_and_translations(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    wanted = {f"outreach/{path.relative_to(PROJECT)}" for path in PROJECT.glob("templates/**/*") if path.is_file()}
    for folder in ("web/static", "locale", "programmes/data"):
        wanted |= {
            str(path.relative_to(PROJECT)) for path in (PROJECT / "outreach" / folder).rglob("*") if path.is_file()
        }

    assert wanted - held == set()
    assert any(name.endswith("licenses/LICENSE") for name in held)


@pytest.fixture
def away() -> Iterator[Path]:
    """A folder far from the checkout, which the account of root's database can enter, too."""
    path = Path(tempfile.mkdtemp(prefix="outreach-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


def test_unpacked_wheel_serves_pages_away_from_the_checkout(wheel: Path, away: Path) -> None:
    site = away / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    given = {name: value for name, value in os.environ.items() if not name.startswith("OUTREACH_")}
    served = subprocess.Popen(
        [sys.executable, "-m", "outreach", "serve", "--port", str(port)],
        cwd=away,
        env={**given, "PYTHONPATH": str(site), "OUTREACH_HOME": str(away / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    page = style = None
    try:
        site_at = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", transport=httpx.HTTPTransport(retries=8), timeout=60
        )
        with contextlib.suppress(httpx.ConnectError), site_at as visitor:
            page = visitor.get("/")
            links = re.findall(r'<link[^>]+href="([^"]+\.css[^"]*)"', page.text)
            style = visitor.get(links[0]) if links else None
    finally:
        served.terminate()
        said = served.communicate(timeout=60)[0]

    assert page is not None, said
    assert style is not None, said
    assert (page.status_code, style.status_code) == (200, 200), said
    assert 'lang="zh' in page.text
