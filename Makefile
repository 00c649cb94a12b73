# SPDX-License-Identifier: Apache-2.0
# Two commands for a bare Debian 12 or 13, as root or with sudo:
#   make demo [URL=http://…]   builds backhaul and shows its main job
#   make test                  builds backhaul and runs every test
# and one that measures, each figure beside its peer's:
#   make bench
.PHONY: demo test bench runtime build packages clean
.NOTPARALLEL:

SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
PREFIX := $(CURDIR)/build/prefix

# The demo builds and installs what it shows: the service, the command and their library.
demo: STAGES = build demo
demo: runtime
	/usr/bin/python3 examples/demo.py --prefix $(PREFIX) $(if $(URL),--url '$(URL)')

test: build
	ctest --test-dir build/release --output-on-failure --no-tests=error -L quick -j2
	ctest --test-dir build/release --output-on-failure --no-tests=error -L component
	ctest --test-dir build/release --output-on-failure --no-tests=error -L e2e

bench: build
	cmake --build --preset release --target bench_programs
	bench/transfer $(PREFIX) build/release/bench
	bench/run $(PREFIX) build/release/bench
	bench/notify $(PREFIX) build/release/bench
	bench/caps $(PREFIX)
	$(SUDO) bench/politeness $(PREFIX) build/release/bench
	$(SUDO) bench/neighbours $(PREFIX) build/release/bench
	bench/fleet build/release/bench

runtime: packages
	cmake --preset release
	cmake --build --preset release --target backhaul_runtime
	cmake --install build/release --prefix $(PREFIX) --component runtime > build/install.log

build: packages
	cmake --preset release
	cmake --build --preset release
	cmake --install build/release --prefix $(PREFIX) > build/install.log

# Installs what is missing for these stages, and asks for nothing when nothing is.
packages:
	@wanted=$$(awk -v stages=' $(or $(STAGES),build demo test) ' '!/^#/ && NF == 2 && index(stages, " " $$2 " ") {print $$1}' packages.txt); \
	missing=$$(for p in $$wanted; do \
	  dpkg-query -W -f '$${Status}\n' $$p 2>/dev/null | grep -q 'ok installed$$' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  echo "Installing:" $$missing; \
	  $(SUDO) apt-get update -qq && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	fi

clean:
	rm -rf build
