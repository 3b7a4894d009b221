# bench.mk - measurements; included by the Makefile.  They are no tests: README.md here

BENCH_DIR     := $(BUILD)/tests/bench
CEILING       := $(wildcard tests/bench/ceiling*.c)
BENCH_TOOLS   := $(BENCH_DIR)/ceiling $(BENCH_DIR)/seed $(BENCH_DIR)/probe
BENCH_SECONDS ?= $(or $(SECONDS),3)
BENCH_ROUNDS  ?= $(or $(ROUNDS),5)

# The same flags as the server, which is optimised as a whole, too.
$(BENCH_DIR)/%.o: tests/bench/%.c Makefile tests/bench/bench.mk
	$(call say,BENCH,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LTO) $(CPPFLAGS) $(H2O_FLAGS) -fPIE -MMD -MP -c -o $@ $<

$(BENCH_DIR)/ceiling: $(CEILING:tests/bench/%.c=$(BENCH_DIR)/%.o)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(LTOLINK) -o $@ $^ $(LDLIBS)

$(BENCH_DIR)/seed $(BENCH_DIR)/probe: $(BENCH_DIR)/%: $(BENCH_DIR)/%.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lsqlite3 -lssl -lcrypto

#: make bench      measures against a bare ceiling; ONLY="status point" SECONDS=3 ROUNDS=5
.PHONY: bench
bench:
	@conf/install.sh bench
	@$(MAKE) --no-print-directory all $(BENCH_TOOLS)
	@tests/bench/bench.sh --seconds $(BENCH_SECONDS) --rounds $(BENCH_ROUNDS) $(BUILD) $(ONLY)

#: make bench-growth  the same requests with more and more tickets and sites (an hour)
.PHONY: bench-growth
bench-growth:
	@conf/install.sh bench
	@$(MAKE) --no-print-directory all $(BENCH_TOOLS)
	@tests/bench/growth.sh --seconds $(BENCH_SECONDS) --rounds $(BENCH_ROUNDS) $(BUILD)

-include $(wildcard $(BENCH_DIR)/*.d)
