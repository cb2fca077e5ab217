# estro. `make demo` sets up, builds and makes a piece to hear; `make test` sets up and runs the tests;
# `make help` lists the rest. CFLAGS, LDFLAGS and the like are the user's; what the code needs stands in the es- variables.

VERSION   := 0.1.0
CC        ?= cc
AR        ?= ar
INSTALL   ?= install
PKG_CONFIG ?= pkg-config
CFLAGS    ?= -O2 -g
prefix    ?= /usr/local
PREFIX    ?= $(prefix)
exec_prefix ?= $(PREFIX)
bindir    ?= $(exec_prefix)/bin
libdir    ?= $(exec_prefix)/lib
includedir ?= $(PREFIX)/include
datadir   ?= $(PREFIX)/share
mandir    ?= $(datadir)/man
B         ?= build

ifneq ($(V),1)
Q := @
say = @printf '  %-8s %s\n' $(1) $(2)
endif

have = $(shell $(PKG_CONFIG) --exists $(1) 2>/dev/null && echo 1)
WITH_PORTMIDI   ?= $(call have,portmidi)
WITH_FLUIDSYNTH ?= $(call have,fluidsynth)
WITH_SNDFILE    ?= $(call have,sndfile)
WITH_BLAS       ?= $(call have,openblas)

warnings := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wdouble-promotion -Wundef -Wvla -Wwrite-strings \
            -Wcast-qual -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes
es-cflags := -std=c11 -ffp-contract=off -fopenmp-simd -fvisibility=hidden -fPIC $(warnings)
es-cppflags := -Iinclude -Isrc -D_POSIX_C_SOURCE=200809L -DES_DATADIR='"$(datadir)/estro"' -DES_LIBDIR='"$(libdir)/estro"'
compile = $(CC) $(es-cppflags) $(CPPFLAGS) $(es-cflags) $(CFLAGS) -MMD -MP

# What goes where: modules with heavy libraries apart, the rest is libestro.
sources-portmidi := src/sink/portmidi.c
sources-sound    := src/sink/synth.c src/sink/audio.c
sources-train    := $(wildcard src/nn/learn*.c) $(wildcard src/train/*.c)
modules-$(WITH_PORTMIDI) += portmidi
modules-$(if $(WITH_FLUIDSYNTH),$(WITH_SNDFILE)) += sound
modules-$(WITH_BLAS) += train
built-modules = $(foreach m,$(modules-1),$(if $(wildcard $(sources-$(m))),$(m)))
libraries-portmidi := portmidi
libraries-sound    := fluidsynth sndfile
libraries-train    := openblas

folders := base music nn smf style stream score plan analysis gen perform sched sink play api
lib-sources := $(filter-out $(sources-portmidi) $(sources-sound) $(sources-train),$(foreach f,$(folders),$(wildcard src/$(f)/*.c)))
cli-sources := $(wildcard src/cli/*.c)
object = $(patsubst %.c,$(B)/%.o,$(1))

module-files := $(foreach m,$(built-modules),$(B)/estro-$(m).so)
tests := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))

.PHONY: all check clean
all: $(B)/libestro.a $(if $(cli-sources),$(B)/estro) $(module-files)

$(B)/%.o: %.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(compile) -c -o $@ $<

$(B)/libestro.a: $(call object,$(lib-sources))
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/estro: $(call object,$(cli-sources)) $(B)/libestro.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(shell $(PKG_CONFIG) --libs popt jansson 2>/dev/null) -ldl -lpthread $(LDLIBS)

# A module carries what it needs of libestro; it exports its one table.
define module-rule
$(B)/estro-$(1).so: $(call object,$(sources-$(1))) $(B)/libestro.a
	$$(call say,LD,$$@)
	$(Q)$$(CC) $$(LDFLAGS) -shared -Wl,--exclude-libs,ALL -o $$@ $$^ $$(shell $$(PKG_CONFIG) --libs $$(libraries-$(1))) -lpthread -lm $$(LDLIBS)
$(call object,$(sources-$(1))): private es-cflags += $$(shell $$(PKG_CONFIG) --cflags $$(libraries-$(1)))
endef
$(foreach m,$(built-modules),$(eval $(call module-rule,$(m))))

# A test may use the training code too; only those whose name says so link BLAS.
$(B)/tests/%: tests/unit/%.c $(B)/libestro.a
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(compile) -Itests/support -o $@ $< $(if $(findstring learn,$*)$(findstring train,$*),$(call object,$(sources-train))) $(B)/libestro.a $(LDFLAGS) -lcmocka $(if $(findstring learn,$*)$(findstring train,$*),$(shell $(PKG_CONFIG) --libs openblas)) -ldl -lpthread -lm $(LDLIBS)
$(B)/tests/test_learn $(B)/tests/test_train: $(call object,$(sources-train))

check: all $(tests)
	@fail=0; for t in $(tests); do echo "# $$t"; $$t 2>&1 || fail=1; done; exit $$fail

clean:
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
