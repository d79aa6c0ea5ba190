"""What the compose files say: names, ports, pins, limits, and nothing secret in production."""

import re
import shutil
import subprocess

import pytest
import yaml
from django.conf import settings

FOLDER = settings.BASE_DIR / "docker"
DEVELOPMENT, PRODUCTION = (
    yaml.safe_load((FOLDER / name).read_text())
    for name in ("docker-compose.yml", "docker-compose.prod.yml")
)
BOTH = pytest.mark.parametrize("stack", [DEVELOPMENT, PRODUCTION], ids=["dev", "prod"])
ALWAYS = {
    *("postgres", "redis", "migrate", "app", "worker", "worker-long", "beat"),
    *("prometheus", "grafana"),
}
REQUIRED = {
    *("SECRET_KEY", "PORTAL_HOST", "CONFLUENT_API_KEY", "CONFLUENT_API_SECRET"),
    *("POSTGRES_PASSWORD", "REDIS_PASSWORD", "GRAFANA_READER_PASSWORD"),
    *("GRAFANA_ADMIN_PASSWORD", "GRAFANA_URL"),
}


def published(stack):
    return {
        name: [re.sub(r"\$\{\w+:-(\d+)\}", r"\1", port) for port in service["ports"]]
        for name, service in stack["services"].items()
        if "ports" in service
    }


def test_the_services_are_the_documented_ones():
    assert {*DEVELOPMENT["services"]} == ALWAYS | {"simulator"}
    assert {*PRODUCTION["services"]} == ALWAYS | {"backup"}
    assert DEVELOPMENT["services"]["simulator"]["profiles"] == ["demo"]


@BOTH
def test_each_container_is_named_after_its_service(stack):
    for name, service in stack["services"].items():
        assert service["container_name"] == f"billing-{name}"


def test_development_publishes_the_documented_ports_on_this_machine_only():
    assert published(DEVELOPMENT) == {
        "postgres": ["127.0.0.1:5432:5432"],
        "app": ["127.0.0.1:8000:8000"],
        "prometheus": ["127.0.0.1:9090:9090"],
        "grafana": ["127.0.0.1:3000:3000"],
    }


def test_production_publishes_what_a_proxy_needs_and_no_database():
    assert published(PRODUCTION) == {
        "app": ["127.0.0.1:8000:8000"],
        "grafana": ["127.0.0.1:3000:3000"],
    }


@BOTH
def test_images_are_pinned_and_healthy_is_defined(stack):
    for name, service in stack["services"].items():
        if not service["image"].startswith("confluent-billing-portal:"):
            assert re.search(r":v?\d+\.\d+(\.\d+)?", service["image"]), name
        assert "healthcheck" in service, name
        assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}
        assert service["restart"] in ({"no"} if name == "migrate" else {"unless-stopped", "always"})


@BOTH
def test_whoever_uses_the_database_waits_until_it_is_prepared_once(stack):
    services = stack["services"]
    assert services["migrate"]["command"] == ["python", "manage.py", "prepare_database"]
    for name in ("app", "worker", "worker-long", "beat"):
        needs = services[name]["depends_on"]
        assert needs["migrate"]["condition"] == "service_completed_successfully"
        assert needs["redis"]["condition"] == "service_healthy"
    assert "--prepared" in services["app"]["command"]


@BOTH
def test_containers_of_the_portal_can_do_little(stack):
    for name in ("migrate", "app", "worker", "worker-long", "beat"):
        service = stack["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["environment"]["GRAFANA_ADMIN_PASSWORD"] == ""


def test_no_stack_uses_the_volumes_of_another():
    names = [
        {volume["name"] for volume in stack["volumes"].values()}
        for stack in (DEVELOPMENT, PRODUCTION)
    ]

    assert names[0] & names[1] == set()
    assert all("BILLING_STACK" in name for name in names[0])


@BOTH
def test_grafana_keeps_its_data_where_it_is_documented(stack):
    assert "grafana-data:/var/lib/grafana" in stack["services"]["grafana"]["volumes"]


def test_development_has_the_documented_credentials():
    services = DEVELOPMENT["services"]
    database = services["postgres"]["environment"]
    assert database["POSTGRES_USER"] == "billing_user"
    assert database["POSTGRES_PASSWORD"] == "${POSTGRES_PASSWORD:-billing_password}"
    assert database["POSTGRES_DB"] == "billing_db"
    grafana = services["grafana"]["environment"]
    assert grafana["GF_SECURITY_ADMIN_USER"] == "admin"
    assert grafana["GF_SECURITY_ADMIN_PASSWORD"] == "${GRAFANA_ADMIN_PASSWORD:-admin}"


def test_production_has_a_default_for_no_secret():
    text = (FOLDER / "docker-compose.prod.yml").read_text()

    assert set(re.findall(r"\$\{(\w+):\?", text)) == REQUIRED
    assert set(re.findall(r"\$\{(\w+):-", text)) & REQUIRED == set()
    for service in PRODUCTION["services"].values():
        assert service["logging"]["options"] == {"max-size": "20m", "max-file": "5"}


def test_the_image_is_small_pinned_and_not_root():
    text = (FOLDER / "Dockerfile").read_text()

    stages = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert len(stages) == 2
    assert all(re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", stage) for stage in stages)
    assert re.search(r"^USER portal$", text, re.MULTILINE)
    assert "collectstatic" in text
    assert "HEALTHCHECK" in text


@pytest.mark.parametrize("name", ["docker-compose.yml", "docker-compose.prod.yml"])
def test_compose_itself_accepts_them(name, tmp_path):
    if shutil.which("docker-compose") is None:
        pytest.skip("docker-compose is not installed (apt-get install docker-compose)")
    # Beside an .env of its own: what a developer has there must not matter.
    for path in (name, ".env"):
        (tmp_path / path).write_text((FOLDER / name).read_text() if path == name else "")
    command = ["docker-compose", "-f", str(tmp_path / name), "--profile", "demo", "config", "-q"]
    secrets = dict.fromkeys(REQUIRED, "x" * 50)

    def config(**variables):
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)} | variables
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    assert config(**secrets).returncode == 0, config(**secrets).stderr
    if "prod" in name:
        without = config(**{key: value for key, value in secrets.items() if key != "SECRET_KEY"})
        assert without.returncode != 0
        assert "50 or more random characters" in without.stderr
