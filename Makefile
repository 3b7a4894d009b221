# helpdesk - make run, make test, make install; "make help" lists the rest
#
# Variants live side by side, each in a folder of its own: make VARIANT=asan

VARIANT  ?=
ifeq ($(VARIANT),asan)
BUILD    ?= build/asan
SANITIZE ?= address,undefined
else ifeq ($(VARIANT),tsan)
BUILD    ?= build/tsan
SANITIZE ?= thread
else ifeq ($(VARIANT),clang)
BUILD    ?= build/clang
CC       := clang
else ifeq ($(VARIANT),checks)
BUILD    ?= build/checks
CPPFLAGS += -DHD_CHECKS
endif
BUILD    ?= build
SANITIZE ?=
PREFIX   ?= /usr/local
VERSION  := 0.1.0

# make V=1 shows the commands.
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-8s %s\n' $(1) $(2))

PKGS     := libh2o-evloop libssl libcrypto yaml-0.1 yajl sqlite3 zlib libxxhash
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	    -Wold-style-definition -Wpointer-arith -Wwrite-strings -Wcast-qual -Wvla -Wundef \
	    -Wformat=2 -Wimplicit-fallthrough -Wno-missing-field-initializers
OPTIMISE := -O3 -fno-plt -D_FORTIFY_SOURCE=2
# The program is optimised as a whole; its objects hold plain code too, which tests are linked
# from.  Warnings that may be wrong were given when the objects were made.
ifeq ($(VARIANT)$(SANITIZE)$(findstring clang,$(CC)),)
LTO      := -flto=auto -ffat-lto-objects
LTOLINK  := $(LTO) -Wno-maybe-uninitialized
endif
ifneq ($(SANITIZE),)
OPTIMISE := -O1 -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
LDSAN    := -fsanitize=$(SANITIZE)
endif
CFLAGS   += -std=c11 -g $(OPTIMISE) -fstack-protector-strong -fvisibility=hidden -pthread $(WARNINGS)
CPPFLAGS += -D_GNU_SOURCE -DHELPDESK_VERSION='"$(VERSION)"' \
	    -DCONF_MODULE_DIR='"$(PREFIX)/lib/helpdesk/modules"'

# The library's headers are not ours to warn about; without the two macros its
# structs have another layout than the packaged library.
H2O_FLAGS = -DH2O_USE_LIBUV=0 -DH2O_USE_EPOLL=1 \
	    $(patsubst -I%,-isystem %,$(shell pkg-config --cflags libh2o-evloop))
LDLIBS   = $(shell pkg-config --libs $(PKGS)) -lunistring -ldl
LDFLAGS  += -pthread -fno-lto -Wl,-z,relro,-z,now $(LDSAN)

# What the executable puts in place of the library's own functions (core/guard.c).
EXPORTS  := h2o_dispose_request h2o_hpack_flatten_response h2o_hpack_parse_headers \
	    h2o_http2_decode_frame \
	    h2o_http2_stream_send_pending_data h2o_http2_update_peer_settings \
	    h2o_http2_stream_reset h2o_socket_read_start h2o_url_normalize_path phr_parse_request
LDEXPORT := $(foreach s,$(EXPORTS),-Wl,--export-dynamic-symbol=$(s))

CORE     := $(filter-out core/main.c,$(wildcard core/*.c))
MODULES  := $(notdir $(patsubst %/,%,$(wildcard modules/*/)))
UNITS    := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c))

.PHONY: all
all: $(BUILD)/helpdesk $(MODULES:%=$(BUILD)/modules/%.so)

.PHONY: help
help:
	@sed -n 's/^#: //p' $(MAKEFILE_LIST)

$(BUILD)/libcore.a: $(CORE:%.c=$(BUILD)/%.o) $(BUILD)/core/scaffold_files.o
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/helpdesk: $(BUILD)/core/main.o $(BUILD)/libcore.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(LTOLINK) $(LDEXPORT) -o $@ $(BUILD)/core/main.o \
	    -Wl,--whole-archive $(BUILD)/libcore.a -Wl,--no-whole-archive $(LDLIBS)

$(BUILD)/core/%.o: core/%.c Makefile
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LTO) $(CPPFLAGS) $(H2O_FLAGS) -fPIE -Icore/include -MMD -MP -c -o $@ $<

# What "helpdesk module new" writes, taken in as it is.
$(BUILD)/core/scaffold_files.o: core/scaffold_files.S $(wildcard core/scaffold/*) Makefile
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -c -o $@ $<

# The one object that knows where modules are installed is made again for another PREFIX.
$(BUILD)/core/conf_schema.o: $(BUILD)/prefix-$(subst /,_,$(PREFIX))
$(BUILD)/prefix-%:
	@mkdir -p $(@D)
	@rm -f $(BUILD)/prefix-* && touch $@

# A module sees its own file and the plugin header, nothing else of the project.
.SECONDEXPANSION:
$(BUILD)/modules/%.so: modules/$$*/$$*.c $(wildcard core/include/helpdesk/*.h) Makefile
	$(call say,MODULE,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -Icore/include -fPIC -shared $(LDSAN) -o $@ $<

$(BUILD)/tests/unit/%: tests/unit/%.c $(BUILD)/libcore.a Makefile
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(CPPFLAGS) $(H2O_FLAGS) -Icore -Icore/include -MMD -MP $(LDFLAGS) \
	    -o $@ $< $(BUILD)/libcore.a $(LDLIBS) -lcmocka

.PHONY: unit
unit: all $(UNITS:%=$(BUILD)/tests/unit/%)
	@for t in $(filter $(BUILD)/tests/unit/%,$^); do \
		HELPDESK_BUILD=$(BUILD) $$t || exit 1; \
	done

include tests/modules/rules.mk
include tests/fixture/rules.mk
include tests/rules.mk
include tests/street/street.mk
include tests/abi/abi.mk
include tests/gate/gate.mk
include tests/sdk.mk
include tests/examples.mk
include tests/ldap.mk
include tests/bench/bench.mk

# Suites of "make test".  The variants are built and run after the plain build, so that
# a plain mistake shows early.
SUITES := floors style unit street+ abi gate api crash uploads docs npm installed sdk examples \
	  ldap lint clang:unit checks:checks checks:unit \
	  asan:unit asan:street+ asan:gate asan:api asan:crash tsan:unit tsan:street+ tsan:api

#: make run        installs what is missing, builds, makes a demo site, serves it
.PHONY: run
run:
	@conf/install.sh run
	@$(MAKE) --no-print-directory all
	@conf/demo.sh $(BUILD)

#: make test       installs what is missing, builds, runs every test
.PHONY: test
test:
	@conf/install.sh test
	@$(MAKE) --no-print-directory all
	@tests/all.sh $(SUITES)

# Headers are included upwards only, libraries stay in their rooms (core/FLOORS).
.PHONY: floors
floors:
	@tests/floors.sh

# Lines of 100 columns, tabs, functions that fit a screen.
.PHONY: style
style:
	@tests/style.sh

# What "make install" puts in place works, with the README in hand.
.PHONY: installed
installed: all
	@tests/install.sh $(BUILD)

# The examples of the documentation do what they say, and its pages say all there is.
.PHONY: docs
docs: all
	@failed=0; for suite in docs pages plugins; do \
	    tests/$$suite.sh $(BUILD) || failed=1; done; exit $$failed

# The pages that are made: of the configuration's table, and of the plugin headers.
PAGES := helpdesk.yaml.5 helpdesk-plugin.7 plugin-reference.md
.PHONY: pages
pages: $(BUILD)/helpdesk
	$(Q)$(BUILD)/helpdesk check --reference > conf/helpdesk.yaml
	$(Q)for page in $(PAGES); do \
	    docs/pages/make.sh $$page $(BUILD) > docs/$$page || exit 1; done

# With VARIANT=checks: what a module keeps for too long ends the process, with its name.
.PHONY: checks
checks: all $(FIXTURES)
	@tests/checks.sh $(BUILD)

# A gigabyte up and down at constant memory; kill -9 while files come.
.PHONY: uploads
uploads: all
	@tests/uploads.sh $(BUILD)

#: make lint       clang-tidy and cppcheck
.PHONY: lint
lint:
	@tests/lint.sh $(H2O_FLAGS)

#: make install    DESTDIR= PREFIX=: program, modules, plugin SDK, configuration, unit, man pages
.PHONY: install
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/helpdesk/modules \
	    $(DESTDIR)$(PREFIX)/include/helpdesk $(DESTDIR)$(PREFIX)/share/pkgconfig \
	    $(DESTDIR)$(PREFIX)/share/doc/helpdesk/examples/sample \
	    $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -m 755 $(BUILD)/helpdesk $(DESTDIR)$(PREFIX)/bin/helpdesk
	install -m 644 $(MODULES:%=$(BUILD)/modules/%.so) $(DESTDIR)$(PREFIX)/lib/helpdesk/modules
	install -m 644 core/include/helpdesk/*.h $(DESTDIR)$(PREFIX)/include/helpdesk
	sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@VERSION@|$(VERSION)|g' \
	    -e "s|@MAJOR@|$$(sed -n 's/^#define HD_ABI_MAJOR //p' core/include/helpdesk/plugin.h)|" \
	    -e "s|@MINOR@|$$(sed -n 's/^#define HD_ABI_MINOR //p' core/include/helpdesk/plugin.h)|" \
	    conf/helpdesk-plugin.pc.in > $(DESTDIR)$(PREFIX)/share/pkgconfig/helpdesk-plugin.pc
	sed -e 's|@PREFIX@|$(PREFIX)|g' conf/helpdesk.service.in \
	    > $(DESTDIR)$(PREFIX)/lib/systemd/system/helpdesk.service
	for page in docs/*.[1-8]; do \
	    install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man$${page##*.} $$page || exit 1; \
	done
	install -m 644 conf/helpdesk.yaml LICENSE README.md docs/*.md \
	    $(DESTDIR)$(PREFIX)/share/doc/helpdesk
	install -m 644 core/scaffold/* $(DESTDIR)$(PREFIX)/share/doc/helpdesk/examples/sample
	for file in $(filter-out %.so,$(wildcard examples/*/Makefile examples/*/*.*)); do \
	    install -D -m 644 $$file $(DESTDIR)$(PREFIX)/share/doc/helpdesk/$$file || exit 1; \
	done

#: make clean      removes what was built
.PHONY: clean
clean:
	rm -rf build

-include $(wildcard $(BUILD)/core/*.d $(BUILD)/tests/unit/*.d)
