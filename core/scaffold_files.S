/* The files of core/scaffold, as they are, each with a NUL behind: see scaffold.c. */

	.section .rodata

	.macro file name, path
	.globl \name
	.hidden \name
\name:	.incbin "\path"
	.byte 0
	.endm

	file scaffold_module, "core/scaffold/sample.c"
	file scaffold_test, "core/scaffold/test_sample.c"
	file scaffold_makefile, "core/scaffold/Makefile"
	file scaffold_readme, "core/scaffold/README.md"

	.section .note.GNU-stack, "", %progbits
