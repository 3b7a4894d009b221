/*
 * no_symbol - has the note of a module, but exports no descriptor
 */
#include <helpdesk/plugin.h>

HD_IN_NOTE static const struct hd_note note = {
	9, sizeof(struct hd_note) - 24, HD_NOTE_TYPE, "helpdesk",
	HD_ABI_MAJOR, 0, "no_symbol", "1.0.0"
};
