/*
 * client.ts - what a program in TypeScript does with the document: types are made from
 * helpdesk.d.ts, so that it compiles only if the document says what the server does
 */
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./helpdesk";

const url = process.env.HELPDESK_URL, key = process.env.HELPDESK_KEY;
assert(url && key, "HELPDESK_URL and HELPDESK_KEY must be set");
const api = createClient<paths>({ baseUrl: url, headers: { "X-API-Key": key } });

async function main(): Promise<void> {
	const before = await api.GET("/api/v1/tickets", { params: { query: { status: "Open" } } });
	assert.equal(before.response.status, 200);
	assert.deepEqual(before.data?.tickets, []);

	const made = await api.POST("/api/v1/tickets", {
		body: { subject: "Printer jam", description: "3rd floor", assigned_to: "maria" },
	});
	assert.equal(made.response.status, 201);
	assert(made.data);
	const ticket = made.data.ticket;
	const id: number = ticket.id;
	const closed: string | null = ticket.closed_at;
	assert.equal(closed, null);
	assert.equal(ticket.assignee, "maria");

	const patched = await api.PATCH("/api/v1/tickets/{id}", {
		params: { path: { id } },
		body: { status: "Resolved", assigned_to: null, closed_at: "2025-02-28T11:30:00" },
	});
	assert.equal(patched.data?.ticket.status, "Resolved");
	assert.equal(patched.data?.ticket.assignee, null);

	const refused = await api.PATCH("/api/v1/tickets/{id}", {
		params: { path: { id } },
		body: { assigned_to: "bob" },
	});
	assert.equal(refused.response.status, 400);
	assert.equal(refused.error?.error, "assigned_to: no user 'bob'");

	const listed = await api.GET("/api/v1/tickets", { params: { query: { status: "resolved" } } });
	assert.deepEqual(listed.data?.tickets.map(t => t.id), [id]);

	const deleted = await api.DELETE("/api/v1/tickets/{id}", { params: { path: { id } } });
	assert.deepEqual(deleted.data, { status: "deleted", id });

	const gone = await api.GET("/api/v1/tickets/{id}", { params: { path: { id } } });
	assert.equal(gone.response.status, 404);
}

main().catch(e => {
	console.error(e);
	process.exit(1);
});
