/*
 * two_notes - says twice who it is
 */
#include <helpdesk/plugin.h>

HD_IN_NOTE static const struct hd_note second = {
	9, sizeof(struct hd_note) - 24, HD_NOTE_TYPE, "helpdesk",
	HD_ABI_MAJOR, 0, "somebody_else", "1.0.0"
};

HD_MODULE(two_notes, "1.0.0");
