# `make` lists the commands. Each sets up .venv first if it has to; nothing else is needed but
# Python. Another Python: make test PYTHON=python3.12
PYTHON ?= python3

bin := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
# Two processes run the tests, so each gets one thread. No test opens a connection.
alone := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 LOKY_MAX_CPU_COUNT=1 KL_UTILS_OFFLINE=1
pytest := $(bin)/python -m pytest --quiet --numprocesses=2

# A value as one word for the shell, whatever it holds.
quoted = '$(subst ','\'',$1)'

# As kl_utils sets it, which says why. The tools load PyTorch before that.
export GOMP_SPINCOUNT ?= 20000

# glibc gives the memory of a large tensor back to the system, and the next training step fetches it
# anew, page by page: one or two percent of the step. So it may keep what was freed (up to 1 GiB, of
# pieces up to 32 MiB). Other systems ignore this.
export MALLOC_TRIM_THRESHOLD_ ?= 1073741824
export MALLOC_MMAP_THRESHOLD_ ?= 33554432

# Notebooks run in their own folder: a path from here must hold there, too.
ifneq ($(KL_UTILS_DATA),)
override KL_UTILS_DATA := $(or $(shell cd $(call quoted,$(KL_UTILS_DATA)) 2>&- && pwd),$(KL_UTILS_DATA))
export KL_UTILS_DATA
endif

.DEFAULT_GOAL := help
.PHONY: help environment book serve test quick lint verify train execute bench grade problem-sets problem-sets-check repository clean

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' $(MAKEFILE_LIST) | expand -t 25

environment: ## set up .venv, or do nothing if it is up to date
	@command -v $(call quoted,$(PYTHON)) >/dev/null || { \
		echo 'There is no '$(call quoted,$(PYTHON))' here: install Python 3.11 to 3.14, from python.org.'; \
		exit 1; \
	}
	@$(call quoted,$(PYTHON)) -m tools.commands.environment

# --all: a page that is not read again would hide its warnings.
book: environment ## build the pages from the committed outputs into _build/html
	@rm -f _build/whole
	@$(bin)/jupyter-book build . -W -n --keep-going --all -q
	@touch _build/whole
	@echo "The book: $$PWD/_build/html/index.html"

serve: book ## build the pages and serve them on this machine [PORT=8000]
	@$(bin)/python -m tools.commands.serve $(call quoted,$(or $(PORT),8000))

# What to test, where less than all is wanted: make test TESTS=tests/models NOTEBOOKS=
TESTS ?= tests
NOTEBOOKS ?= notebooks

# A test that fails (1) does not keep the notebooks from running; an interrupt or a crash (2 to 5) does.
test: environment ## run the tests, then every notebook, comparing its outputs
	@status=0; $(alone) $(pytest) --dist=worksteal $(TESTS) || status=$$?; \
		[ $$status -le 1 ] && [ -n "$(strip $(NOTEBOOKS))" ] || exit $$status; \
		$(alone) KL_UTILS_PROFILE=smoke $(pytest) --dist=loadfile $(NOTEBOOKS) --nbval --nbval-current-env \
			--nbval-cell-timeout 120 --nbval-sanitize-with tests/nbval_sanitize.cfg || status=$$?; \
		exit $$status

# The rooms of tests that see a mistake in kl_utils, without what takes seconds each.
quick: lint ## what matters while editing, in half a minute: lint, and the tests of kl_utils
	@$(alone) $(pytest) --dist=worksteal -m 'not long and not slow' \
		$(addprefix tests/,mathematics derivation exercises grading models provenance project)

lint: environment ## check the form of the code, notebooks included
	@$(bin)/ruff check .
	@$(bin)/ruff format --check .

verify: environment ## run what takes minutes: replay every model, run the notebooks and compare figures
	@$(alone) $(pytest) --dist=worksteal -m long tests
	@$(alone) $(bin)/python -m tools.commands.execute --check --jobs 2

train: environment ## train the published models (minutes to hours), write kl_utils/pretrained
	@$(bin)/python -m tools.commands.train

execute: environment ## run the notebooks in place, so that their outputs are new
	@$(bin)/python -m tools.commands.execute

bench: environment ## time our code against the usual ways
	@$(bin)/python -m tools.commands.bench

problem-sets: environment ## make what is handed out [OUT=_build/problem_sets] [COURSE=folder]
	@$(bin)/python -m tools.problem_sets.release --out $(call quoted,$(or $(OUT),_build/problem_sets)) \
		$(if $(COURSE),--course $(call quoted,$(COURSE)))

grade: environment ## grade submissions, SET=divergence SUBMISSIONS=folder COURSE=folder [GRADEBOOK=exported.csv]
	@if [ -z $(call quoted,$(SET)) ] || [ -z $(call quoted,$(SUBMISSIONS)) ] || [ -z $(call quoted,$(COURSE)) ]; then \
		echo 'Which set, and where are the submissions and the course?'; \
		echo '  make grade SET=divergence SUBMISSIONS=folder COURSE=folder [GRADEBOOK=exported.csv]'; \
		echo 'A course begins with: $(bin)/python -m kl_utils.exercises start COURSE'; \
		exit 1; \
	fi
	@$(bin)/python -m kl_utils.exercises grade $(call quoted,$(SET)) $(call quoted,$(SUBMISSIONS)) \
		$(call quoted,$(COURSE)) $(if $(GRADEBOOK),--gradebook $(call quoted,$(GRADEBOOK)))

# Answers and judges call kl_utils and PyTorch, so they take the threads that tests take.
problem-sets-check: environment ## solve the problem sets, hand in mistakes and cheats [SETS=… RELEASE=folder]
	@$(alone) $(bin)/python -m tools.problem_sets.check $(SETS) \
		$(if $(RELEASE),--release $(call quoted,$(RELEASE))) $(if $(SECRET),--secret $(call quoted,$(SECRET)))

repository: ## write the course's address, URL=https://github.com/OWNER/NAME [BRANCH=main], or RESET=1
	@$(call quoted,$(PYTHON)) -m tools.commands.repository \
		$(if $(RESET),--reset,$(if $(URL),$(call quoted,$(URL)) $(call quoted,$(or $(BRANCH),main))))

clean: ## remove what was built; what was trained stays, and the environment (rm -rf .venv)
	@[ ! -d _build ] || find _build -mindepth 1 -maxdepth 1 ! -name train -exec rm -rf {} +
	@rm -rf .pytest_cache .ruff_cache .hypothesis build kl_utils.egg-info
	@find kl_utils tools tests book notebooks -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "Removed what was built. To remove the environment too: rm -rf .venv"
