# What a module's author has: the installed header, a compiler, and "helpdesk module".
# The packages are those of the suite npm.
.PHONY: sdk
sdk: all tests/npm/node_modules/.package-lock.json
	tests/sdk.sh $(BUILD)
