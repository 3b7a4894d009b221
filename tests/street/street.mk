# The street's tests: each talks to a real server process, $(BUILD)/tests/street/stub.

STREET_TESTS := http1 fields life attacks uploads
STREET_DIR   := $(BUILD)/tests/street

$(STREET_DIR)/stub: tests/street/house_stub.c $(BUILD)/libcore.a Makefile
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(CPPFLAGS) $(H2O_FLAGS) -Icore -Icore/include -MMD -MP $(LDFLAGS) \
	    $(LDEXPORT) -o $@ $< $(BUILD)/libcore.a $(LDLIBS)

$(STREET_TESTS:%=$(STREET_DIR)/%): $(STREET_DIR)/%: tests/street/%.c tests/street/wire.c \
    tests/street/wire.h Makefile
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS) -o $@ $< tests/street/wire.c \
	    -lcmocka -lssl -lcrypto

.PHONY: street
street: $(STREET_DIR)/stub $(STREET_TESTS:%=$(STREET_DIR)/%)
	@set -e; for t in $(STREET_TESTS); do \
	    echo "== $$t"; \
	    LSAN_OPTIONS=suppressions=$(CURDIR)/tests/lsan.supp:print_suppressions=0 \
	    TSAN_OPTIONS=suppressions=$(CURDIR)/tests/tsan.supp $(STREET_DIR)/$$t; done
