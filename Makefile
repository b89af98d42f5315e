.PHONY: demo setup test check images bench-repair bench-publics bench-peers bundle server-image lock clean-all

demo: setup ## set up, then heal the programs under examples/
	@.venv/bin/mendbox demo

setup: ## packages in .venv, and a Docker Engine that answers
	@tools/setup.sh

test: setup ## tests with branch coverage, lint, format, types
	@tools/test.sh

check: setup ## lint, format, types
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy

images: setup ## build the sandbox image
	@.venv/bin/mendbox images build

bench-repair: setup ## heal planted and hand-written bugs, and compare with the right programs. ARGS="--limit 10" for a look
	@.venv/bin/python -m tests.repairs.measuring $(ARGS)

bench-publics: setup ## public projects: suites in a box and outside, planted bugs localised. ARGS="--project boltons --bugs 2" for a look
	@.venv/bin/python -m tests.publics.measuring $(ARGS)

bench-peers: setup ## other sandboxes in .peers, for `mendbox bench --speed` to measure beside ours
	@tools/peers.sh

bundle: setup ## an .mcpb in dist/, for hosts of MCP bundles
	@.venv/bin/python -m tools.bundle

server-image: setup ## the server as an image, also where there is no registry
	@tools/server-image.sh

lock: setup ## resolve the lock files again
	@tools/lock.sh

clean-all: ## remove our images, environment and caches; past runs stay
	@tools/clean.sh
