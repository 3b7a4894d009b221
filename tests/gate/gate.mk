# gate.mk - what the server says to modules that it cannot take; included by the Makefile

# What the h2o library itself never gives back is no leak of ours.
gate: export LSAN_OPTIONS = suppressions=$(CURDIR)/tests/lsan.supp:print_suppressions=0

$(BUILD)/tests/gate/gate: tests/gate/gate.c $(BUILD)/libcore.a Makefile tests/gate/gate.mk
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(CPPFLAGS) -Icore -Icore/include -MMD -MP $(LDFLAGS) -o $@ $< \
	    $(BUILD)/libcore.a $(LDLIBS) -lcmocka

# Each refusal, whole, as the program prints it.
.PHONY: gate
gate: all $(TEST_MODULES) $(BUILD)/tests/gate/gate
	@HELPDESK_BUILD=$(BUILD) $(BUILD)/tests/gate/gate

-include $(wildcard $(BUILD)/tests/gate/*.d)
