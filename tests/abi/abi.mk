# abi.mk - whether the plugin ABI is what it was; included by the Makefile
#
# tests/abi/abi.sh says what is held.  What is kept is kept per target:
#
#	tests/abi/target-N.txt, .abi	what plugin.h declares for target N
#	tests/abi/binaries/target_N.*	a module of that target: source, binary, SHA-256 of
#					both, how it was built, and what it must answer

# What the h2o library itself never gives back is no leak of ours.
abi: export LSAN_OPTIONS = suppressions=$(CURDIR)/tests/lsan.supp:print_suppressions=0

.PHONY: abi
abi: all
	@tests/abi/abi.sh $(BUILD)

# Keeps what plugin.h declares for its newest target, and a module built for it.  What a
# major of 1 or more has kept is never written again: it is what modules out there rely on.
.PHONY: abi-freeze
abi-freeze:
	@tests/abi/freeze.sh
