# estro. `make demo` sets up, builds and makes a piece to hear; `make test` sets up and runs the tests;
# `make help` lists the rest. CFLAGS, LDFLAGS and the like are the user's; what the code needs stands in variables of its own.

VERSION    := 0.1.0
SOVERSION  := 0
CC         ?= cc
CXX        ?= c++
AR         ?= ar
INSTALL    ?= install
PKG_CONFIG ?= pkg-config
CFLAGS     ?= -O2 -g
prefix     ?= /usr/local
PREFIX     ?= $(prefix)
exec_prefix ?= $(PREFIX)
bindir     ?= $(exec_prefix)/bin
libdir     ?= $(exec_prefix)/lib
includedir ?= $(PREFIX)/include
datadir    ?= $(PREFIX)/share
mandir     ?= $(datadir)/man
B          ?= build

ifneq ($(V),1)
Q := @
say = @printf '  %-8s %s\n' $(1) $(2)
endif

# ---- optional libraries: WITH_X=1 or empty; by default what is there (Debian's PortMidi has no .pc file, so a link is tried) ----

pkg = $(shell $(PKG_CONFIG) $(1) $(2) 2>/dev/null)
need-mpi = $(or $(call pkg,$(1),mpi-c),$(error MPI=1 needs an MPI library that pkg-config knows as mpi-c; in Debian: libopenmpi-dev openmpi-bin))
have = $(shell $(PKG_CONFIG) --exists $(1) 2>/dev/null && echo 1)
have-portmidi = $(or $(call have,portmidi),$(shell printf 'int main(void) { return Pm_Initialize(); }' \
    | $(CC) $(CPPFLAGS) $(LDFLAGS) -x c - -o /dev/null -include portmidi.h -lportmidi 2>/dev/null && echo 1))
once = $(if $(filter undefined,$(origin $(1))),$(eval $(1) := $(2)))
$(call once,WITH_PORTMIDI,$(have-portmidi))
$(call once,WITH_FLUIDSYNTH,$(call have,fluidsynth))
$(call once,WITH_SNDFILE,$(call have,sndfile))
$(call once,WITH_CAIRO,$(call have,cairo))
with-sound := $(if $(WITH_FLUIDSYNTH),$(WITH_SNDFILE))

# ---- what goes where: modules with heavy libraries apart, the program's own files apart, the rest is libestro ----

sources-portmidi := src/sink/portmidi.c
sources-sound    := src/sink/synth.c src/sink/live.c src/sink/audio.c
sources-train    := $(wildcard src/nn/learn*.c) $(wildcard src/train/*.c)
packages-sound   := fluidsynth sndfile
sources-train    := $(if $(WITH_CAIRO),$(sources-train),$(filter-out %/plot.c,$(sources-train)))
sources-train    := $(filter-out src/train/ranks_$(if $(MPI),alone,mpi).c,$(sources-train))
packages-train   := $(if $(WITH_CAIRO),cairo)
libraries-portmidi = $(or $(call pkg,--libs,portmidi),-lportmidi)
libraries-sound    = $(call pkg,--libs,$(packages-sound))
libraries-train    = $(call pkg,--libs,$(packages-train)) -lm

modules-$(WITH_PORTMIDI) += portmidi
modules-$(with-sound)    += sound
modules-1                += train
modules := $(foreach m,$(modules-1),$(if $(wildcard $(sources-$(m))),$(m)))

folders := base music nn smf score abc style stream plan analysis theme gen recognise perform judge sched sink play api
lib-sources := $(filter-out $(sources-portmidi) $(sources-sound) $(sources-train),$(foreach f,$(folders),$(wildcard src/$(f)/*.c)))
cli-sources := $(wildcard src/cli/*.c)
object = $(patsubst %.c,$(B)/%.o,$(1))

static-library := $(B)/libestro.a
shared-library := $(B)/libestro.so
program        := $(B)/estro
module-files   := $(modules:%=$(B)/estro-%.so)
examples       := $(patsubst %.c,$(B)/%,$(wildcard examples/*.c))
unit-tests     := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))

# ---- compiling ----

warnings := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wdouble-promotion -Wundef -Wvla -Wwrite-strings \
            -Wcast-qual -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes
es-cflags := -std=c11 -ffp-contract=off -fno-math-errno -fopenmp-simd -fvisibility=hidden -fPIC -pthread $(warnings)
es-cppflags := -Iinclude -Isrc -D_POSIX_C_SOURCE=200809L
compile = $(CC) $(es-cppflags) $(CPPFLAGS) $(es-cflags) $(CFLAGS) -MMD -MP
lib-libs := $(or $(call pkg,--libs,jansson),-ljansson) -ldl -lpthread -lm
cli-libs := $(or $(call pkg,--libs,popt),-lpopt)
# The program takes these two from their archives, where there are any: it starts sooner when it has not to look for them each time.
archive = $(filter /%,$(shell $(CC) -print-file-name=lib$(1).a))
program-libs := $(or $(call archive,popt),$(cli-libs)) $(call archive,jansson) $(lib-libs)

.PHONY: all
all: $(static-library) $(shared-library) $(program) $(module-files)

# Everything depends on the flags it was made with; what holds the installed folders or the list of features, on those.
features := $(if $(WITH_PORTMIDI), portmidi)$(if $(with-sound), fluidsynth sndfile) train$(if $(WITH_CAIRO), cairo)$(if $(MPI), mpi)
paths := -DES_DATADIR='"$(datadir)/estro"' -DES_LIBDIR='"$(libdir)/estro"'
flags = $(compile) $(LDFLAGS) $(LDLIBS)
quoted = '$(subst ','\'',$(1))'
$(B)/flags $(B)/paths $(B)/features $(B)/coding: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(call quoted,$($(@F))) | cmp -s - $@ || printf '%s\n' $(call quoted,$($(@F))) >$@
FORCE:
with-paths := $(call object,src/base/folders.c src/base/module.c)
$(with-paths): $(B)/paths
$(with-paths): private es-cppflags += $(paths)
$(B)/src/api/version.o: $(B)/features
$(B)/src/api/version.o: private es-cppflags += -DES_FEATURES='"$(features)"'

$(B)/%.o: %.c $(B)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(compile) -c -o $@ $<

$(static-library): $(call object,$(lib-sources))
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(shared-library): $(call object,$(lib-sources))
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,libestro.so.$(SOVERSION) -o $@ $^ $(lib-libs) $(LDLIBS)
	$(Q)ln -sf $(@F) $@.$(SOVERSION)

$(program): $(call object,$(cli-sources)) $(static-library)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(program-libs) $(LDLIBS)

# A module carries what it needs of libestro; it exports its one table.
define module-rule
$(B)/estro-$(1).so: $(call object,$(sources-$(1))) $(static-library)
	$$(call say,LD,$$@)
	$(Q)$$(CC) $$(CFLAGS) $$(LDFLAGS) -shared -Wl,--exclude-libs,ALL -o $$@ $$^ $$(libraries-$(1)) $$(lib-libs) $$(LDLIBS)
$(call object,$(sources-$(1))): private es-cflags += $$(call pkg,--cflags,$$(packages-$(1)))
endef
$(foreach m,$(modules),$(eval $(call module-rule,$(m))))
# A corpus that was coded by other sources is coded anew.
coding-sources := $(wildcard src/music/*.[ch] src/smf/*.[ch] src/score/*.[ch] src/stream/*.[ch] src/analysis/*.[ch] src/train/corpus*.[ch] \
    src/train/cache.[ch] src/train/takes.[ch])
coding := $(shell cat $(coding-sources) | cksum | tr -d ' ')
$(B)/src/train/corpus.o: $(B)/coding
$(B)/src/train/corpus.o: private es-cppflags += -DES_CODING_DIGEST=$(coding)u
ifneq ($(MPI),)
libraries-train += $(call need-mpi,--libs)
$(B)/src/train/ranks_mpi.o: private es-cflags += $(call need-mpi,--cflags)
endif
$(B)/src/train/module.o: $(B)/features
$(B)/src/train/module.o: private es-cppflags += $(if $(WITH_CAIRO),-DES_WITH_CAIRO)

# Examples see what a host program sees: the public header and the library.
$(B)/examples/%: examples/%.c $(static-library)
	$(call say,EXAMPLE,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -Iinclude $(CPPFLAGS) $(warnings) $(CFLAGS) -MMD -MP -o $@ $< $(static-library) $(LDFLAGS) $(lib-libs) $(LDLIBS)

# ---- tests ----

# A test may use the training code too; those whose name says so link it: `learn` what trains a net, `train` all of it.
trains = $(findstring learn,$(1))$(findstring train,$(1))
training-objects = $(call object,$(if $(findstring train,$(1)),$(sources-train),$(filter src/nn/%,$(sources-train))))
$(B)/tests/%: tests/unit/%.c $(static-library)
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(compile) -Itests/support -o $@ $< $(if $(call trains,$*),$(call training-objects,$*)) $(static-library) $(LDFLAGS) \
	    -lcmocka $(if $(call trains,$*),$(libraries-train)) $(lib-libs) -lm $(LDLIBS)
training-tests := $(foreach t,$(unit-tests),$(if $(call trains,$(t)),$(t)))
$(training-tests): $(call object,$(sources-train))

# A fuzz target has its input folder beside it, named without fuzz_. Without a fuzzer, replay.c is its main: it mutates given files.
fuzz-main ?= tests/fuzz/replay.c
fuzz-targets := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
$(B)/fuzz/%: tests/fuzz/%.c $(fuzz-main) $(static-library)
	$(call say,FUZZ,$@)
	@mkdir -p $(@D)
	$(Q)$(compile) -o $@ $< $(fuzz-main) $(static-library) $(LDFLAGS) $(lib-libs) -lm $(LDLIBS)
replays := $(foreach t,$(fuzz-targets),"$(t) 5000 $(t:$(B)/fuzz/fuzz_%=tests/fuzz/%)/* && echo ok 1 - inputs and mutations of them")

.PHONY: check-mpi check-mpi-there check check-all check-layers check-symbols golden sanitize tsan fuzz fuzz-each bench
run-tests := tests/support/run-tests -o $(B)/results
ifdef TESTS
check: all $(TESTS)
	@$(run-tests) $(TESTS)
else
check: all $(unit-tests) $(fuzz-targets) $(examples)
	@$(run-tests) $(unit-tests) $(replays)
endif

check-layers:
	@tests/support/check-layers

check-symbols: all
	@tests/support/check-symbols $(B)

# The tests of `make test`: those of `check`, then what goes through the real program.
for-programs = ESTRO=$(abspath $(program)) ESTRO_BUILD=$(abspath $(B)) CC='$(CC)' CXX='$(CXX)' PYTHONDONTWRITEBYTECODE=1
check-all: all $(unit-tests) $(fuzz-targets) $(examples)
	@$(for-programs) $(run-tests) $(wildcard tests/e2e/test_*.py) $(wildcard tests/golden/golden.py) $(unit-tests) $(replays) \
	    tests/live/live.sh tests/support/check-layers "tests/support/check-symbols $(B)"

# Playing for real, in a virtual machine that has the ALSA sequencer: LIVE_VM=COMMAND names what runs a command there.
.PHONY: live
live: all
	@$(for-programs) tests/live/live.sh

# The build with MPI=1 has a folder of its own.
check-mpi:
	@$(MAKE) MPI=1 B=build/mpi all
	@$(MAKE) MPI=1 B=build/mpi check-mpi-there
check-mpi-there:
	@$(for-programs) $(run-tests) tests/e2e/test_mpi.py

golden: all
	@$(for-programs) tests/golden/golden.py --write

sanitize:
	@$(MAKE) B=build/asan CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all' check

# The proof of the toy has no threads, and takes long under this checker.
tsan:
	@TSAN_OPTIONS=suppressions=$(abspath tests/support/tsan.supp) $(MAKE) B=build/tsan CFLAGS='-O1 -g -fsanitize=thread' \
	    TESTS='$(patsubst $(B)/%,build/tsan/%,$(filter-out %/test_toy,$(unit-tests)))' check

fuzz:
	@$(MAKE) B=build/fuzzer CC=clang fuzz-main= LDFLAGS='-fsanitize=fuzzer,address,undefined' \
	    CFLAGS='-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' fuzz-each

$(B)/bench/%: tests/bench/%.c $(static-library)
	$(call say,BENCH,$@)
	@mkdir -p $(@D)
	$(Q)$(compile) -o $@ $(filter %.c %.o,$^) $(static-library) $(LDFLAGS) $(lib-libs) -lm $(LDLIBS)
$(B)/bench/train_net: $(call training-objects,learn)

# Piano rolls: what trains on them and what scores them share how they are read.
$(B)/bench/train_rolls: $(call training-objects,learn)
$(B)/bench/train_rolls: private rolls-libs := $(libraries-train)
$(B)/bench/%_rolls: tests/bench/%_rolls.c tests/bench/rolls.c $(static-library)
	$(call say,BENCH,$@)
	@mkdir -p $(@D)
	$(Q)$(compile) -o $@ $(filter %.c %.o,$^) $(static-library) $(LDFLAGS) $(rolls-libs) $(lib-libs) -lm $(LDLIBS)

# Likelihood beside the published figures, and the ledger of runs; SPLIT=valid leaves the test splits alone. CACHE holds the models that are not in the tree.
CACHE ?= $(B)/cache
.PHONY: bench-nll
bench-nll: $(B)/bench/nll_voices $(B)/bench/nll_rolls
	@tests/bench/bench-nll '$(B)' '$(or $(CORPORA),../shared/corpora)' '$(CACHE)' '$(SPLIT)'

FUZZ_SECONDS ?= 60
fuzz-each: $(fuzz-targets)
	@for t in $^; do n=$${t##*/fuzz_}; mkdir -p $(B)/found/$$n && $$t -max_total_time=$(FUZZ_SECONDS) $(B)/found/$$n tests/fuzz/$$n || exit 1; done

bench: all $(B)/bench/read_smf $(B)/bench/train_net $(B)/bench/play_net $(B)/bench/peak_memory
	@$(for-programs) tests/bench/bench.py $(if $(PEERS),--peers $(PEERS)) $(if $(CORPORA),--corpora $(CORPORA))

# ---- setting up ----

# Each of the two says what is missing, installs it, and starts make anew, which then sees it.
.PHONY: demo test demo-piece
parallel = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 1))
demo:
	@src/setup/packages demo
	@$(MAKE) --no-print-directory $(parallel) demo-piece

test:
	@src/setup/packages test
	@$(MAKE) --no-print-directory $(parallel) check-all

demo-style := chorale
demo.mid: $(program) styles/$(demo-style).style $(wildcard styles/*.model)
	@$(program) generate $(demo-style) --seed 1 --duration 60 -o $@

demo.flac: demo.mid $(B)/estro-sound.so
	@$(program) render demo.mid -o $@

demo-piece: all demo.mid demo.flac
	@src/setup/hear $(program)

# ---- installing ----

headers := $(wildcard include/estro/*.h)
styles  := $(wildcard styles/*.style styles/*.model styles/*.card)
libraries := $(wildcard styles/lib/*.style)
dest-bin := $(DESTDIR)$(bindir)
dest-lib := $(DESTDIR)$(libdir)

.PHONY: install install-strip uninstall
install: all
	$(INSTALL) -d $(dest-bin) $(dest-lib)/estro $(dest-lib)/pkgconfig $(DESTDIR)$(includedir)/estro $(DESTDIR)$(datadir)/estro/styles/lib $(DESTDIR)$(mandir)/man1
	$(INSTALL) $(strip-flag) $(program) $(dest-bin)/estro
	$(INSTALL) -m 644 $(static-library) $(dest-lib)/libestro.a
	$(INSTALL) $(strip-flag) -m 755 $(shared-library) $(dest-lib)/libestro.so.$(VERSION)
	ln -sf libestro.so.$(VERSION) $(dest-lib)/libestro.so.$(SOVERSION)
	ln -sf libestro.so.$(SOVERSION) $(dest-lib)/libestro.so
	$(foreach f,$(module-files),$(INSTALL) $(strip-flag) -m 755 $(f) $(dest-lib)/estro/$(notdir $(f)) &&) true
	$(INSTALL) -m 644 $(headers) $(DESTDIR)$(includedir)/estro
	$(if $(styles),$(INSTALL) -m 644 $(styles) $(DESTDIR)$(datadir)/estro/styles)
	$(if $(libraries),$(INSTALL) -m 644 $(libraries) $(DESTDIR)$(datadir)/estro/styles/lib)
	$(INSTALL) -m 644 src/estro.1 $(DESTDIR)$(mandir)/man1/estro.1
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(libdir)|' -e 's|@INCLUDEDIR@|$(includedir)|' -e 's|@VERSION@|$(VERSION)|' \
	    src/estro.pc.in > $(dest-lib)/pkgconfig/estro.pc
	chmod 644 $(dest-lib)/pkgconfig/estro.pc

install-strip: strip-flag := -s
install-strip: install

uninstall:
	rm -f $(dest-bin)/estro $(dest-lib)/libestro.a $(dest-lib)/libestro.so $(dest-lib)/libestro.so.$(SOVERSION) $(dest-lib)/libestro.so.$(VERSION) \
	    $(dest-lib)/pkgconfig/estro.pc $(DESTDIR)$(mandir)/man1/estro.1 $(foreach m,portmidi sound train,$(dest-lib)/estro/estro-$(m).so) \
	    $(headers:include/%=$(DESTDIR)$(includedir)/%) $(styles:%=$(DESTDIR)$(datadir)/estro/%) $(libraries:%=$(DESTDIR)$(datadir)/estro/%)
	rmdir $(dest-lib)/estro $(DESTDIR)$(includedir)/estro $(DESTDIR)$(datadir)/estro/styles/lib $(DESTDIR)$(datadir)/estro/styles $(DESTDIR)$(datadir)/estro 2>/dev/null || true

# ---- the rest ----

.PHONY: format dist clean distclean help
format:
	clang-format -i $(wildcard src/*/*.[ch] include/estro/*.h tests/*/*.[ch] examples/*.c)

dist:
	mkdir -p build
	git archive --prefix=estro-$(VERSION)/ -o build/estro-$(VERSION).tar.gz HEAD

clean:
	rm -rf $(B)

distclean:
	rm -rf build demo.mid demo.flac

help:
	@printf '%s\n' \
	    'make demo            install what is missing, build, and make a piece to hear' \
	    'make test            install what the tests need, and run them all' \
	    'make                 build the library, the program and its modules into $(B)/' \
	    'make check           the unit tests; TESTS=build/tests/test_rng for some' \
	    'make check-mpi       training by several processes (needs libopenmpi-dev and openmpi-bin)' \
    'make check-layers    the direction of #include lines; check-symbols: exported names' \
	    'make sanitize tsan   the unit tests under address + undefined, and thread sanitizers' \
	    'make fuzz            the fuzz targets for a minute each (clang)' \
	    'make golden          write the golden files anew, for review' \
	    'make live            playing to a device, for real; LIVE_VM=COMMAND runs a command in a machine that has one' \
	    'make bench           speed beside others; PEERS=DIR CORPORA=DIR' \
    'make bench-nll       likelihood beside published figures; CORPORA=DIR CACHE=DIR, which holds the models' \
	    'make install         DESTDIR= prefix=$(prefix); also install-strip, uninstall' \
	    'make format dist clean distclean' \
	    '' \
	    'Variables: CC CFLAGS CPPFLAGS LDFLAGS LDLIBS, B=build/other, V=1 shows commands,' \
	    'WITH_PORTMIDI= WITH_FLUIDSYNTH= WITH_SNDFILE= WITH_CAIRO= (1 or empty; by default what is found),' \
    'MPI=1 (training by several processes at once, as started by mpirun).'

-include $(shell find $(B) -name '*.d' 2>/dev/null)
