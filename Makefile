# The commands that people, hooks and CI use. `make help` lists them.
# PYTHON: the activated environment's, whatever its name, else that of .venv, else python3; the first that has the tools.
ifndef PYTHON
PYTHON := $(shell for each in python .venv/bin/python python3; do \
	"$$each" -c 'import ruff, importlinter' 2>/dev/null && command -v "$$each" && exit; done; echo python3)
endif
RUN := $(PYTHON) -m

.PHONY: help check test slow bench docs format cov clean

help: ## list these words
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 10

check: ## format, lint, types, import arrows, docs
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) pyright --pythonpath $(PYTHON)
	$(PYTHON) -c "from importlinter.cli import lint_imports_command; lint_imports_command()" --no-cache
	$(RUN) pytest -q tests/docs

test: ## every quick test
	$(RUN) pytest -q

slow: ## the slow tests alone: the built wheel, training from logs, every fault, fuzz
	$(RUN) pytest -q -m slow

bench: ## the measurements behind the figures in the docs, but for those that take arguments
	for file in benchmarks/*.py; do case $$file in */bus_peer.py | */lerobot_reader.py) ;; *) $(PYTHON) $$file || exit 1 ;; esac; done

docs: ## build the documentation site into site/; needs pip install -e '.[docs]'
	NO_MKDOCS_2_WARNING=1 $(RUN) mkdocs build --strict

format: ## rewrite the code as `check` wants it
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

cov: ## quick tests with line coverage of robot_wm and sim
	$(RUN) pytest -q --cov --cov-report=term

clean: ## remove what building and testing leave behind
	rm -rf .venv-ci build dist site .pytest_cache .ruff_cache .hypothesis .coverage*
