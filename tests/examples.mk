# The examples of examples/, built and served with what is installed; tests/examples.sh.
# The packages are those of the suite npm.
.PHONY: examples
examples: all tests/npm/node_modules/.package-lock.json
	tests/examples.sh $(BUILD)
