# Each target does all its own set-up into .venv. Needs Python >= 3.10; no compiler, key or GPU.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.10; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
# What `eureka run cartpole` needs (the first two with what makes videos of it), what only those need who name a model, the trainers and
# the simulator that bring torch, the trainer of lessons, IsaacGym's (nothing of it is here), people's, and where runs are shown.
DEMO := core plugins/sim/gymnasium plugins/trainer/population plugins/llm/symbolic
MODELS := plugins/llm/openai plugins/llm/anthropic
SB3 := plugins/trainer/sb3
RL_GAMES := plugins/trainer/rl_games
CURRICULUM := plugins/trainer/curriculum
HUMAN := plugins/feedback/human
TORCH := plugins/sim/torch
ISAACGYM := plugins/sim/isaacgym
EXTENSIONS := plugins/extension/tensorboard plugins/extension/wandb
DISTS := $(DEMO) $(MODELS) $(SB3) $(RL_GAMES) $(CURRICULUM) $(TORCH) $(ISAACGYM) $(HUMAN) $(EXTENSIONS) plugins/llm/litellm
editable = $(foreach d,$(1),-e $(d))
PIP := $(BIN)/pip --disable-pip-version-check install --quiet --no-compile -c constraints.txt
# What pip would do on one core alone; a package may bring files that are no Python of this version's.
COMPILE := $(BIN)/python -m compileall -qq -j 4 -x '/tests?/' .venv/lib || :
ROBOTICS := .venv-robotics

.PHONY: demo test test-all test-robotics lint bench dist clean help

help:  ## show this
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

demo: .venv/.ready  ## find a reward that balances the pole, without a model
	$(BIN)/eureka run cartpole

test: .venv/.dev  ## everything but the tests marked slow
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m 'not slow'

test-all: .venv/.dev  ## all tests, real trainings too
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-robotics: $(ROBOTICS)/.ready  ## the test of fetch_reach, which needs an environment of its own, .venv-robotics
	$(ROBOTICS)/bin/python -m pytest tests/plugins/sim/gymnasium/test_mujoco_tasks.py -k fetch_reach

lint: .venv/.dev  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy core/src $(foreach d,$(filter-out core,$(DISTS)),$(d)/src)

bench: .venv/.bench  ## benchmarks, some 40 minutes, as JSON into benchmarks/out/
	$(BIN)/python benchmarks/run.py --json benchmarks/out

dist: .venv/.dev  ## wheels of all dists into dist/
	PIP_CONSTRAINT=$(CURDIR)/constraints.txt $(BIN)/pip --disable-pip-version-check wheel --quiet --no-deps -w dist $(addprefix ./,$(DISTS))

clean:  ## remove everything that was made
	rm -rf .venv $(ROBOTICS) dist benchmarks/out .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

define need_python
@test -n "$(PYTHON)" || { echo "Error: no Python >= 3.10 found. Name one: make PYTHON=/path/to/python3"; exit 1; }
endef

.venv/.ready: constraints.txt $(DEMO:%=%/pyproject.toml)
	$(need_python)
	@echo "Setting up .venv (once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) -e 'core[video]' -e 'plugins/sim/gymnasium[classic]' $(call editable,$(wordlist 3,9,$(DEMO)))
	@$(COMPILE)
	@touch $@

# The extra `robotics` names its own MuJoCo, an older one than the constraints do for all else.
$(ROBOTICS)/.ready: constraints.txt $(DEMO:%=%/pyproject.toml)
	$(need_python)
	@echo "Setting up $(ROBOTICS) (once) ..."
	@test -x $(ROBOTICS)/bin/python || $(PYTHON) -m venv $(ROBOTICS)
	@sed '/^mujoco/d' constraints.txt > $(ROBOTICS)/constraints.txt
	$(ROBOTICS)/bin/pip --disable-pip-version-check install --quiet -c $(ROBOTICS)/constraints.txt -e 'core[video]' \
		-e 'plugins/sim/gymnasium[robotics]' $(call editable,$(wordlist 3,9,$(DEMO))) pytest pytest-timeout
	@touch $@

# What the benchmarks compare with, and the simulators they do it on.
.venv/.bench: .venv/.ready $(SB3)/pyproject.toml
	$(PIP) -e 'plugins/sim/gymnasium[box2d,mujoco]' -e $(SB3)
	@touch $@

# Nothing of ours needs boto3 and huggingface-hub, which LiteLLM asks for; and it asks for a certifi that not every index has yet.
LITELLM := litellm aiohttp fastuuid 'httpx[http2]' importlib-metadata jinja2 jsonschema pydantic-settings python-dotenv pyyaml tiktoken tokenizers

.venv/.dev: .venv/.ready $(DISTS:%=%/pyproject.toml)
	@echo "Adding what the tests need to .venv (once; downloads PyTorch, which takes a few minutes) ..."
	$(PIP) -e 'plugins/sim/gymnasium[all]' $(call editable,$(MODELS) $(SB3) $(RL_GAMES) $(CURRICULUM) $(TORCH) $(ISAACGYM) $(HUMAN) $(EXTENSIONS)) omegaconf llmock playwright pytest pytest-timeout pytest-xdist hypothesis ruff mypy hatchling $(filter-out litellm,$(LITELLM))
	$(PIP) --no-deps -e plugins/llm/litellm litellm
	@$(COMPILE)
	@touch $@
