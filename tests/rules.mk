# rules.mk - the suites that ask a whole server; included by the Makefile

TALK     := $(filter-out tests/api/converse.c,$(wildcard tests/api/*.c))
TALK_O   := $(TALK:%.c=$(BUILD)/%.o)
CRASH    := $(patsubst tests/crash/%.c,%,$(wildcard tests/crash/*.c))

$(BUILD)/tests/api/%.o: tests/api/%.c Makefile tests/rules.mk
	$(call say,TEST,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(CPPFLAGS) -Icore -Icore/include -MMD -MP -c -o $@ $<

$(BUILD)/tests/crash/%.o: tests/crash/%.c Makefile tests/rules.mk
	$(call say,TEST,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(CPPFLAGS) -Icore -Icore/include -Itests/api -MMD -MP -c -o $@ $<

$(BUILD)/tests/api/converse: $(BUILD)/tests/api/converse.o $(TALK_O) $(BUILD)/libcore.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(LDEXPORT) -o $@ $(filter %.o,$^) \
	    -Wl,--whole-archive $(BUILD)/libcore.a -Wl,--no-whole-archive $(LDLIBS) -lcmocka

$(CRASH:%=$(BUILD)/tests/crash/%): $(BUILD)/tests/crash/%: $(BUILD)/tests/crash/%.o $(TALK_O) \
    $(BUILD)/libcore.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(LDEXPORT) -o $@ $(filter %.o,$^) \
	    -Wl,--whole-archive $(BUILD)/libcore.a -Wl,--no-whole-archive $(LDLIBS) -lcmocka

# What the h2o library itself never gives back is no leak of ours.
api crash: export LSAN_OPTIONS = suppressions=$(CURDIR)/tests/lsan.supp:print_suppressions=0
api crash: export TSAN_OPTIONS = suppressions=$(CURDIR)/tests/tsan.supp

# Conversations, indoors and over the wire.
.PHONY: api
api: all $(BUILD)/tests/api/converse
	$(BUILD)/tests/api/converse -b $(BUILD) $(sort $(wildcard tests/api/*.http))

# Death, signals, several processes, load.
.PHONY: crash
crash: all $(CRASH:%=$(BUILD)/tests/crash/%)
	@failed=0; for t in $(filter $(BUILD)/tests/%,$^); do \
	    echo "== $$t"; $$t $(BUILD) || failed=1; done; exit $$failed

# The OpenAPI document under linters, a validating proxy, and as a generated client.
# The packages are installed again only when the lock has changed.
tests/npm/node_modules/.package-lock.json: tests/npm/package-lock.json
	cd tests/npm && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: npm
npm: all $(BUILD)/tests/api/converse tests/npm/node_modules/.package-lock.json
	sh tests/npm/run.sh $(BUILD)

-include $(wildcard $(BUILD)/tests/api/*.d $(BUILD)/tests/crash/*.d)
