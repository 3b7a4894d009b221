# helpdesk - make run, make test, make install; "make help" lists the rest
#
# Variants live side by side: make BUILD=build/asan SANITIZE=address,undefined

BUILD    ?= build
CC       ?= cc
PREFIX   ?= /usr/local
SANITIZE ?=
VERSION  := 0.1.0

PKGS     := libh2o-evloop libssl libcrypto yaml-0.1 yajl sqlite3 zlib
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	    -Wold-style-definition -Wpointer-arith -Wwrite-strings -Wcast-qual -Wvla -Wundef \
	    -Wformat=2 -Wimplicit-fallthrough -Wno-missing-field-initializers
OPTIMISE ?= -O2 -D_FORTIFY_SOURCE=2
ifneq ($(SANITIZE),)
OPTIMISE := -O1 -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
LDSAN    := -fsanitize=$(SANITIZE)
endif
CFLAGS   += -std=c11 -g $(OPTIMISE) -fstack-protector-strong -fvisibility=hidden -pthread $(WARNINGS)
CPPFLAGS += -D_GNU_SOURCE -DHELPDESK_VERSION='"$(VERSION)"'

# The library's headers are not ours to warn about; without the two macros its
# structs have another layout than the packaged library.
H2O_FLAGS = -DH2O_USE_LIBUV=0 -DH2O_USE_EPOLL=1 \
	    $(patsubst -I%,-isystem %,$(shell pkg-config --cflags libh2o-evloop))
LDLIBS   = $(shell pkg-config --libs $(PKGS)) -lunistring -ldl
LDFLAGS  += -pthread -Wl,-z,relro,-z,now $(LDSAN)
EXPORTS  := h2o_hpack_parse_headers h2o_http2_decode_frame h2o_http2_stream_send_pending_data \
	    h2o_http2_stream_reset phr_parse_request
LDEXPORT := $(foreach s,$(EXPORTS),-Wl,--export-dynamic-symbol=$(s))

CORE     := $(filter-out core/main.c,$(wildcard core/*.c))
MODULES  := $(notdir $(wildcard modules/*))
UNITS    := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c))

.PHONY: all
all: $(BUILD)/helpdesk $(MODULES:%=$(BUILD)/modules/%.so)

$(BUILD)/libcore.a: $(CORE:%.c=$(BUILD)/%.o)
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/helpdesk: $(BUILD)/core/main.o $(BUILD)/libcore.a
	$(CC) $(CFLAGS) $(LDFLAGS) $(LDEXPORT) -o $@ $(BUILD)/core/main.o \
	    -Wl,--whole-archive $(BUILD)/libcore.a -Wl,--no-whole-archive $(LDLIBS)

$(BUILD)/core/%.o: core/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(CPPFLAGS) $(H2O_FLAGS) -Icore/include -MMD -MP -c -o $@ $<

# A module sees its own file and the plugin header, nothing else of the project.
.SECONDEXPANSION:
$(BUILD)/modules/%.so: modules/$$*/$$*.c core/include/helpdesk/plugin.h Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Icore/include -fPIC -shared $(LDSAN) -o $@ $<

$(BUILD)/tests/unit/%: tests/unit/%.c $(BUILD)/libcore.a Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(CPPFLAGS) $(H2O_FLAGS) -Icore -Icore/include -MMD -MP $(LDFLAGS) -o $@ $< \
	    $(BUILD)/libcore.a $(LDLIBS) -lcmocka

.PHONY: unit
unit: $(UNITS:%=$(BUILD)/tests/unit/%)
	@set -e; for t in $^; do echo "== $$t"; $$t; done

.PHONY: clean
clean:
	rm -rf build

-include $(wildcard $(BUILD)/core/*.d $(BUILD)/tests/unit/*.d)
