# make demo   runs everything on this machine and prints the address of the page
# make test   runs every test (Go with -race, and the page's own)
# make test-kafka   runs the tests of Kafka on Apache Kafka: BROKERS=host:port, or one that it fetches (Java, Maven)
# make test-readers  DuckDB, pyarrow and Spark read a lake and must agree, onnxruntime a model (Python, Java)
# The first two set up what they need: Go, a C compiler and Node are enough.

APP   := predict/mobile/app
DIST  := $(APP)/dist/index.html
BIN   := bin/titrate
KAFKA := $(if $(BROKERS),TITRATE_TEST_BROKERS=$(BROKERS),infra/kafka/apache/with-broker)
TOOLS := go tool -modfile=infra/tools/go.mod

.PHONY: demo build app test test-app test-kafka test-uploaders test-takeover bench-score test-readers test-mutants \
   test-states trial-limits test-faults bench-forecast bench-training test-parity bench bench-ingest bench-gateway \
   check lint clean
.DEFAULT_GOAL := build

demo: build
	$(BIN) up $(ARGS)

build: app
	go build -o $(BIN) ./cmd/titrate

app: $(DIST)

$(DIST): $(APP)/package-lock.json $(shell find $(APP)/src $(APP)/index.html -type f 2>/dev/null)
	cd $(APP) && npm ci --no-audit --no-fund && npm run build

test: app test-app
	go test -race ./...

test-app: app
	cd $(APP) && npm test

test-kafka: app
	$(KAFKA) sh -c 'go test -count=1 ./infra/kafka && go test -count=1 -run "WholeWay|ArriveOnce" ./cmd/titrate'

# Uploaders that people use, from npm, against the real server.
test-uploaders: app
	TITRATE_NPM=1 go test -count=1 -run TestUploaders ./cmd/titrate

READERS := bin/readers

$(READERS)/ready: infra/readers/requirements.txt
	python3 -m venv $(READERS) && $(READERS)/bin/pip install -q -r $< && touch $@

# Scorers are killed and come back by 1,000 schedules; SEEDS is how many.
test-takeover:
	TITRATE_SCHEDULES=$(or $(SEEDS),1000) go test -count=1 -run 'TestTakeover$$' -timeout 2h -parallel 4 ./infra/kafka

bench-score: app
	go test -run "^$$" -bench "Score(Restart)?$$" -benchtime 1x -timeout 1h ./cmd/titrate

test-readers: app $(READERS)/ready
	TITRATE_READERS=$(CURDIR)/$(READERS)/bin/python go test -count=1 -run TestReadersAgree ./cmd/titrate
	TITRATE_PYTHON=$(CURDIR)/$(READERS)/bin/python go test -count=1 -run TestOnnx ./train

# Every way in which the kernel can be broken is noticed by a test; and ten million states.
test-mutants:
	go test ./predict -count=1 -run TestMutants -mutants -timeout 2h -v

test-states:
	go test ./predict -count=1 -run TestStates -states 10000000 -timeout 2h -v

# The curve of lows against time in range, of the model in MODELS, for docs/trial.md.
trial-limits: build
	$(BIN) trial limits --models $(or $(MODELS),data/models) --seeds 5 > /dev/null

# Schedules of crashes, zombies and failures, about 0.1 s each; make test plays a few.
test-faults:
	go test ./infra/faults -timeout 2h -schedules 5000

bench-forecast: build # DATA: the directory with glucobench_colas and t1d_uom
	$(BIN) bench forecast --protocol glucobench --data $(DATA)/glucobench_colas
	$(BIN) bench forecast --protocol t1d-uom --data $(DATA)/t1d_uom
	$(BIN) bench forecast --protocol virtual --people 160
	$(BIN) bench warnings --model prior --data $(DATA)/t1d_uom
	$(BIN) bench alarms
	$(BIN) bench alarms --ordinary

bench-training:
	go test -run '^$$' -bench FiveMillion -benchtime 1x -timeout 2h ./train/bench

test-parity:
	TITRATE_PARITY_EVENTS=1000000 go test -run LiveVectors -v -timeout 1h ./train

bench:
	go test -run '^$$' -bench Study -benchtime 3x ./cmd/titrate
	go test -run '^$$' -bench Care -benchtime 1x ./cmd/titrate

bench-ingest:
	TITRATE_BENCH_EVENTS=$(N) go test -run '^$$' -bench 'Ingest$$' -benchtime 1x -timeout 2h ./cmd/titrate

# 5,000 authenticated POSTs a second to the gateway, and as many as it takes.
bench-gateway:
	go test -run '^$$' -bench BenchmarkGateway -benchtime 1x ./cmd/titrate

check: lint test

lint: app
	@test -z "$$(gofmt -l cmd ingest cleanse train predict infra)" || { gofmt -l cmd ingest cleanse train predict infra; exit 1; }
	go vet ./...
	$(TOOLS) staticcheck ./...
	cd $(APP) && npm run lint

clean:
	rm -rf bin $(APP)/dist $(APP)/node_modules
