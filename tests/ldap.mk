# The example that talks to another service, with a real LDAP directory.
.PHONY: ldap
ldap: all tests/npm/node_modules/.package-lock.json
	tests/ldap.sh $(BUILD)
