# What people and CI type; `make help` lists it. Debian packages that are missing are installed, by root or sudo.

PREFIX ?= /usr/local
COUNT ?= 10000
DETECT ?= 200
ASSAY := .build/release/assay
SAMPLES := SampleCheckpoints
PACKAGES := libhdf5-dev libopenblas-dev libzstd-dev zlib1g-dev pkg-config zstd
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

# Numbers need speed, so tests are optimised; DEBUG keeps the checks of invariants.
TEST := -c release -Xswiftc -enable-testing -Xswiftc -DDEBUG --scratch-path .build-tests

.DEFAULT_GOAL := help
.PHONY: help packages build test lint format demo samples conformance interop detect fuzz bench bench-peers proto install

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

# SwiftPM remembers a manifest and a plan that were made before a package was there.
packages:
	@missing=$$(for name in $(PACKAGES); do dpkg-query -W -f='$${Status}\n' $$name 2>/dev/null \
	  | grep -q 'ok installed' || echo $$name; done); \
	if [ -n "$$missing" ]; then \
	  echo "installing" $$missing; \
	  $(SUDO) apt-get update -qq; \
	  DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing; \
	  swift package purge-cache && touch Package.swift; \
	fi

build: packages ## the commands assay and assay-hdf5, optimised, in .build/release
	swift build -c release --static-swift-stdlib --product assay
	swift build -c release --static-swift-stdlib --product assay-hdf5

test: build ## all tests, optimised
	swift build --build-tests $(TEST)
	ASSAY=$(abspath $(ASSAY)) ASSAY_HDF5=$(abspath $(ASSAY)-hdf5) swift test --skip-build $(TEST)

lint: ## style, strictly
	swift format lint --strict --parallel --recursive Package.swift Sources Tests

format: ## brings the code into its style
	swift format --in-place --parallel --recursive Package.swift Sources Tests

demo: build ## the main job on SampleCheckpoints: inspect, validate, verify, stats, convert and verify back
	@$(SAMPLES)/demo.sh $(ASSAY)

samples: build ## makes SampleCheckpoints anew with real Keras
	@$(SAMPLES)/make.sh $(ASSAY)

conformance: build ## every recorded case there is, by all runners
	swift build --build-tests $(TEST)
	ASSAY=$(abspath $(ASSAY)) ASSAY_HDF5=$(abspath $(ASSAY)-hdf5) \
	  swift test --skip-build $(TEST) --filter ConformanceTests

interop: build ## real Keras, transformers, h5py, safetensors and zstandard read what Assay writes
	Tests/interop/run.sh $(ASSAY)

detect: build ## how well verify tells equivalent models from faulty ones; DETECT=200 of each
	@bash -c 'source $(SAMPLES)/environment.sh && "$$(environment 3)" Tests/detect/detect.py $(ASSAY) \
	  --pairs $(DETECT) --faults $(DETECT) $(SAMPLES) Tests/Fixtures $(ASSAY_FIXTURES)'

fuzz: build ## COUNT=10000 damaged copies of each kind of file
	swift build --build-tests $(TEST)
	ASSAY_HDF5=$(abspath $(ASSAY)-hdf5) ASSAY_FUZZ_COUNT=$(COUNT) \
	  swift test --skip-build $(TEST) --filter FuzzTests

bench-peers: ## the programs that Assay is measured beside, in Benchmarks/.venv
	Benchmarks/peers.sh

bench: build bench-peers ## speed and memory beside ONNX Runtime, cp and zstd, into Benchmarks/RESULTS.md
	swift build --package-path Benchmarks -c release --static-swift-stdlib --product Forward
	Benchmarks/.venv/bin/python Benchmarks/bench.py $(abspath $(ASSAY))

proto: ## the Swift of the protocol buffers, from their .proto files
	@command -v protoc > /dev/null || $(SUDO) apt-get install -y -qq --no-install-recommends protobuf-compiler
	swift build --product protoc-gen-swift
	protoc --plugin=protoc-gen-swift=$$(swift build --show-bin-path)/protoc-gen-swift --swift_opt=Visibility=Internal \
	  --proto_path=Sources/AssayONNX/Schema --swift_out=Sources/AssayONNX/Schema onnx-subset.proto

install: build ## the commands into PREFIX=/usr/local
	install -d $(DESTDIR)$(PREFIX)/bin
	install $(ASSAY) $(ASSAY)-hdf5 $(DESTDIR)$(PREFIX)/bin
