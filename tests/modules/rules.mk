# Tiny plugins for tests/unit/module.c and tests/gate/: some that are taken, and those that
# must be refused.

TEST_MODULES := $(patsubst tests/modules/%.c,$(BUILD)/tests/modules/%.so,\
		$(wildcard tests/modules/*.c))

MODULE_LIBS_links_sqlite := -Wl,--no-as-needed -lsqlite3

$(BUILD)/tests/modules/%.so: tests/modules/%.c core/include/helpdesk/plugin.h \
    tests/modules/trace.h tests/modules/rules.mk
	@mkdir -p $(@D)
	$(call say,TEST,$@)
	$(Q)$(CC) $(CFLAGS) -Icore/include -fPIC -fvisibility=hidden -shared $(LDSAN) -o $@ $< \
	    $(MODULE_LIBS_$*)

$(BUILD)/tests/unit/module: | $(TEST_MODULES)
