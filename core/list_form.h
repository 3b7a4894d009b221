/*
 * list_form.h - how a list is written: as JSON, or as CSV
 */
#ifndef LIST_FORM_H
#define LIST_FORM_H

struct list;
struct request;
struct value;

struct list_form {
	void (*open)(struct list *);
	void (*row)(struct list *, const struct value *row);
	void (*close)(struct list *);
	void (*head)(struct list *);	/* header fields that are not those of every answer */
};

/* The form that the request's Accept wants; JSON if that says nothing of either. */
const struct list_form *list_form(const struct request *);

#endif
