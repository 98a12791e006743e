# Every target says what it does: make help
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench fmt docs-check

ARGS ?=
BROWSER ?= yes
CLIENTS ?= yes
PYTHON_IN_VENV := .venv/bin/python

help: ## 显示本帮助 · show this help
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## 安装运行所需的一切到 .venv · put everything needed to run into .venv
	@scripts/setup

demo: setup ## 载入 2015 年苏州示例并启动网站（OUTREACH_HOME、PORT）· load Suzhou 2015 and serve it
	@scripts/demo

test: ## 运行全部测试（ARGS="-k booking"，BROWSER=no 不装浏览器，CLIENTS=no 不装日历程序）· run all tests
	@scripts/setup dev $(if $(filter yes,$(BROWSER)),--browser) $(if $(filter yes,$(CLIENTS)),--clients)
	@$(PYTHON_IN_VENV) -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: ## 检查格式、类型与分层 · check style, types and layers
	@scripts/setup dev
	@$(PYTHON_IN_VENV) -m ruff format --check --quiet . || { echo "make fmt 可以修复 / make fmt mends it" >&2; exit 1; }
	@$(PYTHON_IN_VENV) -m ruff check --quiet .
	@$(PYTHON_IN_VENV) -m mypy
	@.venv/bin/lint-imports --no-logo

bench: ## 测量速度，并与同时测得的基线对照 · measure, beside baselines of the same run
	@scripts/setup dev
	@$(PYTHON_IN_VENV) -m bench $(ARGS)

fmt: ## 统一代码格式 · format the code
	@scripts/setup dev
	@$(PYTHON_IN_VENV) -m ruff check --quiet --fix . || true
	@$(PYTHON_IN_VENV) -m ruff format .

docs-check: ## 检查文档与代码是否一致 · check that the documents are true
	@scripts/setup dev
	@$(PYTHON_IN_VENV) -m pytest -q tests/architecture/test_frame.py
